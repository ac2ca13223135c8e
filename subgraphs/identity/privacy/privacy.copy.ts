/** What identity itself holds about an account, for a copy of all data. */
import type { Tx } from '../../../kernel/database/database';

/** Lists are cut at so many rows, newest first; which were cut is said. */
const MOST = 10_000;

/** Which part of the copy, and how it is read: `$1` is the account. */
const QUERIES = {
  account: `SELECT id, kind, display_name AS "displayName", created_at AS "createdAt", last_seen_on::text AS "lastSeenOn"
    FROM account WHERE id = $1`,
  attributes: `SELECT name, value, trust_level AS "trustLevel", method, verified_at AS "verifiedAt"
    FROM verified_attribute WHERE account_id = $1 ORDER BY name`,
  identities: `SELECT issuer, subject, created_at AS "createdAt" FROM account_identity WHERE account_id = $1`,
  memberships: `SELECT organisation_id AS "organisationId", account_id AS "accountId", role, since
    FROM organisation_member WHERE organisation_id = $1 OR account_id = $1`,
  mandates: `SELECT id, principal_account_id AS "principalAccountId", agent_account_id AS "agentAccountId",
      leika_keys AS "leikaKeys", valid_from AS "validFrom", valid_to AS "validTo", revoked_at AS "revokedAt"
    FROM mandate WHERE principal_account_id = $1 OR agent_account_id = $1 ORDER BY id DESC`,
  sessions: `SELECT trust_level AS "trustLevel", method, opened_at AS "openedAt", expires_at AS "expiresAt",
      ended_at AS "endedAt" FROM session WHERE account_id = $1 ORDER BY opened_at DESC`,
  privacyRequests: `SELECT kind, state, requested_at AS "requestedAt", completed_at AS "completedAt"
    FROM privacy_request WHERE account_id = $1 ORDER BY id DESC`,
  accessLog: `SELECT link.sequence, record.occurred_at AS "occurredAt", record.actor_name AS "actorName", record.action,
      record.purpose, record.subject_type AS "subjectType", record.subject_id AS "subjectId",
      record.application_id AS "applicationId", link.hash
    FROM access_link AS link JOIN access_record AS record ON record.id = link.record_id
    WHERE link.chain_id = $1 ORDER BY link.sequence DESC`,
} as const;

export async function ownCopy(tx: Tx, accountId: string): Promise<object> {
  const copy: Record<string, unknown> = {};
  const cut: string[] = [];
  for (const [name, sql] of Object.entries(QUERIES)) {
    const found: unknown[] = await tx.query(`${sql} LIMIT ${MOST + 1}`, [accountId]);
    if (found.length > MOST) cut.push(name);
    copy[name] = name === 'account' ? found[0] : found.slice(0, MOST);
  }
  return { ...copy, cut };
}
