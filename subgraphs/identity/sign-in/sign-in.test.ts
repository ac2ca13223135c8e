/** The whole circle: from startSignIn through a real OpenID provider back to the session, and every way it must not go. */
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { Browser, signIn } from '../../../dev/browser';
import { shiftClock } from '../../../kernel/clock';
import type { Person } from '../../../kernel/principal';
import { RETURN_URL, type SignInWorld, startSignInWorld } from '../testing/sign-in';
import { cookieOf } from './sign-in.service';

let world: SignInWorld;
let { identity, providers, publicUrl, start, whoIs } = {} as SignInWorld;

beforeAll(async () => {
  world = await startSignInWorld();
  ({ identity, providers, publicUrl, start, whoIs } = world);
  await identity.employ('max.schroeder', ['CASEWORKER']);
});
afterAll(() => world?.stop());
afterEach(() => shiftClock(0));

describe('signing in', () => {
  test('leads a citizen through the provider and back with the level asked for, in an HttpOnly cookie', async () => {
    const browser = new Browser();
    const url = await start({ minimumTrustLevel: 'SUBSTANTIAL', method: 'EID' });
    const page = await signIn(browser, url, 'klara', RETURN_URL);
    expect(page.url).toBe(RETURN_URL);
    expect(await whoIs(browser)).toMatchObject({ kind: 'person', trustLevel: 'SUBSTANTIAL' });
    const cookie = (await browser.jar.getCookies(publicUrl)).find(({ key }) => key === 'session');
    expect(cookie).toMatchObject({ httpOnly: true, sameSite: 'lax', path: '/', secure: false });
    expect(cookie?.maxAge).toBeGreaterThan(1700);
    const [account] = await identity.sql('SELECT display_name, kind FROM identity.account');
    expect(account).toEqual({ display_name: 'Klara Muster', kind: 'PERSON' });
    expect(await identity.sql('SELECT 1 FROM identity.sign_in')).toEqual([]);
  });

  test('leads staff to their desk, whom no trust level measures', async () => {
    const browser = new Browser();
    await signIn(browser, await start({ method: 'STAFF_SIGN_ON' }), 'max.schroeder', RETURN_URL);
    expect(await whoIs(browser)).toMatchObject({ kind: 'staff', scopes: ['staff:decide', 'staff:read', 'staff:work'] });
  });

  test('refuses staff who are not in the directory', async () => {
    const browser = new Browser();
    const page = await signIn(browser, await start({ method: 'STAFF_SIGN_ON' }), 'nora.nachbar', RETURN_URL);
    expect(page.url).toBe(`${RETURN_URL}?sign_in=failed`);
    expect(await whoIs(browser)).toBeNull();
  });

  test('leads people of an organisation to its account, with what the provider says they may do there', async () => {
    const signedIn = async (subject: string) => {
      const browser = new Browser();
      await signIn(
        browser,
        await start({ accountKind: 'ORGANISATION', minimumTrustLevel: 'LOW' }),
        subject,
        RETURN_URL,
      );
      return (await whoIs(browser)) as Person;
    };
    const ada = await signedIn('ada.radwelt');
    const ben = await signedIn('ben.radwelt');
    const rita = await signedIn('rita.radwelt');
    expect(new Set([ada, ben, rita].map(({ actingFor }) => actingFor)).size).toBe(1);
    expect(new Set([ada, ben, rita].map(({ accountId }) => accountId)).size).toBe(3);
    expect([ada, ben, rita].map(({ readOnly }) => readOnly)).toEqual([false, false, true]);
    const { data } = await identity
      .as(rita)
      .query(`{ session { actingFor { id kind displayName members { role account { displayName } } } } }`);
    expect(data.session.actingFor).toEqual({
      id: ada.actingFor,
      kind: 'ORGANISATION',
      displayName: 'Radwelt GmbH',
      members: [
        { role: 'ADMINISTRATOR', account: { displayName: 'Ada Wind' } },
        { role: 'REPRESENTATIVE', account: { displayName: 'Ben Speiche' } },
        { role: 'READER', account: { displayName: 'Rita Rahmen' } },
      ],
    });
    const stepUp = new URL((await fetch(await start({}, ben), { redirect: 'manual' })).headers.get('location')!);
    expect(stepUp.href).toContain(providers.issuers.organisation);
  });

  test('fails for somebody whose means do not reach the level', async () => {
    for (const [subject, level] of [
      ['bente', 'LOW'],
      ['levi', 'HIGH'],
    ] as const) {
      const browser = new Browser();
      const page = await signIn(browser, await start({ minimumTrustLevel: level }), subject, RETURN_URL);
      expect(page.url).toBe(`${RETURN_URL}?sign_in=failed`);
      expect(await whoIs(browser)).toBeNull();
    }
  });

  test('steps up to a higher level in the same account, and goes on acting for whom one acted', async () => {
    const browser = new Browser();
    await signIn(browser, await start({ minimumTrustLevel: 'LOW' }), 'jonas', RETURN_URL);
    const low = (await whoIs(browser)) as Person;
    expect(low.trustLevel).toBe('LOW');
    const granter = await identity.citizen('granter');
    await identity
      .as(granter)
      .query(
        `mutation { grantMandate(input: { agentAccountId: "${low.accountId}", idempotencyKey: "m" }) { refusal { code } } }`,
      );
    await identity
      .as(low)
      .query(`mutation { actFor(input: { accountId: "${granter.accountId}" }) { refusal { code } } }`);
    await signIn(browser, await start({ minimumTrustLevel: 'HIGH' }, low), 'jonas', RETURN_URL);
    expect(await whoIs(browser)).toMatchObject({
      accountId: low.accountId,
      actingFor: granter.accountId,
      trustLevel: 'HIGH',
    });
    await signIn(browser, await start({ minimumTrustLevel: 'LOW' }, low), 'klara', RETURN_URL);
    const klara = (await whoIs(browser)) as Person;
    expect(klara.actingFor).toBe(klara.accountId);
  });

  test('lets nobody act for whom somebody else acted, by an earlier session that is not theirs', async () => {
    const jonas = (await whoIs(await world.signedIn('jonas', { minimumTrustLevel: 'LOW' }))) as Person;
    const granter = await identity.citizen('another granter');
    await identity.sql('UPDATE identity.session SET acting_for_id = $2 WHERE id = $1', [
      jonas.sessionId,
      granter.accountId,
    ]);
    const browser = new Browser();
    await signIn(browser, await start({ minimumTrustLevel: 'LOW' }, jonas), 'klara', RETURN_URL);
    const [row] = await identity.sql('SELECT acting_for_id FROM identity.session WHERE id = $1', [
      ((await whoIs(browser)) as Person).sessionId,
    ]);
    expect(row).toEqual({ acting_for_id: null });
  });
});

