/** From the claims of a verified token to the principal: one indexed statement when the session is known. */
import type { Database, Tx } from '../../../kernel/database/database';
import type { Asker, Person, Principal, Staff } from '../../../kernel/principal';
import { serviceOf } from '../../../kernel/principal';
import { type ActingRow, actingColumns, actingRight } from '../accounts/account.rights';
import { rememberAccount, rememberMembership, type Seen } from '../accounts/account.service';
import { activeSql, changesInMsSql } from '../grant-state';
import { seen } from '../privacy/privacy.idle';
import { rememberStaffPerson } from '../staff/staff.recognition';
import { type StaffRole, scopesWith } from '../staff/staff.roles';
import {
  type Claims,
  issuedAt,
  levelOf,
  machineScopes,
  methodOf,
  personOfClaims,
  populationOf,
  sessionIdOf,
  vouchedEmail,
} from './session.claims';

export interface Known {
  readonly principal: Asker;
  /** Milliseconds until a mandate or substitution begins or ends, which no event tells; null when none will. */
  readonly changesInMs: number | null;
}

/** @returns null when nobody is signed in by these claims: ended, left, or never known here */
export async function principalOf(db: Database, claims: Claims): Promise<Known | null> {
  switch (populationOf(claims)) {
    case 'citizen':
    case 'organisation':
      return personOf(db, claims);
    case 'staff':
      return staffOf(db, claims);
    case 'machine':
      return {
        principal: { kind: 'machine', name: claims.client_id ?? claims.sub, scopes: machineScopes(claims) },
        changesInMs: null,
      };
    case null:
      return null;
  }
}

/** One statement of the subgraph's own: nobody is known yet as whom row-level security could judge. */
const ours = <R>(db: Database, sql: string, values: unknown[]): Promise<R[]> =>
  db.tx(serviceOf(db.name), tx => tx.query(sql, values));

/** Times of a session that decide whether a token still counts. */
interface SessionRow {
  readonly session_id: string | null;
  readonly ended: boolean | null;
  readonly expires_at: Date | null;
  readonly tokens_since: Date;
  readonly changes_in_ms: number | null;
}

const isOver = (row: SessionRow, claims: Claims): boolean =>
  row.ended === true || issuedAt(claims).getTime() < Math.floor(row.tokens_since.getTime() / 1000) * 1000;

type PersonRow = SessionRow &
  ActingRow & { readonly account_id: string; readonly acting_for_id: string | null; readonly erased: boolean };

/** `$1` the session. */
export const PERSON = `
  SELECT session.id AS session_id, session.ended_at IS NOT NULL AS ended, session.expires_at, session.account_id,
         session.acting_for_id, account.erased_at IS NOT NULL AS erased, greatest(session.tokens_since, account.tokens_since) AS tokens_since,
         ${actingColumns('session.account_id', 'session.acting_for_id')},
         ${changesInMsSql('mandate', 'principal_account_id = session.acting_for_id AND agent_account_id = session.account_id')} AS changes_in_ms
  FROM session JOIN account ON account.id = session.account_id WHERE session.id = $1`;

async function personOf(db: Database, claims: Claims): Promise<Known | null> {
  const id = sessionIdOf(claims);
  const find = async (): Promise<PersonRow | undefined> => (await ours<PersonRow>(db, PERSON, [id]))[0];
  let row = await find();
  if (!row) {
    await db.tx(serviceOf(db.name), tx => openPersonSession(tx, claims));
    row = await find();
  }
  if (!row || isOver(row, claims)) return null;
  await prolong(db, row, claims);
  const right = row.acting_for_id ? actingRight(row) : null;
  const principal: Person = {
    kind: 'person',
    sessionId: id,
    accountId: row.account_id,
    // a right that has ended leads back to oneself
    actingFor: right && row.acting_for_id ? row.acting_for_id : row.account_id,
    services: right?.services ?? null,
    // the session that asked for the erasure may still read its outcome
    readOnly: row.erased || (right?.readOnly ?? false),
    trustLevel: levelOf(claims.acr),
  };
  return { principal, changesInMs: row.changes_in_ms };
}

type StaffRow = SessionRow & {
  readonly id: string;
  readonly authority_id: string;
  readonly department_id: string | null;
  readonly roles: StaffRole[];
  readonly active: boolean;
  /** Of those they cover for now. */
  readonly covered_roles: StaffRole[];
};

/** `$1` the subject, `$2` the session. */
export const STAFF = `
  SELECT session.id AS session_id, session.ended_at IS NOT NULL AS ended, session.expires_at,
         greatest(session.tokens_since, member.tokens_since) AS tokens_since,
         member.id, member.authority_id, member.department_id, member.roles, member.active,
         ARRAY (SELECT unnest(absent.roles) FROM substitution JOIN staff_member AS absent ON absent.id = substitution.absent_staff_member_id
                WHERE substitution.substitute_staff_member_id = member.id AND substitution.authority_id = member.authority_id
                  AND absent.authority_id = member.authority_id AND absent.active AND ${activeSql('substitution')}) AS covered_roles,
         ${changesInMsSql('substitution', 'substitute_staff_member_id = member.id')} AS changes_in_ms
  FROM staff_member AS member LEFT JOIN session ON session.id = $2 AND session.staff_member_id = member.id
  WHERE member.subject = $1`;

async function staffOf(db: Database, claims: Claims): Promise<Known | null> {
  const id = sessionIdOf(claims);
  const find = async (): Promise<StaffRow | undefined> => (await ours<StaffRow>(db, STAFF, [claims.sub, id]))[0];
  let row = await find();
  if (!row?.active || !row.session_id) {
    const opened = await db.tx(serviceOf(db.name), tx => openStaffSession(tx, claims));
    row = opened ? await find() : undefined;
  }
  if (!row?.active || !row.session_id || isOver(row, claims)) return null;
  await prolong(db, row, claims);
  const principal: Staff = {
    kind: 'staff',
    sessionId: id,
    staffMemberId: row.id,
    authorityId: row.authority_id,
    departmentId: row.department_id,
    scopes: scopesWith(row.roles, row.covered_roles),
  };
  return { principal, changesInMs: row.changes_in_ms };
}

