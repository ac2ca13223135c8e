/** Who is asking: the principal of an access token, as identity knows it, kept briefly and dropped as soon as identity says so. */

import { Agent, type Dispatcher } from 'undici';
import { now } from '../kernel/clock';
import { unauthenticated } from '../kernel/errors';
import { newId } from '../kernel/ids';
import { timeLimit } from '../kernel/limit';
import { ANONYMOUS, type Asker, signPrincipal } from '../kernel/principal';
import { Replicas } from '../kernel/replicas';
import { NOT_DONE } from '../kernel/server/drain';
import type { Certificate } from '../kernel/tls';
import { type AccessTokenOptions, AccessTokens, type Claims, SKEW_SECONDS } from './access-token';
import { BoundedMap } from './bounded-map';
import type { Credential } from './credential';
import { unavailable } from './engine/fetch';
import { names, type Revocation, Revocations } from './revocations';

/** A verified token and who it stands for. */
export interface SignedIn {
  readonly principal: Asker;
  /** When the access token ends, milliseconds since 1970. */
  readonly expiresAt: number;
}

export interface PrincipalOptions extends AccessTokenOptions {
  readonly identity: {
    readonly urls: readonly string[];
    readonly secret: string;
    readonly certificate?: Certificate | null;
  };
}

interface Known extends SignedIn {
  readonly askedAt: number;
  /** Milliseconds from then on. */
  readonly keptMs: number;
}

/** What identity says of a token. */
interface Told {
  readonly principal: Asker;
  /** Milliseconds until the rights change by the clock alone, which nobody tells. */
  readonly changesInMs?: number | null;
}

const KEPT = 10_000;
const KEPT_MS = 30_000;
/** While the stream of revocations is gone, nothing older than this is trusted. */
const KEPT_UNWARNED_MS = 5_000;
const TIMEOUT_MS = 5_000;

export class Principals {
  private readonly tokens: AccessTokens;
  private readonly known = new BoundedMap<string, Known>(KEPT);
  private readonly asking = new Map<string, Promise<Known>>();
  private readonly listeners = new Set<(revocation: Revocation | 'missed') => void>();
  private readonly revocations: Revocations;
  private readonly agent: Agent;
  private readonly identity: Replicas<string>;
  /** When the stream of revocations was lost; null while it is there. */
  private unwarnedSince: number | null = 0;

  constructor(private readonly options: PrincipalOptions) {
    this.tokens = new AccessTokens(options);
    const { urls, certificate = null } = options.identity;
    this.identity = new Replicas(urls);
    const connect = { ...certificate };
    this.agent = new Agent({ connections: 16, headersTimeout: TIMEOUT_MS, bodyTimeout: TIMEOUT_MS, connect });
    this.revocations = new Revocations(
      { identity: this.identity, certificate, authorization: () => this.sign(undefined), log: options.log },
      {
        connected: () => {
          this.unwarnedSince = null;
          this.forget('missed');
        },
        disconnected: () => {
          this.unwarnedSince = now().getTime();
        },
        revoked: revocation => {
          if (Object.keys(revocation).length > 0) this.forget(revocation); // an empty one is a heartbeat
        },
      },
    );
  }

  start(): void {
    this.revocations.start();
  }

  async stop(): Promise<void> {
    await this.revocations.stop();
    await this.agent.destroy();
  }

  /** True while identity tells at once whose session ends. */
  get warned(): boolean {
    return this.unwarnedSince === null;
  }

