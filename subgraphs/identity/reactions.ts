/** Event of another subgraph → what we do: whose case is whose, and who read whose data. */
import type { Tx } from '../../kernel/database/database';
import type { Together } from '../../kernel/events/reactions';
import { type ApplicationChange, reactTo } from '../../schema/events';
import { recordAccesses } from './access-log/access.service';
import { takeAnswer } from './privacy/privacy.queue';

interface Party {
  readonly applicationId: string;
  readonly accountId: string;
  readonly agentAccountId: string | null;
}

/** Forwarded, the case is the new authority's, and the old one sees the name no more. */
async function remember(
  tx: Tx,
  { applicationId, accountId, agentAccountId }: Party,
  authorityId: string | null,
  reference: string | null,
) {
  await tx.query(
    `INSERT INTO case_party (application_id, account_id, agent_account_id, authority_id, reference)
     VALUES ($1, $2, $3, $4, $5)
     ON CONFLICT (application_id) DO UPDATE SET account_id = excluded.account_id,
       agent_account_id = excluded.agent_account_id, authority_id = excluded.authority_id, reference = excluded.reference`,
    [applicationId, accountId, agentAccountId, authorityId, reference],
  );
}

const inCharge = (tx: Tx, changed: ApplicationChange) => remember(tx, changed, changed.authorityId, changed.reference);

export const reactions = reactTo({
  'application.draft-created': (tx, draft) => remember(tx, draft, null, null),
  async 'application.draft-deleted'(tx, { applicationId }) {
    await tx.query(`DELETE FROM case_party WHERE application_id = $1`, [applicationId]);
  },
  'application.submitted': inCharge,
  'application.received': inCharge,
  'application.forwarded': inCharge,
  'privacy.answered': takeAnswer,
});

export const together: Together = { 'data.accessed': recordAccesses };
