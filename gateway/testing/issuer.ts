/** An OpenID provider for tests: keys, and any token one asks for, right or wrong. */
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import type { CryptoKey, JWTPayload } from 'jose';

export const AUDIENCE = 'https://graph.example/graphql';

export interface TestIssuer {
  readonly url: string;
  readonly key: CryptoKey;
  /** The public key as PEM text, which an attacker could use as a secret. */
  readonly publicPem: string;
  /** A good access token, unless told otherwise. */
  token(claims?: JWTPayload, header?: Record<string, unknown>, key?: CryptoKey | Uint8Array): Promise<string>;
  stop(): Promise<void>;
}

export async function startIssuer(): Promise<TestIssuer> {
  const { exportJWK, exportSPKI, generateKeyPair, SignJWT } = await import('jose');
  const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true });
  const jwk = { ...(await exportJWK(publicKey)), kid: 'k1', alg: 'ES256', use: 'sig' };
  let url = '';
  const server = http.createServer((request, response) => {
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(request.url === '/jwks' ? { keys: [jwk] } : { issuer: url, jwks_uri: `${url}/jwks` }));
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    key: privateKey,
    publicPem: await exportSPKI(publicKey),
    async token(claims = {}, header = {}, key = privateKey) {
      const now = Math.floor(Date.now() / 1000);
      const all: JWTPayload = { iss: url, aud: AUDIENCE, sub: 'klara', iat: now, exp: now + 300, ...claims };
      for (const [name, value] of Object.entries(all)) if (value === undefined) delete all[name];
      return new SignJWT(all).setProtectedHeader({ alg: 'ES256', kid: 'k1', typ: 'at+jwt', ...header }).sign(key);
    },
    stop: () => new Promise(resolve => void server.close(() => resolve())),
  };
}
