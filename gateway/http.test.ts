/** GraphQL over HTTP: what the audit of the specification asks, what may be kept, what is packed; and the public contract. */
import http from 'node:http';
import { gunzipSync } from 'node:zlib';
import { auditServer } from 'graphql-http';
import { startWorld, type World } from './testing/world';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world?.stop());

/** Without what fetch adds by itself. */
function get(path: string, headers: Record<string, string> = {}) {
  return new Promise<{ status: number; headers: http.IncomingHttpHeaders; body: Buffer }>((resolve, reject) => {
    http
      .get(`${world.url}${path}`, { headers }, async response => {
        const body = Buffer.concat(await response.toArray());
        resolve({ status: response.statusCode!, headers: response.headers, body });
      })
      .on('error', reject);
  });
}
const query = (text: string, endpoint = '/graphql') => `${endpoint}?query=${encodeURIComponent(text)}`;

it.each(['/graphql', '/public/graphql'])('passes the whole audit of GraphQL over HTTP at %s', async endpoint => {
  const results = await auditServer({ url: `${world.url}${endpoint}` });
  expect(results.filter(({ status }) => status !== 'ok').map(({ name, status }) => `${status}: ${name}`)).toEqual([]);
  expect(results).toHaveLength(61);
});

describe('a GET', () => {
  const SERVICES = '{ services { leikaKey title } }';

  it('of the published catalogue may be kept by anybody for five minutes, by language', async () => {
    for (const endpoint of ['/graphql', '/public/graphql']) {
      const { status, headers } = await get(query(SERVICES, endpoint));
      expect([status, headers['cache-control']]).toEqual([200, 'public, max-age=300']);
      expect(headers.vary).toMatch(/Accept-Language/);
    }
  });

  it('of anything else, of a session, or with an error is private, and a POST is kept by nobody', async () => {
    const authorization = `Bearer ${await world.token('max')}`;
    const kept = async (text: string, headers: Record<string, string> = {}) =>
      (await get(query(text), headers)).headers['cache-control'];
    expect(await kept('{ whoAmI }')).toBe('private, max-age=0');
    expect(await kept('{ services { title } whoAmI }')).toBe('private, max-age=0');
    expect(await kept(SERVICES, { authorization })).toBe('private, max-age=0');
    expect(await kept('{ service(leikaKey: "1") { title } area(ars: "9") }')).toBe('no-store');
    expect(await kept('{ account(id: "klara") { id } }')).toBe('private, max-age=0');
    expect((await world.ask(SERVICES)).headers.get('cache-control')).toBe('no-store');
  });

  it('has a tag, and what has not changed since is not sent again', async () => {
    const { headers } = await get(query(SERVICES));
    const again = await get(query(SERVICES), { 'if-none-match': headers.etag! });
    expect([again.status, again.body.length]).toEqual([304, 0]);
    const other = await get(query('{ services { leikaKey } }'), { 'if-none-match': headers.etag! });
    expect(other.status).toBe(200);
  });

  it('may not change anything, nor ride on a session', async () => {
    const mutation = await get(query('mutation { startSignIn(returnUrl: "x") }'));
    expect([mutation.status, mutation.headers.allow]).toEqual([405, 'POST']);
    const cookie = `session=${await world.token('max')}`;
    expect((await get(query(SERVICES), { cookie })).status).toBe(400);
    expect((await get(query(SERVICES), { cookie, 'apollo-require-preflight': 'true' })).status).toBe(200);
  });
});

it.each(['PUT', 'DELETE', 'PATCH', 'HEAD', 'OPTIONS'])('%s is told which methods there are', async method => {
  for (const endpoint of ['/graphql', '/public/graphql']) {
    const response = await fetch(`${world.url}${query('{ __typename }', endpoint)}`, { method });
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET, POST']);
  }
});

it('packs large answers for those who want it', async () => {
  const large = query(
    `{ ${Array.from({ length: 20 }, (_, i) => `a${i}: services { leikaKey title legalBasis }`).join(' ')} }`,
  );
  const packed = await get(large, { 'accept-encoding': 'gzip' });
  expect(packed.headers['content-encoding']).toBe('gzip');
  expect(JSON.parse(gunzipSync(packed.body).toString()).data.a19).toHaveLength(2);
  const plain = await get(large);
  expect(plain.headers['content-encoding']).toBeUndefined();
  expect(packed.body.length).toBeLessThan(plain.body.length / 5);
  expect(
    (await get(query('{ services { title } }'), { 'accept-encoding': 'gzip' })).headers['content-encoding'],
  ).toBeUndefined();
});

describe('the public contract', () => {
  const ask = async (text: string, headers: Record<string, string> = {}) => {
    const { status, body } = await get(query(text, '/public/graphql'), headers);
    return {
      status,
      ...(JSON.parse(body.toString()) as { data?: Record<string, unknown>; errors?: { message: string }[] }),
    };
  };

  it('answers what is tagged, from the same subgraphs', async () => {
    expect((await ask('{ service(leikaKey: "99050012104000") { title } }')).data).toEqual({
      service: { title: 'Gewerbe anmelden' },
    });
  });

  it('knows nothing else, not even its names', async () => {
    for (const [text, message] of [
      ['{ whoAmI }', 'Cannot query field "whoAmI" on type "Query".'],
      ['{ application(id: "p1") { id } }', 'Cannot query field "application" on type "Query".'],
      ['{ services { ... on Application { id } } }', 'Unknown type "Application".'],
    ] as const) {
      expect((await ask(text)).errors?.[0]?.message).toBe(message);
    }
    const { data } = await ask(
      '{ __schema { types { name } mutationType { name } } a: __type(name: "Application") { name } }',
    );
    expect(data).toMatchObject({ __schema: { mutationType: null }, a: null });
    expect(JSON.stringify(data)).not.toMatch(/Application|Account|Mutation/);
  });

  it('looks at no credential: a wrong one is not refused and a good one tells it nothing', async () => {
    world.subgraphs.catalogue.requests.length = 0;
    for (const authorization of ['Bearer nonsense', `Bearer ${await world.token('max')}`]) {
      const answer = await ask('{ services { title } }', { authorization, cookie: 'session=nonsense' });
      expect([answer.status, answer.errors]).toEqual([200, undefined]);
    }
    for (const { headers } of world.subgraphs.catalogue.requests) {
      const [, claims] = headers.authorization!.split('.');
      expect(JSON.parse(Buffer.from(claims!, 'base64url').toString())).toMatchObject({ p: { kind: 'anonymous' } });
    }
  });

  it('may be read from any site, without the cookie', async () => {
    const { headers } = await get(query('{ services { title } }', '/public/graphql'), {
      origin: 'https://blog.example',
    });
    expect(headers['access-control-allow-origin']).toBe('https://blog.example');
    expect(headers['access-control-allow-credentials']).toBeUndefined();
  });
});
