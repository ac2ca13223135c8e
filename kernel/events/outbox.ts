/** The outbox: events written in the transaction that caused them, then given gapless positions and published. */
import { EventEmitter } from 'node:events';
import { now } from '../clock';
import { afterCommit, type Database, type Tx } from '../database/database';
import { reasonOf, willPass } from '../failure';
import { logger } from '../log';
import { serviceOf } from '../principal';

/** Wakes what waits for a commit of this process: the relay, and the workers of queues. */
const woken = new EventEmitter().setMaxListeners(0);
export const wake = (name: string): boolean => woken.emit(name);
export const onWake = (name: string, then: () => void): (() => void) => {
  woken.on(name, then);
  return () => woken.off(name, then);
};

/**
 * Writes an event that becomes visible with the commit of `tx`. Events of one key keep their order when the key's row
 * is locked before emitting.
 * @param key the id of the application, account, … that it is about
 */
export async function emit(tx: Tx, type: string, key: string, payload: object): Promise<void> {
  await tx.query(`INSERT INTO outbox (type, key, payload, occurred_at) VALUES ($1, $2, $3, $4)`, [
    type,
    key,
    JSON.stringify(payload),
    now(),
  ]);
  afterCommit(tx, () => wake('outbox'));
}

/** Like {@link emit}, for several events of one type in one statement. */
export async function emitAll(
  tx: Tx,
  type: string,
  events: readonly { key: string; payload: object }[],
): Promise<void> {
  if (events.length === 0) return;
  await tx.query(
    `INSERT INTO outbox (type, key, payload, occurred_at)
     SELECT $1, event.key, event.payload, $3 FROM jsonb_to_recordset($2) AS event (key uuid, payload jsonb)`,
    [type, JSON.stringify(events), now()],
  );
  afterCommit(tx, () => wake('outbox'));
}

const BATCH = 500;
const POLL_MS = 1_000;

/** Moves the outbox to the event stream; the row lock on events.head makes positions gapless and in commit order. */
export function startRelay(db: Database): { stop(): Promise<void> } {
  const log = logger(db.name);
  let running = Promise.resolve();
  let pending = false;
  let stopped = false;

  const publish = (): Promise<number> =>
    db.tx(serviceOf(db.name), async tx => {
      const waiting: unknown[] = await tx.query(`SELECT 1 FROM outbox LIMIT 1`);
      if (waiting.length === 0) return 0;
      await tx.query(`SELECT position FROM events.head FOR UPDATE`);
      const [moved]: [{ position: string; count: number }?] = await tx.query(
        `WITH batch AS (
           DELETE FROM outbox WHERE id IN (SELECT id FROM outbox ORDER BY id LIMIT ${BATCH}) RETURNING *
         ), numbered AS (
           INSERT INTO events.event (position, source, type, key, payload, occurred_at)
           SELECT head.position + row_number() OVER (ORDER BY batch.id), $1, batch.type, batch.key, batch.payload, batch.occurred_at
           FROM batch, events.head AS head
           RETURNING position
         )
         SELECT count(*)::int AS count, max(position) AS position FROM numbered`,
        [db.name],
      );
      if (!moved?.count) return 0;
      await tx.query(`UPDATE events.head SET position = $1`, [moved.position]);
      await tx.query(`SELECT pg_notify('events', $1)`, [moved.position]);
      return moved.count;
    });

  const drain = async () => {
    pending = false;
    try {
      while (!stopped && (await publish()) === BATCH);
    } catch (error) {
      const fields = { code: reasonOf(error), error };
      if (willPass(error)) log.warn('the outbox has to wait', fields);
      else log.error('the outbox could not be published, will try again', fields);
    }
  };
  const run = () => {
    if (pending || stopped) return;
    pending = true;
    running = running.then(drain);
  };
  const off = onWake('outbox', run);
  const timer = setInterval(run, POLL_MS);
  run();
  return {
    async stop() {
      stopped = true;
      off();
      clearInterval(timer);
      await running;
    },
  };
}
