/** The platform as client of its OpenID provider: discovery, the way there, and what it says on the way back. */
import type { JWTVerifyGetKey } from 'jose';
import type { Configuration } from 'openid-client';
import { isProduction, setting, subgraphConfig } from '../../../kernel/config';
import type { TrustLevel } from '../../../kernel/trust';
import { acrOf, type Claims } from '../sessions/session.claims';

const TIMEOUT_SECONDS = 5;
const KEPT_MS = 60 * 60_000;
const ALGORITHMS = ['ES256', 'RS256', 'PS256', 'EdDSA'];
/** E-mail and profile come in the ID token where the access token does not have them. */
const SCOPE = 'openid profile email';

interface Provider {
  readonly issuer: string;
  readonly since: number;
  readonly configuration: Configuration;
  readonly keys: JWTVerifyGetKey;
}

let known: Promise<Provider> | undefined;

/** What one sign-in keeps to itself until the browser is back. */
export interface Secrets {
  readonly state: string;
  readonly nonce: string;
  readonly codeVerifier: string;
}

export const callbackUrl = (): string => `${subgraphConfig('identity').publicUrl}/sign-in/callback`;

/** @throws Error when the provider does not answer or describes itself as another one */
async function provider(): Promise<Provider> {
  const issuer = setting('OPENID_ISSUER');
  const held = await known?.catch(() => undefined);
  if (held && held.issuer === issuer && Date.now() - held.since < KEPT_MS) return held;
  known = discover(issuer);
  return known;
}

async function discover(issuer: string): Promise<Provider> {
  const client = await import('openid-client');
  const { createRemoteJWKSet } = await import('jose');
  const configuration = await client.discovery(
    new URL(issuer),
    setting('OPENID_CLIENT_ID'),
    {},
    client.ClientSecretBasic(setting('OPENID_CLIENT_SECRET')),
    // development and tests run on this machine without TLS; production never does
    { timeout: TIMEOUT_SECONDS, execute: isProduction() ? [] : [client.allowInsecureRequests] },
  );
  client.enableNonRepudiationChecks(configuration); // the ID token's signature too, although it comes straight from the provider
  const { jwks_uri: keys } = configuration.serverMetadata();
  if (!keys) throw new Error('The OpenID provider names no keys.');
  return { issuer, since: Date.now(), configuration, keys: createRemoteJWKSet(new URL(keys)) };
}

/** @param level asked for; null for staff, whom trust levels do not measure */
export async function authorizationUrl(level: TrustLevel | null, hint: string | null) {
  const client = await import('openid-client');
  const { configuration } = await provider();
  const secrets: Secrets = {
    state: client.randomState(),
    nonce: client.randomNonce(),
    codeVerifier: client.randomPKCECodeVerifier(),
  };
  const url = client.buildAuthorizationUrl(configuration, {
    redirect_uri: callbackUrl(),
    scope: SCOPE,
    resource: setting('OPENID_AUDIENCE'),
    state: secrets.state,
    nonce: secrets.nonce,
    code_challenge: await client.calculatePKCECodeChallenge(secrets.codeVerifier),
    code_challenge_method: 'S256',
    prompt: 'login',
    ...(level && { acr_values: acrOf(level) }),
    ...(hint && { login_hint: hint }),
  });
  return { url: url.href, secrets };
}

export interface Tokens {
  /** Of the access token, with the facts that only the ID token has. */
  readonly claims: Claims;
  /** What each of the two tokens says about the level reached. */
  readonly acrs: readonly (string | undefined)[];
  readonly accessToken: string;
}

/**
 * Exchanges the code the browser brought back.
 * @param search the query of the callback, with its question mark
 * @throws Error for anything that is not exactly as it should be: state, issuer, code, nonce, audience, signature, subject
 */
export async function exchange(search: string, secrets: Secrets): Promise<Tokens> {
  const client = await import('openid-client');
  const { jwtVerify } = await import('jose');
  const { configuration, issuer, keys } = await provider();
  const audience = setting('OPENID_AUDIENCE');
  const tokens = await client.authorizationCodeGrant(
    configuration,
    new URL(callbackUrl() + search),
    {
      expectedState: secrets.state,
      expectedNonce: secrets.nonce,
      pkceCodeVerifier: secrets.codeVerifier,
      idTokenExpected: true,
    },
    { resource: audience },
  );
  const options = { issuer, algorithms: ALGORITHMS, clockTolerance: 5 };
  const id = await jwtVerify(tokens.id_token ?? '', keys, { ...options, audience: setting('OPENID_CLIENT_ID') });
  const access = await jwtVerify(tokens.access_token, keys, {
    ...options,
    audience,
    typ: 'at+jwt',
    requiredClaims: ['exp', 'sub'],
  });
  if (id.payload.sub !== access.payload.sub) throw new Error('The two tokens are about different people.');
  const own = access.payload as unknown as Claims;
  const said = id.payload as unknown as Claims;
  return {
    claims: { ...factsOf(said), ...own },
    acrs: [own.acr, said.acr],
    accessToken: tokens.access_token,
  };
}

/** The facts about the person; kind, level and means are believed of the access token alone, as the gateway does. */
const factsOf = ({ name, given_name, family_name, birthdate, email }: Claims): Partial<Claims> =>
  JSON.parse(JSON.stringify({ name, given_name, family_name, birthdate, email }));
