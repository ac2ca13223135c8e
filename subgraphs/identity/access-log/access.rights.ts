/** Who may read an access log: whose data it is about, and the auditors of the authority that read. */
import type { Principal } from '../../../kernel/principal';
import { rights } from '../../../kernel/rights';

interface Chain {
  /** The account or the authority whose chain it is. */
  readonly chainId: string;
  /** Does the asker belong to the organisation they act for? */
  readonly isMember: boolean;
}

const isAuditor = ({ chainId }: Chain, asker: Principal): boolean =>
  asker.kind === 'staff' && asker.authorityId === chainId && asker.scopes.includes('audit:read');

export const accessRights = rights<Chain, 'actor'>(
  'AccessRecord',
  { de: 'Zugriffsprotokoll (Datenschutzcockpit)', en: 'Access record' },
  {
    sees: [
      {
        who: 'oneself',
        when: 'who read their data; an agent never sees it',
        holds: ({ chainId }, asker) =>
          asker.kind === 'person' && asker.accountId === chainId && asker.actingFor === chainId,
      },
      {
        who: 'member',
        when: "the organisation's, acting for it",
        holds: ({ chainId, isMember }, asker) => asker.kind === 'person' && asker.actingFor === chainId && isMember,
      },
      { who: 'auditor', when: 'what their own authority read', holds: isAuditor },
    ],
    parts: { actor: { fields: ['AccessRecord.actor'], lines: [{ who: 'auditor', holds: isAuditor }] } },
  },
);
