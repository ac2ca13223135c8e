/** Live streams of a subgraph: replay after a cursor, then live; each event is authorised when it is delivered. */
import type { Context } from './context';
import type { StoredEvent } from './events/stream';
import { patiently } from './failure';
import { eventCursor, eventPosition } from './page';

/** The part of an event in the graph that every stream has. */
export interface LiveEvent {
  readonly cursor: string;
  readonly occurredAt: Date;
}

export interface LiveOptions<T extends object> {
  readonly types: readonly string[];
  readonly after: string | null | undefined;
  /**
   * What the asker gets of an event; null for nothing. Runs with a fresh context for each event, so rights are those
   * of this moment; throw to end the stream.
   */
  readonly show: (event: StoredEvent, ctx: Context) => Promise<T | null>;
}

/**
 * For the `subscribe` option of a @Subscription; its method then gets `T & LiveEvent` as root. While the database is away
 * an event waits: its position is passed when it was told, or was not for this asker, and never because nobody could say.
 */
export async function* live<T extends object>(ctx: Context, options: LiveOptions<T>): AsyncGenerator<T & LiveEvent> {
  const { db, stream } = ctx;
  const signal = signalOf(ctx);
  const positions = await patiently(() => stream.positions(), signal);
  if (!positions) return;
  const from =
    options.after == null ? (ctx.begins ?? positions.head) : eventPosition(db.name, options.after, positions);
  for await (const event of stream.read(from, options.types, signal)) {
    const judged = await patiently(async () => ({ shown: await judge(event, ctx, options) }), signal);
    if (!judged) return;
    const { shown } = judged;
    if (shown) yield { cursor: eventCursor(db.name, event.position), occurredAt: event.occurredAt, ...shown };
  }
}

async function judge<T extends object>(event: StoredEvent, ctx: Context, { show }: LiveOptions<T>): Promise<T | null> {
  const fresh = ctx.again();
  try {
    return await fresh.serve(() => show(event, fresh));
  } finally {
    await fresh.close();
  }
}

function signalOf(ctx: Context): AbortSignal {
  if (!ctx.signal) throw new Error('A live stream needs a context with a signal.');
  return ctx.signal;
}
