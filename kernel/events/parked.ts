/**
 * Events that wait. Order is promised for a key (an application, an account), so one that fails holds up those of its
 * key and nobody else: it is parked, later ones of its key are parked behind it, and the stream goes on.
 * What fails by itself on every attempt becomes a dead letter; what waits behind it goes on when it was replayed.
 */
import type { Database, Tx } from '../database/database';
import { reasonOf, willPass } from '../failure';
import { serviceOf } from '../principal';
import { backoffMs } from '../repeat';
import type { StoredEvent } from './stream';

export const CONSUMER = 'reactions';
/** Attempts of one that fails by itself. */
export const ATTEMPTS = 8;
const FIRST_WAIT_MS = 200;
const LONGEST_WAIT_MS = 5_000;

/** Whoever has it is the only one who moves the stream on, or ends the waiting of a key. */
export async function lockPosition(tx: Tx): Promise<number> {
  const [row] = await tx.query(`SELECT position FROM consumer WHERE name = $1 FOR UPDATE`, [CONSUMER]);
  return Number(row.position);
}

export const moveTo = (tx: Tx, position: number): Promise<unknown> =>
  tx.query(`UPDATE consumer SET position = $2 WHERE name = $1`, [CONSUMER, position]);

/** Those of the keys of these events of which an earlier one waits. */
export async function waitingKeys(tx: Tx, events: readonly StoredEvent[]): Promise<ReadonlySet<string>> {
  const keys = [...new Set(events.map(({ key }) => key))];
  const found: { key: string }[] = await tx.query(
    `SELECT key FROM parked_event WHERE key = ANY($1) UNION SELECT key FROM dead_letter WHERE key = ANY($1)`,
    [keys],
  );
  return new Set(found.map(({ key }) => key));
}

/** Behind an earlier one of their key. */
export async function parkBehind(tx: Tx, events: readonly StoredEvent[]): Promise<void> {
  for (const { position, key, type } of events) {
    await tx.query(
      `INSERT INTO parked_event (position, key, type, attempts, waits, next_attempt_at)
       VALUES ($1, $2, $3, 0, 0, 'infinity') ON CONFLICT DO NOTHING`,
      [position, key, type],
    );
  }
}

/** One that has just failed for the first time. */
export async function park(tx: Tx, { position, key, type }: StoredEvent, error: unknown): Promise<void> {
  const attempts = willPass(error) ? 0 : 1;
  await tx.query(
    `INSERT INTO parked_event (position, key, type, attempts, waits, reason, next_attempt_at)
     VALUES ($1, $2, $3, $4, $5, $6, clock_timestamp() + $7 * interval '1 millisecond') ON CONFLICT DO NOTHING`,
    [position, key, type, attempts, 1 - attempts, reasonOf(error), backoffMs(1, FIRST_WAIT_MS, LONGEST_WAIT_MS)],
  );
}

export interface Parked {
  readonly position: number;
  readonly key: string;
  readonly type: string;
  readonly attempts: number;
  readonly waits: number;
}

/** The one that has waited longest for its next attempt, locked; null when none is due that nobody else has. */
export async function takeDue(tx: Tx): Promise<Parked | null> {
  const [found]: (Omit<Parked, 'position'> & { position: string })[] = await tx.query(
    `SELECT position, key, type, attempts, waits FROM parked_event WHERE next_attempt_at <= clock_timestamp()
     ORDER BY next_attempt_at LIMIT 1 FOR UPDATE SKIP LOCKED`,
  );
  return found ? { ...found, position: Number(found.position) } : null;
}

/** It has been handled: the next one of its key is due, or, when there is none, the key is as all others again. */
export async function settle(tx: Tx, { position, key }: Parked): Promise<void> {
  await lockPosition(tx); // so that nobody parks behind it while it goes
  await tx.query(`DELETE FROM parked_event WHERE position = $1`, [position]);
  await tx.query(
    `UPDATE parked_event SET next_attempt_at = clock_timestamp()
     WHERE position = (SELECT min(position) FROM parked_event WHERE key = $1)`,
    [key],
  );
}

/** @returns true when it was given up */
export async function failedAgain(tx: Tx, parked: Parked, error: unknown): Promise<boolean> {
  const { position, key, type } = parked;
  const passes = willPass(error);
  const attempts = parked.attempts + (passes ? 0 : 1);
  const waits = parked.waits + (passes ? 1 : 0);
  const stillOurs = [position, parked.attempts, parked.waits];
  if (attempts < ATTEMPTS) {
    const pause = backoffMs(passes ? waits : attempts, FIRST_WAIT_MS, LONGEST_WAIT_MS);
    await tx.query(
      `UPDATE parked_event SET attempts = $4, waits = $5, reason = $6,
         next_attempt_at = clock_timestamp() + $7 * interval '1 millisecond'
       WHERE position = $1 AND attempts = $2 AND waits = $3`,
      [...stillOurs, attempts, waits, reasonOf(error), pause],
    );
    return false;
  }
  const gone: [unknown, number] = await tx.query(
    `DELETE FROM parked_event WHERE position = $1 AND attempts = $2 AND waits = $3`,
    stillOurs,
  );
  if (gone[1] === 0) return false; // another process has tried it meanwhile
  await tx.query(
    `INSERT INTO dead_letter (position, type, attempts, key, reason) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING`,
    [position, type, attempts, key, reasonOf(error)],
  );
  return true;
}

/** Milliseconds until the next attempt is due; null when none is. */
export async function dueIn(db: Database): Promise<number | null> {
  const [next]: [{ ms: number | null }] = await db.source.query(
    `SELECT extract(epoch FROM min(next_attempt_at) - clock_timestamp())::float * 1000 AS ms
     FROM parked_event WHERE next_attempt_at < 'infinity'`,
  );
  return next.ms;
}

/** Does anything up to a position wait that will be tried by itself? */
export async function waitsUpTo(db: Database, position: number): Promise<boolean> {
  const found: unknown[] = await db.tx(serviceOf(db.name), tx =>
    tx.query(
      `SELECT 1 FROM parked_event AS one WHERE position <= $1 AND NOT EXISTS (
         SELECT FROM dead_letter WHERE dead_letter.key = one.key AND dead_letter.position < one.position) LIMIT 1`,
      [position],
    ),
  );
  return found.length > 0;
}

/** For operators: how many events were given up, and how many wait. */
export interface EventsLeft {
  readonly deadLetters: number;
  readonly waiting: number;
}

const MOST_COUNTED = 10_000;

export async function eventsLeft(db: Database): Promise<EventsLeft> {
  const [found]: [EventsLeft] = await db.source.query(
    `SELECT (SELECT count(*)::int FROM (SELECT FROM dead_letter LIMIT ${MOST_COUNTED}) AS dead) AS "deadLetters",
            (SELECT count(*)::int FROM (SELECT FROM parked_event LIMIT ${MOST_COUNTED}) AS parked) AS waiting`,
  );
  return found;
}
