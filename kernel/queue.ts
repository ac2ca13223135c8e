/** A delivery's row is its queue: taken with SKIP LOCKED, worked on outside of any transaction, its outcome written after. */
import type { EntityTarget } from 'typeorm';
import { asEntity, type Database, type Tx } from './database/database';
import { onWake } from './events/outbox';
import { reasonOf, willPass } from './failure';
import { logger } from './log';
import { serviceOf } from './principal';
import { backoffMs, pause } from './repeat';

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
  /**
   * Does the work and writes its outcome in a transaction of its own; may run again after a crash. What it throws and
   * will pass (the database, an ask that nobody answered) is no attempt; after anything else it is tried again later.
   */
  readonly work: (db: Database, row: E) => Promise<void>;
}

/** Seconds until attempt n + 1: 1, 2, 4 … at most an hour, with jitter so that retries spread. */
export function backoffSeconds(attempt: number): number {
  return Math.min(2 ** (attempt - 1), 3_600) * (0.75 + Math.random() / 2);
}

const LEASE_SECONDS = 20;
const POLL_MS = 1_000;
const AT_ONCE = 8;
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 5_000;

interface Row {
  readonly id: string;
  readonly version: number;
  readonly attempts: number;
}

export function startQueue<E extends object>(db: Database, queue: Queue<E>): { stop(): Promise<void> } {
  const log = logger(db.name);
  const stop = new AbortController();
  let woken: () => void = () => {};
  const off = onWake(queue.name, () => woken());

  const take = (): Promise<{ row: Row; entity: E }[]> =>
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
      return found.map(row => ({ row: row as unknown as Row, entity: asEntity(tx, queue.entity, row) }));
    });

  /** What failed and could not be written down yet, because the database was away: at most what was taken at once. */
  let owed: { row: Row; error: unknown }[] = [];
  /** How often in a row nothing but what passes has failed. */
  let outages = 0;

  const putBack = ({ id, version, attempts }: Row, error: unknown) => {
    const passes = willPass(error);
    const ms = passes
      ? backoffMs(Math.max(outages, 1), FIRST_PAUSE_MS, LONGEST_PAUSE_MS)
      : backoffSeconds(attempts) * 1_000;
    return db.tx(serviceOf(db.name), tx =>
      tx.query(
        `UPDATE ${queue.table} SET attempts = $3, next_attempt_at = clock_timestamp() + $4 * interval '1 millisecond'
         WHERE id = $1 AND version = $2`,
        [id, version, passes ? attempts - 1 : attempts, ms],
      ),
    );
  };
  const payBack = async () => {
    for (const { row, error } of [...owed]) {
      await putBack(row, error);
      owed = owed.filter(one => one.row !== row);
    }
  };
  const failed = (row: Row, error: unknown) => {
    const fields = { event: queue.name, id: row.id, attempt: row.attempts, code: reasonOf(error), error };
    if (willPass(error)) log.warn('work on a queue has to wait', fields);
    else log.error('work on a queue failed', fields);
    owed.push({ row, error });
  };

  const run = async () => {
    while (!stop.signal.aborted) {
      const idle = new AbortController();
      const aborted = () => idle.abort();
      stop.signal.addEventListener('abort', aborted, { once: true });
      woken = () => idle.abort();
      let taken = 0;
      try {
        await payBack();
        const due = await take();
        taken = due.length;
        const outcomes = await Promise.allSettled(due.map(({ entity }) => queue.work(db, entity)));
        for (const [place, outcome] of outcomes.entries())
          if (outcome.status === 'rejected') failed(due[place]!.row, outcome.reason);
        if (taken > 0) outages = owed.length === taken && owed.every(({ error }) => willPass(error)) ? outages + 1 : 0;
        await payBack();
      } catch (error) {
        log.warn('a queue could not be read, will try again', { event: queue.name, error });
        taken = 0;
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
