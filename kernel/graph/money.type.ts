/** Money: whole cents, never a float. */
import { Directive, Field, InputType, Int, ObjectType, registerEnumType } from 'type-graphql';

export enum CurrencyCode {
  EUR = 'EUR',
}
registerEnumType(CurrencyCode, {
  name: 'CurrencyCode',
  description: 'The currency (ISO 4217).',
  valuesConfig: { EUR: { description: 'Euro.' } },
});

@Directive('@shareable')
@Directive('@tag(name: "public")')
@ObjectType('Money', { description: 'An amount of money.' })
export class Money {
  @Field(() => Int, { description: 'The amount in the smallest unit (Cent).' })
  amountMinor!: number;

  @Field(() => CurrencyCode, { description: 'The currency of the amount.' })
  currency!: CurrencyCode;
}

@InputType('MoneyInput', { description: 'An amount of money, as input.' })
export class MoneyInput {
  @Field(() => Int, { description: 'The amount in the smallest unit (Cent).' })
  amountMinor!: number;

  @Field(() => CurrencyCode, { defaultValue: CurrencyCode.EUR, description: 'The currency of the amount.' })
  currency!: CurrencyCode;
}

/** @param amountMinor whole cents */
export const euro = (amountMinor: number): Money => ({ amountMinor, currency: CurrencyCode.EUR });
