/** Messages the asker may read, one by one and as pages of many threads at once. */
import { batch, byKey, type Context, groupBy } from '../../../kernel/context';
import { asEntity, rows } from '../../../kernel/database/database';
import { type Page, type PageArgs, readCursor, signCursor } from '../../../kernel/page';
import { sideOf } from '../rights';
import { Thread } from '../threads/thread.entity';
import { noteReading, threadById } from '../threads/thread.loaders';
import { messageRights } from '../threads/thread.rights';
import { Message } from './message.entity';

export const messageById = batch<string, Message>(async (ids, ctx) => {
  const found = await ctx.read(tx => rows(tx, Message, `SELECT * FROM message WHERE id = ANY($1)`, [ids]));
  const readable = await onlyReadable(ctx, found);
  return byKey(readable, message => message.id);
});

/** Those in threads the asker takes part in; applicants see what has become available. */
async function onlyReadable(ctx: Context, messages: readonly Message[]): Promise<Message[]> {
  const threads = await threadById(ctx).loadMany([...new Set(messages.map(({ threadId }) => threadId))]);
  const visible = new Map(threads.flatMap(one => (one instanceof Thread ? [[one.id, one] as const] : [])));
  return messages.filter(message =>
    messageRights.maySee({ message, thread: visible.get(message.threadId) ?? null }, ctx.asker),
  );
}

const KIND = 'messages';
const request = (threadId: string, { first, after }: PageArgs) => JSON.stringify([threadId, first, after ?? null]);

/** Pages by `request(…)`: one statement for all threads whose pages are asked for alike. */
const pages = batch<string, Page<Message>>(async (requests, ctx) => {
  const asked = requests.map(key => {
    const [threadId, first, after] = JSON.parse(key) as [string, number, string | null];
    return { key, threadId, first, after };
  });
  const found = new Map<string, Page<Message>>();
  for (const alike of groupBy(asked, ({ first, after }) => JSON.stringify([first, after])).values()) {
    const { first, after } = alike[0]!;
    const byThread = await newest(
      ctx,
      alike.map(({ threadId }) => threadId),
      first,
      after,
    );
    for (const { key, threadId } of alike) found.set(key, pageOf(byThread.get(threadId) ?? [], first));
  }
  return found;
});

interface Found {
  message: Message;
  /** The exact moment as text: JavaScript dates have milliseconds only. */
  sentAt: string;
}

async function newest(
  ctx: Context,
  threadIds: readonly string[],
  first: number,
  after: string | null,
): Promise<Map<string, Found[]>> {
  const [sentAt = null, id = null] = after === null ? [] : readCursor('messaging', KIND, after);
  const found = await ctx.read(async tx => {
    const raw: (Record<string, unknown> & { exactly: string })[] = await tx.query(
      `SELECT newest.* FROM unnest($1::uuid[]) AS asked (thread_id) CROSS JOIN LATERAL (
         SELECT message.*, message.sent_at::text AS exactly FROM message
         WHERE message.thread_id = asked.thread_id AND ($2 OR message.available_at IS NOT NULL)
           AND ($3::timestamptz IS NULL OR (message.sent_at, message.id) < ($3::timestamptz, $4::uuid))
         ORDER BY message.sent_at DESC, message.id DESC LIMIT $5
       ) AS newest`,
      [threadIds, sideOf(ctx.asker) === 'AUTHORITY', sentAt, id, first + 1],
    );
    return raw.map(row => ({ message: asEntity(tx, Message, row), sentAt: row.exactly }));
  });
  return groupBy(found, ({ message }) => message.threadId);
}

function pageOf(found: readonly Found[], first: number): Page<Message> {
  const edges = found.slice(0, first).map(({ message, sentAt }) => ({
    cursor: signCursor('messaging', KIND, [sentAt, message.id]),
    node: message,
  }));
  return {
    edges,
    nodes: edges.map(({ node }) => node),
    pageInfo: { hasNextPage: found.length > first, endCursor: edges.at(-1)?.cursor ?? null },
  };
}

/** @param thread one the asker takes part in */
export async function messagesOfThread(ctx: Context, thread: Thread, args: PageArgs): Promise<Page<Message>> {
  const page = await pages(ctx).load(request(thread.id, args));
  await noteReading(ctx, [thread]);
  return page!;
}
