/** The public keys of an OpenID provider: kept, fetched anew for a key id that is new, and never more often than is fair. */

import type { CryptoKey, JSONWebKeySet, JWSHeaderParameters, JWTVerifyGetKey } from 'jose';
import { now } from './clock';
import { timeLimit } from './limit';
import { outside } from './request';

/** Without a reason to ask, keys are asked for again this often: so long a withdrawn key is still believed. */
const KEPT_MS = 10 * 60_000;
/** A token with an unknown key id, or a provider that is away, makes us ask this often and no more. */
const PAUSE_MS = 10_000;
/** While the provider is away, its last keys last so long. */
const LONGEST_KEPT_MS = 24 * 3_600_000;
const TIMEOUT_MS = 5_000;
const LARGEST_ANSWER = 256 * 1024;

/** The provider does not answer, or describes itself as another one. */
export class KeysUnavailable extends Error {
  override readonly name = 'KeysUnavailable';
}

interface Held {
  readonly find: (header: JWSHeaderParameters) => Promise<CryptoKey>;
  readonly fetchedAt: number;
}

export class IssuerKeys {
  private held: Held | undefined;
  private address: string | undefined;
  private asking: Promise<void> | undefined;
  /** When we last asked, whatever came of it. */
  private askedAt = Number.NEGATIVE_INFINITY;

  constructor(private readonly issuer: string) {}

  /**
   * For jose's `jwtVerify`.
   * @throws KeysUnavailable when there are no keys to judge by, JOSEError when none of them fits
   */
  readonly find: JWTVerifyGetKey = async header => {
    const age = this.held ? now().getTime() - this.held.fetchedAt : Number.POSITIVE_INFINITY;
    if (age > KEPT_MS) await this.refresh().catch((error: unknown) => this.demandUsable(error));
    const held = this.demandUsable(new KeysUnavailable('The keys of the OpenID provider could not be fetched.'));
    try {
      return await held.find(header);
    } catch (error) {
      if ((error as { code?: string }).code !== 'ERR_JWKS_NO_MATCHING_KEY') throw error;
      await this.refresh().catch(() => {}); // the keys we hold have not this one: that is the answer
      const fresh = this.held;
      if (!fresh || fresh === held) throw error;
      return fresh.find(header);
    }
  };

  private demandUsable(error: unknown): Held {
    if (!this.held || now().getTime() - this.held.fetchedAt > LONGEST_KEPT_MS) throw error;
    return this.held;
  }

  /** Asks at most once at a time, and not again before the pause is over. */
  private refresh(): Promise<void> {
    if (this.asking) return this.asking;
    if (now().getTime() - this.askedAt < PAUSE_MS) return Promise.resolve();
    this.askedAt = now().getTime();
    this.asking = this.ask().finally(() => {
      this.asking = undefined;
    });
    return this.asking;
  }

  private async ask(): Promise<void> {
    const { createLocalJWKSet } = await import('jose');
    try {
      this.address ??= await this.discover();
      const set = createLocalJWKSet((await answerOf(this.address)) as JSONWebKeySet);
      this.held = { find: header => set(header), fetchedAt: now().getTime() };
    } catch (error) {
      throw error instanceof KeysUnavailable
        ? error
        : new KeysUnavailable('The OpenID provider gives no keys.', { cause: error });
    }
  }

  private async discover(): Promise<string> {
    const address = `${this.issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
    const { issuer, jwks_uri: keys } = (await answerOf(address)) as { issuer?: string; jwks_uri?: string };
    if (issuer !== this.issuer || !keys)
      throw new KeysUnavailable('The OpenID provider describes itself as another one.');
    return keys;
  }
}

const answerOf = (address: string): Promise<unknown> => outside(() => fetched(address));

async function fetched(address: string): Promise<unknown> {
  const response = await fetch(address, { redirect: 'error', signal: timeLimit('OPENID_KEYS_TIMEOUT_MS', TIMEOUT_MS) });
  let text = '';
  const decoder = new TextDecoder();
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk, { stream: true });
    if (text.length > LARGEST_ANSWER) throw new KeysUnavailable('The answer of the OpenID provider is too large.');
  }
  if (!response.ok) throw new KeysUnavailable(`The OpenID provider answers with status ${response.status}.`);
  return JSON.parse(text);
}
