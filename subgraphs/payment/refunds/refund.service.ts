/** What cashiers do: give money back, and decide about money that was held back. */
import type { Context } from '../../../kernel/context';
import { rows, type Tx } from '../../../kernel/database/database';
import { notFound } from '../../../kernel/errors';
import { once } from '../../../kernel/idempotency';
import { provenStaff } from '../../../kernel/membership';
import { change, checkVersion } from '../../../kernel/version';
import { inWords } from '../fees/amount';
import { Payment, PaymentState, ReconciliationState, refundableOf } from '../payments/payment.entity';
import { type LockedPayment, lockPayment, move } from '../payments/payment.outcome';
import { isToDecide, reconciliationLifecycle } from '../payments/payment.states';
import { refuse } from '../refusals';
import { ibanOf } from './iban';
import { Refund } from './refund.entity';
import { ReconciliationResolution, type RefundPaymentInput, type ResolveReconciliationInput } from './refund.inputs';
import { submitRefund } from './refund.outcome';

/** The payment, locked, if the asker is a cashier of the authority that receives it. @throws FORBIDDEN, NOT_FOUND */
async function cashiersPayment(tx: Tx, ctx: Context, id: string, scope: string) {
  const staff = await provenStaff(tx, ctx.principal, scope);
  const known: unknown[] = await tx.query('SELECT 1 FROM payment WHERE id = $1 AND authority_id = $2', [
    id,
    staff.authorityId,
  ]);
  if (known.length === 0) throw notFound();
  return { locked: await lockPayment(tx, id), staff };
}

const reasonOf = (reason: string): string => {
  if (reason.trim() !== '' && reason.length <= 250) return reason.trim();
  const text = { de: 'Ein Grund von 1 bis 250 Zeichen.', en: 'A reason of 1 to 250 characters.' };
  throw refuse('VALIDATION_FAILED', { problems: [{ path: '/reason', code: 'VALIDATION_FAILED', text }] });
};

const BAD_IBAN = {
  path: '/iban',
  code: 'BAD_IBAN',
  text: {
    de: 'Land, Länge, Aufbau oder Prüfziffern stimmen nicht.',
    en: 'Country, length, structure or check digits are wrong.',
  },
};

export async function refundPayment(ctx: Context, input: RefundPaymentInput): Promise<Refund> {
  const reason = reasonOf(input.reason);
  const iban = input.iban == null ? null : ibanOf(input.iban);
  if (input.iban != null && iban === null) throw refuse('BAD_IBAN', { problems: [BAD_IBAN] });
  return ctx.write(async tx => {
    const { locked, staff } = await cashiersPayment(tx, ctx, input.paymentId, 'payment:refund');
    const { id } = await once(tx, ctx.principal, 'refundPayment', input, async () => {
      const most = refundableOf(locked.payment);
      const values = { most: inWords(most, ctx.language) };
      if (input.expectedRefundable.amountMinor !== most) throw refuse('REFUND_STALE', { values });
      const amountMinor = input.amount.amountMinor;
      if (amountMinor > most || amountMinor < 1) throw refuse('REFUND_EXCEEDS', { values });
      const refund = await submitRefund(tx, locked, { amountMinor, reason, iban, requestedBy: staff.staffMemberId });
      return refund.id;
    });
    const [refund] = await rows(tx, Refund, 'SELECT * FROM refund WHERE id = $1', [id]);
    return refund!;
  });
}

export async function resolveReconciliation(ctx: Context, input: ResolveReconciliationInput): Promise<Payment> {
  const reason = reasonOf(input.reason);
  return ctx.write(async tx => {
    const { locked, staff } = await cashiersPayment(tx, ctx, input.paymentId, 'payment:reconcile');
    const { payment } = locked;
    checkVersion(payment, input.expectedVersion);
    if (!isToDecide(payment.reconciliation)) throw refuse('INVALID_TRANSITION', { stored: payment });
    const decided = {
      reconciliation: ReconciliationState[reconciliationLifecycle.step(payment.reconciliation, 'resolve')],
      resolution: input.resolution,
      resolutionReason: reason,
      resolvedBy: staff.staffMemberId,
    };
    return input.resolution === ReconciliationResolution.ACCEPT
      ? accept(tx, locked, decided)
      : giveBack(tx, locked, decided, { reason, requestedBy: staff.staffMemberId });
  });
}

/** Counts what has not been given back already; what counts already, but has no case any more, is kept as it is. */
async function accept(tx: Tx, locked: LockedPayment, decided: Partial<Payment>): Promise<Payment> {
  const countedMinor = refundableOf(locked.payment);
  if (countedMinor === 0) throw refuse('INVALID_TRANSITION', { stored: locked.payment });
  if (locked.payment.state !== PaymentState.PAYED) return move(tx, locked, 'accept', { ...decided, countedMinor });
  await change(tx, Payment, locked.payment, decided);
  return locked.payment;
}

async function giveBack(
  tx: Tx,
  locked: LockedPayment,
  decided: Partial<Payment>,
  why: { reason: string; requestedBy: string },
): Promise<Payment> {
  const { payment } = locked;
  const amountMinor = refundableOf(payment);
  if (payment.state === PaymentState.INITIAL) await move(tx, locked, 'fail', { ...decided, stateDetail: 'GIVEN_BACK' });
  else await change(tx, Payment, payment, decided);
  if (amountMinor > 0) await submitRefund(tx, locked, { amountMinor, iban: null, ...why });
  return payment;
}
