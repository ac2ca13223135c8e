/**
 * The package a line-of-business system gets: answers, documents by their hash, and history, as canonical JSON, so that
 * the same case gives the same bytes. Frozen when the handover starts.
 *
 * Format `case-handover` version 1: `{ format, formatVersion, handoverId, system, application, answers, documents,
 * history }`. Dates are RFC 3339, days `YYYY-MM-DD`. Each history entry can be checked: its hash is SHA-256 of
 * previousHash and canonical.
 */
import { canonicalJson } from '../../../kernel/chain';
import type { Tx } from '../../../kernel/database/database';
import type { Application } from '../application/application.entity';

export const PACKAGE_TYPE = 'application/json';

/** @returns the bytes of the package. */
export async function packageOf(
  tx: Tx,
  application: Application,
  handover: { id: string; system: string },
): Promise<Buffer> {
  const documents: unknown[] = await tx.query(
    `SELECT id, filename, mime_type AS "mimeType", byte_size AS "byteSize", sha256, purpose,
            requirement_code AS "requirementCode"
     FROM document
     WHERE application_id = $1 AND state = 'AVAILABLE' AND purpose <> 'INTERNAL' AND shared_at IS NOT NULL ORDER BY id`,
    [application.id],
  );
  const history: unknown[] = await tx.query(
    `SELECT sequence, occurred_at AS "occurredAt", action, state, canonical, previous_hash AS "previousHash", hash
     FROM history_entry WHERE application_id = $1 AND audience = 'STAFF' ORDER BY sequence`,
    [application.id],
  );
  const { reference, leikaKey, serviceTitle, ars, areaName, authorityId, authorityName, applicantName } = application;
  const { submittedAt, receivedAt, completeAt, trustLevel, formId, formData } = application;
  return Buffer.from(
    canonicalJson({
      format: 'case-handover',
      formatVersion: 1,
      handoverId: handover.id,
      system: handover.system,
      application: {
        id: application.id,
        reference,
        leikaKey,
        serviceTitle,
        ars,
        areaName,
        authorityId,
        authorityName,
        applicantName,
        trustLevel,
        formId,
        submittedAt,
        receivedAt,
        completeAt,
      },
      answers: formData,
      documents,
      history,
    }),
  );
}
