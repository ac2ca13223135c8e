/** What applications holds of an account: a copy of it, and what of it may be erased. */
import { rows, type Tx } from '../../../kernel/database/database';
import { eraseFromEvents } from '../../../kernel/events/erasure';
import { stricterTrust, TrustLevel } from '../../../kernel/trust';
import type { Retained } from '../../../schema/events';
import type { Copy, Kept, PrivacyWork } from '../../../schema/privacy';
import { Application } from '../application/application.entity';
import { neededTrust } from '../application/application.rights';
import { ApplicationState } from '../application/application.states';
import { destroyDraft } from '../drafts/draft.service';

/** A copy holds the newest; that some are left out is said in it. */
const MOST_CASES = 1_000;

/** Before the notice is there, its applicant knows of no decision (DOMAIN §0). */
const DECISION_KNOWN = `EXISTS (SELECT FROM application AS one WHERE one.id = application_id
  AND one.state IN ('NOTIFIED', 'CLOSED', 'ARCHIVED'))`;

/** What belongs to the cases `$1`, as their applicant may see it. */
const BELONGINGS = {
  documents: `SELECT application_id, id, filename, mime_type AS "mimeType", byte_size AS "byteSize", sha256, purpose, origin,
      created_at AS "createdAt"
    FROM document WHERE application_id = ANY($1) AND state <> 'DESTROYED' AND purpose <> 'INTERNAL'
      AND (origin = 'APPLICANT' OR shared_at IS NOT NULL) AND (purpose <> 'NOTICE' OR ${DECISION_KNOWN}) ORDER BY id`,
  documentRequests: `SELECT application_id, id, reason, items, due_on::text AS "dueOn", ends_on::text AS "endsOn", state,
      asked_at AS "askedAt"
    FROM document_request WHERE application_id = ANY($1) ORDER BY id`,
  decisions: `SELECT application_id, outcome, reasoning, legal_remedy AS "legalRemedy", decided_at AS "decidedAt"
    FROM decision WHERE application_id = ANY($1) AND ${DECISION_KNOWN}`,
  history: `SELECT application_id, sequence, occurred_at AS "occurredAt", action, actor_name AS "actorName",
      public_status AS "publicStatus", hash
    FROM history_entry WHERE application_id = ANY($1) AND audience = 'APPLICANT' ORDER BY application_id, sequence`,
} as const;

async function copy(tx: Tx, accountId: string): Promise<Copy> {
  const found = await rows(
    tx,
    Application,
    `SELECT * FROM application WHERE account_id = $1 AND NOT (state = 'DESTROYED' AND submitted_at IS NULL)
     ORDER BY id DESC LIMIT ${MOST_CASES + 1}`,
    [accountId],
  );
  const cases = found.slice(0, MOST_CASES);
  const ids = cases.map(({ id }) => id);
  const applications = new Map(cases.map(one => [one.id, shown(one)]));
  for (const [name, sql] of Object.entries(BELONGINGS)) {
    const belongings: { application_id: string }[] = await tx.query(sql, [ids]);
    for (const { application_id, ...rest } of belongings) {
      const of = applications.get(application_id)!;
      of[name] = [...((of[name] as object[] | undefined) ?? []), rest];
    }
  }
  const [name]: { display_name: string }[] = await tx.query(
    `SELECT display_name FROM account_name WHERE account_id = $1`,
    [accountId],
  );
  return {
    data: {
      displayName: name?.display_name ?? null,
      applications: [...applications.values()],
      olderLeftOut: found.length > MOST_CASES,
    },
    requiredTrustLevel: cases.map(neededTrust).reduce(stricterTrust, TrustLevel.BASIC),
  };
}

const shown = (one: Application): Record<string, unknown> => ({
  id: one.id,
  reference: one.reference,
  leikaKey: one.leikaKey,
  service: one.serviceTitle,
  ars: one.ars,
  area: one.areaName,
  authority: one.authorityName,
  publicStatus: one.publicStatus,
  applicantName: one.applicantName,
  agentAccountId: one.agentAccountId,
  createdAt: one.createdAt,
  submittedAt: one.submittedAt,
  receivedAt: one.receivedAt,
  withdrawalReason: one.withdrawalReason,
  answers: one.formData,
});

