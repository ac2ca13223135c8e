/** Reactions: event of another subgraph → what we do, each exactly once, in one transaction with the position reached. */
import type { Database, Tx } from '../database/database';
import { logger } from '../log';
import { serviceOf } from '../principal';
import { pause } from '../repeat';
import type { EventStream, StoredEvent } from './stream';

/** Event type → what to do in our own schema. It may run again after a crash before its commit, never after it. */
export type Reactions = Readonly<Record<string, (tx: Tx, event: StoredEvent) => Promise<void>>>;

/** The same for events that come in crowds: those of one type that follow each other share a transaction. */
export type Together = Readonly<Record<string, (tx: Tx, events: readonly StoredEvent[]) => Promise<void>>>;

const ATTEMPTS = 8;
const MOST_TOGETHER = 100;
const CONSUMER = 'reactions';

export interface ReactionRunner {
  /** Resolves when everything up to a position has been handled. */
  reached(position: number): Promise<void>;
  stop(): Promise<void>;
}

export async function startReactions(
  db: Database,
  stream: EventStream,
  reactions: Reactions,
  together: Together = {},
): Promise<ReactionRunner> {
  const log = logger(db.name);
  const who = serviceOf(db.name);
  const types = [...Object.keys(reactions), ...Object.keys(together)];
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

  const react = async (tx: Tx, events: readonly StoredEvent[]) => {
    const [{ type }] = events as readonly [StoredEvent];
    if (together[type]) await together[type](tx, events);
    else for (const event of events) await reactions[type]!(tx, event);
  };

  const handle = (events: readonly StoredEvent[], giveUp = false) =>
    db.tx(who, async tx => {
      const [row] = await tx.query(`SELECT position FROM consumer WHERE name = $1 FOR UPDATE`, [CONSUMER]);
      const fresh = events.filter(({ position }) => position > Number(row.position)); // another replica may be faster
      if (fresh.length === 0) return;
      for (const { position, type } of giveUp ? fresh : []) {
        await tx.query(
          `INSERT INTO dead_letter (position, type, attempts) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`,
          [position, type, ATTEMPTS],
        );
      }
      if (!giveUp) await react(tx, fresh);
      await tx.query(`UPDATE consumer SET position = $2 WHERE name = $1`, [CONSUMER, fresh.at(-1)!.position]);
    });

  const handleOne = async (event: StoredEvent) => {
    for (let attempt = 1; !stop.signal.aborted; attempt++) {
      try {
        await handle([event], attempt > ATTEMPTS);
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
  };

  const run = async () => {
    for await (const page of stream.pages(Math.max(start, reached), types, stop.signal, report)) {
      for (const events of runsOf(page, type => type in together)) {
        if (stop.signal.aborted) return;
        const last = events.at(-1)!.position;
        // where one of them fails, each is tried by itself, so that only that one can be given up
        const done =
          events.length > 1 &&
          (await handle(events)
            .then(() => true)
            .catch(() => false));
        if (done) report(last);
        else for (const event of events) await handleOne(event);
      }
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

/** Neighbours of a type that is handled together; all others by themselves. */
function runsOf(page: readonly StoredEvent[], isTogether: (type: string) => boolean): StoredEvent[][] {
  const runs: StoredEvent[][] = [];
  for (const event of page) {
    const run = runs.at(-1);
    if (run && run.length < MOST_TOGETHER && run[0]!.type === event.type && isTogether(event.type)) run.push(event);
    else runs.push([event]);
  }
  return runs;
}

async function databaseAnswers(db: Database): Promise<boolean> {
  try {
    await db.source.query('SELECT 1');
    return true;
  } catch {
    return false;
  }
}