/** @returns null for a session that is none, or was opened before issuers were written down */
export async function issuerOfSession(tx: Tx, who: Principal): Promise<string | null> {
  if (who.kind !== 'person' && who.kind !== 'staff') return null;
  const [row]: { issuer: string | null }[] = await tx.query(`SELECT issuer FROM session WHERE id = $1`, [
    who.sessionId,
  ]);
  return row?.issuer ?? null;
}

/** A refreshed token lets the session live longer. */
async function prolong(db: Database, row: SessionRow, claims: Claims): Promise<void> {
  const expiresAt = new Date(claims.exp * 1000);
  if (row.expires_at && row.expires_at >= expiresAt) return;
  await ours(
    db,
    `UPDATE session SET expires_at = greatest(expires_at, $2), trust_level = $3, method = $4 WHERE id = $1`,
    [row.session_id, expiresAt, levelOf(claims.acr), methodOf(claims)],
  );
}

/**
 * How a session comes to be: `fresh` by a sign-in of our own just now, which opens an ended one anew for the tokens it
 * brings and says for which host of ours the provider made the subject.
 */
interface Opening {
  readonly fresh?: Seen;
}

/** Makes the account at first sight. @returns the session's id */
export async function openPersonSession(tx: Tx, claims: Claims, { fresh }: Opening = {}): Promise<string> {
  const accountId = await rememberAccount(tx, claims, fresh);
  await seen(tx, accountId);
  const organisationId = await rememberMembership(tx, claims, accountId);
  if (organisationId) await seen(tx, organisationId);
  const id = await openSession(tx, claims, { accountId, staffMemberId: null }, { ...(fresh && { fresh }) });
  if (organisationId) await tx.query(`UPDATE session SET acting_for_id = $2 WHERE id = $1`, [id, organisationId]);
  return id;
}

/** @returns null when the directory has no such person, or they have left */
export async function openStaffSession(tx: Tx, claims: Claims, opening: Opening = {}): Promise<string | null> {
  const staffMemberId = (await knownStaff(tx, claims)) ?? (await firstSignOn(tx, claims));
  if (!staffMemberId) return null;
  await rememberStaffPerson(tx, staffMemberId, personOfClaims(claims));
  return openSession(tx, claims, { accountId: null, staffMemberId }, opening);
}

async function knownStaff(tx: Tx, { sub }: Claims): Promise<string | null> {
  const [row]: { id: string }[] = await tx.query(`SELECT id FROM staff_member WHERE subject = $1 AND active`, [sub]);
  return row?.id ?? null;
}

/**
 * Who was entered by name and e-mail is found by the e-mail that the authority's directory vouches for, once: `$1` the
 * subject, `$2` the e-mail. Of several authorities that entered it, that whose directory speaks for its domain counts,
 * then the first.
 */
export const ENTERED = `
  SELECT member.id FROM staff_member AS member
  WHERE lower(member.email) = lower($2) AND member.subject IS NULL AND member.active
    AND NOT EXISTS (SELECT FROM staff_member AS other WHERE other.subject = $1 AND other.active)
  ORDER BY EXISTS (SELECT FROM scim_token AS token WHERE token.authority_id = member.authority_id
                   AND lower(split_part($2, '@', 2)) = ANY (token.mail_domains)) DESC, member.created_at, member.id
  LIMIT 1 FOR UPDATE`;

/** An address that nobody vouches for could be a colleague's. */
async function firstSignOn(tx: Tx, claims: Claims): Promise<string | null> {
  const { sub } = claims;
  const email = vouchedEmail(claims);
  if (!email) return null;
  // of many first requests one chooses the entry; the others wait, and find what it has chosen
  await tx.query(`SELECT pg_advisory_xact_lock(hashtextextended($1, 0))`, [`first sign-on ${sub}`]);
  const chosen = await knownStaff(tx, claims);
  if (chosen) return chosen;
  const [row]: { id: string }[] = await tx.query(ENTERED, [sub, email]);
  if (!row) return null;
  // who left another authority brings their subject along
  await tx.query(`UPDATE staff_member SET subject = NULL WHERE subject = $1`, [sub]);
  await tx.query(`UPDATE staff_member SET subject = $1 WHERE id = $2`, [sub, row.id]);
  return row.id;
}

async function openSession(
  tx: Tx,
  claims: Claims,
  whose: { accountId: string | null; staffMemberId: string | null },
  { fresh }: Opening,
): Promise<string> {
  const id = sessionIdOf(claims);
  const anew = `DO UPDATE SET ended_at = NULL, trust_level = excluded.trust_level, method = excluded.method,
    expires_at = greatest(session.expires_at, excluded.expires_at),
    tokens_since = CASE WHEN session.ended_at IS NULL THEN session.tokens_since ELSE $10 END`;
  const values: unknown[] = [
    id,
    whose.accountId,
    whose.staffMemberId,
    levelOf(claims.acr),
    methodOf(claims),
    new Date(),
    new Date(claims.exp * 1000),
    claims.iss,
    claims.sid ?? null,
  ];
  if (fresh) values.push(issuedAt(claims));
  await tx.query(
    `INSERT INTO session (id, account_id, staff_member_id, trust_level, method, opened_at, expires_at, issuer, sid)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (id) ${fresh ? anew : 'DO NOTHING'}`,
    values,
  );
  return id;
}
