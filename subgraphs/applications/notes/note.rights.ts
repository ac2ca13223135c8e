/** Who may see what a desk notes for itself: never the applicant. Notes stay with the case, follow-ups with the desk. */
import type { Principal } from '../../../kernel/principal';
import { rights } from '../../../kernel/rights';
import { isApplicantSide } from '../application/application.rights';

/** Of an application that the asker sees. */
export const noteRights = rights<unknown>(
  'Note',
  { de: 'Kommentar, interne Notiz', en: 'Note' },
  {
    sees: [{ who: 'authority', when: 'sees the case', holds: (_, asker) => !isApplicantSide(asker) }],
    does: { addNote: [{ who: 'authority', when: 'until the case is closed' }] },
  },
);

export const followUpRights = rights<{ readonly authorityId: string }>(
  'FollowUp',
  { de: 'Wiedervorlage', en: 'Follow-up' },
  {
    sees: [
      {
        who: 'authority',
        when: 'whose desk noted it; it keeps the day and title after the case was forwarded, without a way to the case',
        holds: ({ authorityId }, asker) => isOfDesk(asker, authorityId),
      },
    ],
    does: {
      addFollowUp: [{ who: 'authority', when: 'until the case is closed' }],
      completeFollowUp: [{ who: 'authority', when: 'of the same desk, once' }],
    },
  },
);

const isOfDesk = (asker: Principal, authorityId: string): boolean =>
  asker.kind === 'staff' && asker.authorityId === authorityId && asker.scopes.includes('staff:read');
