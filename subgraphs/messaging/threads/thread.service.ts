/** Marking as read what the asker's side has read of a thread. */
import { now } from '../../../kernel/clock';
import type { Context } from '../../../kernel/context';
import { rows, type Tx } from '../../../kernel/database/database';
import { notFound } from '../../../kernel/errors';
import { publish } from '../../../schema/events';
import { lockCase } from '../cases/case.service';
import { changeOf, Message } from '../messages/message.entity';
import { provenWriter, readableLevels, sideIn } from '../rights';
import { Thread } from './thread.entity';
import type { MarkThreadReadInput } from './thread.inputs';
import { threadById } from './thread.loaders';

/**
 * Marks what the other side wrote, up to a message and including it. What the trust level hides cannot have been read.
 * Harmless to repeat.
 */
export async function markThreadRead(ctx: Context, input: MarkThreadReadInput): Promise<Thread | null> {
  await ctx.write(async tx => {
    const [thread] = await rows(tx, Thread, `SELECT * FROM thread WHERE id = $1`, [input.threadId]);
    const about = thread && (await lockCase(tx, thread.applicationId));
    const side = about && sideIn(about, ctx.principal);
    if (!thread || !side || !(await isThere(tx, input, side === 'AUTHORITY'))) throw notFound();
    await provenWriter(tx, about, ctx.principal);
    const readAt = now();
    const read = await rows(
      tx,
      Message,
      `WITH last AS (SELECT sent_at, id FROM message WHERE id = $2), marked AS (
         UPDATE message SET read_at = $3 FROM last
         WHERE message.thread_id = $1 AND message.read_at IS NULL AND message.available_at IS NOT NULL
           AND (message.sent_at, message.id) <= (last.sent_at, last.id)
           AND (message.sender_kind = 'APPLICANT') = $4 AND message.required_trust_level = ANY($5)
         RETURNING message.*
       ) SELECT * FROM marked ORDER BY sent_at, id`,
      [input.threadId, input.upToMessageId, readAt, side === 'AUTHORITY', readableLevels(ctx.principal)],
    );
    for (const message of read) {
      await publish(tx, 'message.read', about.applicationId, {
        ...changeOf(message, thread),
        readAt: readAt.toISOString(),
      });
    }
  });
  return threadById(ctx).load(input.threadId);
}

async function isThere(tx: Tx, input: MarkThreadReadInput, all: boolean): Promise<boolean> {
  const found: unknown[] = await tx.query(
    `SELECT 1 FROM message WHERE id = $1 AND thread_id = $2 AND ($3 OR available_at IS NOT NULL)`,
    [input.upToMessageId, input.threadId, all],
  );
  return found.length > 0;
}