  /**
   * Hears whose rights have changed, after they were forgotten here; `missed` after the stream was gone for a while,
   * when anybody's may have.
   */
  onRevoked(listener: (revocation: Revocation | 'missed') => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** The session's own mutation has changed what it stands for. */
  sessionChanged(sessionId: string): void {
    this.forget({ sessionId });
  }

  /**
   * @throws GraphQLError UNAUTHENTICATED when the token is wrong, has expired, or its session has ended;
   * SUBGRAPH_UNAVAILABLE when identity does not answer and the principal is not known
   */
  async of({ token, key }: Credential): Promise<SignedIn> {
    const known = this.known.get(key);
    if (known && hasExpired(known)) {
      this.known.delete(key);
      throw unauthenticated();
    }
    if (known && this.isFresh(known)) return known;
    const running = this.asking.get(key);
    if (running) return running;
    const asked = this.ask(key, token).finally(() => this.asking.delete(key));
    this.asking.set(key, asked);
    return asked;
  }

  /** The same when it is known without asking anybody; null says to ask. */
  recall({ key }: Credential): SignedIn | null {
    const known = this.known.get(key);
    return known && !hasExpired(known) && this.isFresh(known) ? known : null;
  }

  private isFresh({ askedAt, keptMs }: Known): boolean {
    const age = now().getTime();
    const until =
      this.unwarnedSince === null ? Number.POSITIVE_INFINITY : Math.max(this.unwarnedSince, askedAt) + KEPT_UNWARNED_MS;
    return age < Math.min(askedAt + keptMs, until);
  }

  private async ask(key: string, token: string): Promise<Known> {
    const claims = await this.tokens.verify(token); // each time, so that a withdrawn key ends its tokens
    const words: (Revocation | 'missed')[] = [];
    const stopHearing = this.onRevoked(word => words.push(word));
    const askedAt = now().getTime();
    const { principal, changesInMs } = await this.askIdentity(claims)
      .catch((error: unknown) => {
        this.known.delete(key);
        throw error;
      })
      .finally(stopHearing);
    // what identity has said of them meanwhile may be newer than its answer
    if (words.some(word => word === 'missed' || names(word, principal))) return this.ask(key, token);
    const keptMs = Math.min(KEPT_MS, changesInMs ?? KEPT_MS);
    const known: Known = { principal, expiresAt: claims.exp * 1000, askedAt, keptMs };
    this.known.set(key, known);
    return known;
  }

  private async askIdentity(claims: Claims): Promise<Told> {
    const body = JSON.stringify({ claims });
    let status: number;
    let answer: Partial<Told> = {};
    try {
      const response = await this.askOne(body);
      status = response.statusCode;
      const text = await response.body.text();
      if (status === 200) answer = JSON.parse(text) as typeof answer;
    } catch (error) {
      this.options.log.warn('identity did not answer who is asking', { subgraph: 'identity', error });
      throw unavailable('identity');
    }
    if (status === 401) throw unauthenticated();
    if (!answer.principal) {
      this.options.log.error('identity gave no principal', { subgraph: 'identity', code: String(status) });
      throw unavailable('identity');
    }
    return { ...answer, principal: answer.principal };
  }

  /** Asked twice the answer is the same, so it may be another process of identity when one leaves or is gone. */
  private async askOne(body: string): Promise<Dispatcher.ResponseData> {
    const signal = timeLimit('PRINCIPAL_TIMEOUT_MS', TIMEOUT_MS);
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${await this.sign(body)}` };
    let last: unknown;
    for (const origin of this.identity.inTurn()) {
      try {
        const path = '/internal/principal';
        const response = await this.agent.request({ origin, path, method: 'POST', headers, body, signal });
        if (response.headers[NOT_DONE] === undefined) return response;
        await response.body.dump();
        last = new Error('Identity leaves.');
      } catch (error) {
        last = error;
        if (signal.aborted) break;
      }
      this.identity.avoid(origin);
    }
    throw last;
  }

  private async sign(body: string | undefined): Promise<string> {
    const envelope = { principal: ANONYMOUS, requestId: newId(), language: 'de' } as const;
    return signPrincipal(envelope, 'gateway', 'identity', this.options.identity.secret, body);
  }

  private forget(revocation: Revocation | 'missed'): void {
    if (revocation === 'missed') this.known.clear();
    else for (const [key, { principal }] of [...this.known]) if (names(revocation, principal)) this.known.delete(key);
    for (const listener of this.listeners) listener(revocation);
  }
}

const hasExpired = ({ expiresAt }: Known): boolean => expiresAt + SKEW_SECONDS * 1000 <= now().getTime();
