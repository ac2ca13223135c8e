/** Who may see and arrange substitutions: the authority among itself. */
import type { Principal } from '../../../kernel/principal';
import { rights } from '../../../kernel/rights';
import type { Substitution } from './substitution.entity';

type Placed = Pick<Substitution, 'authorityId'>;
const readsStaff = ({ authorityId }: Placed, who: Principal): boolean =>
  who.kind === 'staff' && who.authorityId === authorityId && who.scopes.includes('staff:read');

type People = Placed & Partial<Pick<Substitution, 'absentStaffMemberId' | 'substituteStaffMemberId' | 'arrangedById'>>;
const isConcerned = (one: People, who: Principal): boolean =>
  who.kind === 'staff' &&
  [one.absentStaffMemberId, one.substituteStaffMemberId, one.arrangedById].includes(who.staffMemberId);

export const substitutionRights = rights<People, 'reason'>(
  'Substitution',
  { de: 'Vertretung', en: 'Substitution' },
  {
    sees: [{ who: 'colleague', when: 'with `staff:read`', holds: readsStaff }],
    parts: {
      reason: {
        fields: ['Substitution.reason'],
        lines: [
          { who: 'colleague', when: 'who is absent, covers or arranged it', holds: isConcerned },
          { who: 'administrator', holds: (_, who) => who.kind === 'staff' && who.scopes.includes('staff:admin') },
        ],
      },
    },
    does: {
      arrangeSubstitution: [
        {
          who: 'lead',
          when: 'for oneself, for the team one leads, or as administration; who handles no cases otherwise covers only when the lead or the administration says so',
        },
      ],
      endSubstitution: [{ who: 'lead', when: 'PLANNED or ACTIVE; who covers and who arranged it may end it too' }],
    },
  },
);
