/** Who is asking: the principal, and the short-lived signed token that carries it to one subgraph. */
import { hash, timingSafeEqual } from 'node:crypto';
import { derive, type SubgraphName } from './config';
import type { Language } from './language';
import { type Mac, macOf } from './mac';
import type { TrustLevel } from './trust';

/** Nobody has signed in. */
export interface Anonymous {
  readonly kind: 'anonymous';
}

/** A citizen, or a member of an organisation, perhaps acting for another account. */
export interface Person {
  readonly kind: 'person';
  readonly sessionId: string;
  /** The account that signed in. */
  readonly accountId: string;
  /** The account acted for; the same as accountId when acting for oneself. */
  readonly actingFor: string;
  /** The LeiKa keys a mandate is limited to; null means all. */
  readonly services: readonly string[] | null;
  /** True for a member of an organisation who may only read. */
  readonly readOnly: boolean;
  readonly trustLevel: TrustLevel;
}

/** A person of the staff of an authority. */
export interface Staff {
  readonly kind: 'staff';
  readonly sessionId: string;
  readonly staffMemberId: string;
  /** The authority, never the department. */
  readonly authorityId: string;
  readonly departmentId: string | null;
  readonly scopes: readonly string[];
}

/** A line-of-business or content system without a person. */
export interface Machine {
  readonly kind: 'machine';
  /** Its client id at the OpenID provider, such as `gewerberegister`. */
  readonly name: string;
  readonly scopes: readonly string[];
}

/** A subgraph that asks through the graph, on its own behalf or on that of somebody. */
export interface Service {
  readonly kind: 'service';
  readonly subgraph: SubgraphName;
  readonly onBehalfOf: Asker | null;
}

export type Asker = Anonymous | Person | Staff | Machine;
export type Principal = Asker | Service;

export const ANONYMOUS: Anonymous = { kind: 'anonymous' };
export const serviceOf = (subgraph: SubgraphName, onBehalfOf: Principal | null = null): Service => ({
  kind: 'service',
  subgraph,
  onBehalfOf: onBehalfOf?.kind === 'service' ? onBehalfOf.onBehalfOf : onBehalfOf,
});

/** Who acts for the account, when it is somebody else; also of a subgraph that asks for them. */
export function agentOf(who: Principal): string | null {
  const asker = who.kind === 'service' ? who.onBehalfOf : who;
  return asker?.kind === 'person' && asker.accountId !== asker.actingFor ? asker.accountId : null;
}

export function scopesOf(principal: Principal): readonly string[] {
  return principal.kind === 'staff' || principal.kind === 'machine' ? principal.scopes : [];
}

/** @param alternatives as in `@requiresScopes`: any of the inner lists, all of its members. */
export function hasScopes(principal: Principal, alternatives: readonly (readonly string[])[]): boolean {
  if (principal.kind === 'service') return true; // asks are trusted documents
  const held = scopesOf(principal);
  return alternatives.some(all => all.every(scope => held.includes(scope)));
}

/** One name for an actor, for idempotency keys and rate limits. */
export function actorKey(principal: Principal): string {
  switch (principal.kind) {
    case 'person':
      return `account:${principal.actingFor}`;
    case 'staff':
      return `staff:${principal.staffMemberId}`;
    case 'machine':
      return `machine:${principal.name}`;
    case 'service':
      return `service:${principal.subgraph}`;
    case 'anonymous':
      return 'anonymous';
  }
}

/** What a token says besides the principal. */
export interface Envelope {
  readonly principal: Principal;
  readonly requestId: string;
  readonly language: Language;
  /** When it came, by performance.now() of the gateway; goes into no token. */
  readonly askedAt?: number;
}

const LIFETIME_SECONDS = 30;
const SKEW_SECONDS = 5;
const TYPE = 'principal+jwt';

interface Claims {
  p: Principal;
  rid: string;
  lang: Language;
  /** SHA-256 of the request body; absent for a live stream, which has none. */
  bh?: string;
}

