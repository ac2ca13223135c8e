/** What becomes of a payment: every change of its state, with its history row and its event, in one transaction. */
import { now, today } from '../../../kernel/clock';
import { rows, type Tx } from '../../../kernel/database/database';
import { notFound } from '../../../kernel/errors';
import { change } from '../../../kernel/version';
import { type Payer, publish } from '../../../schema/events';
import { Case } from '../cases/case.entity';
import { amountsDue, lockCase } from '../cases/case.service';
import type { ProviderStatus } from '../providers/provider';
import {
  Payment,
  PaymentChange,
  PaymentMethod,
  PaymentState,
  ReconciliationState,
  refundableOf,
} from './payment.entity';
import { isOpen, isToDecide, paymentLifecycle, reconciliationLifecycle, verdictOn } from './payment.states';
import { endWatch, watchAgain } from './watch.entity';

export interface LockedPayment {
  readonly payment: Payment;
  readonly one: Case;
}

/** The payment and its case, locked in this order: case, payment. @throws NOT_FOUND */
export async function lockPayment(tx: Tx, id: string): Promise<LockedPayment> {
  const [known]: { application_id: string }[] = await tx.query('SELECT application_id FROM payment WHERE id = $1', [
    id,
  ]);
  const one = known ? await lockCase(tx, known.application_id) : null;
  const [payment] = await rows(tx, Payment, 'SELECT * FROM payment WHERE id = $1 FOR UPDATE', [id]);
  if (!one || !payment) throw notFound();
  return { payment, one };
}

type Action = Parameters<typeof paymentLifecycle.step>[1];

/**
 * Moves a payment along its lifecycle; the only writer of its state.
 * @param facts what else is known now  @param eventId of the provider's report that told, if one did
 */
export async function move(
  tx: Tx,
  { payment, one }: LockedPayment,
  action: Action,
  facts: Partial<Payment> = {},
  eventId: string | null = null,
): Promise<Payment> {
  const from = payment.state;
  const to = PaymentState[paymentLifecycle.step(from, action)];
  await change(tx, Payment, payment, { ...facts, state: to });
  await addChange(tx, payment, { fromState: from, toState: to, heldBack: false, providerEventId: eventId });
  if (to === PaymentState.PAYED) {
    if (one.feeMinor === null) await tx.update(Case, { id: one.id }, { feeMinor: payment.feeMinor });
    await endWatch(tx, payment.id);
  } else {
    await watchAgain(tx, payment);
  }
  await publish(tx, 'payment.state-changed', payment.applicationId, {
    ...eventOf(payment),
    paidAt: payment.paidAt?.toISOString() ?? null,
    cashReference: payment.cashReference,
    purpose: payment.purpose,
    paidMinor: payment.paidMinor,
    because: to === PaymentState.CANCELED ? (ENDS.find(end => end === payment.stateDetail) ?? null) : null,
    payer: payerOf(payment, one),
  });
  return payment;
}

/** Applies what the provider says when it is asked; saying it twice changes nothing. */
export async function applyStatus(
  tx: Tx,
  locked: LockedPayment,
  seen: ProviderStatus,
  eventId: string | null = null,
): Promise<Payment> {
  const { payment, one } = locked;
  const due = (await amountsDue(tx, [one], today())).get(one.id) ?? 0;
  const verdict = verdictOn(payment, seen, due);
  if (verdict.kind === 'nothing') {
    if (eventId) await nameChange(tx, payment, seen, eventId);
    return payment;
  }
  const method = seen.method && PaymentMethod[seen.method];
  if (verdict.kind === 'move') {
    const paid = verdict.action === 'succeed';
    const money = { paidAt: momentOf(seen), paidMinor: seen.amountMinor, countedMinor: seen.amountMinor, method };
    return move(tx, locked, verdict.action, { stateDetail: seen.detail, ...(paid && money) }, eventId);
  }
  const reconciliation = ReconciliationState[reconciliationLifecycle.step(payment.reconciliation, verdict.because)];
  await change(tx, Payment, payment, {
    reconciliation,
    heldBackAt: now(),
    paidAt: momentOf(seen),
    paidMinor: seen.amountMinor,
    method,
    stateDetail: seen.detail,
  });
  await addChange(tx, payment, {
    fromState: payment.state,
    toState: PaymentState.PAYED,
    heldBack: true,
    providerEventId: eventId,
  });
  await endWatch(tx, payment.id);
  await tellWaiting(tx, locked);
  return payment;
}

/** How an application ends without what was paid for: its draft was deleted, or it was taken back. */
const ENDS = ['DRAFT_DELETED', 'WITHDRAWN'] as const;
const isWithoutCase = (one: Case): boolean => one.state === 'DESTROYED' || one.state === 'WITHDRAWN';

