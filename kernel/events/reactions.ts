/** Reactions: event of another subgraph → what we do, each exactly once, in one transaction with the position reached. */
import type { Database, Tx } from '../database/database';
import { logger } from '../log';
import { serviceOf } from '../principal';
import type { EventStream, StoredEvent } from './stream';

/** Event type → what to do in our own schema. It may run again after a crash before its commit, never after it. */
export type Reactions = Readonly<Record<string, (tx: Tx, event: StoredEvent) => Promise<void>>>;

const ATTEMPTS = 8;
const CONSUMER = 'reactions';

export interface ReactionRunner {
  /** Resolves when everything up to a position has been handled. */
  reached(position: number): Promise<void>;
  stop(): Promise<void>;
}

export async function startReactions(db: Database, stream: EventStream, reactions: Reactions): Promise<ReactionRunner> {
  const log = logger(db.name);
  const who = serviceOf(db.name);
  const types = Object.keys(reactions);
  const stop = new AbortController();
  const waiting = new Set<{ position: number; done: () => void }>();
  let reached = 0;

  const report = (position: number) => {
    reached = Math.max(reached, position);
    for (const one of waiting) {
      if (one.position <= reached) {
        waiting.delete(one);
        one.done();
      }
    }
  };

  const start = await db.tx(who, async tx => {
    await tx.query(`INSERT INTO consumer (name, position) VALUES ($1, 0) ON CONFLICT DO NOTHING`, [CONSUMER]);
    const [row] = await tx.query(`SELECT position FROM consumer WHERE name = $1`, [CONSUMER]);
    return Number(row.position);
  });

  const handle = (event: StoredEvent, giveUp: boolean) =>
    db.tx(who, async tx => {
      const [row] = await tx.query(`SELECT position FROM consumer WHERE name = $1 FOR UPDATE`, [CONSUMER]);
      if (Number(row.position) >= event.position) return; // another replica was faster
      if (giveUp) {
        await tx.query(
          `INSERT INTO dead_letter (position, type, attempts) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`,
          [event.position, event.type, ATTEMPTS],
        );
      } else {
        await reactions[event.type]!(tx, event);
      }
      await tx.query(`UPDATE consumer SET position = $2 WHERE name = $1`, [CONSUMER, event.position]);
    });

  const run = async () => {
    for await (const event of stream.read(Math.max(start, reached), types, stop.signal, report)) {
      for (let attempt = 1; !stop.signal.aborted; attempt++) {
        try {
          await handle(event, attempt > ATTEMPTS);
          break;
        } catch (error) {
          log.error('a reaction failed', { event: event.type, position: String(event.position), attempt, error });
          // an event must not be given up because the database is away
          const away = !(await databaseAnswers(db));
          if (away) attempt -= 1;
          await pause(Math.min(100 * 2 ** attempt, 5_000), stop.signal);
        }
      }
      report(event.position);
    }
  };
  const forever = async () => {
    while (!stop.signal.aborted) {
      try {
        await run();
      } catch (error) {
        log.error('reactions were interrupted, starting again', { error });
        await pause(1_000, stop.signal);
      }
    }
  };
  const running = types.length > 0 ? forever() : Promise.resolve();

  return {
    reached: position =>
      types.length === 0 || reached >= position
        ? Promise.resolve()
        : new Promise(done => waiting.add({ position, done })),
    async stop() {
      stop.abort();
      await running;
    },
  };
}

async function databaseAnswers(db: Database): Promise<boolean> {
  try {
    await db.source.query('SELECT 1');
    return true;
  } catch {
    return false;
  }
}

export function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    if (signal.aborted) return resolve();
    const timer = setTimeout(done, milliseconds);
    function done() {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    }
    signal.addEventListener('abort', done, { once: true });
  });
}
