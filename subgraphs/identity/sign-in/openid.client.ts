/** The platform as client of its OpenID providers: discovery, the way there, and what they say on the way back. */
import type { Configuration } from 'openid-client';
import { now } from '../../../kernel/clock';
import { clientConfig, isProduction, issuerOf, type Population, setting, subgraphConfig } from '../../../kernel/config';
import { IssuerKeys } from '../../../kernel/issuer.keys';
import { outside } from '../../../kernel/request';
import type { TrustLevel } from '../../../kernel/trust';
import { acrOf, type Claims } from '../sessions/session.claims';

const TIMEOUT_SECONDS = 5;
const KEPT_MS = 60 * 60_000;
export const SKEW_SECONDS = 60;
export const ALGORITHMS = ['ES256', 'RS256', 'PS256', 'EdDSA'];
/** E-mail and profile come in the ID token where the access token does not have them. */
const SCOPE = 'openid profile email';

interface Provider {
  readonly issuer: string;
  readonly since: number;
  readonly configuration: Configuration;
}

const known = new Map<Population, Promise<Provider>>();
const keys = new Map<string, IssuerKeys>();

/** The keys of an issuer, whoever asks for them. */
export function keysOf(issuer: string): IssuerKeys {
  const held = keys.get(issuer) ?? new IssuerKeys(issuer);
  keys.set(issuer, held);
  return held;
}

/** What one sign-in keeps to itself until the browser is back. */
export interface Secrets {
  readonly state: string;
  readonly nonce: string;
  readonly codeVerifier: string;
}

/** One address per provider, so that none can pass its answer off as another's. */
export const callbackUrl = (population: Population): string =>
  `${subgraphConfig('identity').publicUrl}/sign-in/callback/${population}`;

/** @throws Error when the provider does not answer or describes itself as another one */
async function providerOf(population: Population): Promise<Provider> {
  const issuer = issuerOf(population);
  const held = await known.get(population)?.catch(() => undefined);
  if (held && held.issuer === issuer && Date.now() - held.since < KEPT_MS) return held;
  const asked = discover(population, issuer);
  known.set(population, asked);
  return asked;
}

async function discover(population: Population, issuer: string): Promise<Provider> {
  const client = await import('openid-client');
  const { id, secret } = clientConfig(population);
  const configuration = await client.discovery(
    new URL(issuer),
    id,
    { [client.clockTolerance]: SKEW_SECONDS },
    client.ClientSecretBasic(secret),
    // development and tests run on this machine without TLS; production never does
    {
      timeout: TIMEOUT_SECONDS,
      execute: isProduction() ? [] : [client.allowInsecureRequests],
      // also for whatever is asked of this provider later
      [client.customFetch]: (address, options) => outside(() => fetch(address, options as RequestInit)),
    },
  );
  client.enableNonRepudiationChecks(configuration); // the ID token's signature too, although it comes straight from the provider
  return { issuer, since: Date.now(), configuration };
}

/** @param level asked for; null for staff, whom trust levels do not measure */
export async function authorizationUrl(population: Population, level: TrustLevel | null, hint: string | null) {
  const client = await import('openid-client');
  const { configuration } = await providerOf(population);
  const secrets: Secrets = {
    state: client.randomState(),
    nonce: client.randomNonce(),
    codeVerifier: client.randomPKCECodeVerifier(),
  };
  const url = client.buildAuthorizationUrl(configuration, {
    redirect_uri: callbackUrl(population),
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
  /** Null when the provider gives none. */
  readonly refreshToken: string | null;
}

/**
 * Exchanges the code the browser brought back.
 * @param search the query of the callback, with its question mark
 * @throws Error for anything that is not exactly as it should be: state, issuer, code, nonce, audience, signature, subject
 */
export async function exchange(population: Population, search: string, secrets: Secrets): Promise<Tokens> {
  const client = await import('openid-client');
  const { jwtVerify } = await import('jose');
  const { configuration, issuer } = await providerOf(population);
  const audience = setting('OPENID_AUDIENCE');
  const tokens = await client.authorizationCodeGrant(
    configuration,
    new URL(callbackUrl(population) + search),
    {
      expectedState: secrets.state,
      expectedNonce: secrets.nonce,
      pkceCodeVerifier: secrets.codeVerifier,
      idTokenExpected: true,
    },
    { resource: audience },
  );
  const { keys, ...options } = checks(issuer);
  const id = await jwtVerify(tokens.id_token ?? '', keys, { ...options, audience: clientConfig(population).id });
  const own = await accessClaims(issuer, tokens.access_token);
  if (id.payload.sub !== own.sub) throw new Error('The two tokens are about different people.');
  const said = id.payload as unknown as Claims;
  return {
    claims: { ...factsOf(said), ...own },
    acrs: [own.acr, said.acr],
    accessToken: tokens.access_token,
    refreshToken: tokens.refresh_token ?? null,
  };
}

const checks = (issuer: string) => ({
  issuer,
  keys: keysOf(issuer).find,
  algorithms: ALGORITHMS,
  clockTolerance: SKEW_SECONDS,
  currentDate: now(),
});

async function accessClaims(issuer: string, token: string): Promise<Claims> {
  const { jwtVerify } = await import('jose');
  const { keys, ...options } = checks(issuer);
  const { payload } = await jwtVerify(token, keys, {
    ...options,
    audience: setting('OPENID_AUDIENCE'),
    typ: 'at+jwt',
    requiredClaims: ['exp', 'sub'],
  });
  return payload as unknown as Claims;
}

/** @throws Error when the provider does not answer, refuses ({@link isRefused}) or answers with a token that is not good */
export async function refreshTokens(population: Population, refreshToken: string): Promise<Tokens> {
  const client = await import('openid-client');
  const { configuration, issuer } = await providerOf(population);
  const parameters = { resource: setting('OPENID_AUDIENCE') };
  const tokens = await client.refreshTokenGrant(configuration, refreshToken, parameters);
  const claims = await accessClaims(issuer, tokens.access_token);
  return {
    claims,
    acrs: [claims.acr],
    accessToken: tokens.access_token,
    refreshToken: tokens.refresh_token ?? null,
  };
}

/** Nothing to do where the provider does not take tokens back. @throws Error when it does not answer, or refuses */
export async function revokeToken(population: Population, refreshToken: string): Promise<void> {
  const client = await import('openid-client');
  const { configuration } = await providerOf(population);
  if (!configuration.serverMetadata().revocation_endpoint) return;
  await client.tokenRevocation(configuration, refreshToken, { token_type_hint: 'refresh_token' });
}

/** The provider has answered, and its answer is no: the refresh token was used twice, revoked or has expired. */
export async function isRefused(error: unknown): Promise<boolean> {
  const { ResponseBodyError } = await import('openid-client');
  return error instanceof ResponseBodyError && error.error === 'invalid_grant';
}

const FACTS = [
  'name',
  'given_name',
  'family_name',
  'birthdate',
  'place_of_birth',
  'email',
  'email_verified',
  'attribute_levels',
  'organisation',
] as const satisfies readonly (keyof Claims)[];

/** The facts about the person; kind, level and means are believed of the access token alone, as the gateway does. */
const factsOf = (said: Claims): Partial<Claims> =>
  Object.fromEntries(FACTS.filter(name => said[name] !== undefined).map(name => [name, said[name]]));
