/** Sign-in: begun in the graph, led through the OpenID provider in one browser, ended with a session. */
import { createHash, randomBytes } from 'node:crypto';
import { now } from '../../../kernel/clock';
import { listSetting, subgraphConfig } from '../../../kernel/config';
import type { Context } from '../../../kernel/context';
import type { Database } from '../../../kernel/database/database';
import { serviceOf } from '../../../kernel/principal';
import { readTicket, signTicket } from '../../../kernel/ticket';
import { type TrustLevel, trustSuffices } from '../../../kernel/trust';
import { refuse } from '../refusals';
import { IdentificationMethod, reaches } from '../sessions/identification.entity';
import { openPersonSession, openStaffSession } from '../sessions/principal.service';
import { levelOf, populationOf } from '../sessions/session.claims';
import type { SignIn } from '../sessions/session.entity';
import type { StartSignInInput } from '../sessions/session.inputs';
import { authorizationUrl, exchange, type Tokens } from './openid.client';

const LIFETIME_SECONDS = 600;
const TICKET = 'sign-in';

/** What was asked for, signed, so that beginning costs no row and nobody can change where it leads. */
interface Wish {
  readonly returnUrl: string;
  readonly level: TrustLevel;
  readonly staff: boolean;
  /** The session that is stepped up. */
  readonly earlier: string | null;
}

/**
 * The address leads through ours to the provider's, so that the way back is bound to the browser that went.
 * @throws Refusal RETURN_URL_NOT_REGISTERED, METHOD_TOO_WEAK
 */
export function startSignIn(ctx: Context, input: StartSignInInput): SignIn {
  const { returnUrl, minimumTrustLevel: level, method } = input;
  if (!listSetting('RETURN_URLS').includes(returnUrl)) throw refuse('RETURN_URL_NOT_REGISTERED');
  if (method && !reaches(method, level)) {
    const text = { de: 'Wählen Sie ein stärkeres Mittel.', en: 'Choose a stronger method.' };
    throw refuse('METHOD_TOO_WEAK', { problems: [{ path: '/method', code: 'TOO_WEAK', text }] });
  }
  const earlier = ctx.principal.kind === 'person' ? ctx.principal.sessionId : null;
  const wish: Wish = { returnUrl, level, staff: method === IdentificationMethod.STAFF_SIGN_ON, earlier };
  const ticket = signTicket('identity', TICKET, wish, LIFETIME_SECONDS);
  return {
    url: `${subgraphConfig('identity').publicUrl}/sign-in/start?ticket=${ticket}`,
    expiresAt: new Date(now().getTime() + LIFETIME_SECONDS * 1000),
  };
}

const hash = (text: string): string => createHash('sha256').update(text).digest('hex');

/** The name of the cookie that binds one sign-in to one browser; several may be on their way at once. */
export const cookieOf = (state: string): string => `sign_in_${hash(state).slice(0, 16)}`;

export interface Departure {
  /** At the provider. */
  readonly url: string;
  readonly cookie: { readonly name: string; readonly value: string; readonly seconds: number };
}

/** @returns null when the ticket is forged or expired  @throws Error when the provider does not answer */
export async function depart(db: Database, ticket: string, hint: string | null): Promise<Departure | null> {
  const wish = readTicket<Wish>('identity', TICKET, ticket);
  if (!wish) return null;
  const { url, secrets } = await authorizationUrl(wish.staff ? null : wish.level, hint);
  const browser = randomBytes(32).toString('base64url');
  await db.source.query(
    `INSERT INTO sign_in (state_hash, browser_hash, nonce, code_verifier, return_url, trust_level, earlier_session_id, expires_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
    [
      hash(secrets.state),
      hash(browser),
      secrets.nonce,
      secrets.codeVerifier,
      wish.returnUrl,
      wish.level,
      wish.earlier,
      new Date(now().getTime() + LIFETIME_SECONDS * 1000),
    ],
  );
  return { url, cookie: { name: cookieOf(secrets.state), value: browser, seconds: LIFETIME_SECONDS } };
}

interface Row {
  readonly nonce: string;
  readonly code_verifier: string;
  readonly return_url: string;
  readonly trust_level: TrustLevel;
  readonly earlier_session_id: string | null;
}

export type Arrival =
  /** Nothing of ours: used, expired, invented, or begun in another browser. */
  | { readonly kind: 'unknown' }
  /** The provider, its answer or the level reached would not do. */
  | { readonly kind: 'failed'; readonly returnUrl: string; readonly error: unknown }
  | { readonly kind: 'signed-in'; readonly returnUrl: string; readonly accessToken: string; readonly seconds: number };

/**
 * The browser is back. Its sign-in is used up, whatever comes of it.
 * @param search the query of the callback  @param browser the value of the cookie, if it came
 */
export async function arrive(db: Database, search: string, browser: string | undefined): Promise<Arrival> {
  const state = new URLSearchParams(search).get('state') ?? '';
  const row = browser ? await take(db, state, browser) : null;
  if (!row) return { kind: 'unknown' };
  const returnUrl = row.return_url;
  try {
    const tokens = await exchange(search, { state, nonce: row.nonce, codeVerifier: row.code_verifier });
    checkLevel(tokens, row.trust_level);
    await open(db, tokens, row.earlier_session_id);
    const seconds = Math.floor(tokens.claims.exp - now().getTime() / 1000);
    return { kind: 'signed-in', returnUrl, accessToken: tokens.accessToken, seconds };
  } catch (error) {
    return { kind: 'failed', returnUrl, error };
  }
}

async function take(db: Database, state: string, browser: string): Promise<Row | null> {
  const [row]: Row[] = await db.source.query(
    `WITH taken AS (DELETE FROM sign_in WHERE state_hash = $1 AND browser_hash = $2 AND expires_at > $3 RETURNING *)
     SELECT * FROM taken`,
    [hash(state), hash(browser), now()],
  );
  return row ?? null;
}

/** Both tokens must say that the level was reached: the gateway will believe the access token alone. */
function checkLevel({ claims, acrs }: Tokens, needed: TrustLevel): void {
  const population = populationOf(claims);
  if (population === 'staff') return;
  if (population !== 'citizen' && population !== 'organisation') throw new Error('Nobody of that kind signs in here.');
  if (!acrs.every(acr => trustSuffices(levelOf(acr), needed))) throw new Error('The trust level was not reached.');
}

async function open(db: Database, { claims }: Tokens, earlier: string | null): Promise<void> {
  await db.tx(serviceOf(db.name), async tx => {
    if (populationOf(claims) === 'staff') {
      if (!(await openStaffSession(tx, claims, { fresh: true }))) throw new Error('The directory has no such person.');
      return;
    }
    const id = await openPersonSession(tx, claims, { fresh: true });
    // after a step-up one goes on acting for whom one acted
    await tx.query(
      `UPDATE session SET acting_for_id = earlier.acting_for_id FROM session AS earlier
       WHERE session.id = $1 AND earlier.id = $2 AND earlier.account_id = session.account_id AND earlier.ended_at IS NULL
         AND session.id <> earlier.id`,
      [id, earlier],
    );
  });
}
