/** Batched loads of staff. */
import { batch, byKey, type Context, groupBy } from '../../../kernel/context';
import { asEntity, rows } from '../../../kernel/database/database';
import { activeSql } from '../grant-state';
import { StaffMember } from './staff.entity';
import { staffRights } from './staff.rights';

export const staffMemberById = batch<string, StaffMember>(async (ids, ctx) => {
  const found = await ctx.read(tx => rows(tx, StaffMember, 'SELECT * FROM staff_member WHERE id = ANY($1)', [ids]));
  return byKey(
    found.filter(one => staffRights.maySee(one, ctx.asker)),
    one => one.id,
  );
});

/** Whose cases somebody covers now. */
export const coveredBy = batch<string, StaffMember[]>((ids, ctx) => partners(ids, ctx, 'substitute', 'absent'));

/** Who covers somebody's cases now. */
export const coversFor = batch<string, StaffMember[]>((ids, ctx) => partners(ids, ctx, 'absent', 'substitute'));

type Side = 'absent' | 'substitute';

async function partners(
  ids: readonly string[],
  ctx: Context,
  of: Side,
  other: Side,
): Promise<Map<string, StaffMember[]>> {
  return ctx.read(async tx => {
    const found: Record<string, unknown>[] = await tx.query(
      `SELECT DISTINCT substitution.${of}_staff_member_id AS whose, member.*
       FROM substitution JOIN staff_member AS member ON member.id = substitution.${other}_staff_member_id
       WHERE substitution.${of}_staff_member_id = ANY($1) AND ${activeSql('substitution')}
       ORDER BY member.display_name, member.id`,
      [ids],
    );
    const members = groupBy(found, row => row.whose as string);
    return new Map([...members].map(([id, group]) => [id, group.map(row => asEntity(tx, StaffMember, row))]));
  });
}
