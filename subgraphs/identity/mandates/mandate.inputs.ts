/** Inputs of mandate mutations. */
import { Field, ID, InputType, Int } from 'type-graphql';
import { DateTimeScalar, LeikaKeyScalar } from '../../../kernel/graph/scalars';

@InputType('GrantMandateInput', { description: 'Input of grantMandate.' })
export class GrantMandateInput {
  @Field(() => ID, { description: 'Who may act.' })
  agentAccountId!: string;

  @Field(() => [LeikaKeyScalar], { defaultValue: [], description: 'The services; all when empty.' })
  leikaKeys!: string[];

  @Field(() => DateTimeScalar, { nullable: true, description: 'First moment; now when left out.' })
  validFrom?: Date | null | undefined;

  @Field(() => DateTimeScalar, { nullable: true, description: 'Last moment; open when left out.' })
  validTo?: Date | null | undefined;

  @Field(() => String, {
    description: 'A key made by the client; repeating it with the same input gives the same answer.',
  })
  idempotencyKey!: string;
}

@InputType('RevokeMandateInput', { description: 'Input of revokeMandate.' })
export class RevokeMandateInput {
  @Field(() => ID, { description: 'The mandate.' })
  mandateId!: string;

  @Field(() => Int, { description: 'The version the asker has seen; another one is refused with VERSION_CONFLICT.' })
  expectedVersion!: number;
}
