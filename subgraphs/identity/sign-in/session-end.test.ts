/** How a browser's session goes on and how it ends: refreshed, stolen, signed out at the provider. */
import { Browser } from '../../../dev/browser';
import { shiftClock } from '../../../kernel/clock';
import type { Person } from '../../../kernel/principal';
import type { Claims } from '../sessions/session.claims';
import { AUDIENCE, type SignInWorld, startSignInWorld } from '../testing/sign-in';

let world: SignInWorld;
let { identity, providers, publicUrl, signedIn, whoIs } = {} as SignInWorld;
beforeAll(async () => {
  world = await startSignInWorld();
  ({ identity, providers, publicUrl, signedIn, whoIs } = world);
});
afterAll(() => world?.stop());
afterEach(() => shiftClock(0));

const address = () => `${publicUrl}/sign-in/refresh`;

/** As a portal's page would ask: with the browser's cookies, which the answer changes. */
async function refresh(browser: Browser, ticket?: string): Promise<number> {
  const cookie = ticket ? `refresh=${ticket}` : await browser.jar.getCookieString(address());
  const response = await fetch(address(), { method: 'POST', headers: { cookie } });
  for (const set of response.headers.getSetCookie()) await browser.jar.setCookie(set, address());
  return response.status;
}

describe('refreshing', () => {
  test('brings a new access token of the same session at the same level, and the session lives longer', async () => {
    const browser = await signedIn('klara', { minimumTrustLevel: 'SUBSTANTIAL' });
    const before = (await whoIs(browser)) as Person;
    const token = await browser.cookie('session', publicUrl);
    const ticket = await browser.cookie('refresh', address());
    await identity.sql(`UPDATE identity.session SET expires_at = now()`);
    expect(await refresh(browser)).toBe(204);
    expect(await browser.cookie('session', publicUrl)).not.toBe(token);
    expect(await browser.cookie('refresh', address())).not.toBe(ticket);
    expect(await whoIs(browser)).toEqual(before);
    const [session] = await identity.sql<{ expires_at: Date }>(
      'SELECT expires_at FROM identity.session WHERE id = $1',
      [before.sessionId],
    );
    expect(session!.expires_at.getTime()).toBeGreaterThan(Date.now() + 1_700_000);
    expect(await refresh(browser)).toBe(204);
  });

  test('sends its cookie to its own address alone, and from no other site', async () => {
    const browser = await signedIn('klara');
    const cookie = (await browser.jar.getCookies(address())).find(({ key }) => key === 'refresh');
    expect(cookie).toMatchObject({ httpOnly: true, sameSite: 'strict', path: '/sign-in/refresh' });
    expect(await browser.cookie('refresh', `${publicUrl}/graphql`)).toBeUndefined();
    const [row] = await identity.sql('SELECT * FROM identity.session_refresh LIMIT 1');
    expect(JSON.stringify(row)).not.toContain(cookie!.value);
  });

  test('twice with one ticket ends the session for the thief and for its owner, and the gateway hears of it', async () => {
    const browser = await signedIn('klara');
    const { sessionId } = (await whoIs(browser)) as Person;
    const stolen = await browser.cookie('refresh', address());
    expect(await refresh(browser)).toBe(204);
    shiftClock(11_000);
    const revocations = await identity.revocations();
    const thief = new Browser();
    expect(await refresh(thief, stolen)).toBe(401);
    expect(await revocations.next()).toEqual({ sessionId });
    revocations.close();
    expect(await whoIs(browser)).toBeNull();
    expect(await refresh(browser)).toBe(401);
    expect(await browser.cookie('session', publicUrl)).toBeUndefined();
  });

  test('from two tabs at once serves one and lets the other wait', async () => {
    const browser = await signedIn('jonas');
    const ticket = await browser.cookie('refresh', address());
    const other = new Browser();
    const answers = await Promise.all([refresh(browser, ticket), refresh(other, ticket)]);
    expect(answers.sort()).toEqual([204, 409]);
    expect(await refresh(new Browser(), ticket)).toBe(409); // within seconds, and told nothing
    expect(await whoIs(browser)).toMatchObject({ kind: 'person' });
  });

  test('is refused with no ticket, a forged one, one of another purpose, and after signing out', async () => {
    const browser = await signedIn('jonas');
    const ticket = (await browser.cookie('refresh', address()))!;
    expect((await fetch(address(), { method: 'POST' })).status).toBe(401);
    expect(await refresh(new Browser(), `${ticket.slice(0, -2)}xx`)).toBe(401);
    const signInTicket = new URL(await world.start()).searchParams.get('ticket')!;
    expect(await refresh(new Browser(), signInTicket)).toBe(401);
    const jonas = (await whoIs(browser)) as Person;
    await identity.as(jonas).query('mutation { endSession(input: {}) { refusal { code } } }');
    expect(await refresh(browser, ticket)).toBe(401);
  });

  test('loses nothing while the provider is away, and ends when the provider says no', async () => {
    const browser = await signedIn('klara');
    const { sessionId } = (await whoIs(browser)) as Person;
    const held = await identity.sql<{ sealed_token: string }>('SELECT sealed_token FROM identity.session_refresh');
    const { issuers } = providers;
    process.env.CITIZEN_ISSUER = 'http://localhost:1';
    expect(await refresh(browser)).toBe(503);
    process.env.CITIZEN_ISSUER = issuers.citizen;
    expect(await refresh(browser)).toBe(204);
    // the provider knows its own token of before as used up
    const before = held.at(-1)!.sealed_token;
    await identity.sql('UPDATE identity.session_refresh SET sealed_token = $2 WHERE session_id = $1', [
      sessionId,
      before,
    ]);
    expect(await refresh(browser)).toBe(401);
    expect(await whoIs(browser)).toBeNull();
  });
});

