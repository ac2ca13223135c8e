/** What lives as long as one request, or one event of a live stream: who asks, one read transaction, batched loads. */
import DataLoader from 'dataloader';
import { type Access, AccessNotes } from './access-notes';
import type { Database, Tx } from './database/database';
import { Reads } from './database/reads';
import type { EventStream } from './events/stream';
import type { Envelope, Principal } from './principal';
import { request } from './request';
import type { Span } from './trace';

export class Context {
  /** One object, because Apollo Server executes with a shallow copy of the context. */
  private readonly state = {
    loaders: new Map<object, DataLoader<unknown, unknown>>(),
    accesses: undefined as AccessNotes | undefined,
  };

  private readonly reads: Reads;

  constructor(
    readonly db: Database,
    readonly stream: EventStream,
    readonly envelope: Envelope,
    /** Ends a live stream; only there. */
    readonly signal?: AbortSignal,
    /** Where a live stream begins that names no cursor; else with what is new. */
    readonly begins?: number,
  ) {
    this.reads = new Reads(db, envelope.principal);
  }

  /** A fresh context of the same asker, for the next event of a live stream. */
  again(): Context {
    return new Context(this.db, this.stream, this.envelope, this.signal);
  }

  get principal(): Principal {
    return this.envelope.principal;
  }

  /** Who asks in the end: an ask is judged as the one on whose behalf it is made. */
  get asker(): Principal {
    const { principal } = this;
    return principal.kind === 'service' && principal.onBehalfOf ? principal.onBehalfOf : principal;
  }

  get language() {
    return this.envelope.language;
  }

  /** Runs what this context is for: whatever it calls outside, its read transaction does not wait for it. */
  serve<T>(work: () => Promise<T>, span?: Span): Promise<T> {
    return request.run({ envelope: this.envelope, statements: 0, span, reads: this.reads }, work);
  }

  /** Reads in the request's one read-only transaction. */
  read<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    return this.reads.read(work);
  }

  /** Writes in a transaction of its own; see {@link Database.tx}. */
  write<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    return this.db.tx(this.principal, work);
  }

  loader<K, V>(key: object, make: () => DataLoader<K, V>): DataLoader<K, V> {
    let found = this.state.loaders.get(key) as DataLoader<K, V> | undefined;
    if (!found) {
      found = make();
      this.state.loaders.set(key, found as DataLoader<unknown, unknown>);
    }
    return found;
  }

  /** Forgets what was loaded; called after a mutation so that its payload shows the new state. */
  forget(): void {
    this.state.loaders.clear();
  }

  /** Notes that the asker reads somebody's data; written before the answer leaves. */
  accessed(access: Access): void {
    this.state.accesses ??= new AccessNotes(this.db, this.asker);
    this.state.accesses.add(access);
  }

  /** Commits the notes of who read what, and ends the read transaction. The answer must wait for it. */
  async close(): Promise<void> {
    try {
      await this.reads.close();
    } finally {
      await this.state.accesses?.commit();
    }
  }
}

/**
 * A batched load, once per request: `export const applicationById = batch(…)`, then `applicationById(ctx).load(id)`.
 * @param load gets distinct keys (at most 500) and answers a map; what is missing is null
 */
export function batch<K, V>(load: (keys: readonly K[], ctx: Context) => Promise<ReadonlyMap<K, V>>) {
  const self = (ctx: Context): DataLoader<K, V | null> =>
    ctx.loader(
      self,
      () =>
        new DataLoader<K, V | null>(
          async keys => {
            const found = await load(keys, ctx);
            return keys.map(key => found.get(key) ?? null);
          },
          { maxBatchSize: 500 },
        ),
    );
  return self;
}

/** Rows by a key of theirs. */
export const byKey = <K, V>(rows: readonly V[], key: (row: V) => K): Map<K, V> =>
  new Map(rows.map(row => [key(row), row]));

/** Rows grouped by a key of theirs, in their order. */
export function groupBy<K, V>(rows: readonly V[], key: (row: V) => K): Map<K, V[]> {
  const groups = new Map<K, V[]>();
  for (const row of rows) {
    const group = groups.get(key(row));
    if (group) group.push(row);
    else groups.set(key(row), [row]);
  }
  return groups;
}
