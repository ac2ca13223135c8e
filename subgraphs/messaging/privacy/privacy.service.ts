/** What messaging holds of an account: a copy of it, and what of it may be erased. */
import type { Tx } from '../../../kernel/database/database';
import { stricterTrust, TrustLevel } from '../../../kernel/trust';
import type { Copy, Kept, PrivacyWork } from '../../../schema/privacy';

/** A copy holds the newest; that some are left out is said in it. */
const MOST_MESSAGES = 10_000;

interface MessageRow {
  readonly requiredTrustLevel: TrustLevel;
}

async function copy(tx: Tx, accountId: string): Promise<Copy> {
  const found: MessageRow[] = await tx.query(
    `SELECT thread.application_id AS "applicationId", thread.subject, message.id, message.kind,
       message.sender_kind AS "senderKind", message.sender_name AS "senderName", message.title, message.body,
       message.document_ids AS "documentIds", message.required_trust_level AS "requiredTrustLevel",
       message.available_at AS "availableAt", message.read_at AS "readAt"
     FROM thread JOIN message ON message.thread_id = thread.id
     WHERE thread.account_id = $1 AND message.available_at IS NOT NULL
     ORDER BY message.id DESC LIMIT ${MOST_MESSAGES + 1}`,
    [accountId],
  );
  const messages = found.slice(0, MOST_MESSAGES);
  const [preferences]: object[] = await tx.query(
    `SELECT email, email_confirmed AS "emailConfirmed", confirmed_email AS "confirmedEmail", email_for AS "emailFor", language
     FROM notification_preferences WHERE id = $1`,
    [accountId],
  );
  const [contact]: object[] = await tx.query(
    `SELECT display_name AS "displayName", email FROM account WHERE account_id = $1`,
    [accountId],
  );
  return {
    data: { contact, preferences, messages, olderLeftOut: found.length > MOST_MESSAGES },
    requiredTrustLevel: messages
      .map(({ requiredTrustLevel }) => requiredTrustLevel)
      .reduce(stricterTrust, TrustLevel.BASIC),
  };
}

/** Addresses and preferences stay while cases run: their holder must hear of the notice. */
async function erase(tx: Tx, accountId: string): Promise<Kept> {
  const running: unknown[] = await tx.query(
    `SELECT 1 FROM application_case WHERE account_id = $1
       AND state NOT IN ('DRAFT', 'CLOSED', 'WITHDRAWN', 'ARCHIVED', 'DESTROYED') LIMIT 1`,
    [accountId],
  );
  if (running.length === 0) {
    await tx.query(`DELETE FROM notification_preferences WHERE id = $1`, [accountId]);
    await tx.query(`DELETE FROM email_confirmation WHERE account_id = $1`, [accountId]);
    await tx.query(`DELETE FROM idle_notice WHERE account_id = $1`, [accountId]);
    await tx.query(`DELETE FROM account WHERE account_id = $1`, [accountId]);
  }
  const threads: unknown[] = await tx.query(
    `SELECT 1 FROM thread WHERE account_id = $1 UNION ALL SELECT 1 FROM message WHERE agent_account_id = $1 LIMIT 1`,
    [accountId],
  );
  const retained =
    threads.length === 0
      ? []
      : [
          {
            description: {
              de: 'Nachrichten zu aufbewahrten Verfahren, als Teil ihrer Akte',
              en: 'Messages about cases that are kept, as a part of their file',
            },
            legalBasis: 'Art. 17 Abs. 3 Buchst. b DSGVO; § 6 LArchG SH',
            until: null,
          },
        ];
  return { retained, running: running.length > 0 };
}

export const privacyWork: PrivacyWork = { copy, erase };
