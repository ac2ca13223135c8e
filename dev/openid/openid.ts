/** The OpenID provider of development: real protocol, invented people, never in production. */
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type Provider from 'oidc-provider';
import type { ClientMetadata, Configuration, KoaContextWithOIDC } from 'oidc-provider';
import { isProduction } from '../../kernel/config';
import { MACHINES } from '../demo/facts';
import { listen, PAGE_HEADERS } from '../http';
import { StartError } from '../start-error';
import { claimsOf, findPersona, LEVELS, levelOf, requestedLevel } from './claims';
import { errorPage, expiredPage, loginPage } from './login-page';
import { inMemory } from './memory';

export const PLATFORM_CLIENT = { clientId: 'platform', secret: 'development-only-platform' } as const;

export interface OpenIdOptions {
  /** 0 for any free port. */
  readonly port: number;
  /** Default 127.0.0.1. */
  readonly host?: string;
  /** Default `http://localhost:<port>`. */
  readonly issuer?: string;
  /** Where the platform may be sent back to, each exactly as it will be asked for. */
  readonly platformRedirectUris: readonly string[];
  /** The audience of access tokens; clients need not ask for it. */
  readonly audience: string;
  /** Lifetime of access tokens. Default 1800. */
  readonly accessTokenSeconds?: number;
}

export interface OpenIdProvider {
  readonly issuer: string;
  stop(): Promise<void>;
}

/** @throws StartError in production, or when the port is taken */
export async function startOpenIdProvider(options: OpenIdOptions): Promise<OpenIdProvider> {
  if (isProduction())
    throw new StartError('The development OpenID provider lets anybody in and refuses to run in production.');
  let handle = (_: IncomingMessage, response: ServerResponse): void => void response.writeHead(503).end();
  const loading = import('oidc-provider');
  const server = await listen('the OpenID provider', (request, response) => handle(request, response), options);
  const issuer = options.issuer ?? server.url;
  const { default: OidcProvider, interactionPolicy } = await loading;
  const policy = interactionPolicy.base();
  policy.remove('consent'); // everybody here agrees to everything
  const provider = new OidcProvider(issuer, {
    ...configuration(options),
    interactions: { policy, url: interactionPath },
  });
  const callback = provider.callback();
  handle = (request, response) => {
    forgetSession(request);
    const uid = /^\/interaction\/([\w-]+)$/.exec(request.url ?? '')?.[1];
    if (uid) void signIn(provider, request, response);
    else void callback(request, response);
  };
  return { issuer, stop: server.stop };
}

const SESSION_COOKIE = 'openid_session';
const interactionPath = (_: unknown, interaction: { uid: string }): string => `/interaction/${interaction.uid}`;

