/** The development OpenID provider, seen from its clients. */
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Population } from '../../kernel/config';
import { Browser, signIn } from '../browser';
import { MACHINES, PERSONAS } from '../demo/facts';
import { subjectOf } from './claims';
import { type OpenIdProviders, PLATFORM_CLIENT, startOpenIdProviders } from './openid';

const AUDIENCE = 'https://graph.example/graphql';
const REDIRECT = 'https://platform.example/callback'; // elsewhere, so the browser stops there
let providers: OpenIdProviders;

beforeAll(async () => {
  providers = await startOpenIdProviders({
    port: 0,
    platformRedirectUris: [REDIRECT],
    platformLogoutUris: { back: 'http://127.0.0.1:1/back', front: 'https://platform.example/front' },
    audience: AUDIENCE,
  });
});
afterAll(() => providers.stop());

const subjectOfPersona = (subject: string) =>
  subjectOf(PERSONAS.find(each => each.subject === subject)!, 'platform.example');

const VERIFIER = randomBytes(32).toString('base64url');

function authorizationUrl(parameters: Record<string, string> = {}, population: Population = 'citizen'): string {
  const url = new URL(`${providers.issuers[population]}/auth`);
  url.search = new URLSearchParams({
    client_id: PLATFORM_CLIENT.clientId,
    redirect_uri: REDIRECT,
    response_type: 'code',
    scope: 'openid profile email',
    state: 'the-state',
    nonce: 'the-nonce',
    code_challenge: createHash('sha256').update(VERIFIER).digest('base64url'),
    code_challenge_method: 'S256',
    ...parameters,
  }).toString();
  return url.href;
}

async function token(
  fields: Record<string, string>,
  client: { clientId: string; secret: string } = PLATFORM_CLIENT,
  population: Population = 'citizen',
) {
  const response = await fetch(`${providers.issuers[population]}/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from(`${client.clientId}:${client.secret}`).toString('base64')}` },
    body: new URLSearchParams(fields),
  });
  return { status: response.status, body: (await response.json()) as Record<string, string> };
}

const exchange = (code: string, verifier = VERIFIER, population: Population = 'citizen') =>
  token(
    { grant_type: 'authorization_code', code, redirect_uri: REDIRECT, code_verifier: verifier },
    PLATFORM_CLIENT,
    population,
  );

async function signInAs(subject: string, parameters: Record<string, string> = {}, browser = new Browser()) {
  const { population } = PERSONAS.find(each => each.subject === subject)!;
  const { url } = await signIn(browser, authorizationUrl(parameters, population), subject);
  const answer = new URL(url).searchParams;
  const { body } = await exchange(answer.get('code') ?? '', VERIFIER, population);
  return { answer, tokens: body, claims: await verified(body.access_token ?? '', population) };
}

/** As strictly as the gateway does. */
async function verified(accessToken: string, population: Population = 'citizen') {
  const { createRemoteJWKSet, jwtVerify } = await import('jose');
  const keys = createRemoteJWKSet(new URL(`${providers.issuers[population]}/jwks`));
  const { payload } = await jwtVerify(accessToken, keys, {
    issuer: providers.issuers[population],
    audience: AUDIENCE,
    algorithms: ['ES256'],
    typ: 'at+jwt',
    requiredClaims: ['exp', 'sub', 'client_id', 'jti', 'iat'],
  });
  return payload;
}

describe('citizens', () => {
  it('get a token for the graph that says who they are and how they proved it', async () => {
    const { answer, claims, tokens } = await signInAs('klara', { acr_values: 'STORK-QAA-Level-3' });
    expect(Object.fromEntries(answer)).toMatchObject({ state: 'the-state', iss: providers.issuers.citizen });
    expect(claims).toMatchObject({
      sub: subjectOfPersona('klara'),
      acr: 'STORK-QAA-Level-3',
      method: 'EID',
      name: 'Klara Muster',
      given_name: 'Klara',
      family_name: 'Muster',
      birthdate: '1989-04-12',
      place_of_birth: { locality: 'Flensburg' },
      email: 'klara.muster@post.example',
      attribute_levels: { email: 'STORK-QAA-Level-1' },
      client_id: 'platform',
      sid: expect.any(String),
      scope: expect.stringContaining('openid'),
    });
    expect((claims.exp ?? 0) - (claims.iat ?? 0)).toBe(1800);
    expect(claims).not.toHaveProperty('email_verified');

    const { decodeJwt } = await import('jose');
    expect(decodeJwt(tokens.id_token ?? '')).toMatchObject({
      sub: claims.sub,
      nonce: 'the-nonce',
      acr: 'STORK-QAA-Level-3',
      method: 'EID',
      name: 'Klara Muster',
      birthdate: '1989-04-12',
      email: 'klara.muster@post.example',
      sid: claims.sid,
    });
  });

  it.each([
    ['', 'STORK-QAA-Level-1', 'PASSWORD'],
    ['STORK-QAA-Level-2', 'STORK-QAA-Level-2', 'ELSTER_CERTIFICATE'],
    ['STORK-QAA-Level-2 STORK-QAA-Level-4', 'STORK-QAA-Level-4', 'EID'],
  ])('who are asked for "%s" reach %s by %s', async (asked, acr, method) => {
    const { claims } = await signInAs('jonas', asked ? { acr_values: asked } : {});
    expect(claims).toMatchObject({ acr, method });
  });

  it.each([
    ['bente', 'STORK-QAA-Level-1', 'PASSWORD'],
    ['levi', 'STORK-QAA-Level-3', 'ELSTER_CERTIFICATE'],
  ])('%s reaches no more than %s by %s', async (subject, acr, method) => {
    expect((await signInAs(subject, { acr_values: 'STORK-QAA-Level-4' })).claims).toMatchObject({ acr, method });
  });

  it('are known to another host by another subject', async () => {
    const [klara] = PERSONAS;
    expect(subjectOf(klara, 'new.platform.example')).not.toBe((await signInAs('klara')).claims.sub);
  });

  it('keep their level and sign-in when a token is refreshed', async () => {
    const { tokens, claims } = await signInAs('klara', { acr_values: 'STORK-QAA-Level-4' });
    const { body } = await token({ grant_type: 'refresh_token', refresh_token: tokens.refresh_token ?? '' });
    const fresh = await verified(body.access_token ?? '');
    expect(fresh).toMatchObject({
      sub: subjectOfPersona('klara'),
      acr: 'STORK-QAA-Level-4',
      method: 'EID',
      sid: claims.sid,
    });
    expect(fresh.jti).not.toBe(claims.jti);
  });
});