/** An application is no more: nobody can pay for it any longer, and what was paid waits for a cashier. */
export async function endPayments(tx: Tx, applicationId: string, because: (typeof ENDS)[number]): Promise<void> {
  const one = await lockCase(tx, applicationId);
  if (!one) return;
  const payments = await rows(tx, Payment, 'SELECT * FROM payment WHERE application_id = $1 ORDER BY id FOR UPDATE', [
    applicationId,
  ]);
  for (const payment of payments) {
    if (isOpen(payment)) await move(tx, { payment, one }, 'cancel', { stateDetail: because });
    else if (payment.state === PaymentState.PAYED) await orphan(tx, { payment, one });
  }
}

/** Could not be given back: where it does not count for a case, it waits again. */
export async function waitAgain(tx: Tx, locked: LockedPayment): Promise<void> {
  if (isWithoutCase(locked.one) || locked.payment.resolution === 'REFUND') await orphan(tx, locked);
}

/** Its money waits for a cashier, whatever was decided before: its case is no more, or it could not be given back. */
async function orphan(tx: Tx, { payment, one }: LockedPayment): Promise<void> {
  if (refundableOf(payment) === 0 || isToDecide(payment.reconciliation)) return;
  const reconciliation = ReconciliationState[reconciliationLifecycle.step(payment.reconciliation, 'orphan')];
  const undecided = { resolution: null, resolutionReason: null, resolvedBy: null };
  await change(tx, Payment, payment, { ...undecided, reconciliation, heldBackAt: now() });
  await tellWaiting(tx, { payment, one });
}

/** While the case runs, NO_CASE is money that could not be given back, of which its payer was told before. */
const tellWaiting = (tx: Tx, { payment, one }: LockedPayment): Promise<void> =>
  publish(tx, 'payment.reconciliation-needed', payment.applicationId, {
    ...eventOf(payment),
    reconciliation: payment.reconciliation,
    ...((payment.reconciliation !== ReconciliationState.NO_CASE || isWithoutCase(one)) && {
      payer: payerOf(payment, one),
    }),
  });

export const payerOf = (payment: Payment, { leikaKey, requiredTrustLevel }: Case): Payer => ({
  accountId: payment.accountId,
  leikaKey,
  requiredTrustLevel,
  cashReference: payment.cashReference,
  amountMinor: payment.paidMinor ?? payment.totalMinor,
});

/** Nobody paid in time. */
export async function expire(tx: Tx, locked: LockedPayment): Promise<Payment> {
  const { payment } = locked;
  if (!isOpen(payment) || payment.expiresAt > now()) return payment;
  return move(tx, locked, 'fail', { stateDetail: 'EXPIRED' });
}

export const eventOf = (payment: Payment) => ({
  paymentId: payment.id,
  applicationId: payment.applicationId,
  state: payment.state,
  totalMinor: payment.totalMinor,
  authorityId: payment.authorityId,
});

export async function addChange(
  tx: Tx,
  payment: Payment,
  what: Omit<PaymentChange, 'id' | 'paymentId' | 'occurredAt'>,
): Promise<void> {
  await tx.query(
    `INSERT INTO payment_change (payment_id, occurred_at, from_state, to_state, held_back, provider_event_id)
     VALUES ($1, $2, $3, $4, $5, $6)`,
    [payment.id, now(), what.fromState, what.toState, what.heldBack, what.providerEventId],
  );
}

/** A report of what was known already, because we had asked first, is named in the change it is about. */
async function nameChange(tx: Tx, payment: Payment, seen: ProviderStatus, eventId: string): Promise<void> {
  await tx.query(
    `UPDATE payment_change SET provider_event_id = $3 WHERE id = (SELECT id FROM payment_change
       WHERE payment_id = $1 AND to_state = $2 AND from_state IS NOT NULL AND provider_event_id IS NULL
       ORDER BY id DESC LIMIT 1)`,
    [payment.id, seen.state, eventId],
  );
}

/** When it was paid: what the provider says, unless that lies in the future. */
const momentOf = (seen: ProviderStatus): Date =>
  seen.changedAt !== null && seen.changedAt <= now() ? seen.changedAt : now();

/** The receipt (Quittung) was rendered by applications; hearing of it twice changes nothing. */
export async function keepReceipt(tx: Tx, paymentId: string, documentId: string): Promise<void> {
  await tx.query(
    `UPDATE payment SET receipt_document_id = $2, version = version + 1
     WHERE id = $1 AND receipt_document_id IS DISTINCT FROM $2`,
    [paymentId, documentId],
  );
}
