/** A delivery's row is its queue: taken with SKIP LOCKED, worked on outside of any transaction, its outcome written after. */
import type { EntityTarget } from 'typeorm';
import { asEntity, type Database, type Tx } from './database/database';
import { onWake } from './events/outbox';
import { logger } from './log';
import { serviceOf } from './principal';
import { pause } from './repeat';

export interface Queue<E extends object> {
  /** Wakes it: `wake(name)` after a commit that adds work. */
  readonly name: string;
  readonly entity: EntityTarget<E>;
  /** Table with the columns id, attempts, next_attempt_at and version. */
  readonly table: string;
  /** SQL condition of rows that are to be worked on, such as `state IN ('PENDING', 'RETRYING', 'SENDING')`. */
  readonly due: string;
  /** SQL assignments made when a row is taken, such as `state = 'SENDING'`. */
  readonly taken?: string;
  /**
   * How long one attempt may take before somebody else takes the row, in seconds.
   * It must be longer than the work's own time limits; it is how long a row waits after a crash. Default 20.
   */
  readonly leaseSeconds?: number;
  /** Does the work and writes its outcome in a transaction of its own; may run again after a crash. */
  readonly work: (db: Database, row: E) => Promise<void>;
}

/** Seconds until attempt n + 1: 1, 2, 4 … at most an hour, with jitter so that retries spread. */
export function backoffSeconds(attempt: number): number {
  return Math.min(2 ** (attempt - 1), 3_600) * (0.75 + Math.random() / 2);
}

const LEASE_SECONDS = 20;
const POLL_MS = 1_000;
const AT_ONCE = 8;

export function startQueue<E extends object>(db: Database, queue: Queue<E>): { stop(): Promise<void> } {
  const log = logger(db.name);
  const stop = new AbortController();
  let woken: () => void = () => {};
  const off = onWake(queue.name, () => woken());

  const take = (): Promise<E[]> =>
    db.tx(serviceOf(db.name), async (tx: Tx) => {
      const found: Record<string, unknown>[] = await tx.query(
        `WITH due AS (
           SELECT id FROM ${queue.table}
           WHERE ${queue.due} AND next_attempt_at <= clock_timestamp()
           ORDER BY next_attempt_at LIMIT ${AT_ONCE} FOR UPDATE SKIP LOCKED
         ), taken AS (
           UPDATE ${queue.table} AS row SET attempts = attempts + 1, version = version + 1,
             next_attempt_at = clock_timestamp() + interval '${queue.leaseSeconds ?? LEASE_SECONDS} seconds'
             ${queue.taken ? `, ${queue.taken}` : ''}
           FROM due WHERE row.id = due.id RETURNING row.*
         ) SELECT * FROM taken`,
      );
      return found.map(row => asEntity(tx, queue.entity, row));
    });

  const run = async () => {
    while (!stop.signal.aborted) {
      const idle = new AbortController();
      const aborted = () => idle.abort();
      stop.signal.addEventListener('abort', aborted, { once: true });
      woken = () => idle.abort();
      let taken = 0;
      try {
        const due = await take();
        taken = due.length;
        const outcomes = await Promise.allSettled(due.map(row => queue.work(db, row)));
        for (const outcome of outcomes) {
          if (outcome.status === 'rejected')
            log.error('work on a queue failed', { event: queue.name, error: outcome.reason });
        }
      } catch (error) {
        log.warn('a queue could not be read, will try again', { event: queue.name, error });
      }
      if (taken === 0) await pause(POLL_MS, idle.signal);
      stop.signal.removeEventListener('abort', aborted);
    }
  };
  const running = run();
  return {
    async stop() {
      off();
      stop.abort();
      await running;
    },
  };
}
