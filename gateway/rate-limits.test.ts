/** Rate limits: each account and each address has its own, replicas share them, and a store that is gone lets nobody wait. */
import http from 'node:http';
import type { AddressInfo } from 'node:net';
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
