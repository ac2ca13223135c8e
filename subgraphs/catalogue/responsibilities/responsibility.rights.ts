/** Who sees the inside of a responsibility: address, department rules, and who changed it. */
import type { Context } from '../../../kernel/context';
import { editedArea, edits } from '../entries/entry.rights';
import type { Responsibility } from './responsibility.entity';

/** Its editors, the staff of the responsible authority, and subgraphs that route an application. */
export async function seesInside(ctx: Context, entry: Responsibility): Promise<boolean> {
  const { principal, asker } = ctx;
  if (principal.kind === 'service') return true; // asks are trusted documents, and routing needs it
  if (asker.kind === 'staff' && asker.authorityId === entry.authorityId) return true;
  return edits(await editedArea(ctx), entry.ars);
}
