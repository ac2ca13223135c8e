/** When to look after a payment next; the row is the queue of watch.queue.ts. */
import { Column, Entity, PrimaryColumn } from 'typeorm';
import { now } from '../../../kernel/clock';
import type { Tx } from '../../../kernel/database/database';
import type { Payment } from './payment.entity';
import { isOpen } from './payment.states';

@Entity({ name: 'payment_watch' })
export class PaymentWatch {
  /** That of the payment. */
  @PrimaryColumn('uuid')
  id!: string;

  @Column('int')
  version!: number;

  @Column('int')
  attempts!: number;

  @Column('timestamptz')
  nextAttemptAt!: Date;

  @Column('boolean')
  done!: boolean;
}

const MINUTE = 60_000;
/** How long a payer has. */
export const PAYABLE_MS = 30 * MINUTE;
/** Whoever began the payment registers it with the provider; this long afterwards the queue does. */
const REGISTER_AFTER_MS = 15_000;
/** After a payment has ended without money, the provider is asked again: a report may have been lost. */
const LATE_LOOKS_MS = [60 * MINUTE, 24 * 60 * MINUTE];

/** The next moment to look after a payment; null when there is no more to find out. */
export function nextLook(payment: Payment): Date | null {
  if (isOpen(payment)) return payment.expiresAt;
  if (payment.paidMinor !== null || payment.providerTransactionId === null) return null;
  const look = LATE_LOOKS_MS.map(after => new Date(payment.expiresAt.getTime() + after)).find(moment => moment > now());
  return look ?? null;
}

export async function beginWatch(tx: Tx, payment: Payment): Promise<void> {
  await tx.query('INSERT INTO payment_watch (id, next_attempt_at) VALUES ($1, clock_timestamp() + $2::interval)', [
    payment.id,
    `${REGISTER_AFTER_MS} milliseconds`,
  ]);
}

export async function watchAgain(tx: Tx, payment: Payment): Promise<void> {
  const next = nextLook(payment);
  if (next)
    await tx.query('UPDATE payment_watch SET next_attempt_at = $2, done = false WHERE id = $1', [payment.id, next]);
  else await endWatch(tx, payment.id);
}

/** The provider did not answer: later again. */
export async function watchSoon(tx: Tx, id: string, seconds: number): Promise<void> {
  await tx.query(
    `UPDATE payment_watch SET next_attempt_at = clock_timestamp() + $2::interval WHERE id = $1 AND NOT done`,
    [id, `${seconds} seconds`],
  );
}

export async function endWatch(tx: Tx, id: string): Promise<void> {
  await tx.query('UPDATE payment_watch SET done = true WHERE id = $1', [id]);
}
