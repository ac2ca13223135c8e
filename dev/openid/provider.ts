/** One OpenID provider of development, for one population: what it is configured to do. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type Provider from 'oidc-provider';
import type { Adapter, ClientMetadata, Configuration, JWK, KoaContextWithOIDC } from 'oidc-provider';
import type { Population } from '../../kernel/config';
import { MACHINES } from '../demo/facts';
import { PAGE_HEADERS } from '../http';
import { claimsOf, LEVELS, levelOf, personasOf, requestedLevel, subjectOf } from './claims';
import { errorPage, expiredPage, loginPage, signedOutPage, signOutPage } from './login-page';

export const PLATFORM_CLIENT = { clientId: 'platform', secret: 'development-only-platform' } as const;

export interface ProviderOptions {
  readonly population: Population;
  readonly issuer: string;
  /** Where the platform may be sent back to, each exactly as it will be asked for. */
  readonly platformRedirectUris: readonly string[];
  /** Where the platform is told that somebody has signed out: by us, and through the browser. */
  readonly platformLogoutUris?: { readonly back: string; readonly front: string } | undefined;
  readonly audience: string;
  readonly accessTokenSeconds?: number | undefined;
}

/** What outlives a change of keys. */
export interface Kept {
  readonly adapter: (model: string) => Adapter;
  readonly cookieKeys: readonly string[];
  /** The first signs; all are published. */
  readonly keys: readonly JWK[];
}

const cookieNames = (population: Population) => ({
  // Cookies do not tell ports apart: names of our own keep clear of the platform's on the same host.
  session: `openid_${population}_session`,
  interaction: `openid_${population}_interaction`,
  resume: `openid_${population}_resume`,
});
const leavingCookie = (population: Population) => `openid_${population}_leaving`;

export class DevelopmentProvider {
  private constructor(
    private readonly provider: Provider,
    private readonly options: ProviderOptions,
    private readonly path: string,
  ) {}

  static async start(options: ProviderOptions, kept: Kept): Promise<DevelopmentProvider> {
    const { default: OidcProvider, interactionPolicy } = await import('oidc-provider');
    const policy = interactionPolicy.base();
    policy.remove('consent'); // everybody here agrees to everything
    const path = new URL(options.issuer).pathname.replace(/\/$/, '');
    const url = (_: unknown, interaction: { uid: string }) => `${path}/interaction/${interaction.uid}`;
    const provider = new OidcProvider(options.issuer, {
      ...configuration(options, kept),
      interactions: { policy, url },
    });
    provider.on('end_session.success', ctx => rememberWhoLeft(ctx, options));
    return new DevelopmentProvider(provider, options, path);
  }

  /** Answers a request below the issuer's own path. */
  handle(request: IncomingMessage, response: ServerResponse): void {
    const originalUrl = request.url ?? '';
    Object.assign(request, { originalUrl, url: originalUrl.slice(this.path.length) || '/' });
    if (!request.url?.startsWith('/session/end')) this.forgetSession(request);
    const uid = /^\/interaction\/([\w-]+)$/.exec(request.url ?? '')?.[1];
    if (uid) void this.signIn(request, response);
    else void this.provider.callback()(request, response);
  }

  /** Without its session cookie every sign-in starts afresh: the page always shows, and anybody can be next. */
  private forgetSession(request: IncomingMessage): void {
    const { session } = cookieNames(this.options.population);
    const cookies = request.headers.cookie?.split(/;\s*/).filter(cookie => !cookie.startsWith(session));
    if (cookies) request.headers.cookie = cookies.join('; ');
  }

  /** GET shows the page; POST with `persona=<subject>` signs in and leads back to the client. */
  private async signIn(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { population } = this.options;
    try {
      const { params } = await this.provider.interactionDetails(request, response);
      if (request.method === 'POST') {
        const chosen = (await formOf(request)).get('persona');
        const persona = personasOf(population).find(({ subject }) => subject === chosen);
        if (persona) {
          const accountId = subjectOf(persona, hostOf(this.options));
          const login = { accountId, acr: levelOf(persona, params.acr_values), remember: false };
          return await this.provider.interactionFinished(
            request,
            response,
            { login },
            { mergeWithLastSubmission: false },
          );
        }
      }
      const hint = typeof params.login_hint === 'string' ? params.login_hint : undefined;
      const action = `${this.path}${request.url}`;
      const page = loginPage(population, action, requestedLevel(params.acr_values), hint);
      response.writeHead(request.method === 'POST' ? 400 : 200, PAGE_HEADERS).end(page);
    } catch {
      response.writeHead(400, PAGE_HEADERS).end(expiredPage());
    }
  }
}

