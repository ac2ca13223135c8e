/** A provider that lies: whatever it says, nobody is signed in by it, and nothing of ours goes where it points. */
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { Browser } from '../../../dev/browser';
import { type Deceit, type EvilProvider, startEvilProvider } from '../testing/evil-provider';
import { RETURN_URL, type SignInWorld, startSignInWorld } from '../testing/sign-in';

let world: SignInWorld;
let evil: EvilProvider;
beforeAll(async () => {
  world = await startSignInWorld();
});
afterAll(() => world?.stop());

// each with a provider of its own, because what a provider says of itself is kept
beforeEach(async () => {
  evil = await startEvilProvider({ id: 'platform', secret: 'development-only-platform' });
  process.env.CITIZEN_ISSUER = evil.issuer;
});
afterEach(() => evil.stop());

async function signIn(deceit: Deceit, spoil: (back: URL) => void = () => {}) {
  evil.deceive(deceit);
  const browser = new Browser();
  const back = await browser.open(await world.start({ minimumTrustLevel: 'HIGH' }), {
    until: `${world.publicUrl}/sign-in/callback/citizen`,
  });
  const url = new URL(back.url);
  spoil(url);
  const page = await browser.open(url.href, { until: RETURN_URL });
  return { browser, page, url, session: await browser.cookie('session', world.publicUrl) };
}

test('an honest one signs in, so that what follows fails by the lie alone', async () => {
  const { page, session } = await signIn({});
  expect(page.url).toBe(RETURN_URL);
  expect(session).toBeDefined();
});

const past = Math.floor(Date.now() / 1000) - 3_600;

test.each<[string, Deceit]>([
  ['names another issuer on the way back (mix-up)', { answer: query => query.set('iss', 'https://other.example') }],
  ['names no issuer on the way back', { answer: query => query.delete('iss') }],
  ['names another issuer in the ID token', { idToken: claims => ({ ...claims, iss: 'https://other.example' }) }],
  ['gives an ID token for another client', { idToken: claims => ({ ...claims, aud: 'somebody-else' }) }],
  [
    'gives an ID token for several clients by another',
    { idToken: claims => ({ ...claims, aud: ['platform', 'b'], azp: 'b' }) },
  ],
  ['gives an ID token without a nonce', { idToken: ({ nonce: _, ...claims }) => claims }],
  ['gives an ID token with another nonce', { idToken: claims => ({ ...claims, nonce: 'other' }) }],
  ['gives an ID token that has expired', { idToken: claims => ({ ...claims, exp: past }) }],
  ['gives an unsigned ID token', { algorithm: 'none' }],
  ['signs the ID token with the client’s secret', { algorithm: 'HS256' }],
  ['signs with a key that it does not publish', { ownKey: true }],
  ['gives tokens about two people', { accessToken: claims => ({ ...claims, sub: 'klara' }) }],
  [
    'gives an access token for another audience',
    { accessToken: claims => ({ ...claims, aud: 'https://other.example' }) },
  ],
  ['gives an access token of another issuer', { accessToken: claims => ({ ...claims, iss: 'https://other.example' }) }],
  ['gives an ID token as the access token', { accessTokenType: 'JWT' }],
  [
    'does not reach the level in the access token',
    { accessToken: claims => ({ ...claims, acr: 'STORK-QAA-Level-1' }) },
  ],
  ['does not reach the level in the ID token', { idToken: ({ acr: _, ...claims }) => claims }],
])('one that %s signs nobody in', async (_, deceit) => {
  const { page, session } = await signIn(deceit);
  expect(page.url).toBe(`${RETURN_URL}?sign_in=failed`);
  expect(session).toBeUndefined();
});

test('one that describes itself as another is not even asked', async () => {
  evil.deceive({ metadata: metadata => ({ ...metadata, issuer: 'https://other.example' }) });
  expect((await fetch(await world.start(), { redirect: 'manual' })).status).toBe(503);
});

test('one that answers with another state signs nobody in, nor does it with the state of another browser', async () => {
  const other = await signIn({ answer: query => query.set('state', 'x'.repeat(43)) });
  expect([other.page.status, other.session]).toEqual([400, undefined]);
});

test('a code works once, and an answer replayed after it does not', async () => {
  const { browser, url } = await signIn({});
  const exchanges = evil.exchanges.length;
  expect((await browser.open(url.href, { until: RETURN_URL })).status).toBe(400);
  expect(evil.exchanges).toHaveLength(exchanges);
  const injected = await signIn({}, back => back.searchParams.set('code', url.searchParams.get('code')!));
  expect([injected.page.url, injected.session]).toEqual([`${RETURN_URL}?sign_in=failed`, undefined]);
});

