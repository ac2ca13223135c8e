/** The clock of payments: registers what a crash left behind, lets unpaid ones expire, finds money that came late. */
import { now } from '../../../kernel/clock';
import { type Database, rows } from '../../../kernel/database/database';
import { serviceOf } from '../../../kernel/principal';
import { backoffSeconds, type Queue } from '../../../kernel/queue';
import { ProviderRefused, ProviderUnavailable } from '../providers/provider';
import { Payment } from './payment.entity';
import { expire, lockPayment } from './payment.outcome';
import { look, register } from './payment.provider';
import { isOpen } from './payment.states';
import { PaymentWatch, watchAgain, watchSoon } from './watch.entity';

const SYSTEM = serviceOf('payment');

export const watchQueue: Queue<PaymentWatch> = {
  name: 'payment-watch',
  entity: PaymentWatch,
  table: 'payment_watch',
  due: 'NOT done',
  async work(db, row) {
    try {
      await lookAfter(db, row.id);
    } catch (error) {
      if (!(error instanceof ProviderUnavailable)) throw error;
      await db.tx(SYSTEM, tx => watchSoon(tx, row.id, backoffSeconds(row.attempts)));
    }
  },
};

async function lookAfter(db: Database, id: string): Promise<void> {
  const [payment] = await db.tx(SYSTEM, tx => rows(tx, Payment, 'SELECT * FROM payment WHERE id = $1', [id]));
  if (!payment) return;
  const isLate = payment.expiresAt <= now();
  if (payment.providerTransactionId === null) {
    // nobody was ever sent to a page to pay at, so there is nothing to ask for once the time is over
    if (isOpen(payment) && !isLate) await register(db, payment);
  } else if (isLate || !isOpen(payment)) {
    try {
      await look(db, payment);
    } catch (error) {
      if (!(error instanceof ProviderRefused)) throw error; // it knows no such payment: nobody can pay it
    }
  }
  await db.tx(SYSTEM, async tx => {
    const locked = await lockPayment(tx, id);
    await expire(tx, locked);
    await watchAgain(tx, locked.payment);
  });
}