describe('startSignIn', () => {
  const refusal = async (input: object) => (await world.startSignIn(input)).data.startSignIn.refusal;

  test.each([
    ['https://evil.example/back'],
    [`${RETURN_URL}/more`],
    [`${RETURN_URL}?next=https://evil.example`],
    ['javascript:alert(1)'],
    ['//portal.musterstadt.example/back'],
    [''],
  ])('refuses to lead back to %s', async returnUrl => {
    expect((await refusal({ returnUrl }))?.code).toBe('RETURN_URL_NOT_REGISTERED');
  });

  test('refuses a method that does not reach the level', async () => {
    expect(await refusal({ returnUrl: RETURN_URL, method: 'PASSWORD', minimumTrustLevel: 'LOW' })).toEqual({
      code: 'METHOD_TOO_WEAK',
      problems: [{ path: '/method', code: 'TOO_WEAK' }],
    });
  });

  test('refuses nonsense in the query before anything is asked or stored', async () => {
    const url = await start({});
    const addresses = [
      ...['%00', 'klara%0A', 'x'.repeat(101), 'a&login_hint=b'].map(hint => `${url}&login_hint=${hint}`),
      `${publicUrl}/sign-in/start?ticket=%00`,
      `${url}%00`,
      ...['state=%00&code=%00', 'state[]=%00', 'state=%FF', ''].map(
        query => `${publicUrl}/sign-in/callback/citizen?${query}`,
      ),
      `${publicUrl}/sign-in/callback/%00`,
      `${publicUrl}/sign-in/callback/%FF`,
    ];
    for (const address of addresses) {
      const headers = { cookie: `${cookieOf('\0')}=%00; ${cookieOf('')}=%00` };
      const { status } = await fetch(address, { headers, redirect: 'manual' });
      expect([address, status]).toEqual([address, 400]);
    }
  });

  test('asks the provider for the code flow with PKCE, state, nonce, level and audience', async () => {
    const url = new URL(await start({ minimumTrustLevel: 'HIGH' }));
    url.searchParams.set('login_hint', 'klara');
    const response = await fetch(url, { redirect: 'manual' });
    expect(response.status).toBe(303);
    const asked = new URL(response.headers.get('location')!);
    expect(asked.origin + asked.pathname).toBe(`${providers.issuers.citizen}/auth`);
    expect(Object.fromEntries(asked.searchParams)).toMatchObject({
      client_id: 'platform',
      response_type: 'code',
      redirect_uri: `${publicUrl}/sign-in/callback/citizen`,
      scope: 'openid profile email',
      resource: 'https://graph.example/graphql',
      acr_values: 'STORK-QAA-Level-4',
      code_challenge_method: 'S256',
      code_challenge: expect.stringMatching(/^[\w-]{43}$/),
      state: expect.stringMatching(/^[\w-]{43}$/),
      nonce: expect.stringMatching(/^[\w-]{43}$/),
      prompt: 'login',
      login_hint: 'klara',
    });
    expect(response.headers.getSetCookie()[0]).toMatch(
      /^sign_in_\w{16}=[\w-]{43}; Path=\/sign-in; Max-Age=600; HttpOnly; SameSite=Lax$/,
    );
  });

  test('has a ticket that nobody can forge or change, and that ends after ten minutes', async () => {
    const url = await start();
    expect((await fetch(url.slice(0, -3), { redirect: 'manual' })).status).toBe(400);
    expect((await fetch(`${publicUrl}/sign-in/start`, { redirect: 'manual' })).status).toBe(400);
    shiftClock(601_000);
    expect((await fetch(url, { redirect: 'manual' })).status).toBe(400);
  });
});

