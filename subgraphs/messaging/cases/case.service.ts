/** Keeps the projection of applications, and locks a case for those who write about it. */
import { rows, type Tx } from '../../../kernel/database/database';
import type { ApplicationChange, Events, Payer } from '../../../schema/events';
import { subjectOf } from '../messages/letters';
import { ApplicationCase, NO_AUTHORITY, type SubmittedCase } from './case.entity';

export async function keepDraft(tx: Tx, draft: Events['application.draft-created']): Promise<void> {
  await tx.query(
    `INSERT INTO application_case (application_id, account_id, leika_key, state, required_trust_level)
     VALUES ($1, $2, $3, 'DRAFT', $4) ON CONFLICT DO NOTHING`,
    [draft.applicationId, draft.accountId, draft.leikaKey, draft.requiredTrustLevel],
  );
}

/** What was written about its money stays in the mailbox, and with it whose it was. */
export async function forgetDraft(tx: Tx, applicationId: string): Promise<void> {
  await tx.query(
    `DELETE FROM application_case WHERE application_id = $1 AND state = 'DRAFT'
       AND NOT EXISTS (SELECT FROM thread WHERE thread.application_id = $1)`,
    [applicationId],
  );
  await tx.query(`UPDATE application_case SET state = 'DESTROYED' WHERE application_id = $1 AND state = 'DRAFT'`, [
    applicationId,
  ]);
}

/** The case that money came for, locked; a draft that was deleted is known no more, and is noted as such. */
export async function caseOfMoney(tx: Tx, applicationId: string, payer: Payer): Promise<SubmittedCase> {
  await tx.query(
    `INSERT INTO application_case (application_id, account_id, leika_key, state, required_trust_level)
     VALUES ($1, $2, $3, 'DESTROYED', $4) ON CONFLICT DO NOTHING`,
    [applicationId, payer.accountId, payer.leikaKey, payer.requiredTrustLevel],
  );
  const about = (await lockCase(tx, applicationId))!;
  return { ...about, authorityId: about.authorityId ?? NO_AUTHORITY };
}

/** Takes over what an event says of its case; what it does not say stays. With the authority, its rights move on. */
export async function keepCase(
  tx: Tx,
  change: ApplicationChange & { serviceTitle?: string; applicantName?: string },
): Promise<ApplicationCase> {
  const [before] = await rows(
    tx,
    ApplicationCase,
    `SELECT * FROM application_case WHERE application_id = $1 FOR UPDATE`,
    [change.applicationId],
  );
  const [kept] = await rows(
    tx,
    ApplicationCase,
    `INSERT INTO application_case (application_id, account_id, authority_id, leika_key, state, reference,
       required_trust_level, service_title, applicant_name)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
     ON CONFLICT (application_id) DO UPDATE SET authority_id = excluded.authority_id, state = excluded.state,
       reference = excluded.reference, required_trust_level = excluded.required_trust_level,
       service_title = coalesce(excluded.service_title, application_case.service_title),
       applicant_name = coalesce(excluded.applicant_name, application_case.applicant_name)
     RETURNING *`,
    [
      change.applicationId,
      change.accountId,
      change.authorityId,
      change.leikaKey,
      change.state,
      change.reference,
      change.requiredTrustLevel,
      change.serviceTitle,
      change.applicantName,
    ],
  );
  if (before && before.authorityId !== change.authorityId) {
    for (const table of ['thread', 'message_delivery']) {
      await tx.query(`UPDATE ${table} SET authority_id = $2 WHERE application_id = $1`, [
        change.applicationId,
        change.authorityId,
      ]);
    }
    // begun about the money of a draft, which had no reference yet
    if (before.authorityId === null) {
      await tx.query(`UPDATE thread SET subject = $2 WHERE application_id = $1`, [
        change.applicationId,
        subjectOf(kept!),
      ]);
    }
  }
  return kept!;
}

/** Locks a case, so that its events keep their order. Null when there is none that the asker's row security lets see. */
export async function lockCase(tx: Tx, applicationId: string): Promise<ApplicationCase | null> {
  const [found] = await rows(
    tx,
    ApplicationCase,
    `SELECT * FROM application_case WHERE application_id = $1 FOR UPDATE`,
    [applicationId],
  );
  return found ?? null;
}
