/** Who may see and end a mandate: its two sides, and members acting for an organisation that is one. */
import { Rights, rights } from '../../../kernel/rights';

/** SQL about `mandate`; `$2` are the accounts whose mandates are the asker's business. */
export const mandateRights = rights<unknown>(
  'Mandate',
  { de: 'Vollmacht', en: 'Mandate' },
  {
    sees: [
      {
        who: 'mandateSide',
        when: 'planned, in force or over',
        sql: 'principal_account_id = ANY($2) OR agent_account_id = ANY($2)',
      },
    ],
    does: {
      grantMandate: [
        { who: 'oneself', when: 'for their own account' },
        {
          who: 'member',
          when: 'as ADMINISTRATOR acting for the organisation; who acts by a mandate passes nothing on',
        },
      ],
      revokeMandate: [{ who: 'mandateSide', when: 'PLANNED or ACTIVE' }],
    },
  },
);

export const OF_SIDES = Rights.sql(mandateRights.table.sees);
