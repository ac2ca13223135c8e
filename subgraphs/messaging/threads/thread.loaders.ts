/** Threads the asker takes part in, one by one and in lists, and what is unread in them. */
import { batch, byKey, type Context } from '../../../kernel/context';
import { rows, type Tx } from '../../../kernel/database/database';
import { type OrderColumn, type Page, type PageArgs, page } from '../../../kernel/page';
import type { Person } from '../../../kernel/principal';
import { caseByApplication } from '../cases/case.loaders';
import { type Side, sideOf } from '../rights';
import { Thread } from './thread.entity';
import { threadRights } from './thread.rights';

async function visible(ctx: Context, sql: string, keys: readonly string[]): Promise<Thread[]> {
  const found = await ctx.read(tx => rows(tx, Thread, sql, [keys]));
  const seen = found.filter(thread => threadRights.maySee(thread, ctx.asker));
  await noteReading(ctx, seen);
  return seen;
}

/** For the access log of the applicant: staff see these conversations, in a list, by id or with their messages. */
export async function noteReading(ctx: Context, threads: readonly Thread[]): Promise<void> {
  if (ctx.asker.kind !== 'staff' || threads.length === 0) return;
  await Promise.all(
    threads.map(async ({ id, applicationId, accountId }) => {
      const about = await caseByApplication(ctx).load(applicationId);
      ctx.accessed({
        accountId,
        applicationId,
        subjectType: 'Thread',
        subjectId: id,
        action: 'read',
        purpose: about?.reference ?? applicationId,
      });
    }),
  );
}

export const threadById = batch<string, Thread>(async (ids, ctx) =>
  byKey(await visible(ctx, `SELECT * FROM thread WHERE id = ANY($1)`, ids), thread => thread.id),
);

export const threadByApplication = batch<string, Thread>(async (ids, ctx) =>
  byKey(await visible(ctx, `SELECT * FROM thread WHERE application_id = ANY($1)`, ids), thread => thread.applicationId),
);

/** SQL condition: the message is unread by the side that did not write it. */
const UNREAD: Record<Side, string> = {
  APPLICANT: `message.read_at IS NULL AND message.sender_kind <> 'APPLICANT' AND message.available_at IS NOT NULL`,
  AUTHORITY: `message.read_at IS NULL AND message.sender_kind = 'APPLICANT'`,
};

/** Per thread; a thread without unread messages is missing. */
export const unreadByThread = batch<string, number>(async (ids, ctx) => {
  const side = sideOf(ctx.asker);
  if (side === null) return new Map();
  const found: { thread_id: string; count: number }[] = await ctx.read(tx =>
    tx.query(
      `SELECT thread_id, count(*)::int AS count FROM message WHERE ${UNREAD[side]} AND thread_id = ANY($1) GROUP BY thread_id`,
      [ids],
    ),
  );
  return new Map(found.map(({ thread_id, count }) => [thread_id, count]));
});

/** SQL condition: a thread in the mailbox `$1`, within the services `$2` of a limited mandate. */
const IN_MAILBOX = `thread.account_id = $1 AND thread.last_available_at IS NOT NULL
  AND ($2::text[] IS NULL OR thread.leika_key = ANY($2))`;

export async function unreadInMailbox(tx: Tx, holder: Person): Promise<number> {
  const [found]: { count: number }[] = await tx.query(
    `SELECT count(*)::int AS count FROM thread JOIN message ON message.thread_id = thread.id
     WHERE ${UNREAD.APPLICANT} AND ${IN_MAILBOX}`,
    [holder.actingFor, holder.services],
  );
  return found!.count;
}

const newestFirst = (column: string): OrderColumn[] => [
  { column, cast: 'timestamptz', desc: true },
  { column: 'id', cast: 'uuid', desc: true },
];

export function threadsInMailbox(tx: Tx, holder: Person, unreadOnly: boolean, args: PageArgs): Promise<Page<Thread>> {
  const unread = `AND EXISTS (SELECT FROM message WHERE message.thread_id = thread.id AND ${UNREAD.APPLICANT})`;
  return page(
    tx,
    Thread,
    {
      subgraph: 'messaging',
      kind: 'mailbox-threads',
      sql: `SELECT thread.* FROM thread WHERE ${IN_MAILBOX} ${unreadOnly ? unread : ''}`,
      values: [holder.actingFor, holder.services],
      order: newestFirst('last_available_at'),
    },
    args,
  );
}

export function threadsOfAuthority(
  tx: Tx,
  authorityId: string,
  awaitingReply: boolean,
  args: PageArgs,
): Promise<Page<Thread>> {
  return page(
    tx,
    Thread,
    {
      subgraph: 'messaging',
      kind: 'authority-threads',
      sql: `SELECT * FROM thread WHERE authority_id = $1 ${awaitingReply ? `AND last_sender_kind = 'APPLICANT'` : ''}`,
      values: [authorityId],
      order: newestFirst('last_message_at'),
    },
    args,
  );
}
