/** Prolonging a browser's session: each refresh makes the next ticket, and a ticket used twice ends the session. */
import { now } from '../../../kernel/clock';
import type { Population } from '../../../kernel/config';
import type { Database, Tx } from '../../../kernel/database/database';
import { serviceOf } from '../../../kernel/principal';
import { readTicket, signTicket } from '../../../kernel/ticket';
import { trustSuffices } from '../../../kernel/trust';
import { publish } from '../../../schema/events';
import { levelOf, sessionIdOf } from '../sessions/session.claims';
import { isRefused, refreshTokens, type Tokens } from './openid.client';
import { type HeldToken, keep, seal, unseal } from './refresh.token';
import { revokeLater } from './revocation.service';
import type { Kept } from './sign-in.cookies';

const TICKET = 'refresh';
/** As long as a browser can go on without signing in again, counted anew with each refresh. */
const LIFETIME_SECONDS = 8 * 3_600;
/** Two tabs may come with one ticket at once: so long the second one is told to wait, not taken for a thief. */
const TOGETHER_MS = 10_000;
const BUSY_MS = 15_000;

/** What the cookie says, signed. */
interface Ticket {
  readonly session: string;
  readonly generation: number;
}

export type Refreshed =
  | { readonly kind: 'prolonged'; readonly kept: Kept }
  /** Another tab has done it or is doing it. */
  | { readonly kind: 'wait' }
  /** The provider does not answer; nothing is lost. */
  | { readonly kind: 'later'; readonly error: unknown }
  /** Signed out, or refused, or the ticket was used twice. */
  | { readonly kind: 'over'; readonly reused: boolean };

const OVER: Refreshed = { kind: 'over', reused: false };

/** A fresh session gets its first ticket. */
export async function firstTicket(tx: Tx, session: string, population: Population, token: string): Promise<string> {
  const [row]: { generation: number }[] = await tx.query(
    `INSERT INTO session_refresh AS held (session_id, population, generation, sealed_token, rotated_at)
     VALUES ($1, $2, 1, $3, $4)
     ON CONFLICT (session_id) DO UPDATE SET generation = held.generation + 1, sealed_token = excluded.sealed_token,
       rotated_at = excluded.rotated_at, busy_until = NULL
     RETURNING generation`,
    [session, population, seal(token, session), now()],
  );
  return ticketOf({ session, generation: row!.generation });
}

const ticketOf = (ticket: Ticket): string => signTicket('identity', TICKET, ticket, LIFETIME_SECONDS);
export const ticketFor = (ticket: string) => ({ ticket, seconds: LIFETIME_SECONDS });

/** The provider is asked between two transactions: first the intent is written, then the outcome. */
export async function refresh(db: Database, cookie: string): Promise<Refreshed> {
  const ticket = readTicket<Ticket>('identity', TICKET, cookie);
  if (!ticket) return OVER;
  const taken = await db.tx(serviceOf(db.name), tx => take(tx, ticket));
  if (!('population' in taken)) return taken;
  let tokens: Tokens;
  try {
    tokens = await refreshTokens(taken.population, unseal(taken.sealed_token, ticket.session));
    if (sessionIdOf(tokens.claims) !== ticket.session) throw new Error('The fresh token is of another sign-in.');
  } catch (error) {
    return db.tx(serviceOf(db.name), tx => giveUp(tx, ticket, error));
  }
  return db.tx(serviceOf(db.name), tx => write(tx, ticket, taken, tokens));
}

async function take(tx: Tx, { session, generation }: Ticket): Promise<HeldToken | Refreshed> {
  const [row]: (HeldToken & { busy: boolean })[] = await tx.query(
    `SELECT held.population, held.generation, held.sealed_token, held.rotated_at, coalesce(held.busy_until > $2, false) AS busy
     FROM session_refresh AS held JOIN session ON session.id = held.session_id
     WHERE held.session_id = $1 AND session.ended_at IS NULL FOR UPDATE OF held`,
    [session, now()],
  );
  if (!row) return OVER;
  if (row.generation === generation && !row.busy) {
    const until = new Date(now().getTime() + BUSY_MS);
    await tx.query(`UPDATE session_refresh SET busy_until = $2 WHERE session_id = $1`, [session, until]);
    return row;
  }
  if (row.generation === generation) return { kind: 'wait' };
  const isLast = row.generation === generation + 1;
  if (isLast && now().getTime() - row.rotated_at.getTime() < TOGETHER_MS) return { kind: 'wait' };
  await end(tx, session); // somebody holds a copy: whoever it is, both must sign in again
  return { kind: 'over', reused: true };
}

async function giveUp(tx: Tx, { session }: Ticket, error: unknown): Promise<Refreshed> {
  if (await isRefused(error)) {
    await end(tx, session);
    return OVER;
  }
  await tx.query(`UPDATE session_refresh SET busy_until = NULL WHERE session_id = $1`, [session]);
  return { kind: 'later', error };
}

/** The session goes on as it was; a refresh never raises the level that was proven. */
async function write(tx: Tx, ticket: Ticket, before: HeldToken, tokens: Tokens): Promise<Refreshed> {
  const { session } = ticket;
  const generation = before.generation + 1;
  const [held]: { trust_level: string }[] = await tx.query(
    `SELECT trust_level FROM session WHERE id = $1 AND ended_at IS NULL FOR UPDATE`,
    [session],
  );
  if (!held) {
    // it has ended meanwhile: the provider must hear of the fresh token, not of the one that was used up
    if (tokens.refreshToken) await keep(tx, session, tokens.refreshToken);
    await revokeLater(tx, [session]);
    return OVER;
  }
  if (!trustSuffices(held.trust_level as ReturnType<typeof levelOf>, levelOf(tokens.claims.acr))) {
    await end(tx, session);
    return OVER;
  }
  await tx.query(`UPDATE session SET expires_at = greatest(expires_at, $2) WHERE id = $1`, [
    session,
    new Date(tokens.claims.exp * 1000),
  ]);
  const sealed = tokens.refreshToken ? seal(tokens.refreshToken, session) : before.sealed_token;
  await tx.query(
    `UPDATE session_refresh SET generation = $2, sealed_token = $3, rotated_at = $4, busy_until = NULL WHERE session_id = $1`,
    [session, generation, sealed, now()],
  );
  const seconds = Math.floor(tokens.claims.exp - now().getTime() / 1000);
  const next = ticketFor(ticketOf({ session, generation }));
  return { kind: 'prolonged', kept: { accessToken: tokens.accessToken, seconds, refresh: next } };
}

async function end(tx: Tx, session: string): Promise<void> {
  await tx.query(`UPDATE session SET ended_at = $2 WHERE id = $1 AND ended_at IS NULL`, [session, now()]);
  await revokeLater(tx, [session]);
  await publish(tx, 'session.ended', session, { sessionId: session, accountId: null, staffMemberId: null });
}
