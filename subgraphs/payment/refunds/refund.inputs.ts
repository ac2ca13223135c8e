/** Inputs of refunds and of reconciliation. */
import { Field, ID, InputType, Int, registerEnumType } from 'type-graphql';
import { MoneyInput } from '../../../kernel/graph/money.type';

export enum ReconciliationResolution {
  ACCEPT = 'ACCEPT',
  REFUND = 'REFUND',
}
registerEnumType(ReconciliationResolution, {
  name: 'ReconciliationResolution',
  description: 'How the difference is settled.',
  valuesConfig: {
    ACCEPT: { description: 'Count the payment for the application.' },
    REFUND: { description: 'Give the money back.' },
  },
});

@InputType('RefundPaymentInput', { description: 'Input of refundPayment.' })
export class RefundPaymentInput {
  @Field(() => ID, { description: 'The payment.' })
  paymentId!: string;

  @Field(() => MoneyInput, { description: 'How much.' })
  amount!: MoneyInput;

  @Field(() => MoneyInput, { description: 'What the asker has seen as refundable.' })
  expectedRefundable!: MoneyInput;

  @Field(() => String, { description: 'Why.' })
  reason!: string;

  @Field(() => String, { nullable: true, description: 'The account to pay to (IBAN), when the way back is closed.' })
  iban?: string | null | undefined;

  @Field(() => String, {
    description: 'A key made by the client; repeating it with the same input gives the same answer.',
  })
  idempotencyKey!: string;
}

@InputType('ResolveReconciliationInput', { description: 'Input of resolveReconciliation.' })
export class ResolveReconciliationInput {
  @Field(() => ID, { description: 'The payment.' })
  paymentId!: string;

  @Field(() => ReconciliationResolution, { description: 'How it is settled.' })
  resolution!: ReconciliationResolution;

  @Field(() => String, { description: 'Why.' })
  reason!: string;

  @Field(() => Int, {
    description: 'The version the asker has seen; another one is refused with VERSION_CONFLICT.',
  })
  expectedVersion!: number;
}
