/** A real OpenID provider over HTTP that can be told to misbehave in one way at a time. */
import { createHash, randomBytes } from 'node:crypto';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import type { CryptoKey, JWTPayload } from 'jose';

export const AUDIENCE = 'https://graph.example/graphql';

/** What is said of one sign-in; each function may spoil it. */
export interface Deceit {
  /** The provider's description of itself. */
  readonly metadata?: (metadata: Record<string, unknown>) => Record<string, unknown>;
  /** The query that the browser brings back. */
  readonly answer?: (query: URLSearchParams) => void;
  readonly idToken?: (claims: JWTPayload) => JWTPayload;
  readonly accessToken?: (claims: JWTPayload) => JWTPayload;
  /** Signs with a key that is not published. */
  readonly ownKey?: boolean;
  /** `none`, or HS256 with the client's secret. */
  readonly algorithm?: 'none' | 'HS256';
  /** Sends the exchange of the code elsewhere. */
  readonly redirectToken?: string;
  readonly accessTokenType?: string;
  /** The access token that a refresh brings. */
  readonly refreshed?: (claims: JWTPayload) => JWTPayload;
}

export interface EvilProvider {
  readonly issuer: string;
  deceive(deceit: Deceit): void;
  /** Any token, signed with the published key. @param typ of its header */
  sign(claims: JWTPayload, typ: string): Promise<string>;
  /** What came to the token endpoint. */
  readonly exchanges: readonly URLSearchParams[];
  stop(): Promise<void>;
}

/** Signs everybody in at once as `mallory`, without a page. */
export async function startEvilProvider(client: {
  readonly id: string;
  readonly secret: string;
}): Promise<EvilProvider> {
  const { exportJWK, generateKeyPair } = await import('jose');
  const published = await generateKeyPair('ES256');
  const secretly = await generateKeyPair('ES256');
  const jwk = { ...(await exportJWK(published.publicKey)), kid: 'k', alg: 'ES256', use: 'sig' };
  let deceit: Deceit = {};
  let issuer = '';
  const codes = new Map<string, { nonce: string | null; challenge: string | null }>();
  const exchanges: URLSearchParams[] = [];

  const metadata = () => ({
    issuer,
    authorization_endpoint: `${issuer}/auth`,
    token_endpoint: `${issuer}/token`,
    jwks_uri: `${issuer}/jwks`,
    authorization_response_iss_parameter_supported: true,
    id_token_signing_alg_values_supported: ['ES256'],
  });

  const authorize = (asked: URLSearchParams): string => {
    const code = randomBytes(16).toString('base64url');
    codes.set(code, { nonce: asked.get('nonce'), challenge: asked.get('code_challenge') });
    const back = new URL(asked.get('redirect_uri')!);
    back.search = new URLSearchParams({ code, state: asked.get('state')!, iss: issuer }).toString();
    deceit.answer?.(back.searchParams);
    return back.href;
  };

  const person = () => {
    const now = Math.floor(Date.now() / 1000);
    return { iss: issuer, sub: 'mallory', iat: now, exp: now + 300, acr: 'STORK-QAA-Level-4', sid: 'evil' };
  };
  const accessToken = (spoil?: (claims: JWTPayload) => JWTPayload): Promise<string> => {
    const access = { ...person(), aud: AUDIENCE, client_id: client.id };
    return sign(spoil?.(access) ?? access, deceit.accessTokenType ?? 'at+jwt');
  };

  const tokens = async (given: URLSearchParams) => {
    if (given.get('grant_type') === 'refresh_token') {
      return { token_type: 'Bearer', access_token: await accessToken(deceit.refreshed) };
    }
    const known = codes.get(given.get('code') ?? '');
    codes.delete(given.get('code') ?? '');
    const challenge = createHash('sha256')
      .update(given.get('code_verifier') ?? '')
      .digest('base64url');
    if (!known || known.challenge !== challenge) return null;
    const id = { ...person(), aud: client.id, nonce: known.nonce };
    return {
      token_type: 'Bearer',
      refresh_token: 'r',
      id_token: await sign(deceit.idToken?.(id) ?? id, 'JWT', deceit.algorithm),
      access_token: await accessToken(deceit.accessToken),
    };
  };

  const sign = async (claims: JWTPayload, typ: string, algorithm?: 'none' | 'HS256'): Promise<string> => {
    const { SignJWT } = await import('jose');
    const plain = JSON.parse(JSON.stringify(claims)) as JWTPayload;
    if (algorithm === 'none')
      return `${Buffer.from('{"alg":"none"}').toString('base64url')}.${Buffer.from(JSON.stringify(plain)).toString('base64url')}.`;
    const key: CryptoKey | Uint8Array =
      algorithm === 'HS256' ? Buffer.from(client.secret) : deceit.ownKey ? secretly.privateKey : published.privateKey;
    return new SignJWT(plain).setProtectedHeader({ alg: algorithm ?? 'ES256', typ, kid: 'k' }).sign(key);
  };

  const server = http.createServer(async (request, response) => {
    const url = new URL(request.url ?? '/', issuer);
    const json = (body: unknown, status = 200) =>
      void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    if (url.pathname === '/.well-known/openid-configuration') return json(deceit.metadata?.(metadata()) ?? metadata());
    if (url.pathname === '/jwks') return json({ keys: [jwk] });
    if (url.pathname === '/auth') return void response.writeHead(303, { location: authorize(url.searchParams) }).end();
    let body = '';
    for await (const part of request) body += String(part);
    exchanges.push(new URLSearchParams(body));
    if (deceit.redirectToken) return void response.writeHead(307, { location: deceit.redirectToken }).end();
    const answer = await tokens(exchanges.at(-1)!);
    return answer ? json(answer) : json({ error: 'invalid_grant' }, 400);
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  issuer = `http://localhost:${(server.address() as AddressInfo).port}`;
  return {
    issuer,
    exchanges,
    sign: (claims, typ) => sign(claims, typ),
    deceive(next) {
      deceit = next;
    },
    stop: () =>
      new Promise(resolve => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
