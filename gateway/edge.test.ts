/** The HTTP edge of the gateway: what it lets in, how it says no, and that it is well. */
import { spawn } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { subgraphConfig } from '../kernel/config';
import { ANONYMOUS, type Principal, serviceOf, signPrincipal } from '../kernel/principal';
import { compose } from '../schema/compose';
import { keyOf } from './documents';
import { startGateway } from './server';
import { startWorld, type World } from './testing/world';

let world: World;
beforeAll(async () => {
  world = await startWorld({
    asks: {
      'applications.service': 'query($leikaKey: ID!) { service(leikaKey: $leikaKey) { title legalBasis } }',
      'applications.whoAmI': '{ whoAmI }',
      'identity.secret': '{ whoAmI }',
    },
  });
});
afterAll(() => world?.stop());

const post = (body: string | Buffer, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(`${world.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: body as never,
  });
const errorOf = async (response: Response) =>
  ((await response.json()) as { errors: { message: string; extensions: Record<string, unknown> }[] }).errors[0]!;

describe('a request', () => {
  it('keeps the id it came with, and gets one when that is missing or unsafe', async () => {
    const given = await post('{"query":"{ nothing }"}', { 'x-request-id': 'demo-00000001' });
    expect(given.headers.get('x-request-id')).toBe('demo-00000001');
    expect((await errorOf(given)).extensions.requestId).toBe('demo-00000001');
    const unsafe = await post('{"query":"{ nothing }"}', { 'x-request-id': '<script>alert(1)</script>' });
    expect(unsafe.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
    expect((await errorOf(unsafe)).extensions.requestId).toBe(unsafe.headers.get('x-request-id'));
  });

  it('is answered in German, or in English when that is preferred', async () => {
    const refused = JSON.stringify({ query: '{ area(ars: "9") }' });
    expect((await errorOf(await post(refused))).message).toBe('Die Angabe ars ist fehlerhaft.');
    const english = await errorOf(await post(refused, { 'accept-language': 'fr, en;q=0.8, de;q=0.5' }));
    expect(english).toMatchObject({
      message: 'The value of ars is malformed.',
      extensions: { code: 'BAD_INPUT', field: 'ars' },
    });
  });

  it.each([
    ['a literal', { query: '{ area(ars: "9") }' }],
    ['a variable', { query: 'query($ars: Ars!) { area(ars: $ars) }', variables: { ars: '9' } }],
  ])('with a malformed value as %s is BAD_INPUT with the field, before any subgraph is asked', async (_, body) => {
    world.subgraphs.catalogue.requests.length = 0;
    const response = await post(JSON.stringify(body));
    expect(await errorOf(response)).toMatchObject({
      extensions: { code: 'BAD_INPUT', field: 'ars', retryable: false },
    });
    expect(response.status).toBe(200);
    expect(world.subgraphs.catalogue.requests).toHaveLength(0);
  });

  it('larger than 256 KiB, in another encoding, packed, or no JSON is refused', async () => {
    const large = await post(JSON.stringify({ query: `{ services { title } } # ${'x'.repeat(300_000)}` }));
    expect([large.status, (await errorOf(large)).extensions.code]).toEqual([413, 'QUERY_TOO_COMPLEX']);
    const utf7 = await post('{"query":"{ whoAmI }"}', { 'content-type': 'application/json; charset=utf-7' });
    expect([utf7.status, (await errorOf(utf7)).extensions.code]).toEqual([415, 'BAD_REQUEST']);
    const packed = await post(Buffer.from('x'), { 'content-encoding': 'gzip' });
    expect(packed.status).toBe(415);
    const broken = await post('{"query":');
    expect([broken.status, (await errorOf(broken)).extensions.code]).toEqual([400, 'BAD_REQUEST']);
  });

  it('with too many tokens is too complex', async () => {
    const response = await post(JSON.stringify({ query: `{ ${'a '.repeat(3000)} }` }));
    expect((await errorOf(response)).extensions).toMatchObject({
      code: 'QUERY_TOO_COMPLEX',
      limit: 'tokens',
      allowed: 2000,
    });
  });

  it('with more than a hundred fields of one name at one place is too complex', async () => {
    const query = `{ services { ${'title '.repeat(101)} } } # ${'x'.repeat(1024)}`;
    const { extensions } = await errorOf(await post(JSON.stringify({ query })));
    expect(extensions).toMatchObject({ code: 'QUERY_TOO_COMPLEX', limit: 'alike', allowed: 100 });
  });

  it('with a persisted query of another hash is refused', async () => {
    const persisted = (version: number) => ({ persistedQuery: { version, sha256Hash: '0'.repeat(64) } });
    for (const extensions of [persisted(1), persisted(2)]) {
      const response = await post(JSON.stringify({ query: '{ whoAmI }', extensions }));
      expect([response.status, (await errorOf(response)).extensions.code]).toEqual([400, 'BAD_REQUEST']);
    }
  });

  it('fills no memory with persisted queries: four MiB of them are kept, the last used ones', async () => {
    const text = (i: number) => `{ whoAmI } # ${i} ${'x'.repeat(200 * 1024)}`;
    const extensions = (i: number) => ({ persistedQuery: { version: 1, sha256Hash: keyOf(text(i)) } });
    const register = (i: number) => post(JSON.stringify({ query: text(i), extensions: extensions(i) }));
    const find = async (i: number) =>
      (await (await post(JSON.stringify({ extensions: extensions(i) }))).json()) as object;
    for (let i = 0; i < 20; i++) expect((await register(i)).status).toBe(200);
    expect(await find(0)).toHaveProperty('data');
    await register(20);
    for (const kept of [0, 2, 20]) expect(await find(kept)).toHaveProperty('data');
    expect(await find(1)).toMatchObject({ errors: [{ extensions: { code: 'PERSISTED_QUERY_NOT_FOUND' } }] });
  });

  it('with more wrong values than graphql-js counts is BAD_INPUT in all its errors, on every way', async () => {
    const names = Array.from({ length: 8 }, (_, i) => `a${i}`);
    const query = `query(${names.map(name => `$${name}: Ars!`)}) { ${names.map(name => `${name}: area(ars: $${name})`)} }`;
    const sent = { query, variables: Object.fromEntries(names.map(name => [name, 'x'])) };
    const codes = (errors: readonly { readonly extensions: { readonly code?: unknown } }[]) =>
      new Set(errors.map(({ extensions }) => extensions.code));
    for (const [accept, type] of [
      ['*/*', 'application/json'],
      ['*/*', 'application/json; charset="utf-8"'],
      ['text/event-stream', 'application/json'],
      ['multipart/mixed;subscriptionSpec=1.0', 'application/json'],
    ] as const)
      for (let i = 0; i < 2; i++) {
        const text = await (await post(JSON.stringify(sent), { accept, 'content-type': type })).text();
        const { errors } = JSON.parse(/\{"errors":\[.*\]/.exec(text)![0].concat('}'));
        expect([errors.length > 1, codes(errors)]).toEqual([true, new Set(['BAD_INPUT'])]);
      }
    const { value } = await world.socket(null).iterate(sent).next();
    expect(codes((value as { errors: never }).errors)).toEqual(new Set(['BAD_INPUT']));
  });

  it('with several operations in a list is refused', async () => {
    expect((await post('[{"query":"{ whoAmI }"},{"query":"{ whoAmI }"}]')).status).toBe(400);
  });

  it('gets no hints about names that it has guessed nearly', async () => {
    const { message } = await errorOf(await post('{"query":"{ servises { titel } }"}'));
    expect(message).toBe('Cannot query field "servises" on type "Query".');
  });

  it.each([
    [
      'a form',
      { method: 'POST', headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: 'query={whoAmI}' },
    ],
    ['a text', { method: 'POST', headers: { 'content-type': 'text/plain' }, body: '{"query":"{ whoAmI }"}' }],
    ['a link', { method: 'GET', headers: { cookie: 'session=what-the-browser-has' } }],
  ])('that another site could make a browser send, as %s, is refused', async (_, request) => {
    const address = `${world.url}/graphql${request.method === 'GET' ? '?query={whoAmI}' : ''}`;
    expect((await fetch(address, request)).status).toBeGreaterThanOrEqual(400);
  });

  it('with the cookie comes from a listed origin or from none', async () => {
    const cookie = `session=${await world.token('max')}`;
    const body = '{"query":"{ whoAmI }"}';
    expect((await post(body, { cookie })).status).toBe(200);
    expect((await post(body, { cookie, origin: 'https://portal.example' })).status).toBe(200);
    const foreign = await post(body, { cookie, origin: 'https://evil.example' });
    expect([foreign.status, (await errorOf(foreign)).extensions.code]).toEqual([403, 'FORBIDDEN']);
  });

  it('from another origin may be read by listed origins only', async () => {
    const listed = await post('{"query":"{ whoAmI }"}', { origin: 'https://portal.example' });
    expect(listed.headers.get('access-control-allow-origin')).toBe('https://portal.example');
    expect(listed.headers.get('access-control-allow-credentials')).toBe('true');
    const foreign = await post('{"query":"{ whoAmI }"}', { origin: 'https://evil.example' });
    expect(foreign.headers.get('access-control-allow-origin')).toBeNull();
    const preflight = await fetch(`${world.url}/graphql`, {
      method: 'OPTIONS',
      headers: { origin: 'https://portal.example', 'access-control-request-method': 'POST' },
    });
    expect([preflight.status, preflight.headers.get('access-control-allow-methods')]).toEqual([204, 'GET, POST']);
  });

  it('is answered with headers that keep browsers careful, and not kept', async () => {
    const { headers } = await post('{"query":"{ whoAmI }"}');
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('content-security-policy')).toBe("default-src 'none';frame-ancestors 'none'");
    expect(headers.get('x-powered-by')).toBeNull();
  });
});

