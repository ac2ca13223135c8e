/** Who of the staff asks, proven inside the transaction; whose colleagues somebody sees and manages. */
import { rows, type Tx } from '../../../kernel/database/database';
import { forbidden } from '../../../kernel/errors';
import type { Principal } from '../../../kernel/principal';
import { StaffMember } from './staff.entity';
import { StaffRole, scopesOfRoles } from './staff.roles';

/**
 * The staff member who asks, with a running session, still active, in the same authority, and with one of the scopes.
 * @throws FORBIDDEN otherwise
 */
export async function provenMember(tx: Tx, who: Principal, ...oneOf: string[]): Promise<StaffMember> {
  if (who.kind !== 'staff') throw forbidden();
  const [member] = await rows(
    tx,
    StaffMember,
    `SELECT member.* FROM staff_member AS member
     JOIN session ON session.id = $3 AND session.staff_member_id = member.id AND session.ended_at IS NULL
     WHERE member.id = $1 AND member.authority_id = $2 AND member.active FOR SHARE`,
    [who.staffMemberId, who.authorityId, who.sessionId],
  );
  if (!member || !oneOf.some(scope => holds(member, scope))) throw forbidden();
  return member;
}

export const holds = (member: StaffMember, scope: string): boolean => scopesOfRoles(member.roles).includes(scope);

/** Operators who administer do so in every authority; everybody else in their own. */
export const administers = (member: StaffMember, authorityId: string): boolean =>
  holds(member, 'staff:admin') && (isOperator(member) || member.authorityId === authorityId);

export const isOperator = (member: StaffMember): boolean => member.roles.includes(StaffRole.OPERATOR);

/** May the asker read the staff of this authority? A subgraph that asks for itself may. */
export function maySeeStaff(who: Principal, authorityId: string): boolean {
  if (who.kind === 'service') return true;
  if (who.kind !== 'staff') return false;
  const everywhere = who.scopes.includes('staff:admin') && who.scopes.includes('shop:operate');
  return everywhere || who.authorityId === authorityId;
}

/** Substitutions are the authority's own affair, and nobody else's. */
export const isInside = (who: Principal, authorityId: string): boolean =>
  who.kind === 'service' || (who.kind === 'staff' && who.authorityId === authorityId);
