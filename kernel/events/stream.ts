/** The event stream on PostgreSQL: replays from a position, then goes live without a gap. LISTEN/NOTIFY only wakes. */
import { now } from '../clock';
import type { Database, Tx } from '../database/database';
import { type NamedStatement, prepared } from '../database/statements';
import { patiently } from '../failure';
import { logger } from '../log';
import { listen } from './listener';

export interface StoredEvent {
  /** Gapless, in commit order, over all subgraphs. */
  readonly position: number;
  readonly source: string;
  readonly type: string;
  readonly key: string;
  readonly payload: Record<string, unknown>;
  readonly occurredAt: Date;
}

interface Row {
  position: string;
  source: string;
  type: string;
  key: string;
  payload: Record<string, unknown>;
  occurred_at: Date;
}

const asEvent = ({ position, source, type, key, payload, occurred_at }: Row): StoredEvent => ({
  position: Number(position),
  source,
  type,
  key,
  payload,
  occurredAt: occurred_at,
});

const COLUMNS = 'position, source, type, key, payload, occurred_at';
/** Types that come in crowds: where nothing reacts to one, it is not even fetched. */
const CROWDS = ['data.accessed'];
const PAGE = 500;
const KEPT = 2_000;
const POLL_MS = 1_000;
/** Every process asks it for each event, so that planning it costs more than answering. */
const CATCH_UP: NamedStatement = {
  name: 'events-catch-up',
  text: `SELECT head.position AS head, event.* FROM events.head LEFT JOIN LATERAL (
           SELECT ${COLUMNS} FROM events.event
           WHERE position > $1 AND position <= head.position AND type <> ALL($2) ORDER BY position LIMIT ${PAGE}
         ) AS event ON true ORDER BY event.position`,
};
/** A gateway that needs longer to open a stream has given it up. */
const REMEMBERED_MS = 60_000;
const COMMITTED_WITHIN_MS = 5_000;

/** One per process: reads each new event once, keeps the newest in memory, and serves any number of readers from there. */
export class EventStream {
  /** All events after `kept` that are fetched at all. */
  private recent: StoredEvent[] = [];
  private kept = 0;
  private seen = 0;
  /** When it read on, and where it stood before that. */
  private steps: { readonly at: number; readonly from: number }[] = [];
  private began = 0;
  private timer: NodeJS.Timeout | undefined;
  private listener: { stop(): Promise<void> } | undefined;
  private reading: Promise<void> = Promise.resolve();
  /** It will read on, once what it reads now is read. */
  private isDue = false;
  private waiters = new Set<() => void>();
  private stopped = false;
  private readonly log;

  private constructor(
    private readonly db: Database,
    private readonly unread: readonly string[],
  ) {
    this.log = logger(db.name);
  }

  /** @param reacting the types that something in this process reacts to; those that come in crowds can be read only then */
  static async start(db: Database, reacting: readonly string[]): Promise<EventStream> {
    const stream = new EventStream(
      db,
      CROWDS.filter(type => !reacting.includes(type)),
    );
    stream.seen = (await stream.positions()).head;
    stream.kept = stream.seen;
    stream.began = performance.now();
    stream.listener = listen(db.name, () => stream.catchUp());
    stream.timer = setInterval(() => stream.catchUp(), POLL_MS);
    return stream;
  }

  /** The newest position and the oldest that is still kept. */
  async positions(): Promise<{ head: number; oldest: number }> {
    const [row] = await this.db.source.query(`SELECT position, oldest FROM events.head`);
    return { head: Number(row.position), oldest: Number(row.oldest) };
  }

  /** Where the stream stood so many milliseconds ago, a minute at most: all that was not yet heard then is after it. */
  async positionBefore(milliseconds: number): Promise<number> {
    const at = performance.now() - milliseconds;
    if (at < this.began) return this.positionByClock(Math.min(milliseconds, REMEMBERED_MS));
    return this.steps.find(step => step.at >= at)?.from ?? this.seen;
  }

  /** This process was not there yet: earlier rather than later, as an event is committed after it occurred. */
  private async positionByClock(milliseconds: number): Promise<number> {
    const [row] = await this.db.source.query(
      `SELECT coalesce(max(before.position), min(oldest) - 1) AS position FROM events.head
       LEFT JOIN LATERAL (SELECT position FROM events.event WHERE occurred_at < $1 ORDER BY position DESC LIMIT 1) AS before ON true`,
      [new Date(now().getTime() - milliseconds - COMMITTED_WITHIN_MS)],
    );
    return Number(row.position);
  }

