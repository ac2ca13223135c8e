/** Payments and the provider: registering one, asking about one. Never inside a transaction; outcomes in one of their own. */
import { now } from '../../../kernel/clock';
import { subgraphConfig } from '../../../kernel/config';
import type { Database } from '../../../kernel/database/database';
import { serviceOf } from '../../../kernel/principal';
import { change } from '../../../kernel/version';
import { providerNamed } from '../providers';
import { ProviderRefused } from '../providers/provider';
import { Payment } from './payment.entity';
import { applyStatus, lockPayment, move } from './payment.outcome';
import { isOpen } from './payment.states';
import { PAYABLE_MS, watchAgain } from './watch.entity';

const SYSTEM = serviceOf('payment');

/**
 * Opens the payment at the provider, as often as it takes: its id is the request id, so the provider opens it once.
 * @throws ProviderUnavailable; a refusal of the provider makes the payment FAILED
 */
export async function register(db: Database, payment: Payment): Promise<Payment> {
  const provider = providerNamed(payment.provider);
  try {
    const { transactionId, redirectUrl } = await provider.open({
      requestId: payment.id,
      requestedAt: payment.startedAt,
      totalMinor: payment.totalMinor,
      purpose: payment.purpose,
      description: payment.description,
      returnUrl: payment.returnUrl,
      reportUrl: `${subgraphConfig('payment').publicUrl}/reports/${provider.name}`,
      wishedMethod: payment.wishedMethod,
      items: payment.items,
    });
    return await db.tx(SYSTEM, async tx => {
      const { payment: stored } = await lockPayment(tx, payment.id);
      if (stored.providerTransactionId !== null) return stored;
      await change(tx, Payment, stored, {
        providerTransactionId: transactionId,
        providerUrl: redirectUrl,
        ...(isOpen(stored) && { expiresAt: new Date(now().getTime() + PAYABLE_MS) }),
      });
      await watchAgain(tx, stored);
      return stored;
    });
  } catch (error) {
    if (!(error instanceof ProviderRefused)) throw error;
    return db.tx(SYSTEM, async tx => {
      const locked = await lockPayment(tx, payment.id);
      return isOpen(locked.payment) ? move(tx, locked, 'fail', { stateDetail: error.code }) : locked.payment;
    });
  }
}

/** Asks the provider and applies the answer. @throws ProviderUnavailable, ProviderRefused */
export async function look(db: Database, payment: Payment): Promise<Payment> {
  if (payment.providerTransactionId === null) return payment;
  const seen = await providerNamed(payment.provider).status(payment.providerTransactionId);
  return db.tx(SYSTEM, async tx => applyStatus(tx, await lockPayment(tx, payment.id), seen));
}