describe('health', () => {
  it('is ready when every subgraph is, and says which one is not', async () => {
    expect(await (await fetch(`${world.url}/health/live`)).json()).toEqual({ live: true });
    const ready = await fetch(`${world.url}/health/ready`);
    expect([ready.status, await ready.json()]).toEqual([
      200,
      { ready: true, subgraphs: { catalogue: true, identity: true, applications: true } },
    ]);
    await world.kill('catalogue');
    const partly = await fetch(`${world.url}/health/ready`);
    expect([partly.status, await partly.json()]).toEqual([
      503,
      { ready: false, subgraphs: { catalogue: false, identity: true, applications: true } },
    ]);
    await world.revive('catalogue');
  });
});

describe('an ask', () => {
  interface Options {
    readonly from?: string;
    readonly principal?: Principal;
    readonly secretOf?: 'applications' | 'identity';
    readonly signedBody?: string;
    readonly to?: string;
  }
  const LEIKA_KEY = { leikaKey: '99050012104000' };
  async function ask(name: string, variables: unknown, options: Options = {}) {
    const {
      from = 'applications',
      principal = serviceOf('applications', null),
      secretOf = 'applications',
      to = 'gateway',
    } = options;
    const body = JSON.stringify({ name, variables });
    const envelope = { principal, requestId: 'ask-00000001', language: 'en' as const };
    const token = await signPrincipal(envelope, from, to, subgraphConfig(secretOf).secret, options.signedBody ?? body);
    const response = await fetch(`${world.url}/ask`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}`, 'x-subgraph': from },
      body,
    });
    return {
      status: response.status,
      ...((await response.json()) as { data?: Record<string, unknown>; errors?: unknown[] }),
    };
  }

  it('is answered from the graph, to the subgraph itself, naming on whose behalf it asks', async () => {
    expect(await ask('applications.service', LEIKA_KEY)).toEqual({
      status: 200,
      data: { service: { title: 'Gewerbe anmelden', legalBasis: '§ 14 GewO' } },
    });
    const { data } = await ask('applications.whoAmI', {}, { principal: serviceOf('applications', ANONYMOUS) });
    expect(JSON.parse(String(data?.whoAmI))).toEqual({
      kind: 'service',
      subgraph: 'applications',
      onBehalfOf: { kind: 'anonymous' },
    });
  });

  it('is answered for documents of its own only', async () => {
    for (const name of ['identity.secret', 'applications.unknown', 'applications.__proto__', '__proto__']) {
      expect(await ask(name, {})).toMatchObject({ status: 404, errors: [{ extensions: { code: 'NOT_FOUND' } }] });
    }
  });

  it.each<[string, Options]>([
    ['signed with the secret of another subgraph', { secretOf: 'identity' }],
    ['signed for another body', { signedBody: '{}' }],
    ['signed for another receiver', { to: 'identity' }],
    ['that speaks for another subgraph', { principal: serviceOf('identity', null) }],
    ['that is no service', { principal: ANONYMOUS }],
    ['from a subgraph that nobody knows', { from: 'evil' }],
  ])('%s is refused', async (_, options) => {
    expect(await ask('applications.service', LEIKA_KEY, options)).toMatchObject({
      status: 401,
      errors: [{ extensions: { code: 'UNAUTHENTICATED' } }],
    });
  });

  it('without a token is refused, also for signed-in clients, and no other site may read it', async () => {
    const response = await fetch(`${world.url}/ask`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${await world.token('max')}`,
        'x-subgraph': 'applications',
        origin: 'https://portal.example',
      },
      body: '{"name":"applications.whoAmI"}',
    });
    expect(response.status).toBe(401);
    expect(response.headers.get('access-control-allow-origin')).toBeNull();
  });

  it('with malformed variables says what is wrong', async () => {
    expect(await ask('applications.service', { leikaKey: null })).toMatchObject({
      status: 400,
      errors: [{ extensions: { code: 'BAD_INPUT', field: 'leikaKey', requestId: 'ask-00000001' } }],
    });
    expect(await ask('applications.service', [])).toMatchObject({ status: 400 });
  });
});

