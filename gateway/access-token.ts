/** Access tokens of clients: strictly verified, and never passed on. */
import type { JWTPayload, JWTVerifyGetKey } from 'jose';
import { now } from '../kernel/clock';
import { graphError, unauthenticated } from '../kernel/errors';
import type { Log } from '../kernel/log';

/** The claims of a verified access token; `exp` (seconds) and `sub` are always there. */
export type Claims = JWTPayload & { readonly exp: number; readonly sub: string };

export interface AccessTokenOptions {
  /** The issuer; its configuration names the keys. */
  readonly issuer: string;
  readonly audience: string;
  readonly log: Log;
}

const ALGORITHMS = ['ES256', 'RS256', 'PS256', 'EdDSA'];
const TYPE = 'at+jwt';
const SKEW_SECONDS = 5;
const LONGEST_TOKEN = 8 * 1024;
const TIMEOUT_MS = 5_000;
const KEYS_KEPT_MS = 10 * 60_000;

export class AccessTokens {
  private keys: Promise<JWTVerifyGetKey> | undefined;

  constructor(private readonly options: AccessTokenOptions) {}

  /**
   * @throws GraphQLError UNAUTHENTICATED for any token that is not good in every respect, SUBGRAPH_UNAVAILABLE when
   * the provider's keys cannot be fetched
   */
  async verify(token: string): Promise<Claims> {
    if (token.length > LONGEST_TOKEN) throw unauthenticated();
    const { jwtVerify, errors } = await import('jose');
    try {
      const { payload } = await jwtVerify(token, await this.providerKeys(), {
        issuer: this.options.issuer,
        audience: this.options.audience,
        algorithms: ALGORITHMS,
        typ: TYPE,
        requiredClaims: ['exp', 'sub'],
        clockTolerance: SKEW_SECONDS,
        currentDate: now(),
      });
      if (typeof payload.exp !== 'number' || typeof payload.sub !== 'string' || payload.sub === '')
        throw unauthenticated();
      return payload as Claims;
    } catch (error) {
      const wrong = error instanceof errors.JOSEError && !UNREACHABLE.has(error.code);
      if (wrong || (error as { name?: string }).name === 'GraphQLError') throw unauthenticated();
      this.options.log.warn('the keys of the OpenID provider cannot be fetched', { error });
      throw graphError('SUBGRAPH_UNAVAILABLE', { subgraph: 'identity' });
    }
  }

  private providerKeys(): Promise<JWTVerifyGetKey> {
    this.keys ??= this.discover().catch((error: unknown) => {
      this.keys = undefined; // the next token tries again
      throw error;
    });
    return this.keys;
  }

  private async discover(): Promise<JWTVerifyGetKey> {
    const { createRemoteJWKSet } = await import('jose');
    const { issuer } = this.options;
    const response = await fetch(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`, {
      redirect: 'error',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const configuration = (await response.json()) as { issuer?: string; jwks_uri?: string };
    if (!response.ok || configuration.issuer !== issuer || !configuration.jwks_uri) {
      throw new Error('The OpenID provider describes itself as another one.');
    }
    return createRemoteJWKSet(new URL(configuration.jwks_uri), {
      timeoutDuration: TIMEOUT_MS,
      cacheMaxAge: KEYS_KEPT_MS,
    });
  }
}

/** jose's errors for keys that cannot be fetched; all its others say that the token is wrong. */
const UNREACHABLE = new Set(['ERR_JWKS_TIMEOUT', 'ERR_JOSE_GENERIC', 'ERR_JWKS_INVALID']);