describe('signing out at the provider', () => {
  test('ends the session here, and the gateway hears of it', async () => {
    const browser = await signedIn('klara');
    const other = await signedIn('klara');
    const { sessionId } = (await whoIs(browser)) as Person;
    const revocations = await identity.revocations();
    const page = await browser.open(`${providers.issuers.citizen}/session/end`);
    const done = await browser.submit(page.forms[0]!, { logout: 'yes' });
    expect(done.html).toContain('Sie sind abgemeldet.');
    expect(await revocations.next()).toEqual({ sessionId });
    revocations.close();
    expect(await whoIs(browser)).toBeNull();
    expect(await whoIs(other)).toMatchObject({ kind: 'person' });
    expect(done.html).toContain(`${publicUrl}/sign-in/front-channel?iss=`);
  });

  test('through the browser ends the one it names, without a cookie, and only for a known issuer', async () => {
    const browser = await signedIn('jonas');
    const { decodeJwt } = await import('jose');
    const { sid } = decodeJwt((await browser.cookie('session', publicUrl))!) as unknown as Claims;
    const ask = (iss: string, name: string) =>
      fetch(`${publicUrl}/sign-in/front-channel?${new URLSearchParams({ iss, sid: name })}`);
    expect((await ask('https://evil.example', sid!)).status).toBe(400);
    for (const nonsense of ['', '\0', `${sid}\0`, 'a\nb', 'x'.repeat(256)])
      expect((await ask(providers.issuers.citizen, nonsense)).status).toBe(400);
    expect((await ask(`${providers.issuers.citizen}\0`, sid!)).status).toBe(400);
    for (const query of ['', 'iss=a&iss=b&sid=c', `iss=${providers.issuers.citizen}&sid[a]=b`, 'iss=%FF&sid=%FF'])
      expect((await fetch(`${publicUrl}/sign-in/front-channel?${query}`)).status).toBe(400);
    expect((await ask(providers.issuers.organisation, sid!)).status).toBe(200);
    expect(await whoIs(browser)).not.toBeNull();
    const answer = await ask(providers.issuers.citizen, sid!);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-security-policy')).toBe(
      `default-src 'none'; frame-ancestors ${new URL(providers.issuers.citizen).origin}`,
    );
    expect(await whoIs(browser)).toBeNull();
  });

  describe('with a logout token', () => {
    const tell = (token: string) =>
      fetch(`${publicUrl}/sign-in/back-channel`, {
        method: 'POST',
        body: new URLSearchParams({ logout_token: token }),
      });

    test('that is none is refused: an access token, an ID token, words, nothing', async () => {
      const browser = await signedIn('klara');
      const token = (await browser.cookie('session', publicUrl))!;
      const { decodeJwt, SignJWT, generateKeyPair } = await import('jose');
      const { sid, sub, iss } = decodeJwt(token) as unknown as Claims;
      const { privateKey } = await generateKeyPair('ES256');
      const claims = { sid, sub, jti: 'j', events: { 'http://schemas.openid.net/event/backchannel-logout': {} } };
      const forged = (audience: string) =>
        new SignJWT(claims)
          .setProtectedHeader({ alg: 'ES256', typ: 'logout+jwt' })
          .setIssuer(iss)
          .setAudience(audience)
          .setIssuedAt()
          .setExpirationTime('2m')
          .sign(privateKey);
      for (const wrong of [token, 'words', '', await forged('platform'), await forged(AUDIENCE)])
        expect((await tell(wrong)).status).toBe(400);
      expect(await whoIs(browser)).not.toBeNull();
    });
  });
});