describe('in production', () => {
  const env = { ...process.env };
  afterEach(() => {
    process.env = { ...env };
  });
  const { supergraph } = compose([
    { name: 'catalogue', url: 'http://127.0.0.1:1/graphql', sdl: 'type Query { a: String }' },
  ]);

  it('plain mode is refused', async () => {
    process.env.NODE_ENV = 'production';
    await expect(startGateway({ supergraph, port: 0, plain: true })).rejects.toThrow(
      '--plain is refused in production',
    );
  });

  it('the schema cannot be read, unless that is switched on', async () => {
    Object.assign(process.env, {
      NODE_ENV: 'production',
      IDENTITY_SECRET: 'a-secret-of-production-for-identity-000',
      CATALOGUE_SECRET: 'a-secret-of-production-for-catalogue-0',
      CITIZEN_ISSUER: world.issuer.url,
      ORGANISATION_ISSUER: 'https://organisations.example',
      STAFF_ISSUER: 'https://staff.example',
    });
    const asked = async () => {
      const gateway = await startGateway({ supergraph, port: 0 });
      const response = await fetch(`http://127.0.0.1:${gateway.port}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: '{"query":"{ __schema { queryType { name } } }"}',
      });
      await gateway.stop();
      return (await response.json()) as { data?: unknown };
    };
    expect((await asked()).data).toBeUndefined();
    process.env.INTROSPECTION = 'true';
    expect((await asked()).data).toEqual({ __schema: { queryType: { name: 'Query' } } });
  });

  it('a supergraph of unknown subgraphs is refused with their names', async () => {
    const unknown = compose([{ name: 'fremd', url: 'http://127.0.0.1:1', sdl: 'type Query { a: String }' }]);
    await expect(startGateway({ supergraph: unknown.supergraph, port: 0 })).rejects.toThrow('fremd');
  });
});

describe('the process', () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'gateway-'));
  const file = path.join(folder, 'supergraph.graphql');

  async function start(...args: string[]) {
    const child = spawn(process.execPath, ['-r', '@swc-node/register', path.join('gateway', 'main.ts'), ...args], {
      cwd: path.join(__dirname, '..'),
      env: { ...process.env, STOP_WITH_PARENT: 'true', NODE_OPTIONS: '' },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    const exited = new Promise<number | null>(resolve => child.once('exit', resolve));
    let said = '';
    const firstLine = new Promise<string>(resolve => {
      for (const stream of [child.stdout, child.stderr]) {
        stream.on('data', data => {
          said += String(data);
          if (said.includes('\n')) resolve(said.split('\n')[0]!);
        });
      }
    });
    return { child, exited, line: await firstLine };
  }

  it('serves any supergraph in plain mode, says when it is ready, and stops with its parent', async () => {
    const plain = await startWorld({ plain: true });
    const { supergraph } = compose([
      {
        name: 'elsewhere',
        url: `${plain.subgraphs.catalogue.url}/graphql`,
        sdl: 'type Query { services: [S!] } type S { title: String }',
      },
    ]);
    writeFileSync(file, supergraph);
    const { child, exited, line } = await start('--supergraph', file, '--port', '0', '--plain');
    const { ready, port } = JSON.parse(line) as { ready: boolean; port: number };
    expect(ready).toBe(true);
    const response = await fetch(`http://127.0.0.1:${port}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: 'Bearer anything' },
      body: '{"query":"{ services { title } }"}',
    });
    expect(await response.json()).toMatchObject({ data: { services: [{ title: 'Gewerbe anmelden' }, {}] } });
    child.stdin.end();
    expect(await exited).toBe(0);
    await plain.stop();
  });

  it('says in one line that its port is taken or its supergraph is missing', async () => {
    const { supergraph } = compose([{ name: 'a', url: 'http://127.0.0.1:1', sdl: 'type Query { a: String }' }]);
    writeFileSync(file, supergraph);
    const taken = await start('--supergraph', file, '--port', String(world.gateway.port), '--plain');
    expect(taken.line).toBe(`gateway: Port ${world.gateway.port} is taken: stop what uses it, or set another port.`);
    expect(await taken.exited).toBe(1);
    const missing = await start('--supergraph', path.join(folder, 'nowhere.graphql'));
    expect(missing.line).toContain('There is no supergraph at');
    expect(await missing.exited).toBe(1);
  });
});
