/** Who may ask for a copy or the deletion of an account's data, and see how far it is: whose data they are. */
import { rights } from '../../../kernel/rights';

/** A request, and whether the asker manages the organisation they act for. */
interface Concerned {
  readonly accountId: string;
  readonly isAdministrator: boolean;
}

const BY_HOLDER = [
  { who: 'oneself', when: 'identified as surely as the account ever was' },
  { who: 'member', when: 'the same, as ADMINISTRATOR acting for the organisation' },
] as const;

export const privacyRights = rights<Concerned>(
  'PrivacyRequest',
  { de: 'Auskunft und Löschung', en: 'Privacy request' },
  {
    with: ['RetainedData'],
    sees: [
      {
        who: 'oneself',
        when: 'an agent never sees it; downloadUrl only to a session as sure as what is in the copy needs',
        holds: ({ accountId }, asker) =>
          asker.kind === 'person' && asker.accountId === accountId && asker.actingFor === accountId,
      },
      {
        who: 'member',
        when: "the organisation's, as ADMINISTRATOR acting for it",
        holds: ({ accountId, isAdministrator }, asker) =>
          asker.kind === 'person' && asker.actingFor === accountId && isAdministrator,
      },
    ],
    does: { requestDataExport: BY_HOLDER, requestErasure: BY_HOLDER },
  },
);