/** What every JWT says. */
interface Standard {
  iss: string;
  aud: string;
  /** Seconds since 1970. */
  exp: number;
}

export const bodyHash = (body: string | Buffer): string => hash('sha256', body, 'base64url');

interface Key {
  readonly mac: Mac;
  /** Which of the receiver's secrets it was made of; says nothing about the secret. */
  readonly kid: string;
  /** The header of what is signed with it, encoded. */
  readonly header: string;
}

const keys = new Map<string, Key>();

/** There is one for each pair that talks, so they are kept. */
function keyOf(secret: string): Key {
  let known = keys.get(secret);
  if (!known) {
    const kid = derive(secret, 'principal kid').slice(0, 8);
    const header = Buffer.from(JSON.stringify({ alg: 'HS256', typ: TYPE, kid })).toString('base64url');
    known = { mac: macOf(derive(secret, 'principal')), kid, header };
    keys.set(secret, known);
  }
  return known;
}

const written = new WeakMap<Principal, string>();

/** A principal is the same object for as long as its session is known, and goes into every token of it. */
function writtenOf(principal: Principal): string {
  let text = written.get(principal);
  if (text === undefined) {
    text = JSON.stringify(principal);
    written.set(principal, text);
  }
  return text;
}

/**
 * Signs who is asking for one receiver: a JWT, written by hand because the gateway signs every fetch.
 * @param from `gateway`, or the subgraph that asks  @param to the subgraph, or `gateway` for an ask
 * @param secret the secret those two share  @param body the exact request body; left out for a live stream
 */
export function signPrincipal(
  { principal, requestId, language }: Envelope,
  from: string,
  to: string,
  secret: string,
  body?: string | Buffer,
): string {
  const { mac, header } = keyOf(secret);
  const exp = Math.floor(Date.now() / 1000) + LIFETIME_SECONDS;
  const bh = body === undefined ? '' : `,"bh":"${bodyHash(body)}"`;
  const text = (value: string) => JSON.stringify(value);
  const payload = `{"p":${writtenOf(principal)},"rid":${text(requestId)},"lang":"${language}"${bh},"iss":${text(from)},"aud":${text(to)},"exp":${exp}}`;
  const signed = `${header}.${Buffer.from(payload).toString('base64url')}`;
  return `${signed}.${mac(signed)}`;
}

/**
 * By hand as well, because each subgraph does it for every fetch: a fifteenth of what a JWT library needs.
 * @param secrets those that are accepted, so that the two sides need not change theirs at one moment
 * @throws Error when the token is not from `from`, not for `to`, expired, or signed for another body
 */
export async function verifyPrincipal(
  token: string,
  from: string,
  to: string,
  secrets: readonly string[],
  body?: string | Buffer,
): Promise<Envelope> {
  const [header = '', payload = '', signature = '', ...more] = token.split('.');
  // the header must be the one that we write, byte for byte: nothing it says is believed, so nothing in it can be played with
  const found = secrets.map(keyOf).find(one => one.header === header);
  if (!found || more.length > 0) throw new Error('The principal token was signed with another key.');
  if (!sameText(found.mac(`${header}.${payload}`), signature))
    throw new Error('The signature of the principal token is wrong.');
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as Partial<Claims & Standard>;
  const { iss, aud, exp, p, rid, lang } = claims;
  if (iss !== from || aud !== to) throw new Error('The principal token is for somebody else.');
  if (typeof exp !== 'number' || exp + SKEW_SECONDS <= Date.now() / 1000)
    throw new Error('The principal token has expired.');
  if (!p || !rid || !lang) throw new Error('The principal token names nobody.');
  const expected = body === undefined ? '' : bodyHash(body);
  if (!sameText(expected, claims.bh ?? '')) throw new Error('The principal token was signed for another body.');
  return { principal: p, requestId: rid, language: lang };
}

const sameText = (a: string, b: string): boolean =>
  a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));
