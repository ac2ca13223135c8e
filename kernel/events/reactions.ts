/** Reactions: event of another subgraph → what we do, each exactly once, in one transaction with the position reached. */
import type { Database, Tx } from '../database/database';
import { reasonOf, willPass } from '../failure';
import { logger } from '../log';
import { serviceOf } from '../principal';
import { backoffMs, pause } from '../repeat';
import {
  ATTEMPTS,
  CONSUMER,
  dueIn,
  failedAgain,
  lockPosition,
  moveTo,
  type Parked,
  park,
  parkBehind,
  settle,
  takeDue,
  waitingKeys,
  waitsUpTo,
} from './parked';
import type { EventStream, StoredEvent } from './stream';

/** Event type → what to do in our own schema. It may run again after a crash before its commit, never after it. */
export type Reactions = Readonly<Record<string, (tx: Tx, event: StoredEvent) => Promise<void>>>;

/** The same for events that come in crowds: those of one type that follow each other share a transaction. */
export type Together = Readonly<Record<string, (tx: Tx, events: readonly StoredEvent[]) => Promise<void>>>;

const MOST_TOGETHER = 100;
const LOOK_MS = 5_000;
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5_000;

export interface ReactionRunner {
  /** Resolves when everything up to a position has been handled, or waits for an operator. */
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
  let wakeParked: () => void = () => {};

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
    else for (const event of events) await reactions[type]?.(tx, event);
  };

  const handle = (events: readonly StoredEvent[]) =>
    db.tx(who, async tx => {
      const position = await lockPosition(tx);
      const fresh = events.filter(event => event.position > position); // another process may be faster
      if (fresh.length === 0) return;
      const keys = await waitingKeys(tx, fresh);
      await parkBehind(
        tx,
        fresh.filter(({ key }) => keys.has(key)),
      );
      const free = keys.size === 0 ? fresh : fresh.filter(({ key }) => !keys.has(key));
      if (free.length > 0) await react(tx, free);
      await moveTo(tx, fresh.at(-1)!.position);
    });

  const putAside = (event: StoredEvent, error: unknown) =>
    db.tx(who, async tx => {
      if ((await lockPosition(tx)) >= event.position) return;
      await park(tx, event, error);
      await moveTo(tx, event.position);
    });

  const tellOf = ({ type, position }: Pick<StoredEvent, 'type' | 'position'>, attempt: number, error: unknown) => {
    const fields = { event: type, position: String(position), attempt, code: reasonOf(error), error };
    if (willPass(error)) log.warn('a reaction has to wait', fields);
    else log.error('a reaction failed', fields);
  };

  const handleOne = async (event: StoredEvent) => {
    for (let attempt = 1; !stop.signal.aborted; attempt++) {
      try {
        await handle([event]);
        break;
      } catch (error) {
        tellOf(event, attempt, error);
        const isAside = await putAside(event, error).then(
          () => true,
          () => false,
        );
        if (isAside) {
          wakeParked();
          break;
        }
        // not even that can be written: the database is away, and everything waits for it
        await pause(backoffMs(attempt, FIRST_PAUSE_MS, LONGEST_PAUSE_MS), stop.signal);
      }
    }
    report(event.position);
  };

  const run = async () => {
    for await (const page of stream.pages(Math.max(start, reached), types, stop.signal, report)) {
      for (const events of runsOf(page, type => type in together)) {
        if (stop.signal.aborted) return;
        const last = events.at(-1)!.position;
        // where one of them fails, each is tried by itself, so that only that one is put aside
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

  /** @returns false when nothing was due */
  const retryOne = async (): Promise<boolean> => {
    let taken: Parked | null = null;
    try {
      await db.tx(who, async tx => {
        taken = await takeDue(tx);
        if (!taken) return;
        await react(tx, [await stream.at(tx, taken.position)]);
        await settle(tx, taken);
      });
    } catch (error) {
      const parked = taken as Parked | null;
      if (!parked) throw error;
      tellOf(parked, parked.attempts + 1, error);
      const isGivenUp = await db.tx(who, tx => failedAgain(tx, parked, error));
      if (isGivenUp) {
        const { type, position } = parked;
        const fields = { subgraph: db.name, event: type, position: String(position), code: reasonOf(error) };
        log.error('an event was given up: npm run dead-letters', { ...fields, attempt: ATTEMPTS });
      }
    }
    return taken !== null;
  };
  const retry = async () => {
    while (!stop.signal.aborted) {
      const idle = new AbortController();
      const left = () => idle.abort();
      stop.signal.addEventListener('abort', left, { once: true });
      wakeParked = left;
      let wait = LOOK_MS;
      try {
        while (!stop.signal.aborted && (await retryOne()));
        wait = Math.min(Math.max((await dueIn(db)) ?? LOOK_MS, FIRST_PAUSE_MS / 2), LOOK_MS);
      } catch (error) {
        log.warn('events that wait could not be looked at, will try again', { error });
      }
      await pause(wait, idle.signal);
      stop.signal.removeEventListener('abort', left);
    }
  };

  const forever = async () => {
    for (let attempt = 1; !stop.signal.aborted; attempt++) {
      const before = reached;
      try {
        await run();
      } catch (error) {
        if (reached > before) attempt = 1;
        log.error('reactions were interrupted, starting again', { error });
        await pause(backoffMs(attempt, FIRST_PAUSE_MS, LONGEST_PAUSE_MS), stop.signal);
      }
    }
  };
  const running = types.length > 0 ? Promise.all([forever(), retry()]) : Promise.resolve();

  return {
    async reached(position) {
      if (types.length === 0) return;
      if (reached < position) await new Promise<void>(done => waiting.add({ position, done }));
      while (await waitsUpTo(db, position)) await pause(FIRST_PAUSE_MS / 2, stop.signal);
    },
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
