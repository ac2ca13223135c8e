/** Refunds: rows, their lifecycle and graph type. */
import { Directive, Field, ID, ObjectType, registerEnumType } from 'type-graphql';
import { Column, Entity, PrimaryColumn } from 'typeorm';
import { payload } from '../../../kernel/graph/refusal.type';
import { DateTimeScalar } from '../../../kernel/graph/scalars';
import { Payment } from '../payments/payment.entity';

export enum RefundState {
  SUBMITTED = 'SUBMITTED',
  SUCCESS = 'SUCCESS',
  FAILED = 'FAILED',
}
registerEnumType(RefundState, {
  name: 'RefundState',
  description: 'The state of a refund.',
  valuesConfig: {
    SUBMITTED: { description: 'Handed to the provider.' },
    SUCCESS: { description: 'Paid back.' },
    FAILED: { description: 'Refused by the provider.' },
  },
});

@Directive('@key(fields: "id")')
@ObjectType('Refund', { description: 'Money given back (Erstattung).' })
@Entity({ name: 'refund' })
export class Refund {
  @Field(() => ID, { description: 'The opaque id of this object.' })
  @PrimaryColumn('uuid')
  id!: string;

  @Column('int')
  version!: number;

  @Column('uuid')
  paymentId!: string;

  @Column('int')
  amountMinor!: number;

  @Field(() => RefundState, { description: 'How far it is.' })
  @Column('text')
  state!: RefundState;

  @Field(() => String, { description: 'Why.' })
  @Column('text')
  reason!: string;

  /** Kept only until the refund has ended. */
  @Column('text', { nullable: true })
  iban!: string | null;

  /** What no longer counts towards the fee because of it. */
  @Column('int')
  uncountedMinor!: number;

  @Column('uuid')
  requestedBy!: string;

  @Field(() => DateTimeScalar, { description: 'When it was asked for.' })
  @Column('timestamptz')
  requestedAt!: Date;

  @Field(() => DateTimeScalar, { nullable: true, description: 'When the provider finished it.' })
  @Column('timestamptz', { nullable: true })
  completedAt!: Date | null;

  @Column('int')
  attempts!: number;

  @Column('timestamptz')
  nextAttemptAt!: Date;
}

export const RefundPaymentPayload = payload('refundPayment', 'refund', () => Refund);
export const ResolveReconciliationPayload = payload('resolveReconciliation', 'payment', () => Payment);