test('a code of another sign-in does not fit this one’s verifier', async () => {
  const { url } = await signIn({}, back => back.searchParams.set('state', 'kept-back'));
  const injected = await signIn({}, back => back.searchParams.set('code', url.searchParams.get('code')!));
  expect([injected.page.url, injected.session]).toEqual([`${RETURN_URL}?sign_in=failed`, undefined]);
});

test('one that sends the exchange elsewhere gets our secret nowhere else', async () => {
  const heard: http.IncomingHttpHeaders[] = [];
  const elsewhere = http.createServer((request, response) => {
    heard.push(request.headers);
    response.end('{}');
  });
  await new Promise<void>(resolve => elsewhere.listen(0, '127.0.0.1', resolve));
  const { port } = elsewhere.address() as AddressInfo;
  const { page, session } = await signIn({ redirectToken: `http://localhost:${port}/token` });
  expect([page.url, session, heard]).toEqual([`${RETURN_URL}?sign_in=failed`, undefined, []]);
  elsewhere.close();
});

test('leads the browser to no address but the one registered, whatever the answer carries', async () => {
  const { page } = await signIn({
    answer: query => {
      query.set('return_url', 'https://evil.example');
      query.set('redirect_uri', 'https://evil.example');
    },
  });
  expect(page.url).toBe(RETURN_URL);
});

describe('a refresh', () => {
  async function refreshed(lie: Deceit['refreshed'], proven = 'HIGH') {
    const { browser } = await signIn({});
    await world.identity.sql('UPDATE identity.session SET trust_level = $1', [proven]);
    evil.deceive({ ...(lie && { refreshed: lie }) });
    const address = `${world.publicUrl}/sign-in/refresh`;
    const cookie = await browser.jar.getCookieString(address);
    const response = await fetch(address, { method: 'POST', headers: { cookie } });
    const given = response.headers.getSetCookie().filter(set => /^session=./.test(set) && !set.startsWith('session=;'));
    return { status: response.status, given: given.length, goesOn: (await world.whoIs(browser)) !== null };
  }

  test('that is honest prolongs the session', async () => {
    expect(await refreshed(undefined)).toEqual({ status: 204, given: 1, goesOn: true });
  });

  test('with the token of another sign-in gives the browser none', async () => {
    const other = await refreshed(claims => ({ ...claims, sid: 'another' }));
    expect(other).toEqual({ status: 503, given: 0, goesOn: true });
  });

  test('that claims a higher level than was proven ends the session', async () => {
    const higher = await refreshed(undefined, 'LOW');
    expect(higher).toEqual({ status: 401, given: 0, goesOn: false });
  });
});

describe('a logout token', () => {
  const EVENT = 'http://schemas.openid.net/event/backchannel-logout';

  const LOGOUT = 'logout+jwt';

  async function told(change: Record<string, unknown>, typ: string) {
    const { browser } = await signIn({});
    const iat = Math.floor(Date.now() / 1000);
    const named = {
      iss: evil.issuer,
      aud: 'platform',
      iat,
      jti: 'j',
      sub: 'mallory',
      sid: 'evil',
      events: { [EVENT]: {} },
    };
    const token = await evil.sign({ ...named, ...change }, typ);
    const response = await fetch(`${world.publicUrl}/sign-in/back-channel`, {
      method: 'POST',
      body: new URLSearchParams({ logout_token: token }),
    });
    return [response.status, (await world.whoIs(browser)) !== null];
  }

  test('that is right ends the session', async () => {
    expect(await told({}, LOGOUT)).toEqual([200, false]);
  });

  test.each<[string, Record<string, unknown>, string]>([
    ['has a nonce, as ID tokens have', { nonce: 'n' }, LOGOUT],
    ['is old', { iat: past }, LOGOUT],
    ['is for another client', { aud: 'somebody-else' }, LOGOUT],
    ['is for the graph', { aud: 'https://graph.example/graphql' }, LOGOUT],
    ['says no event', { events: undefined }, LOGOUT],
    ['says another event', { events: { 'https://other.example': {} } }, LOGOUT],
    ['names nobody', { sub: undefined, sid: undefined }, LOGOUT],
    ['has no id', { jti: undefined }, LOGOUT],
    ['is of another type', {}, 'at+jwt'],
    ['is of an issuer we do not know', { iss: 'https://other.example' }, LOGOUT],
  ])('that %s ends nothing', async (_, change, typ) => {
    expect(await told(change, typ)).toEqual([400, true]);
  });
});
