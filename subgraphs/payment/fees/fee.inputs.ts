/** Inputs of fee rules. */
import { Field, ID, InputType, Int } from 'type-graphql';
import { MoneyInput } from '../../../kernel/graph/money.type';
import { ArsScalar, DateScalar, LeikaKeyScalar } from '../../../kernel/graph/scalars';

@InputType('FeeItemInput', { description: 'One line of a fee, as input.' })
export class FeeItemInput {
  @Field(() => String, { description: "The line id in the authority's accounts." })
  reference!: string;

  @Field(() => String, { description: 'What it is for.' })
  description!: string;

  @Field(() => Int, { defaultValue: 1, description: 'How many.' })
  quantity!: number;

  @Field(() => String, { defaultValue: '0', description: 'The tax rate in percent, as a decimal.' })
  taxRatePercent!: string;

  @Field(() => MoneyInput, { description: 'Net amount of one.' })
  unitNet!: MoneyInput;
}

@InputType('SaveFeeInput', { description: 'Input of saveFee.' })
export class SaveFeeInput {
  @Field(() => ID, { nullable: true, description: 'The fee rule; left out for a new one.' })
  id?: string | null | undefined;

  @Field(() => LeikaKeyScalar, { description: 'The service.' })
  leikaKey!: string;

  @Field(() => ArsScalar, { description: 'The area.' })
  ars!: string;

  @Field(() => [FeeItemInput], { description: 'What is charged.' })
  items!: FeeItemInput[];

  @Field(() => Boolean, { description: 'True when it must be paid before submission.' })
  prepaymentRequired!: boolean;

  @Field(() => String, { description: 'The law it rests on.' })
  legalBasis!: string;

  @Field(() => DateScalar, { description: 'First day.' })
  validFrom!: string;

  @Field(() => DateScalar, { nullable: true, description: 'Last day.' })
  validTo?: string | null | undefined;

  @Field(() => Int, { description: 'The version seen; 0 for a new one.' })
  expectedVersion!: number;

  @Field(() => String, {
    description: 'A key made by the client; repeating it with the same input gives the same answer.',
  })
  idempotencyKey!: string;
}
