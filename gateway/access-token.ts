/** Access tokens of clients: strictly verified, and never passed on. */
import type { JWTPayload } from 'jose';
import { now } from '../kernel/clock';
import { graphError, unauthenticated } from '../kernel/errors';
import { IssuerKeys, KeysUnavailable } from '../kernel/issuer.keys';
import type { Log } from '../kernel/log';

/** The claims of a verified access token; `iss`, `exp` (seconds) and `sub` are always there. */
export type Claims = JWTPayload & { readonly iss: string; readonly exp: number; readonly sub: string };

export interface AccessTokenOptions {
  /** The issuers that are believed; each one's configuration names its keys. */
  readonly issuers: readonly string[];
  readonly audience: string;
  readonly log: Log;
}

const ALGORITHMS = ['ES256', 'RS256', 'PS256', 'EdDSA'];
const TYPE = 'at+jwt';
/** How far the provider's clock and ours may be apart. */
export const SKEW_SECONDS = 60;
const LONGEST_TOKEN = 8 * 1024;

export class AccessTokens {
  private readonly keys: ReadonlyMap<string, IssuerKeys>;

  constructor(private readonly options: AccessTokenOptions) {
    this.keys = new Map(options.issuers.map(issuer => [issuer, new IssuerKeys(issuer)]));
  }

  /**
   * @throws GraphQLError UNAUTHENTICATED for any token that is not good in every respect, SUBGRAPH_UNAVAILABLE when
   * the provider's keys cannot be fetched
   */
  async verify(token: string): Promise<Claims> {
    if (token.length > LONGEST_TOKEN) throw unauthenticated();
    const { decodeJwt, jwtVerify } = await import('jose');
    try {
      const issuer = decodeJwt(token).iss ?? ''; // not believed yet: it only chooses whose keys must have signed
      const keys = this.keys.get(issuer);
      if (!keys) throw unauthenticated();
      const { payload } = await jwtVerify(token, keys.find, {
        issuer,
        audience: this.options.audience,
        algorithms: ALGORITHMS,
        typ: TYPE,
        requiredClaims: ['exp', 'sub'],
        clockTolerance: SKEW_SECONDS,
        currentDate: now(),
      });
      if (!isPlain(payload)) throw unauthenticated();
      return payload;
    } catch (error) {
      if (!(error instanceof KeysUnavailable)) throw unauthenticated();
      this.options.log.warn('the keys of the OpenID provider cannot be fetched', { error });
      throw graphError('SUBGRAPH_UNAVAILABLE', { subgraph: 'identity' });
    }
  }
}

/** A token from the future, or bound to a key that a bearer does not show (`cnf`), is not for us. */
function isPlain(payload: JWTPayload): payload is Claims {
  const { sub, exp, iat, cnf } = payload;
  const latest = now().getTime() / 1000 + SKEW_SECONDS;
  return (
    typeof sub === 'string' &&
    sub !== '' &&
    typeof exp === 'number' &&
    (iat === undefined || iat <= latest) &&
    cnf === undefined
  );
}
