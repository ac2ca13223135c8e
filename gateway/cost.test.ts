/** What costs too much is refused before anything is fetched, on every way in; what it costs is told to those who ask. */
import { startWorld, type World } from './testing/world';

let world: World;
beforeAll(async () => {
  process.env.MAX_COST = '45';
  world = await startWorld();
});
afterAll(async () => {
  delete process.env.MAX_COST;
  await world?.stop();
});
beforeEach(() => {
  for (const { requests } of Object.values(world.subgraphs)) requests.length = 0;
});

const PAGE = 'query ($n: Int) { page(first: $n) { nodes { title } } }';
const REPORT = { 'graphql-cost': 'report' };
const TOO_MUCH = { code: 'QUERY_TOO_COMPLEX', limit: 'cost', allowed: 45, cost: 46, retryable: false };
const fetched = () => Object.values(world.subgraphs).flatMap(({ requests }) => requests).length;
const refused = ({ errors }: { errors?: { extensions: Record<string, unknown> }[] }) => errors?.[0]?.extensions;

it('refuses an operation by its variables, on the fast lane as well', async () => {
  expect(await world.ask(PAGE, { variables: { n: 44 } })).toMatchObject({ data: { page: { nodes: [{}, {}] } } });
  const prepared = jest.spyOn(world.gateway.engine, 'prepare');
  expect(await world.ask(PAGE, { variables: { n: 44 } })).toMatchObject({ data: { page: { nodes: [{}, {}] } } });
  const before = fetched();
  const answer = await world.ask(PAGE, { variables: { n: 45 } });
  expect([answer.status, answer.data, refused(answer)]).toEqual([200, undefined, expect.objectContaining(TOO_MUCH)]);
  expect(fetched()).toBe(before);
  expect(prepared.mock.results.map(({ value }) => value !== null)).toEqual([true, false]);
  prepared.mockRestore();
});

it('refuses it at the contract, by GET, over sockets and as a stream', async () => {
  const variables = { n: 45 };
  const at = async (path: string, init: RequestInit = {}) =>
    refused((await (await fetch(`${world.url}${path}`, init)).json()) as object);
  const post = (accept: string): RequestInit => ({
    method: 'POST',
    headers: { 'content-type': 'application/json', accept },
    body: JSON.stringify({ query: PAGE, variables }),
  });
  const search = new URLSearchParams({ query: PAGE, variables: JSON.stringify(variables) });
  const json = 'application/json';
  for (const told of [await at('/public/graphql', post(json)), await at(`/graphql?${search}`)])
    expect(told).toMatchObject(TOO_MUCH);
  const stream = await (await fetch(`${world.url}/graphql`, post('text/event-stream'))).text();
  expect(stream).toContain('"limit":"cost"');
  const { value } = await world
    .socket(await world.token('max'))
    .iterate({ query: PAGE, variables })
    .next();
  expect(refused(value as object)).toMatchObject(TOO_MUCH);
  const live = 'subscription { inboxChanged { application { pages(first: 44) { nodes { title } } } } }';
  const told = await world
    .socket(await world.token('max'))
    .iterate({ query: live })
    .next();
  expect(refused(told.value as object)).toMatchObject({ ...TOO_MUCH, cost: 47 });
  expect(fetched()).toBe(0);
});

it('tells the cost when it is asked for, of what is refused too', async () => {
  const ask = async (variables: object, headers: Record<string, string>) => {
    const response = await fetch(`${world.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ query: PAGE, variables }),
    });
    return ((await response.json()) as { extensions: object }).extensions;
  };
  expect(await ask({ n: 2 }, REPORT)).toMatchObject({ cost: { total: 3, allowed: 45 } });
  expect(await ask({ n: 2 }, REPORT)).toMatchObject({ cost: { total: 3, allowed: 45 } });
  expect(await ask({ n: 100 }, REPORT)).toMatchObject({ cost: { total: 101, allowed: 45 } });
  expect(await ask({ n: 2 }, {})).not.toHaveProperty('cost');
  expect(await ask({ n: 2 }, { 'graphql-cost': 'other' })).not.toHaveProperty('cost');
});

it('lets other sites ask for it', async () => {
  const preflight = await fetch(`${world.url}/graphql`, {
    method: 'OPTIONS',
    headers: { origin: 'https://portal.example', 'access-control-request-method': 'POST' },
  });
  expect(preflight.headers.get('access-control-allow-headers')).toContain('graphql-cost');
});