describe('staff', () => {
  it('sign on at their authority and have no trust level, whatever is asked for', async () => {
    const { claims } = await signInAs('max.schroeder', { acr_values: 'STORK-QAA-Level-4' });
    expect(claims).toMatchObject({ sub: 'max.schroeder', method: 'STAFF_SIGN_ON' });
    expect(claims.acr).toBeUndefined();
    expect(claims).toMatchObject({ email: 'max.schroeder@amt.example', email_verified: true });
  });
});

describe('machines', () => {
  it('get a token with their scope for their own name', async () => {
    const [machine] = MACHINES;
    const { body } = await token({ grant_type: 'client_credentials', scope: machine.scope }, machine, 'staff');
    expect(await verified(body.access_token ?? '', 'staff')).toMatchObject({
      sub: machine.clientId,
      client_id: machine.clientId,
      population: 'machine',
      scope: machine.scope,
    });
  });

  it('get none with a wrong secret or a scope that is not theirs', async () => {
    const [machine] = MACHINES;
    const wrong = { ...machine, secret: 'wrong' };
    expect((await token({ grant_type: 'client_credentials', scope: machine.scope }, wrong, 'staff')).status).toBe(401);
    expect((await token({ grant_type: 'client_credentials', scope: 'openid' }, machine, 'staff')).status).toBe(400);
    expect((await token({ grant_type: 'client_credentials', scope: machine.scope }, machine, 'citizen')).status).toBe(
      401,
    );
  });
});

describe('the sign-in page', () => {
  it.each(['citizen', 'organisation', 'staff'] as const)(
    'lists the personas of its population %s and no others, and asks nothing from elsewhere',
    async population => {
      const page = await new Browser().open(authorizationUrl({ acr_values: 'STORK-QAA-Level-3' }, population));
      for (const persona of PERSONAS) {
        const listed = page.html.includes(`value="${persona.subject}"`);
        expect([persona.subject, listed]).toEqual([persona.subject, persona.population === population]);
      }
      expect(page.html.includes('substanziell (Stufe 3 von 4)')).toBe(population !== 'staff');
      expect(page.html).not.toMatch(/\b(src|href)=|url\(|@import/);
    },
  );

  it('shows the persona of the hint first', async () => {
    const page = await new Browser().open(authorizationUrl({ login_hint: 'nora.nachbar' }, 'staff'));
    expect(/name="persona" value="([^"]+)"/.exec(page.html)?.[1]).toBe('nora.nachbar');
  });

  it('is shown again in the same browser, and somebody else can sign in there', async () => {
    const browser = new Browser();
    expect((await signInAs('klara', { acr_values: 'STORK-QAA-Level-3' }, browser)).claims.sub).toBe(
      subjectOfPersona('klara'),
    );
    const second = await signInAs('max.schroeder', { prompt: 'login' }, browser);
    expect(second.claims).toMatchObject({ sub: 'max.schroeder', method: 'STAFF_SIGN_ON' });
    expect(second.claims.acr).toBeUndefined();
    expect((await signInAs('jonas', {}, browser)).claims.sub).toBe(subjectOfPersona('jonas'));
  });

  it('does not sign in somebody who is not a persona', async () => {
    const browser = new Browser();
    const page = await browser.open(authorizationUrl());
    const answer = await browser.submit(page.forms[0]!, { persona: 'mallory' });
    expect(answer.status).toBe(400);
    expect(answer.forms).toHaveLength(1);
  });

  it('works once, and only in the browser that began', async () => {
    const browser = new Browser();
    const page = await browser.open(authorizationUrl());
    const elsewhere = await new Browser().submit(page.forms[0]!, { persona: 'klara' });
    expect(elsewhere.status).toBe(400);
    const done = await browser.submit(page.forms[0]!, { persona: 'klara' });
    expect(done.url).toContain(REDIRECT);
    expect((await browser.submit(page.forms[0]!, { persona: 'jonas' })).status).toBe(400);
  });
});

