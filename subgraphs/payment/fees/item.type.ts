/** PaymentItem: one line of a fee or payment, as stored in a row's `items` and as the graph shows it. */
import { Directive, Field, Int, ObjectType } from 'type-graphql';
import { euro, Money } from '../../../kernel/graph/money.type';
import { taxOf } from './amount';

/** As stored; the unit amounts times the quantity are the amounts of the line, which the database checks too. */
export interface StoredItem {
  readonly reference: string;
  readonly description: string;
  readonly quantity: number;
  readonly taxRatePercent: string;
  readonly unitNetMinor: number;
  readonly unitTaxMinor: number;
  readonly netMinor: number;
  readonly taxMinor: number;
}

@Directive('@tag(name: "public")')
@ObjectType('PaymentItem', { description: 'One line of a fee or payment.' })
export class PaymentItem {
  @Field(() => String, { description: "The line id in the authority's accounts." })
  reference!: string;

  @Field(() => String, { description: 'What it is for.' })
  description!: string;

  @Field(() => Int, { description: 'How many.' })
  quantity!: number;

  @Field(() => String, { description: 'The tax rate in percent, as a decimal.' })
  taxRatePercent!: string;

  @Field(() => Money, { description: 'Net amount of the line.' })
  net!: Money;

  @Field(() => Money, { description: 'Tax of the line.' })
  tax!: Money;

  @Field(() => Money, { description: 'Net and tax.' })
  gross!: Money;
}

/** A line worked out: tax per unit, so that quantity times unit is exactly the line, as XBezahldienste demands. */
export function lineOf(line: {
  reference: string;
  description: string;
  quantity: number;
  taxRatePercent: string;
  unitNetMinor: number;
}): StoredItem {
  const { reference, description, quantity, taxRatePercent, unitNetMinor } = line;
  const unitTaxMinor = taxOf(unitNetMinor, taxRatePercent);
  return {
    reference,
    description,
    quantity,
    taxRatePercent,
    unitNetMinor,
    unitTaxMinor,
    netMinor: quantity * unitNetMinor,
    taxMinor: quantity * unitTaxMinor,
  };
}

export const sumOf = (items: readonly StoredItem[]): number =>
  items.reduce((sum, item) => sum + item.netMinor + item.taxMinor, 0);

export const shownItem = (item: StoredItem): PaymentItem => ({
  reference: item.reference,
  description: item.description,
  quantity: item.quantity,
  taxRatePercent: item.taxRatePercent,
  net: euro(item.netMinor),
  tax: euro(item.taxMinor),
  gross: euro(item.netMinor + item.taxMinor),
});
