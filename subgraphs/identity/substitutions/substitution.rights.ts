/** Who may see and arrange substitutions: the authority among itself. */
import type { Principal } from '../../../kernel/principal';
import { rights } from '../../../kernel/rights';
import type { Substitution } from './substitution.entity';

const readsStaff = ({ authorityId }: Pick<Substitution, 'authorityId'>, who: Principal): boolean =>
  who.kind === 'staff' && who.authorityId === authorityId && who.scopes.includes('staff:read');

export const substitutionRights = rights<Pick<Substitution, 'authorityId'>>(
  'Substitution',
  { de: 'Vertretung', en: 'Substitution' },
  {
    sees: [{ who: 'colleague', when: 'with `staff:read`', holds: readsStaff }],
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
