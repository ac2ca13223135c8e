/** Signing out at the OpenID provider: what it says, checked, and the sessions that end by it. */
import { now } from '../../../kernel/clock';
import { clientConfig, issuers } from '../../../kernel/config';
import type { Database, Tx } from '../../../kernel/database/database';
import { serviceOf } from '../../../kernel/principal';
import { publish } from '../../../schema/events';
import { ALGORITHMS, keysOf, SKEW_SECONDS } from './openid.client';
import { revokeLater } from './revocation.service';

const EVENT = 'http://schemas.openid.net/event/backchannel-logout';
const LONGEST_TOKEN = 8 * 1024;
const OLDEST_SECONDS = 120;

/** One sign-in by its name at the provider, or all of a person. */
export interface SignedOut {
  readonly issuer: string;
  readonly sid: string | null;
  readonly subject: string | null;
}

/**
 * Reads a logout token (OpenID Connect Back-Channel Logout 1.0, § 2.6).
 * @throws Error for anything that is not one: an ID token or access token above all
 */
export async function readLogoutToken(token: string): Promise<SignedOut> {
  if (token.length > LONGEST_TOKEN) throw new Error('The logout token is too long.');
  const { decodeJwt, jwtVerify } = await import('jose');
  const issuer = decodeJwt(token).iss ?? ''; // not believed yet: it only chooses whose keys must have signed
  const population = issuers().get(issuer);
  if (!population) throw new Error('The logout token is of an unknown issuer.');
  const { payload, protectedHeader } = await jwtVerify(token, keysOf(issuer).find, {
    issuer,
    audience: clientConfig(population).id,
    algorithms: ALGORITHMS,
    requiredClaims: ['iat', 'jti', 'events'],
    maxTokenAge: OLDEST_SECONDS,
    clockTolerance: SKEW_SECONDS,
    currentDate: now(),
  });
  const { typ = 'JWT' } = protectedHeader;
  const { events, nonce, sid, sub } = payload;
  const isLogout = typeof events === 'object' && events !== null && Object.hasOwn(events, EVENT);
  if (!isLogout || nonce !== undefined || !/^(application\/)?(logout\+jwt|jwt)$/i.test(typ))
    throw new Error('This is no logout token.');
  if (typeof sid !== 'string' && typeof sub !== 'string') throw new Error('The logout token names nobody.');
  return { issuer, sid: typeof sid === 'string' ? sid : null, subject: sub ?? null };
}

/** Open streams and cached principals end with the sessions, by their event. @returns how many ended */
export function signOut(db: Database, { issuer, sid, subject }: SignedOut): Promise<number> {
  return db.tx(serviceOf(db.name), async tx => {
    const ended = sid ? await endNamed(tx, issuer, sid) : await endAllOf(tx, issuer, subject ?? '');
    await revokeLater(tx, ended);
    for (const id of ended)
      await publish(tx, 'session.ended', id, { sessionId: id, accountId: null, staffMemberId: null });
    return ended.length;
  });
}

const idsOf = ([rows]: [{ id: string }[], number]): string[] => rows.map(({ id }) => id);

const endNamed = async (tx: Tx, issuer: string, sid: string): Promise<string[]> =>
  idsOf(
    await tx.query(
      `UPDATE session SET ended_at = $3 WHERE issuer = $1 AND sid = $2 AND ended_at IS NULL RETURNING id`,
      [issuer, sid, now()],
    ),
  );

const endAllOf = async (tx: Tx, issuer: string, subject: string): Promise<string[]> =>
  idsOf(
    await tx.query(
      `UPDATE session SET ended_at = $3 WHERE issuer = $1 AND ended_at IS NULL AND (
         account_id = (SELECT account_id FROM account_identity WHERE issuer = $1 AND subject = $2)
         OR staff_member_id = (SELECT id FROM staff_member WHERE subject = $2)) RETURNING id`,
      [issuer, subject, now()],
    ),
  );