describe('the protocol', () => {
  it('is refused without a S256 challenge', async () => {
    const without = new URL(authorizationUrl());
    without.searchParams.delete('code_challenge');
    without.searchParams.delete('code_challenge_method');
    const answer = new URL((await new Browser().open(without.href)).url);
    expect(answer.searchParams.get('error')).toBe('invalid_request');
    const plain = new URL((await new Browser().open(authorizationUrl({ code_challenge_method: 'plain' }))).url);
    expect(plain.searchParams.get('error')).toBe('invalid_request');
  });

  it('leads to no address that is not registered exactly', async () => {
    const page = await new Browser().open(authorizationUrl({ redirect_uri: `${REDIRECT}/more` }));
    expect(page.url).toContain(providers.issuers.citizen);
    expect(page.status).toBe(400);
  });

  it('gives a token once for a code, and none for a wrong verifier', async () => {
    const { url } = await signIn(new Browser(), authorizationUrl(), 'klara');
    const code = new URL(url).searchParams.get('code') ?? '';
    expect((await exchange(code, randomBytes(32).toString('base64url'))).status).toBe(400);

    const again = await signIn(new Browser(), authorizationUrl(), 'klara');
    const good = new URL(again.url).searchParams.get('code') ?? '';
    expect((await exchange(good)).status).toBe(200);
    expect((await exchange(good)).status).toBe(400);
  });

  it.each(['citizen', 'organisation', 'staff'] as const)('can be discovered for %s', async population => {
    const issuer = providers.issuers[population];
    const metadata = await (await fetch(`${issuer}/.well-known/openid-configuration`)).json();
    expect(metadata).toMatchObject({
      issuer,
      authorization_endpoint: `${issuer}/auth`,
      token_endpoint: `${issuer}/token`,
      jwks_uri: `${issuer}/jwks`,
      end_session_endpoint: `${issuer}/session/end`,
      backchannel_logout_supported: true,
      code_challenge_methods_supported: ['S256'],
      authorization_response_iss_parameter_supported: true,
      acr_values_supported: expect.arrayContaining(['STORK-QAA-Level-1', 'STORK-QAA-Level-4']),
    });
  });

  it('rotates refresh tokens, and the one used twice ends them all', async () => {
    const { tokens } = await signInAs('klara');
    const refresh = (value: string | undefined) => token({ grant_type: 'refresh_token', refresh_token: value ?? '' });
    const second = await refresh(tokens.refresh_token);
    expect(second.status).toBe(200);
    expect(second.body.refresh_token).not.toBe(tokens.refresh_token);
    expect((await refresh(tokens.refresh_token)).status).toBe(400);
    expect((await refresh(second.body.refresh_token)).status).toBe(400);
  });

  it('signs with a new key after a rotation, and publishes the one before for as long as tokens of it may live', async () => {
    const { decodeProtectedHeader } = await import('jose');
    const published = async () => {
      const { keys } = (await (await fetch(`${providers.issuers.organisation}/jwks`)).json()) as {
        keys: { kid: string }[];
      };
      return keys.map(({ kid }) => kid);
    };
    const kidOf = ({ tokens }: { tokens: Record<string, string> }) => decodeProtectedHeader(tokens.access_token!).kid;
    const first = kidOf(await signInAs('ada.radwelt'));
    await providers.rotateKeys('organisation');
    const second = kidOf(await signInAs('ada.radwelt'));
    expect(await published()).toEqual([second, first]);
    await providers.rotateKeys('organisation');
    expect(await published()).toEqual([kidOf(await signInAs('ada.radwelt')), second]);
  });
});

describe('organisations', () => {
  it('send people who say for whom they sign in, at most at the level of their certificate', async () => {
    const { claims } = await signInAs('ben.radwelt', { acr_values: 'STORK-QAA-Level-4' });
    expect(claims).toMatchObject({
      sub: 'ben.radwelt',
      acr: 'STORK-QAA-Level-3',
      method: 'ELSTER_CERTIFICATE',
      organisation: { id: 'DE-HRB-4711', name: 'Radwelt GmbH', role: 'REPRESENTATIVE' },
    });
  });
});

describe('starting it', () => {
  it('is refused in production', async () => {
    const before = process.env.NODE_ENV;
    process.env.NODE_ENV = 'production';
    try {
      await expect(startOpenIdProviders({ port: 0, platformRedirectUris: [], audience: AUDIENCE })).rejects.toThrow(
        'refuses to run in production',
      );
    } finally {
      process.env.NODE_ENV = before;
    }
  });

  it('says in one sentence that its port is taken', async () => {
    const server = http.createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    await expect(startOpenIdProviders({ port, platformRedirectUris: [], audience: AUDIENCE })).rejects.toThrow(
      `Port ${port} is taken; the OpenID provider cannot listen on it.`,
    );
    server.close();
  });
});
