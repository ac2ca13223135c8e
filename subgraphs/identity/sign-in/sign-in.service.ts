/** Sign-in: begun in the graph, led through the OpenID provider in one browser, ended with a session. */
import { createHash, randomBytes } from 'node:crypto';
import { now } from '../../../kernel/clock';
import { isReturnUrl, issuers, type Population, subgraphConfig } from '../../../kernel/config';
import type { Context } from '../../../kernel/context';
import type { Database } from '../../../kernel/database/database';
import { serviceOf } from '../../../kernel/principal';
import { readTicket, signTicket } from '../../../kernel/ticket';
import { type TrustLevel, trustSuffices } from '../../../kernel/trust';
import { AccountKind } from '../accounts/account.entity';
import { refuse } from '../refusals';
import { IdentificationMethod, reaches } from '../sessions/identification.entity';
import { issuerOfSession, openPersonSession, openStaffSession } from '../sessions/principal.service';
import { levelOf, populationOf } from '../sessions/session.claims';
import type { SignIn } from '../sessions/session.entity';
import type { StartSignInInput } from '../sessions/session.inputs';
import { authorizationUrl, exchange, type Tokens } from './openid.client';
import { firstTicket, ticketFor } from './refresh.service';
import type { Kept } from './sign-in.cookies';

const LIFETIME_SECONDS = 600;
const TICKET = 'sign-in';

/** What was asked for, signed, so that beginning costs no row and nobody can change where it leads. */
interface Wish {
  readonly returnUrl: string;
  readonly level: TrustLevel;
  readonly population: Population;
  /** The session that is stepped up. */
  readonly earlier: string | null;
}

/**
 * The address leads through ours to the provider's, so that the way back is bound to the browser that went.
 * @throws Refusal RETURN_URL_NOT_REGISTERED, METHOD_TOO_WEAK
 */
export async function startSignIn(ctx: Context, input: StartSignInInput): Promise<SignIn> {
  const { returnUrl, minimumTrustLevel: level, method } = input;
  if (!isReturnUrl(returnUrl)) throw refuse('RETURN_URL_NOT_REGISTERED');
  if (method && !reaches(method, level)) {
    const text = { de: 'Wählen Sie ein stärkeres Mittel.', en: 'Choose a stronger method.' };
    throw refuse('METHOD_TOO_WEAK', { problems: [{ path: '/method', code: 'TOO_WEAK', text }] });
  }
  const earlier = ctx.principal.kind === 'person' ? ctx.principal.sessionId : null;
  const wish: Wish = { returnUrl, level, population: await populationFor(ctx, input), earlier };
  const ticket = signTicket('identity', TICKET, wish, LIFETIME_SECONDS);
  return {
    url: `${subgraphConfig('identity').publicUrl}/sign-in/start?ticket=${ticket}`,
    expiresAt: new Date(now().getTime() + LIFETIME_SECONDS * 1000),
  };
}

/** Whose provider is asked: who steps up stays with the one that opened the session. */
async function populationFor(ctx: Context, { method, accountKind }: StartSignInInput): Promise<Population> {
  if (method === IdentificationMethod.STAFF_SIGN_ON) return 'staff';
  if (accountKind) return accountKind === AccountKind.ORGANISATION ? 'organisation' : 'citizen';
  const opened = ctx.principal.kind === 'person' ? await ctx.read(tx => issuerOfSession(tx, ctx.principal)) : null;
  return issuers().get(opened ?? '') === 'organisation' ? 'organisation' : 'citizen';
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
  const { url, secrets } = await authorizationUrl(
    wish.population,
    wish.population === 'staff' ? null : wish.level,
    hint,
  );
  const browser = randomBytes(32).toString('base64url');
  await db.source.query(
    `INSERT INTO sign_in (state_hash, browser_hash, nonce, code_verifier, return_url, trust_level, earlier_session_id, expires_at, population)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
    [
      hash(secrets.state),
      hash(browser),
      secrets.nonce,
      secrets.codeVerifier,
      wish.returnUrl,
      wish.level,
      wish.earlier,
      new Date(now().getTime() + LIFETIME_SECONDS * 1000),
      wish.population,
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
  | { readonly kind: 'signed-in'; readonly returnUrl: string; readonly kept: Kept };

/**
 * The browser is back. Its sign-in is used up, whatever comes of it.
 * @param population whose callback it is  @param search its query  @param browser the value of the cookie, if it came
 */
export async function arrive(
  db: Database,
  population: Population,
  search: string,
  browser: string | undefined,
): Promise<Arrival> {
  const state = new URLSearchParams(search).get('state') ?? '';
  const row = browser ? await take(db, population, state, browser) : null;
  if (!row) return { kind: 'unknown' };
  const returnUrl = row.return_url;
  try {
    const tokens = await exchange(population, search, { state, nonce: row.nonce, codeVerifier: row.code_verifier });
    checkLevel(tokens, row.trust_level);
    const ticket = await open(db, population, tokens, row.earlier_session_id);
    const seconds = Math.floor(tokens.claims.exp - now().getTime() / 1000);
    const kept = { accessToken: tokens.accessToken, seconds, refresh: ticket ? ticketFor(ticket) : null };
    return { kind: 'signed-in', returnUrl, kept };
  } catch (error) {
    return { kind: 'failed', returnUrl, error };
  }
}

async function take(db: Database, population: Population, state: string, browser: string): Promise<Row | null> {
  const [row]: Row[] = await db.source.query(
    `WITH taken AS (DELETE FROM sign_in WHERE state_hash = $1 AND browser_hash = $2 AND expires_at > $3 AND population = $4
       RETURNING *)
     SELECT * FROM taken`,
    [hash(state), hash(browser), now(), population],
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

/** @returns what will prolong the session; null when the provider gives no refresh token */
function open(
  db: Database,
  population: Population,
  { claims, refreshToken }: Tokens,
  earlier: string | null,
): Promise<string | null> {
  const fresh = { sector: new URL(subgraphConfig('identity').publicUrl).host };
  return db.tx(serviceOf(db.name), async tx => {
    const id =
      population === 'staff'
        ? await openStaffSession(tx, claims, { fresh })
        : await openPersonSession(tx, claims, { fresh });
    if (!id) throw new Error('The directory has no such person.');
    // after a step-up one goes on acting for whom one acted
    await tx.query(
      `UPDATE session SET acting_for_id = earlier.acting_for_id FROM session AS earlier
       WHERE session.id = $1 AND earlier.id = $2 AND earlier.account_id = session.account_id AND earlier.ended_at IS NULL
         AND session.id <> earlier.id`,
      [id, earlier],
    );
    return refreshToken ? firstTicket(tx, id, population, refreshToken) : null;
  });
}