  /**
   * Events of the given types after a position, forever, in order, each once; ends when `signal` aborts.
   * `onIdle` hears the position up to which there is nothing more at the moment.
   */
  async *read(
    after: number,
    types: readonly string[],
    signal: AbortSignal,
    onIdle?: (position: number) => void,
  ): AsyncGenerator<StoredEvent, void, undefined> {
    for await (const page of this.pages(after, types, signal, onIdle)) {
      for (const event of page) {
        if (signal.aborted) return;
        yield event;
      }
    }
  }

  /** The same, as many at once as are there. */
  async *pages(
    after: number,
    types: readonly string[],
    signal: AbortSignal,
    onIdle?: (position: number) => void,
  ): AsyncGenerator<readonly StoredEvent[], void, undefined> {
    const unread = types.find(type => this.unread.includes(type));
    if (unread) throw new Error(`${unread} is not fetched here, because nothing reacts to it.`);
    let position = after;
    while (!signal.aborted && !this.stopped) {
      const found = await patiently(() => this.next(position, types), signal);
      if (!found) return;
      const { events, upTo } = found;
      if (events.length > 0) {
        yield events;
        position = events.at(-1)!.position;
      }
      if (upTo > position) position = upTo;
      if (events.length === 0) {
        onIdle?.(position);
        await this.changed(position, signal);
      }
    }
  }

  /** One event by its position. */
  async at(tx: Tx, position: number): Promise<StoredEvent> {
    const [found]: Row[] = await tx.query(`SELECT ${COLUMNS} FROM events.event WHERE position = $1`, [position]);
    if (!found) throw new Error('The event is not kept any more.');
    return asEvent(found);
  }

  async stop(): Promise<void> {
    this.stopped = true;
    clearInterval(this.timer);
    for (const wake of this.waiters) wake();
    await this.listener?.stop();
    await this.reading;
  }

  private async next(after: number, types: readonly string[]): Promise<{ events: StoredEvent[]; upTo: number }> {
    if (after >= this.kept) {
      const upTo = this.seen;
      const events = this.recent.filter(event => event.position > after && types.includes(event.type));
      return { events, upTo: Math.max(upTo, after) };
    }
    const upTo = this.seen;
    const found: Row[] = await this.db.source.query(
      `SELECT ${COLUMNS} FROM events.event WHERE position > $1 AND position <= $2 AND type = ANY($3) ORDER BY position LIMIT ${PAGE}`,
      [after, upTo, types],
    );
    const events = found.map(asEvent);
    return { events, upTo: events.length === PAGE ? events.at(-1)!.position : upTo };
  }

  private changed(position: number, signal: AbortSignal): Promise<void> {
    if (this.seen > position || this.stopped || signal.aborted) return Promise.resolve();
    return new Promise(resolve => {
      const done = () => {
        this.waiters.delete(done);
        signal.removeEventListener('abort', done);
        resolve();
      };
      this.waiters.add(done);
      signal.addEventListener('abort', done, { once: true });
    });
  }

  /** However often it is called while it reads, it reads once more after that: an outage piles nothing up. */
  private catchUp(): void {
    if (this.isDue) return;
    this.isDue = true;
    this.reading = this.reading.then(() => {
      this.isDue = false;
      return this.readOn();
    });
  }

  private async readOn(): Promise<void> {
    try {
      while (!this.stopped) {
        const found = await prepared<Row & { head: string }>(this.db.source.manager, CATCH_UP, [
          this.seen,
          this.unread,
        ]);
        const events = found.filter(({ position }) => position !== null).map(asEvent);
        const upTo = events.length === PAGE ? events.at(-1)!.position : Number(found[0]!.head);
        if (upTo <= this.seen) break;
        this.keep(events);
        this.step(upTo);
        for (const wake of [...this.waiters]) wake();
        if (events.length < PAGE) break;
      }
    } catch (error) {
      this.log.warn('the event stream could not be read, will try again', { error });
    }
  }

  private keep(events: readonly StoredEvent[]): void {
    this.recent.push(...events);
    const [dropped] = this.recent.splice(0, Math.max(0, this.recent.length - KEPT)).slice(-1);
    if (dropped) this.kept = dropped.position;
  }

  private step(to: number): void {
    const at = performance.now();
    const kept = this.steps.findIndex(step => step.at > at - REMEMBERED_MS);
    this.steps.splice(0, kept < 0 ? this.steps.length : kept);
    this.steps.push({ at, from: this.seen });
    this.seen = to;
  }
}
