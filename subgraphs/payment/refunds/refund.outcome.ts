/** What becomes of a refund: handed to the provider by its own row as queue, ended by its answer or its report. */
import { now, today } from '../../../kernel/clock';
import { afterCommit, type Database, rows, type Tx } from '../../../kernel/database/database';
import { wake } from '../../../kernel/events/outbox';
import { newId } from '../../../kernel/ids';
import { serviceOf } from '../../../kernel/principal';
import { backoffSeconds, type Queue } from '../../../kernel/queue';
import { change } from '../../../kernel/version';
import { publish } from '../../../schema/events';
import { amountsDue } from '../cases/case.service';
import { Payment, PaymentState } from '../payments/payment.entity';
import { eventOf, type LockedPayment, lockPayment, payerOf, waitAgain } from '../payments/payment.outcome';
import { providerNamed } from '../providers';
import {
  type PaymentProvider,
  type ProviderRefundState,
  ProviderRefused,
  ProviderUnavailable,
} from '../providers/provider';
import { Refund, RefundState } from './refund.entity';
import { refundLifecycle } from './refund.states';

const SYSTEM = serviceOf('payment');
const QUEUE = 'refund';

/** Notes that money is to be given back; the queue hands it to the provider after the commit. */
export async function submitRefund(
  tx: Tx,
  { payment, one }: LockedPayment,
  what: { amountMinor: number; reason: string; iban: string | null; requestedBy: string },
): Promise<Refund> {
  const counts = payment.state === PaymentState.PAYED && one.state === 'DRAFT';
  const uncountedMinor = counts ? Math.min(payment.countedMinor, what.amountMinor) : 0;
  const refund = Object.assign(new Refund(), {
    ...what,
    id: newId(),
    version: 1,
    paymentId: payment.id,
    state: RefundState.SUBMITTED,
    uncountedMinor,
    requestedAt: now(),
    completedAt: null,
    attempts: 0,
    nextAttemptAt: new Date(),
  });
  await tx.insert(Refund, refund);
  await change(tx, Payment, payment, {
    refundedMinor: payment.refundedMinor + what.amountMinor,
    countedMinor: payment.countedMinor - uncountedMinor,
  });
  await tell(tx, { payment, one }, refund);
  afterCommit(tx, () => wake(QUEUE));
  return refund;
}

/** Ends a refund once; what failed is refundable again. */
async function endRefund(tx: Tx, refundId: string, paymentId: string, told: ProviderRefundState): Promise<void> {
  const { payment, one } = await lockPayment(tx, paymentId);
  const [refund] = await rows(tx, Refund, 'SELECT * FROM refund WHERE id = $1 AND payment_id = $2 FOR UPDATE', [
    refundId,
    paymentId,
  ]);
  if (!refund || refund.state !== RefundState.SUBMITTED || told === 'SUBMITTED') return;
  const state = RefundState[refundLifecycle.step(refund.state, told === 'SUCCESS' ? 'succeed' : 'fail')];
  await change(tx, Refund, refund, { state, completedAt: now(), iban: null });
  if (state === RefundState.FAILED) {
    // it counts again, unless the fee was paid anew meanwhile
    const due = (await amountsDue(tx, [one], today())).get(one.id) ?? 0;
    await change(tx, Payment, payment, {
      refundedMinor: payment.refundedMinor - refund.amountMinor,
      countedMinor: payment.countedMinor + Math.min(refund.uncountedMinor, due),
    });
    await waitAgain(tx, { payment, one });
  }
  await tell(tx, { payment, one }, refund);
}

const tell = (tx: Tx, { payment, one }: LockedPayment, refund: Refund): Promise<void> =>
  publish(tx, 'payment.refund-changed', payment.applicationId, {
    ...eventOf(payment),
    refundId: refund.id,
    refundState: refund.state,
    amountMinor: refund.amountMinor,
    payer: payerOf(payment, one),
  });

export const refundQueue: Queue<Refund> = {
  name: QUEUE,
  entity: Refund,
  table: 'refund',
  due: `state = 'SUBMITTED'`,
  async work(db, refund) {
    const [payment] = await db.tx(SYSTEM, tx =>
      rows(tx, Payment, 'SELECT * FROM payment WHERE id = $1', [refund.paymentId]),
    );
    const told = payment ? await hand(payment, refund) : null;
    if (told === null || told === 'SUBMITTED') {
      await db.tx(SYSTEM, tx =>
        tx.query(`UPDATE refund SET next_attempt_at = clock_timestamp() + $2::interval WHERE id = $1`, [
          refund.id,
          `${backoffSeconds(refund.attempts)} seconds`,
        ]),
      );
    } else {
      await db.tx(SYSTEM, tx => endRefund(tx, refund.id, refund.paymentId, told));
    }
  },
};

/** @returns null when the provider does not answer */
async function hand(payment: Payment, refund: Refund): Promise<ProviderRefundState | null> {
  if (payment.providerTransactionId === null) return 'FAILED';
  try {
    return await providerNamed(payment.provider).refund({
      transactionId: payment.providerTransactionId,
      refundId: refund.id,
      amountMinor: refund.amountMinor,
      reason: refund.reason,
      iban: refund.iban,
    });
  } catch (error) {
    if (error instanceof ProviderUnavailable) return null;
    if (error instanceof ProviderRefused) return 'FAILED';
    throw error;
  }
}

/** A report about a refund: the provider is asked, here by repeating the refund itself, which never pays twice. */
export async function refundReported(
  db: Database,
  provider: PaymentProvider,
  payment: Payment,
  refundId: string,
  isNew: (tx: Tx) => Promise<boolean>,
): Promise<204 | 404> {
  const [refund] = await db.tx(SYSTEM, tx =>
    rows(tx, Refund, 'SELECT * FROM refund WHERE id::text = $1 AND payment_id = $2', [refundId, payment.id]),
  );
  if (!refund || provider.name !== payment.provider) return 404;
  const told = refund.state === RefundState.SUBMITTED ? await hand(payment, refund) : 'SUBMITTED';
  if (told === null) throw new ProviderUnavailable();
  await db.tx(SYSTEM, async tx => {
    if (await isNew(tx)) await endRefund(tx, refund.id, payment.id, told);
  });
  return 204;
}