describe('the way back', () => {
  const callback = `/sign-in/callback/citizen`;

  /** A browser that has signed in at the provider and stands before the callback. */
  async function atTheDoor(persona = 'klara', input = {}): Promise<{ browser: Browser; back: URL }> {
    const browser = new Browser();
    const page = await signIn(browser, await start(input), persona, `${publicUrl}${callback}`);
    return { browser, back: new URL(page.url) };
  }

  test('works once', async () => {
    const { browser, back } = await atTheDoor();
    expect((await browser.open(back.href, { until: RETURN_URL })).url).toBe(RETURN_URL);
    const again = await browser.open(back.href, { until: RETURN_URL });
    expect(again.status).toBe(400);
    expect(again.html).toContain('Anmeldung nicht möglich');
    expect(again.html).toContain('Sign-in is not possible');
  });

  test('works only in the browser that began', async () => {
    const { back, browser } = await atTheDoor();
    const victim = new Browser();
    expect((await victim.open(back.href)).status).toBe(400);
    // nor with a cookie of the right name, which another site may have planted
    await victim.jar.setCookie(
      `${cookieOf(back.searchParams.get('state')!)}=${'x'.repeat(43)}; Path=/sign-in`,
      back.href,
    );
    expect((await victim.open(back.href)).status).toBe(400);
    expect(await whoIs(victim)).toBeNull();
    expect((await browser.open(back.href, { until: RETURN_URL })).url).toBe(RETURN_URL);
  });

  test('is not found after ten minutes, nor with an invented or missing state', async () => {
    const { back, browser } = await atTheDoor();
    const invented = new URL(back);
    invented.searchParams.set('state', 'x'.repeat(43));
    expect((await browser.open(invented.href)).status).toBe(400);
    invented.searchParams.delete('state');
    expect((await browser.open(invented.href)).status).toBe(400);
    shiftClock(601_000);
    expect((await browser.open(back.href)).status).toBe(400);
  });

  test.each<[string, (back: URL) => void]>([
    ['another issuer', back => back.searchParams.set('iss', 'https://evil.example')],
    ['no issuer', back => back.searchParams.delete('iss')],
    ['another code', back => back.searchParams.set('code', 'x'.repeat(43))],
    ['no code', back => back.searchParams.delete('code')],
    ['two codes', back => back.searchParams.append('code', 'y'.repeat(43))],
    [
      'an error of the provider',
      back => {
        back.searchParams.delete('code');
        back.searchParams.set('error', 'access_denied');
        back.searchParams.set('error_description', 'secret detail');
      },
    ],
  ])('with %s fails, and says no more than that', async (_, spoil) => {
    const { browser, back } = await atTheDoor();
    spoil(back);
    const page = await browser.open(back.href, { until: RETURN_URL });
    expect(page.url).toBe(`${RETURN_URL}?sign_in=failed`);
    expect(await whoIs(browser)).toBeNull();
  });

  test('fails when the nonce, the verifier or the level is not the one asked for', async () => {
    for (const change of [`nonce = 'other'`, `code_verifier = repeat('v', 43)`, `trust_level = 'HIGH'`]) {
      const { browser, back } = await atTheDoor('jonas', { minimumTrustLevel: 'LOW' });
      await identity.sql(`UPDATE identity.sign_in SET ${change}`);
      expect((await browser.open(back.href, { until: RETURN_URL })).url).toBe(`${RETURN_URL}?sign_in=failed`);
      expect(await whoIs(browser)).toBeNull();
    }
  });

  test('of another provider is none: neither its callback nor its answer', async () => {
    const { browser, back } = await atTheDoor();
    const elsewhere = new URL(back);
    elsewhere.pathname = '/sign-in/callback/organisation';
    expect((await browser.open(elsewhere.href)).status).toBe(400);
    elsewhere.pathname = '/sign-in/callback/anybody';
    expect((await browser.open(elsewhere.href)).status).toBe(400);
    elsewhere.pathname = back.pathname;
    elsewhere.searchParams.set('iss', providers.issuers.organisation);
    expect((await browser.open(elsewhere.href, { until: RETURN_URL })).url).toBe(`${RETURN_URL}?sign_in=failed`);
  });

  test('keeps two sign-ins of one browser apart', async () => {
    const browser = new Browser();
    const first = new URL((await signIn(browser, await start(), 'klara', `${publicUrl}${callback}`)).url);
    const second = new URL((await signIn(browser, await start(), 'jonas', `${publicUrl}${callback}`)).url);
    expect((await browser.open(second.href, { until: RETURN_URL })).url).toBe(RETURN_URL);
    expect((await browser.open(first.href, { until: RETURN_URL })).url).toBe(RETURN_URL);
  });
});

describe('a provider that is not what it should be', () => {
  test('gone, or calling itself otherwise, gets a page instead of a sign-in', async () => {
    const before = process.env.CITIZEN_ISSUER;
    const other = http.createServer((_, res) => {
      res.setHeader('content-type', 'application/json');
      res.end(JSON.stringify({ issuer: 'https://evil.example', authorization_endpoint: 'https://evil.example/auth' }));
    });
    await new Promise<void>(resolve => other.listen(0, '127.0.0.1', resolve));
    try {
      process.env.CITIZEN_ISSUER = `http://localhost:${(other.address() as AddressInfo).port}`;
      const evil = await fetch(await start(), { redirect: 'manual' });
      expect(evil.status).toBe(503);
      expect(await evil.text()).toContain('Anmeldedienst antwortet gerade nicht');
      other.close();
      other.closeAllConnections();
      expect((await fetch(await start(), { redirect: 'manual' })).status).toBe(503);
    } finally {
      process.env.CITIZEN_ISSUER = before;
    }
    expect((await fetch(await start(), { redirect: 'manual' })).status).toBe(303);
  });
});
