/** Payments and their changes: rows and graph types. */
import { Directive, Field, ID, Int, ObjectType, registerEnumType } from 'type-graphql';
import { Column, Entity, PrimaryColumn } from 'typeorm';
import { connection } from '../../../kernel/graph/page.type';
import { payload } from '../../../kernel/graph/refusal.type';
import { DateTimeScalar } from '../../../kernel/graph/scalars';
import type { StoredItem } from '../fees/item.type';

export enum PaymentState {
  INITIAL = 'INITIAL',
  PAYED = 'PAYED',
  FAILED = 'FAILED',
  CANCELED = 'CANCELED',
}
registerEnumType(PaymentState, {
  name: 'PaymentState',
  description: 'The state of a payment, in the words of XBezahldienste.',
  valuesConfig: {
    INITIAL: { description: 'Begun and not finished.' },
    PAYED: { description: 'Paid; the standard writes it so.' },
    FAILED: { description: 'Failed or timed out.' },
    CANCELED: { description: 'Given up by the payer.' },
  },
});

export enum ReconciliationState {
  NONE = 'NONE',
  LATE_SUCCESS = 'LATE_SUCCESS',
  AMOUNT_MISMATCH = 'AMOUNT_MISMATCH',
  DUPLICATE = 'DUPLICATE',
  NO_CASE = 'NO_CASE',
  RESOLVED = 'RESOLVED',
}
registerEnumType(ReconciliationState, {
  name: 'ReconciliationState',
  description: 'What needs a human decision about a payment (Klärung).',
  valuesConfig: {
    NONE: { description: 'Nothing.' },
    LATE_SUCCESS: { description: 'The provider reported success after failure or cancellation.' },
    AMOUNT_MISMATCH: { description: 'Another amount was paid.' },
    DUPLICATE: { description: 'The application was paid twice.' },
    NO_CASE: {
      description:
        'It was paid for a draft that was deleted or an application that was withdrawn, or could not be given back.',
    },
    RESOLVED: { description: 'Decided.' },
  },
});

export enum PaymentMethod {
  GIROPAY = 'GIROPAY',
  PAYDIRECT = 'PAYDIRECT',
  CREDITCARD = 'CREDITCARD',
  PAYPAL = 'PAYPAL',
  INVOICE = 'INVOICE',
  OTHER = 'OTHER',
}
registerEnumType(PaymentMethod, {
  name: 'PaymentMethod',
  description: 'How somebody paid (Zahlungsart).',
  valuesConfig: {
    GIROPAY: { description: 'giropay.' },
    PAYDIRECT: { description: 'paydirekt.' },
    CREDITCARD: { description: 'Credit card.' },
    PAYPAL: { description: 'PayPal.' },
    INVOICE: { description: 'Invoice.' },
    OTHER: { description: 'Another way.' },
  },
});

@Directive('@authenticated')
@Directive('@key(fields: "id")')
@ObjectType('Payment', {
  description:
    "A payment for an application (Zahlung); its applicant's side, the authority in charge and the cashiers of the receiving authority may see it.",
})
@Entity({ name: 'payment' })
export class Payment {
  @Field(() => ID, { description: 'The opaque id of this object.' })
  @PrimaryColumn('uuid')
  id!: string;

  @Field(() => Int, { description: 'Counts up with every change; send it back as expectedVersion.' })
  @Column('int')
  version!: number;

  @Column('uuid')
  applicationId!: string;

  @Column('uuid')
  accountId!: string;

  /** The account that signed in to begin it. */
  @Column('uuid')
  startedBy!: string;

  @Column('uuid')
  authorityId!: string;

  @Field(() => PaymentState, { description: 'How far it is.' })
  @Column('text')
  state!: PaymentState;

  @Column('text', { nullable: true })
  stateDetail!: string | null;

  @Field(() => ReconciliationState, { description: 'What needs a human decision.' })
  @Column('text')
  reconciliation!: ReconciliationState;

