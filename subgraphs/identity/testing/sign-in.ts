/** For tests of sign-in: identity behind an address known before it starts, with the real providers of development. */
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { Browser, signIn } from '../../../dev/browser';
import { type OpenIdProviders, startOpenIdProviders } from '../../../dev/openid/openid';
import { POPULATIONS } from '../../../kernel/config';
import type { Asker, Principal } from '../../../kernel/principal';
import { ANONYMOUS, type Answer } from '../../../tests/setup/subgraph';
import type { Claims } from '../sessions/session.claims';
import { startTestIdentity, type TestIdentity } from './identity';

export const RETURN_URL = 'https://portal.musterstadt.example/back';
export const AUDIENCE = 'https://graph.example/graphql';

const START = `mutation ($input: StartSignInInput!) {
  startSignIn(input: $input) { signIn { url expiresAt } refusal { code problems { path code } } } }`;

interface Started {
  readonly startSignIn: {
    readonly signIn: { readonly url: string; readonly expiresAt: string } | null;
    readonly refusal: {
      readonly code: string;
      readonly problems: { readonly path: string; readonly code: string }[];
    } | null;
  };
}

export interface SignInWorld {
  readonly identity: TestIdentity;
  readonly providers: OpenIdProviders;
  /** Where browsers and providers reach identity. */
  readonly publicUrl: string;
  startSignIn(input: object, who?: Principal): Promise<Answer<Started>>;
  /** Begins a sign-in. @returns where the browser goes */
  start(input?: Record<string, unknown>, who?: Principal): Promise<string>;
  /** A browser that has signed in. */
  signedIn(subject: string, input?: Record<string, unknown>): Promise<Browser>;
  /** Whom the gateway takes the cookie's token for; null when there is none or it counts no more. */
  whoIs(browser: Browser): Promise<Asker | null>;
  stop(): Promise<void>;
}

export async function startSignInWorld(): Promise<SignInWorld> {
  let inside = '';
  const door = http.createServer((req, res) => {
    const target = http.request(inside + req.url, { method: req.method, headers: req.headers }, answer => {
      res.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(res);
    });
    req.pipe(target);
  });
  await new Promise<void>(resolve => door.listen(0, '127.0.0.1', resolve));
  const publicUrl = `http://localhost:${(door.address() as AddressInfo).port}`;
  const providers = await startOpenIdProviders({
    port: 0,
    platformRedirectUris: POPULATIONS.map(one => `${publicUrl}/sign-in/callback/${one}`),
    platformLogoutUris: { back: `${publicUrl}/sign-in/back-channel`, front: `${publicUrl}/sign-in/front-channel` },
    audience: AUDIENCE,
  });
  for (const one of POPULATIONS) process.env[`${one.toUpperCase()}_ISSUER`] = providers.issuers[one];
  process.env.IDENTITY_PUBLIC_URL = publicUrl;
  const identity = await startTestIdentity();
  inside = identity.url;

  const startSignIn: SignInWorld['startSignIn'] = (input, who = ANONYMOUS) =>
    identity.as(who).query<Started>(START, { input });
  const start: SignInWorld['start'] = async (input = {}, who = ANONYMOUS) => {
    const { data } = await startSignIn({ returnUrl: RETURN_URL, ...input }, who);
    expect(data.startSignIn.refusal).toBeNull();
    return data.startSignIn.signIn!.url;
  };
  return {
    identity,
    providers,
    publicUrl,
    startSignIn,
    start,
    async signedIn(subject, input = {}) {
      const browser = new Browser();
      const { url } = await signIn(browser, await start(input), subject, RETURN_URL);
      expect(url).toBe(RETURN_URL);
      return browser;
    },
    async whoIs(browser) {
      const token = await browser.cookie('session', publicUrl);
      if (!token) return null;
      const { decodeJwt } = await import('jose');
      return (await identity.principal(decodeJwt(token) as unknown as Claims)).principal;
    },
    async stop() {
      await identity.stop();
      await providers.stop();
      door.closeAllConnections();
      door.close();
    },
  };
}
