/** Erasing an account: everything about its holder goes; an id without a person stays, because other rows point at it. */
import { now } from '../../../kernel/clock';
import { rows, type Tx } from '../../../kernel/database/database';
import { eraseFromEvents } from '../../../kernel/events/erasure';
import { derivedId } from '../../../kernel/ids';
import { change } from '../../../kernel/version';
import { publish, type Retained } from '../../../schema/events';
import { Account } from '../accounts/account.entity';
import { Mandate } from '../mandates/mandate.entity';
import { tellMandateChanged } from '../mandates/mandate.service';
import { revokeLater } from '../sign-in/revocation.service';
import { forgetAccountPerson } from '../staff/staff.recognition';
import type { PrivacyRequest } from './privacy.entity';

const NOBODY = 'Gelöschtes Konto';

/** The session that asked stays, read-only, until it ends: nobody else could still see the outcome. */
export async function eraseAccount(tx: Tx, { accountId, sessionId }: PrivacyRequest): Promise<Retained[]> {
  const [account] = await rows(tx, Account, 'SELECT * FROM account WHERE id = $1 FOR UPDATE', [accountId]);
  if (!account || account.erasedAt) return [];
  await endMandates(tx, accountId);
  await endMemberships(tx, accountId);
  await endSessions(tx, accountId, sessionId);
  await forgetAccountPerson(tx, accountId);
  for (const table of ['verified_attribute', 'account_identity']) {
    await tx.query(`DELETE FROM ${table} WHERE account_id = $1`, [accountId]);
  }
  await tx.query(
    `DELETE FROM privacy_copy USING privacy_request WHERE request_id = privacy_request.id AND account_id = $1`,
    [accountId],
  );
  await tx.query(
    `UPDATE privacy_request SET state = 'EXPIRED', version = version + 1
     WHERE account_id = $1 AND kind = 'EXPORT' AND state = 'COMPLETED'`,
    [accountId],
  );
  await eraseFromEvents(tx, 'account.changed', [accountId], { displayName: NOBODY, email: null });
  await change(tx, Account, account, { displayName: NOBODY, erasedAt: now() });
  await publish(tx, 'account.changed', accountId, {
    accountId,
    kind: account.kind,
    displayName: NOBODY,
    email: null,
  });
  return [accessLogKept()];
}

async function endMandates(tx: Tx, accountId: string): Promise<void> {
  const live = await rows(
    tx,
    Mandate,
    `SELECT * FROM mandate WHERE (principal_account_id = $1 OR agent_account_id = $1) AND revoked_at IS NULL
       AND (valid_to IS NULL OR valid_to > $2) ORDER BY id FOR UPDATE`,
    [accountId, now()],
  );
  for (const mandate of live) {
    await tellMandateChanged(tx, await change(tx, Mandate, mandate, { revokedAt: now(), revokedById: accountId }));
  }
}

/** Other subgraphs know members as agents. */
async function endMemberships(tx: Tx, id: string): Promise<void> {
  const [ended]: [{ organisation_id: string; account_id: string; since: Date }[], number] = await tx.query(
    `DELETE FROM organisation_member WHERE organisation_id = $1 OR account_id = $1 RETURNING *`,
    [id],
  );
  for (const { organisation_id: organisationId, account_id: memberId, since } of ended) {
    await publish(tx, 'organisation.member-changed', organisationId, {
      organisationId,
      accountId: memberId,
      member: false,
    });
    await publish(tx, 'mandate.changed', organisationId, {
      mandateId: derivedId('organisation-member', organisationId, memberId),
      principalAccountId: organisationId,
      agentAccountId: memberId,
      leikaKeys: [],
      validFrom: since.toISOString(),
      validTo: now().toISOString(),
    });
  }
}

async function endSessions(tx: Tx, accountId: string, spared: string | null): Promise<void> {
  const [ended]: [{ id: string }[], number] = await tx.query(
    `UPDATE session SET ended_at = $2, acting_for_id = NULL
     WHERE account_id = $1 AND ended_at IS NULL AND id IS DISTINCT FROM $3 RETURNING id`,
    [accountId, now(), spared],
  );
  await revokeLater(
    tx,
    ended.map(({ id }) => id),
  );
  for (const { id } of ended) {
    await publish(tx, 'session.ended', id, { sessionId: id, accountId: null, staffMemberId: null });
  }
  if (spared) await publish(tx, 'session.changed', spared, { sessionId: spared });
}

/** It says who read; about its holder it knows an id only. */
const accessLogKept = (): Retained => ({
  description: { de: 'Zugriffsprotokoll des Kontos, ohne Namen', en: 'Access log of the account, without a name' },
  legalBasis: 'Art. 5 Abs. 2 DSGVO; § 76 Abs. 4 BDSG (entsprechend)',
  until: `${now().getFullYear() + 1}-12-31`,
});
