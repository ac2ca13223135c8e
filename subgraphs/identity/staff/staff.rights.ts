/** Who of the staff asks, proven inside the transaction; whose colleagues somebody sees and manages. */
import { rows, type Tx } from '../../../kernel/database/database';
import { forbidden } from '../../../kernel/errors';
import type { Principal } from '../../../kernel/principal';
import { rights } from '../../../kernel/rights';
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

/** Operators of the platform who administer staff do so everywhere. */
const administersAll = (who: Principal): boolean =>
  who.kind === 'staff' && who.scopes.includes('staff:admin') && who.scopes.includes('shop:operate');

type Placed = Pick<StaffMember, 'authorityId'>;
const isColleague = ({ authorityId }: Placed, who: Principal): boolean =>
  who.kind === 'staff' && who.authorityId === authorityId;

export const staffRights = rights<Placed, 'listed' | 'inside'>(
  'StaffMember',
  { de: 'Beschäftigte', en: 'Staff member' },
  {
    sees: [
      {
        who: 'staff',
        when: 'the name and roles, because a forwarded case keeps the names of who worked on it; citizens read a name only where it was written down for them',
        holds: (_, who) => who.kind === 'staff',
      },
      { who: 'platform', holds: (_, who) => who.kind === 'service' },
    ],
    parts: {
      listed: {
        fields: ['Query.staffMember', 'Query.staffMembers', 'StaffMember.email'],
        lines: [
          { who: 'colleague', holds: isColleague },
          {
            who: 'administrator',
            when: 'who is also an operator: in every authority',
            holds: (_, who) => administersAll(who),
          },
          { who: 'platform', holds: (_, who) => who.kind === 'service' },
        ],
      },
      inside: {
        fields: ['StaffMember.substitutingFor', 'StaffMember.substitutedBy'],
        lines: [
          { who: 'colleague', holds: isColleague },
          { who: 'platform', holds: (_, who) => who.kind === 'service' },
        ],
      },
    },
    does: {
      saveStaffMember: [
        { who: 'administrator', when: 'never to lock themselves out; only operators give and take the role OPERATOR' },
      ],
    },
  },
);

/** May the asker read the staff of this authority? A subgraph that asks for itself may. */
export const maySeeStaff = (who: Principal, authorityId: string): boolean =>
  staffRights.maySeePart('listed', { authorityId }, who);

/** Substitutions are the authority's own affair, and nobody else's. */
export const isInside = (who: Principal, authorityId: string): boolean =>
  staffRights.maySeePart('inside', { authorityId }, who);
