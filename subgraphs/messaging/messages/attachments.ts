/** Which files may be attached to a message: checked ones of the same application, seen by both sides. */
import { ask } from '../../../kernel/ask';
import type { Context } from '../../../kernel/context';
import type { DocumentsAnswer } from '../asks';

const MOST = 20;

/** Only staff see an INTERNAL paper; a NOTICE goes out by deciding, because a legal clock starts with it. */
const NEVER = ['INTERNAL', 'NOTICE'];

/**
 * Asks on the asker's behalf, so that nobody attaches what they may not see.
 * @throws Refusal TRY_AGAIN when applications do not answer
 */
export async function attachable(
  ctx: Context,
  applicationId: string,
  documentIds: readonly string[],
): Promise<ReadonlySet<string> | 'TOO_MANY'> {
  if (documentIds.length === 0) return new Set();
  if (documentIds.length > MOST) return 'TOO_MANY';
  const { application } = await ask<DocumentsAnswer>('messaging', 'documents', { id: applicationId }, ctx.envelope);
  const known = application?.documents ?? [];
  return new Set(
    known.filter(({ state, purpose }) => state === 'AVAILABLE' && !NEVER.includes(purpose)).map(({ id }) => id),
  );
}
