/** An OpenID provider for tests: keys that change, and any token one asks for, right or wrong. */
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import type { CryptoKey, JWK, JWTPayload } from 'jose';

export const AUDIENCE = 'https://graph.example/graphql';

export interface TestIssuer {
  readonly url: string;
  readonly key: CryptoKey;
  /** The public key as PEM text, which an attacker could use as a secret. */
  readonly publicPem: string;
  /** How often its keys were asked for. */
  readonly keysAsked: number;
  /** A good access token, unless told otherwise. */
  token(claims?: JWTPayload, header?: Record<string, unknown>, key?: CryptoKey | Uint8Array): Promise<string>;
  /** Publishes one more key, and signs with it from now on. @returns takes all older keys away */
  rotate(): Promise<() => void>;
  /** Gives no keys while it is away. */
  away(isAway: boolean): void;
  stop(): Promise<void>;
}

export async function startIssuer(): Promise<TestIssuer> {
  const { exportJWK, exportSPKI, generateKeyPair, SignJWT } = await import('jose');
  const newKey = async (kid: string) => {
    const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true });
    return { kid, privateKey, publicKey, jwk: { ...(await exportJWK(publicKey)), kid, alg: 'ES256', use: 'sig' } };
  };
  const first = await newKey('k1');
  let signing = first;
  let published: JWK[] = [first.jwk];
  let keysAsked = 0;
  let isAway = false;
  let url = '';
  const server = http.createServer((request, response) => {
    response.setHeader('content-type', 'application/json');
    if (request.url !== '/jwks') return void response.end(JSON.stringify({ issuer: url, jwks_uri: `${url}/jwks` }));
    keysAsked += 1;
    if (isAway) response.statusCode = 503;
    response.end(JSON.stringify({ keys: published }));
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    key: first.privateKey,
    publicPem: await exportSPKI(first.publicKey),
    get keysAsked() {
      return keysAsked;
    },
    async token(claims = {}, header = {}, key = signing.privateKey) {
      const now = Math.floor(Date.now() / 1000);
      const all: JWTPayload = { iss: url, aud: AUDIENCE, sub: 'klara', iat: now, exp: now + 300, ...claims };
      for (const [name, value] of Object.entries(all)) if (value === undefined) delete all[name];
      return new SignJWT(all)
        .setProtectedHeader({ alg: 'ES256', kid: signing.kid, typ: 'at+jwt', ...header })
        .sign(key);
    },
    async rotate() {
      signing = await newKey(`k${published.length + 1}-${keysAsked}`);
      published = [...published, signing.jwk];
      return () => {
        published = [signing.jwk];
      };
    },
    away(now) {
      isAway = now;
    },
    stop: () =>
      new Promise(resolve => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
