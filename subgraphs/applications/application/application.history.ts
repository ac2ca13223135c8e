/**
 * The history of an application (Historie), append-only: two hash chains, the applicant's and the staff's, so that each
 * reader can recompute all of what he sees. Names stand in the hashed text as salted hashes only; erasing name and salt
 * leaves the chain whole.
 */
import { randomBytes } from 'node:crypto';
import { canonicalJson, GENESIS, linkHash, saltedHash } from '../../../kernel/chain';
import { now } from '../../../kernel/clock';
import type { Tx } from '../../../kernel/database/database';
import { agentOf, type Principal } from '../../../kernel/principal';
import type { Application } from './application.entity';
import type { HistoryAction, PublicStatus } from './application.states';
import { STEPS } from './application.summaries';

export type Audience = 'APPLICANT' | 'STAFF';

/** Who did something: the asker of a mutation, or null for a clock, a channel or another subgraph. */
export type Doer = Principal | null;

/**
 * Appends a step to the staff's chain and, where it shows, to the applicant's. The application's row must be locked, so
 * that a chain grows one entry at a time. `move` and `touch` call it; by itself it is for steps that do not count the
 * version (notes, follow-ups, deliveries).
 * @param before the public status before the step
 */
export async function record(
  tx: Tx,
  application: Application,
  action: HistoryAction,
  by: Doer,
  before: PublicStatus = application.publicStatus,
): Promise<void> {
  await append(tx, application, action, by, 'STAFF');
  const { shown } = STEPS[action];
  if (shown === 'yes' || (shown === 'with status' && before !== application.publicStatus)) {
    await append(tx, application, action, by, 'APPLICANT');
  }
}

async function append(tx: Tx, application: Application, action: HistoryAction, by: Doer, audience: Audience) {
  const [head]: { sequence: number; hash: string }[] = await tx.query(
    `SELECT sequence, hash FROM history_entry WHERE application_id = $1 AND audience = $2 ORDER BY sequence DESC LIMIT 1`,
    [application.id, audience],
  );
  const sequence = (head?.sequence ?? 0) + 1;
  const previousHash = head?.hash ?? GENESIS;
  const occurredAt = now();
  const salt = randomBytes(16).toString('hex');
  const agentId = by && agentOf(by);
  const actorName = await nameOf(tx, application, by, audience);
  const canonical = canonicalJson({
    applicationId: application.id,
    sequence,
    occurredAt,
    action,
    actor: saltedHash(salt, actorName),
    ...(agentId && { agent: saltedHash(salt, agentId) }),
    publicStatus: application.publicStatus,
    ...(audience === 'STAFF' && { state: application.state }),
  });
  await tx.query(
    `INSERT INTO history_entry (application_id, audience, sequence, occurred_at, action, actor_name, salt, public_status,
       state, canonical, previous_hash, hash, agent_account_id)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
    [
      application.id,
      audience,
      sequence,
      occurredAt,
      action,
      actorName,
      salt,
      application.publicStatus,
      audience === 'STAFF' ? application.state : null,
      canonical,
      previousHash,
      linkHash(previousHash, canonical),
      agentId,
    ],
  );
}

/** Applicants read the authority's name, never that of a person working there. An agent stands beside whom they acted for. */
async function nameOf(tx: Tx, application: Application, by: Doer, audience: Audience): Promise<string> {
  const asker = by?.kind === 'service' ? by.onBehalfOf : by;
  switch (asker?.kind) {
    case 'person': {
      const applicant = application.applicantName ?? 'Antragstellende Person';
      const agentId = agentOf(asker);
      if (!agentId) return applicant;
      const [agent]: { display_name: string }[] = await tx.query(
        `SELECT display_name FROM account_name WHERE account_id = $1`,
        [agentId],
      );
      return `${agent?.display_name ?? 'Bevollmächtigte Person'} für ${applicant}`;
    }
    case 'staff': {
      if (audience === 'APPLICANT') return application.authorityName ?? 'Behörde';
      const [found]: { display_name: string }[] = await tx.query(
        `SELECT display_name FROM staff_name WHERE staff_member_id = $1`,
        [asker.staffMemberId],
      );
      return found?.display_name ?? 'Sachbearbeitung';
    }
    case 'machine':
      return asker.name;
    default:
      return 'Plattform';
  }
}