/** The sector of pairwise subjects. */
const hostOf = ({ platformRedirectUris: [first] }: ProviderOptions): string => (first ? new URL(first).host : '');

function configuration(options: ProviderOptions, { adapter, cookieKeys, keys }: Kept): Configuration {
  const { population } = options;
  const lifetime = options.accessTokenSeconds ?? 1800;
  const machines = population === 'staff' ? MACHINES : [];
  const scopes = ['openid', 'profile', 'email', 'offline_access', ...machines.map(machine => machine.scope)];
  const byAccount = new Map(personasOf(population).map(each => [subjectOf(each, hostOf(options)), each]));
  return {
    adapter,
    clients: [platform(options), ...machines.map(machineClient)],
    clientDefaults: { id_token_signed_response_alg: 'ES256' },
    jwks: { keys: [...keys] },
    cookies: { keys: [...cookieKeys], names: cookieNames(population) },
    acrValues: [...LEVELS],
    scopes,
    claims: {
      openid: ['sub', 'acr', 'method', 'organisation'],
      profile: ['name', 'given_name', 'family_name', 'birthdate', 'place_of_birth', 'attribute_levels'],
      email: ['email', 'email_verified'],
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
      revocation: { enabled: true, allowedPolicy: (_, client, token) => token.clientId === client.clientId },
      backchannelLogout: { enabled: true },
      rpInitiatedLogout: {
        enabled: true,
        logoutSource: (ctx, form) => show(ctx, signOutPage(form)),
        postLogoutSuccessSource: ctx => show(ctx, signedOutPage(framesOf(ctx, options)), "; frame-src 'self' http:"),
      },
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
    findAccount: (_, accountId, token) => {
      const persona = byAccount.get(accountId);
      if (!persona) return undefined;
      const { acr } = (token ?? {}) as { acr?: string };
      return { accountId, claims: () => ({ sub: accountId, ...claimsOf(persona, acr, undefined) }) };
    },
    extraTokenClaims: (ctx, token) => {
      if (token.kind === 'ClientCredentials') return { population: 'machine' };
      const persona = byAccount.get(token.accountId);
      const source = ctx.oidc.entities.AuthorizationCode ?? ctx.oidc.entities.RefreshToken;
      return persona && claimsOf(persona, source?.acr, source?.sid ?? source?.sessionUid);
    },
    // without the library's dispatcher, which lets nothing through to this machine, where the platform runs
    fetch: (url, init) => {
      const { dispatcher: _, ...plain } = init as RequestInit & { dispatcher?: unknown };
      return globalThis.fetch(url, plain);
    },
    loadExistingGrant: agreeToEverything,
    renderError: (ctx, out) => show(ctx, errorPage(out.error, out.error_description ?? '')),
  };
}

const platform = ({ platformRedirectUris, platformLogoutUris }: ProviderOptions): ClientMetadata => ({
  client_id: PLATFORM_CLIENT.clientId,
  client_secret: PLATFORM_CLIENT.secret,
  redirect_uris: [...platformRedirectUris],
  grant_types: ['authorization_code', 'refresh_token'],
  response_types: ['code'],
  ...(platformLogoutUris && {
    backchannel_logout_uri: platformLogoutUris.back,
    backchannel_logout_session_required: true,
  }),
});

const machineClient = (machine: (typeof MACHINES)[number]): ClientMetadata => ({
  client_id: machine.clientId,
  client_secret: machine.secret,
  scope: machine.scope,
  redirect_uris: [],
  grant_types: ['client_credentials'],
  response_types: [],
});

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

function show(ctx: Pick<KoaContextWithOIDC, 'set' | 'body'>, page: string, policy = ''): void {
  ctx.set(PAGE_HEADERS);
  ctx.set('content-security-policy', `${PAGE_HEADERS['content-security-policy']}${policy}`);
  ctx.body = page;
}

/** The page after the one that signs out tells the platform through the browser; it needs to know of which sign-in. */
function rememberWhoLeft(ctx: KoaContextWithOIDC, { population }: ProviderOptions): void {
  const sid = ctx.oidc.session?.sidFor(PLATFORM_CLIENT.clientId);
  if (sid) ctx.cookies.set(leavingCookie(population), sid, { httpOnly: true, maxAge: 60_000 });
}

function framesOf(ctx: KoaContextWithOIDC, { population, issuer, platformLogoutUris }: ProviderOptions): string[] {
  const sid = ctx.cookies.get(leavingCookie(population));
  if (!sid || !platformLogoutUris) return [];
  const address = new URL(platformLogoutUris.front);
  address.search = new URLSearchParams({ iss: issuer, sid }).toString();
  return [address.href];
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