  @Column('timestamptz', { nullable: true })
  heldBackAt!: Date | null;

  @Column('text', { nullable: true })
  resolution!: string | null;

  @Column('text', { nullable: true })
  resolutionReason!: string | null;

  @Column('uuid', { nullable: true })
  resolvedBy!: string | null;

  @Column('int')
  totalMinor!: number;

  /** The whole fee of the case when it was begun. */
  @Column('int')
  feeMinor!: number;

  @Column('jsonb')
  items!: StoredItem[];

  @Field(() => String, { description: 'The purpose on the statement, at most 27 characters (Verwendungszweck).' })
  @Column('text')
  purpose!: string;

  @Column('text')
  description!: string;

  @Field(() => PaymentMethod, {
    nullable: true,
    description: 'How it was paid; null until the provider has reported it.',
  })
  @Column('text', { nullable: true })
  method!: PaymentMethod | null;

  @Column('text', { nullable: true })
  wishedMethod!: string | null;

  @Field(() => String, { nullable: true, description: "The reference in the authority's accounts (Kassenzeichen)." })
  @Column('text')
  cashReference!: string;

  @Column('text')
  provider!: string;

  @Field(() => ID, { nullable: true, description: 'The id at the payment provider.' })
  @Column('text', { nullable: true })
  providerTransactionId!: string | null;

  @Column('text', { nullable: true, name: 'redirect_url' })
  providerUrl!: string | null;

  @Column('text')
  returnUrl!: string;

  @Field(() => DateTimeScalar, { description: 'When it was begun.' })
  @Column('timestamptz')
  startedAt!: Date;

  @Field(() => DateTimeScalar, { description: 'When it fails unless paid.' })
  @Column('timestamptz')
  expiresAt!: Date;

  @Field(() => DateTimeScalar, { nullable: true, description: 'When it was paid.' })
  @Column('timestamptz', { nullable: true })
  paidAt!: Date | null;

  /** What the provider received, also while that is held back. */
  @Column('int', { nullable: true })
  paidMinor!: number | null;

  /** How much of it counts towards the fee. */
  @Column('int')
  countedMinor!: number;

  /** Refunds handed in or done. */
  @Column('int')
  refundedMinor!: number;

  @Column('uuid', { nullable: true })
  receiptDocumentId!: string | null;
}

@ObjectType('PaymentChange', { description: "One change of a payment's state." })
@Entity({ name: 'payment_change' })
export class PaymentChange {
  @PrimaryColumn('bigint', { generated: 'increment' })
  id!: string;

  @Column('uuid')
  paymentId!: string;

  @Field(() => DateTimeScalar, { description: 'When it happened.' })
  @Column('timestamptz')
  occurredAt!: Date;

  @Field(() => PaymentState, { name: 'from', nullable: true, description: 'The state before.' })
  @Column('text', { nullable: true })
  fromState!: PaymentState | null;

  @Field(() => PaymentState, { name: 'to', description: 'The state reported.' })
  @Column('text')
  toState!: PaymentState;

  @Field(() => Boolean, { description: 'True when it was kept for reconciliation instead of taking effect.' })
  @Column('boolean')
  heldBack!: boolean;

  @Field(() => ID, {
    nullable: true,
    description: "The id of the provider's report; repeated reports are dropped.",
  })
  @Column('text', { nullable: true })
  providerEventId!: string | null;
}

export const PaymentConnection = connection(() => Payment, { name: 'Payment', totalCount: true });
export const StartPaymentPayload = payload('startPayment', 'payment', () => Payment);
export const ConfirmPaymentReturnPayload = payload('confirmPaymentReturn', 'payment', () => Payment);
export const CancelPaymentPayload = payload('cancelPayment', 'payment', () => Payment);

/** How much can still be given back, in cents. */
export const refundableOf = (payment: Payment): number => (payment.paidMinor ?? 0) - payment.refundedMinor;
