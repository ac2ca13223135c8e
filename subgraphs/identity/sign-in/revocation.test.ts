/** Signing out here ends the refresh token at the OpenID provider too (RFC 7009), whoever ends the session. */
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser } from '../../../dev/browser';
import { eventually } from '../../../dev/demo/player';
import type { Person } from '../../../kernel/principal';
import { type SignInWorld, startSignInWorld } from '../testing/sign-in';

let world: SignInWorld;
beforeAll(async () => {
  world = await startSignInWorld();
});
afterEach(() => {
  process.env.CITIZEN_ISSUER = world.providers.issuers.citizen;
});
afterAll(() => world?.stop());

const END = 'mutation ($everywhere: Boolean!) { endSession(input: { everywhere: $everywhere }) { refusal { code } } }';

async function signedIn() {
  const browser = await world.signedIn('klara');
  const who = (await world.whoIs(browser)) as Person;
  const [kept] = await world.identity.sql('SELECT * FROM identity.session_refresh WHERE session_id = $1', [
    who.sessionId,
  ]);
  return { browser, who, kept: kept as Record<string, unknown> };
}

const waiting = async (): Promise<number> => (await world.identity.sql('SELECT FROM identity.token_revocation')).length;
const nobodyWaits = () => eventually(waiting, count => count === 0, 'the provider is told');

/** As if the session had not ended here: what does the provider say to its refresh token? */
async function refreshedAnyway(browser: Browser, { kept, who }: Awaited<ReturnType<typeof signedIn>>): Promise<number> {
  const { sql } = world.identity;
  await sql('UPDATE identity.session SET ended_at = NULL WHERE id = $1', [who.sessionId]);
  await sql(
    `INSERT INTO identity.session_refresh SELECT (jsonb_populate_record(NULL::identity.session_refresh, $1)).*
     ON CONFLICT (session_id) DO NOTHING`,
    [JSON.stringify(kept)],
  );
  const address = `${world.publicUrl}/sign-in/refresh`;
  const cookie = await browser.jar.getCookieString(address);
  return (await fetch(address, { method: 'POST', headers: { cookie } })).status;
}

test('a token whose session goes on is good', async () => {
  const session = await signedIn();
  expect(await refreshedAnyway(session.browser, session)).toBe(204);
});

test.each([
  [false, 'of the session'],
  [true, 'of every session, everywhere'],
])('who signs out (everywhere: %s) ends the token %s', async everywhere => {
  const other = await signedIn();
  const session = await signedIn();
  const { data } = await world.identity.as(session.who).query(END, { everywhere });
  expect(data.endSession.refusal).toBeNull();
  await nobodyWaits();
  expect(
    await world.identity.sql('SELECT FROM identity.session_refresh WHERE session_id = $1', [session.who.sessionId]),
  ).toEqual([]);
  expect(await refreshedAnyway(session.browser, session)).toBe(401);
  expect(await refreshedAnyway(other.browser, other)).toBe(everywhere ? 401 : 204);
});

test('a provider that is away is told when it is back', async () => {
  const session = await signedIn();
  process.env.CITIZEN_ISSUER = 'http://localhost:1';
  await world.identity.as(session.who).query(END, { everywhere: false });
  await eventually(
    () => world.identity.sql<{ attempts: number }>('SELECT attempts FROM identity.token_revocation'),
    ([one]) => one!.attempts > 0,
    'it was tried in vain',
  );
  process.env.CITIZEN_ISSUER = world.providers.issuers.citizen;
  await nobodyWaits();
  expect(await refreshedAnyway(session.browser, session)).toBe(401);
});

test('a session that somebody has signed in to again keeps its fresh token', async () => {
  const session = await signedIn();
  await world.identity.sql(`INSERT INTO identity.token_revocation VALUES (gen_random_uuid(), 1, $1, 0, now())`, [
    session.who.sessionId,
  ]);
  await nobodyWaits();
  expect(await refreshedAnyway(session.browser, session)).toBe(204);
});

test('a provider that takes no tokens back is not asked', async () => {
  const asked: string[] = [];
  const provider = http.createServer((request, response) => {
    asked.push(request.url!);
    const issuer = process.env.CITIZEN_ISSUER;
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ issuer, token_endpoint: `${issuer}/token`, jwks_uri: `${issuer}/jwks` }));
  });
  await new Promise<void>(resolve => provider.listen(0, '127.0.0.1', resolve));
  const session = await signedIn();
  process.env.CITIZEN_ISSUER = `http://127.0.0.1:${(provider.address() as AddressInfo).port}`;
  await world.identity.as(session.who).query(END, { everywhere: false });
  await nobodyWaits();
  expect(asked).toEqual(['/.well-known/openid-configuration']);
  provider.closeAllConnections();
  await new Promise(resolve => provider.close(resolve));
});
