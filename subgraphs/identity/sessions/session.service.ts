/** Sessions: read, ended, and for whom one acts. */
import { now } from '../../../kernel/clock';
import type { Context } from '../../../kernel/context';
import type { Tx } from '../../../kernel/database/database';
import { forbidden } from '../../../kernel/errors';
import { type Person, type Principal, type Staff, scopesOf } from '../../../kernel/principal';
import type { TrustLevel } from '../../../kernel/trust';
import { publish } from '../../../schema/events';
import { findActingRight, provenSession } from '../accounts/account.rights';
import { seen } from '../privacy/privacy.idle';
import { refuse } from '../refusals';
import { revokeLater } from '../sign-in/revocation.service';
import type { IdentificationMethod } from './identification.entity';
import { Session } from './session.entity';
import type { ActForInput, EndSessionInput } from './session.inputs';

interface Row {
  readonly id: string;
  readonly account_id: string | null;
  readonly staff_member_id: string | null;
  readonly trust_level: TrustLevel;
  readonly method: IdentificationMethod;
  readonly expires_at: Date;
}

/** @returns null for who has none: anonymous, machines, subgraphs for themselves */
export async function findSession(tx: Tx, who: Principal): Promise<Session | null> {
  if (who.kind !== 'person' && who.kind !== 'staff') return null;
  const [row]: Row[] = await tx.query(`SELECT * FROM session WHERE id = $1 AND ended_at IS NULL`, [who.sessionId]);
  return row ? asSession(row, who) : null;
}

function asSession(row: Row, who: Person | Staff): Session {
  return Object.assign(new Session(), {
    id: row.id,
    accountId: row.account_id,
    staffMemberId: row.staff_member_id,
    actingForId: who.kind === 'person' && who.actingFor !== who.accountId ? who.actingFor : null,
    trustLevel: who.kind === 'person' ? who.trustLevel : row.trust_level,
    method: row.method,
    scopes: [...scopesOf(who)],
    expiresAt: row.expires_at,
  });
}

/**
 * The session keeps the choice; the gateway learns it at once.
 * @throws Refusal NOT_REPRESENTED without a mandate or membership, the same for an account that does not exist
 */
export function actFor(ctx: Context, { accountId }: ActForInput): Promise<Session> {
  return ctx.write(async tx => {
    const who = await provenSession(tx, ctx.principal);
    const other = accountId && accountId !== who.accountId ? accountId : null;
    if (other && !(await findActingRight(tx, who.accountId, other))) throw refuse('NOT_REPRESENTED');
    await tx.query(`UPDATE session SET acting_for_id = $2 WHERE id = $1`, [who.sessionId, other]);
    if (other) await seen(tx, other);
    await tx.query(
      `UPDATE organisation_member SET has_acted = true WHERE organisation_id = $1 AND account_id = $2 AND NOT has_acted`,
      [other, who.accountId],
    );
    await publish(tx, 'session.changed', who.sessionId, { sessionId: who.sessionId });
    return (await findSession(tx, { ...who, actingFor: other ?? who.accountId }))!;
  });
}

/** Answers with the session as it was, ending now. */
export function endSession(ctx: Context, { everywhere }: EndSessionInput): Promise<Session> {
  return ctx.write(async tx => {
    const who = ctx.principal;
    const session = await findSession(tx, who);
    if (!session || (who.kind !== 'person' && who.kind !== 'staff')) throw forbidden();
    const endedAt = now();
    if (everywhere)
      await endAll(
        tx,
        who.kind === 'person' ? { accountId: who.accountId } : { staffMemberId: who.staffMemberId },
        endedAt,
      );
    await tx.query(`UPDATE session SET ended_at = $2 WHERE id = $1`, [session.id, endedAt]);
    await revokeLater(tx, [session.id]);
    await publish(tx, 'session.ended', session.id, { sessionId: session.id, accountId: null, staffMemberId: null });
    return Object.assign(session, { expiresAt: endedAt });
  });
}

type Whose = { readonly accountId: string } | { readonly staffMemberId: string };

/** Tokens we have never seen end too: the owner's row says since when a token must have been issued. */
export async function endAll(tx: Tx, whose: Whose, endedAt = now()): Promise<void> {
  const [table, column, id] =
    'accountId' in whose
      ? ['account', 'account_id', whose.accountId]
      : ['staff_member', 'staff_member_id', whose.staffMemberId];
  await tx.query(`UPDATE ${table} SET tokens_since = $2 WHERE id = $1`, [id, endedAt]);
  const [ended]: [{ id: string }[], number] = await tx.query(
    `UPDATE session SET ended_at = $2 WHERE ${column} = $1 AND ended_at IS NULL RETURNING id`,
    [id, endedAt],
  );
  await revokeLater(
    tx,
    ended.map(one => one.id),
  );
  await publish(tx, 'session.ended', id, { sessionId: null, accountId: null, staffMemberId: null, ...whose });
}

const KEPT_AFTER_END = '1 day';

/** Forgets sessions and sign-ins that nobody can use any more. */
export async function forgetOld(tx: Tx): Promise<void> {
  await tx.query(`DELETE FROM session WHERE expires_at < $1::timestamptz - interval '${KEPT_AFTER_END}'`, [now()]);
  await tx.query(`DELETE FROM sign_in WHERE expires_at < $1`, [now()]);
}