function configuration(options: OpenIdOptions): Configuration {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const lifetime = options.accessTokenSeconds ?? 1800;
  const scopes = ['openid', 'profile', 'email', 'offline_access', ...MACHINES.map(machine => machine.scope)];
  return {
    adapter: inMemory(),
    clients: clients(options.platformRedirectUris),
    clientDefaults: { id_token_signed_response_alg: 'ES256' },
    jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), use: 'sig', alg: 'ES256' }] },
    cookies: {
      keys: [randomBytes(32).toString('base64url')],
      // Cookies do not tell ports apart: names of our own keep clear of the platform's on the same host.
      names: { session: SESSION_COOKIE, interaction: 'openid_interaction', resume: 'openid_resume' },
    },
    acrValues: [...LEVELS],
    scopes,
    claims: {
      openid: ['sub', 'acr', 'sid', 'population', 'method'],
      profile: ['name', 'given_name', 'family_name', 'birthdate'],
      email: ['email'],
    },
    conformIdTokenClaims: false, // the access token is for the graph, so there is no userinfo to fetch the rest from
    responseTypes: ['code'],
    pkce: { required: () => true },
    issueRefreshToken: async (_, client) => client.grantTypeAllowed('refresh_token'),
    expiresWithSession: () => false,
    rotateRefreshToken: true,
    ttl: {
      AccessToken: lifetime,
      AuthorizationCode: 60,
      ClientCredentials: lifetime,
      Grant: 86_400,
      IdToken: 3600,
      Interaction: 900,
      RefreshToken: 86_400,
      Session: 86_400,
    },
    features: {
      devInteractions: { enabled: false },
      userinfo: { enabled: false },
      rpInitiatedLogout: { enabled: false },
      clientCredentials: { enabled: true },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => options.audience,
        useGrantedResource: () => true,
        getResourceServerInfo: (_, resource) => ({
          audience: resource,
          scope: scopes.join(' '),
          accessTokenTTL: lifetime,
          accessTokenFormat: 'jwt',
          jwt: { sign: { alg: 'ES256' } },
        }),
      },
    },
    findAccount: (_, subject, token) => {
      const persona = findPersona(subject);
      if (!persona) return undefined;
      const { acr, sessionUid } = (token ?? {}) as { acr?: string; sessionUid?: string };
      return { accountId: subject, claims: () => ({ sub: subject, ...claimsOf(persona, acr, sessionUid) }) };
    },
    extraTokenClaims: (ctx, token) => {
      if (token.kind === 'ClientCredentials') return { population: 'machine' };
      const persona = findPersona(token.accountId);
      const source = ctx.oidc.entities.AuthorizationCode ?? ctx.oidc.entities.RefreshToken;
      return persona && claimsOf(persona, source?.acr, source?.sessionUid);
    },
    loadExistingGrant: agreeToEverything,
    renderError: (ctx, out) => {
      ctx.set(PAGE_HEADERS);
      ctx.body = errorPage(out.error, out.error_description ?? '');
    },
  };
}

const clients = (redirectUris: readonly string[]): ClientMetadata[] => [
  {
    client_id: PLATFORM_CLIENT.clientId,
    client_secret: PLATFORM_CLIENT.secret,
    redirect_uris: [...redirectUris],
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
  },
  ...MACHINES.map(machine => ({
    client_id: machine.clientId,
    client_secret: machine.secret,
    scope: machine.scope,
    redirect_uris: [],
    grant_types: ['client_credentials'],
    response_types: [],
  })),
];

async function agreeToEverything({ oidc }: KoaContextWithOIDC) {
  const { client, session, params, provider } = oidc;
  if (!client || !session?.accountId) return undefined;
  const grant = new provider.Grant({ clientId: client.clientId, accountId: session.accountId });
  grant.addOIDCScope(String(params?.scope ?? ''));
  for (const resource of Object.keys(oidc.resourceServers ?? {}))
    grant.addResourceScope(resource, String(params?.scope ?? ''));
  await grant.save();
  return grant;
}

/** Without its session cookie every sign-in starts afresh: the page always shows, and anybody can be next. */
function forgetSession(request: IncomingMessage): void {
  const cookies = request.headers.cookie?.split(/;\s*/).filter(cookie => !cookie.startsWith(SESSION_COOKIE));
  if (cookies) request.headers.cookie = cookies.join('; ');
}

/** GET shows the page; POST with `persona=<subject>` signs in and leads back to the client. */
async function signIn(provider: Provider, request: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    const { params } = await provider.interactionDetails(request, response);
    if (request.method === 'POST') {
      const persona = findPersona((await formOf(request)).get('persona'));
      if (persona) {
        const login = { accountId: persona.subject, acr: levelOf(persona, params.acr_values), remember: false };
        return await provider.interactionFinished(request, response, { login }, { mergeWithLastSubmission: false });
      }
    }
    const hint = typeof params.login_hint === 'string' ? params.login_hint : undefined;
    const page = loginPage(request.url ?? '', requestedLevel(params.acr_values), hint);
    response.writeHead(request.method === 'POST' ? 400 : 200, PAGE_HEADERS).end(page);
  } catch {
    response.writeHead(400, PAGE_HEADERS).end(expiredPage());
  }
}

const MAX_FORM = 10_000;

async function formOf(request: IncomingMessage): Promise<URLSearchParams> {
  let text = '';
  for await (const part of request) {
    text += String(part);
    if (text.length > MAX_FORM) break;
  }
  return new URLSearchParams(text);
}
