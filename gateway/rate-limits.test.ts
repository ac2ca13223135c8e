/** Rate limits: each account and each address has its own, replicas share them, and a store that is gone lets nobody wait. */
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import WebSocket from 'ws';
import { createTestDatabase } from '../tests/setup/database';
import { startWorld, type World } from './testing/world';

const env = { ...process.env };
let world: World | undefined;
afterEach(async () => {
  await world?.stop();
  world = undefined;
  process.env = { ...env };
});

it('refuses what an account sends too much, with the time to wait, and nobody else', async () => {
  process.env.RATE_PER_ACCOUNT = '3';
  world = await startWorld();
  const [max, klara] = [await world.token('max'), await world.token('klara')];
  const ask = (token?: string) => world!.ask('{ services { title } }', token ? { token } : {});
  // the first counts for its address alone: only then it is known whose token this is
  for (let i = 0; i < 4; i++) expect((await ask(max)).status).toBe(200);
  const { status, headers, errors } = await ask(max);
  expect(status).toBe(429);
  expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
  expect(errors).toMatchObject([
    {
      extensions: {
        code: 'RATE_LIMITED',
        retryAfter: expect.any(Number),
        retryable: true,
        requestId: expect.any(String),
      },
    },
  ]);
  expect([(await ask(klara)).status, (await ask()).status]).toEqual([200, 200]);
});

it('refuses what an address sends too much, at every endpoint of the graph and nowhere else', async () => {
  process.env.RATE_PER_ADDRESS = '2';
  world = await startWorld();
  const get = async (path: string) => (await fetch(`${world!.url}${path}`)).status;
  const query = '?query={services{title}}';
  expect([await get(`/graphql${query}`), await get(`/public/graphql${query}`)]).toEqual([200, 200]);
  expect([await get(`/graphql${query}`), await get(`/public/graphql${query}`)]).toEqual([429, 429]);
  expect(await get('/health/live')).toBe(200);
});

it.each([
  '/graphql/?query={services{title}}',
  '/GraphQL?query={services{title}}',
  'http://somewhere.example/graphql?query={services{title}}',
])('counts %s, which is answered too', async target => {
  process.env.RATE_PER_ADDRESS = '1';
  world = await startWorld();
  const { port } = world.gateway;
  const statuses: (number | undefined)[] = [];
  for (let i = 0; i < 2; i++)
    statuses.push(
      await new Promise((resolve, reject) => {
        http.get({ port, path: target }, response => resolve(response.resume().statusCode)).on('error', reject);
      }),
    );
  expect(statuses).toEqual([200, 429]);
});

it('counts together with other gateways', async () => {
  const database = await createTestDatabase();
  Object.assign(process.env, { RATE_PER_ADDRESS: '2', RATE_DATABASE_URL: database.url });
  const [one, other] = [await startWorld(), await startWorld()];
  const statuses: number[] = [];
  for (const gateway of [one, other, one, other]) statuses.push((await gateway.ask('{ services { title } }')).status);
  await Promise.all([one.stop(), other.stop()]);
  await database.drop();
  expect(statuses).toEqual([200, 200, 429, 429]);
});

it('counts by itself while its store is gone: no request fails, and the limit holds', async () => {
  const closed = await new Promise<number>(resolve => {
    const server = http.createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
  Object.assign(process.env, {
    RATE_PER_ADDRESS: '2',
    RATE_DATABASE_URL: `postgres://nobody@127.0.0.1:${closed}/none`,
  });
  world = await startWorld();
  const statuses: number[] = [];
  for (let i = 0; i < 4; i++) statuses.push((await world.ask('{ services { title } }')).status);
  expect(statuses).toEqual([200, 200, 429, 429]);
});

it('counts streams over HTTP, and operations on sockets, for the address and the account', async () => {
  process.env.RATE_PER_ADDRESS = '6';
  world = await startWorld();
  const { url, socket } = world;
  const statuses: number[] = [];
  for (const accept of ['text/event-stream', 'multipart/mixed;subscriptionSpec=1.0']) {
    const { body, status } = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept },
      body: '{"query":"{ services { title } }"}',
    });
    statuses.push(status);
    await body?.cancel();
  }
  expect(statuses).toEqual([200, 200]);
  const client = socket(await world.token('max'));
  const ask = () => client.iterate({ query: '{ services { title } }' }).next();
  // the third is the socket itself, and this the fourth
  client.iterate({ query: 'subscription { inboxChanged { kind } }' }).next();
  await world.log.read();
  for (let i = 0; i < 2; i++) expect((await ask()).value).toMatchObject({ data: { services: [{}, {}] } });
  await expect(ask()).rejects.toMatchObject([
    { extensions: { code: 'RATE_LIMITED', retryAfter: expect.any(Number), requestId: expect.any(String) } },
  ]);
  expect((await world.ask('{ services { title } }')).status).toBe(429);
});

it('lets no account send more over sockets than by requests', async () => {
  process.env.RATE_PER_ACCOUNT = '2';
  world = await startWorld();
  const client = world.socket(await world.token('max'));
  const ask = () => client.iterate({ query: '{ services { title } }' }).next();
  for (let i = 0; i < 2; i++) expect((await ask()).value).toHaveProperty('data');
  await expect(ask()).rejects.toMatchObject([{ extensions: { code: 'RATE_LIMITED' } }]);
  const klara = world.socket(await world.token('klara')).iterate({ query: '{ services { title } }' });
  expect((await klara.next()).value).toHaveProperty('data');
});

describe('behind a proxy', () => {
  const ask = async (forwarded: string) =>
    (await world!.ask('{ services { title } }', { headers: { 'x-forwarded-for': forwarded } })).status;

  it('that is ours counts whom it has heard, whatever a client says before', async () => {
    Object.assign(process.env, { RATE_PER_ADDRESS: '1', TRUSTED_PROXIES: '127.0.0.0/8, ::1' });
    world = await startWorld();
    expect(await ask('198.51.100.1')).toBe(200);
    expect(await ask('198.51.100.2')).toBe(200);
    expect(await ask('203.0.113.1, 198.51.100.1')).toBe(429);
    expect(await ask('198.51.100.1, 127.0.0.2')).toBe(429);
  });

  it('that is not ours counts the connection', async () => {
    process.env.RATE_PER_ADDRESS = '1';
    world = await startWorld();
    expect([await ask('198.51.100.1'), await ask('198.51.100.2')]).toEqual([200, 429]);
  });

  it('each address has its own live connections', async () => {
    Object.assign(process.env, { LIVE_PER_ADDRESS: '1', TRUSTED_PROXIES: '127.0.0.1' });
    world = await startWorld();
    const open: WebSocket[] = [];
    const connect = (forwarded: string) =>
      new Promise<number>(resolve => {
        const socket = new WebSocket(`${world!.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws', {
          headers: { 'x-forwarded-for': forwarded },
        });
        open.push(socket);
        socket.once('open', () => resolve(101));
        socket.once('unexpected-response', (_, { statusCode }) => resolve(statusCode!));
        socket.once('error', () => {});
      });
    expect(await connect('198.51.100.1')).toBe(101);
    expect(await connect('198.51.100.2')).toBe(101);
    expect(await connect('203.0.113.1, 198.51.100.1')).toBe(429);
    for (const socket of open) socket.terminate();
  });
});