const ENDED: readonly ApplicationState[] = [
  ApplicationState.CLOSED,
  ApplicationState.WITHDRAWN,
  ApplicationState.ARCHIVED,
];

async function erase(tx: Tx, accountId: string): Promise<Kept> {
  const owned = await rows(tx, Application, `SELECT * FROM application WHERE account_id = $1 ORDER BY id FOR UPDATE`, [
    accountId,
  ]);
  const until = await retentionOf(
    tx,
    owned.map(({ id }) => id),
  );
  const retained: Retained[] = [];
  let running = false;
  for (const one of owned) {
    if (one.state === ApplicationState.DRAFT) await destroyDraft(tx, one, 'deleteDraft', null);
    if (one.state === ApplicationState.DESTROYED) {
      await forgetNames(tx, one);
      continue;
    }
    running ||= !ENDED.includes(one.state);
    retained.push(keptCase(one, until.get(one.id)));
  }
  const acted: unknown[] = await tx.query(`SELECT 1 FROM history_entry WHERE agent_account_id = $1 LIMIT 1`, [
    accountId,
  ]);
  if (acted.length > 0) retained.push(ACTED);
  // a desk still works with the name of a running case; at the end identity tells the neutral one
  if (!running) await tx.query(`DELETE FROM account_name WHERE account_id = $1`, [accountId]);
  return { retained, running };
}

/** Who acted for an applicant stands in the applicant's file, and goes with it. */
const ACTED: Retained = {
  description: {
    de: 'Schritte für andere, als Teil ihrer Akten',
    en: 'Steps taken for others, as a part of their files',
  },
  legalBasis: 'Art. 17 Abs. 3 Buchst. b DSGVO',
  until: null,
};

interface Retention {
  readonly retention_until: string;
  readonly citation: string;
}

async function retentionOf(tx: Tx, ids: readonly string[]): Promise<Map<string, Retention>> {
  const found: (Retention & { application_id: string })[] = await tx.query(
    `SELECT application_id, retention_until::text, rule.citation FROM archive_record
     JOIN legal_rule AS rule ON rule.id = legal_rule_id WHERE application_id = ANY($1)`,
    [ids],
  );
  return new Map(found.map(one => [one.application_id, one]));
}

function keptCase(one: Application, retention: Retention | undefined): Retained {
  const ended = ENDED.includes(one.state);
  const name = `${one.reference} (${one.serviceTitle})`;
  return {
    description: ended
      ? { de: `Abgeschlossenes Verfahren ${name}`, en: `Finished case ${name}` }
      : { de: `Laufendes Verfahren ${name}`, en: `Running case ${name}` },
    legalBasis: `Art. 17 Abs. 3 Buchst. b DSGVO${retention?.citation ? `; ${retention.citation}` : ''}`,
    until: retention?.retention_until ?? null,
  };
}

/** Crypto-erasure: the chains hold salted hashes of the names, so that without name and salt they stay whole and say nothing. */
async function forgetNames(tx: Tx, { id, submittedAt }: Application): Promise<void> {
  await tx.query(
    `UPDATE history_entry SET actor_name = NULL, salt = NULL, agent_account_id = NULL WHERE application_id = $1`,
    [id],
  );
  await tx.query(
    `UPDATE application SET search_text = NULL, withdrawal_reason = NULL, form_data = NULL,
       applicant_name = CASE WHEN submitted_at IS NULL THEN NULL ELSE 'gelöscht' END WHERE id = $1`,
    [id],
  );
  if (submittedAt) await eraseFromEvents(tx, 'application.submitted', [id], { applicantName: 'gelöscht' });
}

export const privacyWork: PrivacyWork = { copy, erase };
