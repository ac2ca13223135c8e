/** Who may edit what, in one place: staff whose authority works for the entry's area or one above it. */
import type { Context } from '../../../kernel/context';
import type { Tx } from '../../../kernel/database/database';
import { forbidden } from '../../../kernel/errors';
import { provenStaff } from '../../../kernel/membership';
import type { Principal, Staff } from '../../../kernel/principal';
import { covers } from '../areas/ars';
import { authorityById } from '../authorities/authority.loaders';

/** The area whose entries somebody may see as drafts and edit; null for all who edit nothing. */
export async function editedArea(ctx: Context): Promise<string | null> {
  const { asker } = ctx;
  if (asker.kind !== 'staff' || !asker.scopes.includes('catalogue:edit')) return null;
  return (await authorityById(ctx).load(asker.authorityId))?.ars ?? null;
}

/**
 * @param ars the area the entry holds for; null for a service, which holds everywhere: those are described by the states
 */
export const edits = (area: string | null, ars: string | null): boolean =>
  area !== null && (ars === null ? area.length === 2 : covers(area, ars));

/** Drafts are for their editors, what was ever published is for everybody. */
export async function maySee(ctx: Context, entry: { publishedAt: Date | null }, ars: string | null): Promise<boolean> {
  return entry.publishedAt !== null || edits(await editedArea(ctx), ars);
}

/**
 * The editor who asks and the area they may edit, proven inside this transaction.
 * @throws FORBIDDEN when the asker no longer has the scope, or their authority is unknown
 */
export async function provenEditor(tx: Tx, who: Principal, scope: string): Promise<{ staff: Staff; area: string }> {
  const staff = await provenStaff(tx, who, scope);
  const [row]: [{ ars: string }?] = await tx.query(`SELECT ars FROM authority WHERE id = $1`, [staff.authorityId]);
  if (!row) throw forbidden();
  return { staff, area: row.ars };
}
