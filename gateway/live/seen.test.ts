/** Live operations are seen as all others are: a line in the access log, numbers, a trace; whatever they came over and however they ended. */
import WebSocket from 'ws';
import type { LogFields } from '../../kernel/log';
import { startCollector } from '../../kernel/testing/collector';
import { startTracing } from '../../kernel/trace';
import { flood } from '../testing/flood';
import { until } from '../testing/listening';
import { startWorld, type World } from '../testing/world';

/** What would be written, line by line. */
const mockLines: LogFields[] = [];
jest.mock('../../kernel/log', () => ({
  logger: (process_: string) => ({
    debug() {},
    warn() {},
    error() {},
    info: (_: string, fields: LogFields) => void (process_ === 'access' && mockLines.push(fields)),
  }),
}));

let world: World;
beforeEach(async () => {
  mockLines.length = 0;
  world = await startWorld();
});
afterEach(() => world?.stop());

const LIVE = 'subscription Inbox { inboxChanged { kind application { service { title } } } }';
const SSE = 'text/event-stream';
const MULTIPART = 'multipart/mixed;subscriptionSpec=1.0';

const ended = async (count = 1): Promise<LogFields> => {
  await until(() => mockLines.length >= count);
  return mockLines[count - 1]!;
};
const send = async (query: string, headers: Record<string, string>, signal?: AbortSignal): Promise<Response> =>
  fetch(`${world.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${await world.token('max')}`, ...headers },
    body: JSON.stringify({ query }),
    ...(signal && { signal }),
  });

/** Opens the stream, hears of an event that is good and one that is not, and leaves. */
async function overHttp(accept: string, headers: Record<string, string> = {}): Promise<void> {
  const leaving = new AbortController();
  const response = await send(LIVE, { accept, ...headers }, leaving.signal);
  await world.log.read();
  world.log.add('A', 'p1');
  world.log.add('BROKEN', 'p1');
  let heard = '';
  for await (const chunk of response.body!) {
    heard += Buffer.from(chunk).toString();
    if (heard.includes('FORBIDDEN')) break;
  }
  leaving.abort();
}
async function overSocket(headers: Record<string, string> = {}): Promise<void> {
  const client = world.socket(await world.token('max'), headers);
  const events = client.iterate({ query: LIVE });
  const first = events.next();
  await world.log.read();
  world.log.add('A', 'p1');
  await first;
  world.log.add('BROKEN', 'p1');
  await events.next();
  await events.return?.();
}

it.each<[string, (headers?: Record<string, string>) => Promise<void>]>([
  ['graphql-ws', overSocket],
  ['server-sent events', headers => overHttp(SSE, headers)],
  ['multipart', headers => overHttp(MULTIPART, headers)],
])('a stream over %s', async (_, play) => {
  await play({ 'user-agent': 'KANARIENVOGEL' });
  const line = await ended();
  expect(line).toEqual({
    requestId: expect.stringMatching(/^[\w-]{8,}$/),
    operation: 'Inbox',
    kind: 'subscription',
    outcome: 'partial',
    code: 'FORBIDDEN',
    ms: expect.any(Number),
    count: 2,
  });
  expect(mockLines).toHaveLength(1);
  const text = await (await fetch(`${world.url}/metrics`)).text();
  expect(text).toMatch(
    /graphql_operation_seconds_count\{operation="Inbox",kind="subscription",outcome="partial"\} [1-9]/,
  );
  expect(text).toMatch(/live_event_lag_seconds_count [1-9]/);
});

it('queries over live transports', async () => {
  const query = 'query Titles { services { title } }';
  await (await send(query, { accept: SSE })).text();
  await world.socket(null).iterate({ query }).next();
  await ended(2);
  for (const line of mockLines) expect(line).toMatchObject({ operation: 'Titles', kind: 'query', outcome: 'ok' });
  expect(mockLines[0]!.count).toBeUndefined();
});

it('what is refused, with its code, whether it could be read or not', async () => {
  const codes = ['GRAPHQL_PARSE_FAILED', 'GRAPHQL_VALIDATION_FAILED'];
  const queries = ['subscription {', 'query Wrong { nothing }'];
  for (const query of queries) {
    expect(await (await send(query, { accept: SSE })).text()).toContain('"errors"');
    const refused = await world
      .socket(await world.token('max'))
      .iterate({ query })
      .next()
      .catch(error => error as unknown);
    expect(JSON.stringify(refused)).toContain(codes[queries.indexOf(query)]!);
  }
  expect((await send(LIVE, { accept: SSE, authorization: 'Bearer x' })).status).toBe(401);
  await ended(5);
  const lines = mockLines.map(({ outcome, code, operation }) => [outcome, code, operation]);
  expect(lines).toEqual([
    ...codes.flatMap(code => [1, 2].map(() => ['refused', code, undefined])),
    ['refused', 'UNAUTHENTICATED', undefined],
  ]);
});

it.each([SSE, 'ws'])('a stream that ends with the session says so: %s', async transport => {
  if (transport === 'ws') {
    const events = world.socket(await world.token('max')).iterate({ query: LIVE });
    events.next().catch(() => {});
  } else {
    void send(LIVE, { accept: SSE });
  }
  await world.log.read();
  world.people.revoke({ staffMemberId: 'max' });
  expect(await ended()).toMatchObject({ operation: 'Inbox', code: 'UNAUTHENTICATED', count: 0 });
});

it.each([SSE, 'ws'])('a client that is too slow: %s', async transport => {
  const query = 'subscription Slow { inboxChanged { cursor kind } }';
  const leave = transport === 'ws' ? await unread(query) : await silent(query);
  await world.log.read();
  await flood(world);
  expect(await ended()).toMatchObject({ operation: 'Slow', code: 'RATE_LIMITED', outcome: 'partial' });
  await leave();
});

/** A stream over HTTP that nobody reads. */
async function silent(query: string) {
  const response = await send(query, { accept: SSE });
  return () => response.body?.cancel();
}

/** A socket that nobody reads, once it has subscribed. */
async function unread(query: string) {
  const authorization = `Bearer ${await world.token('max')}`;
  const socket = new WebSocket(`${world.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
  await new Promise(resolve => socket.once('open', resolve));
  socket.send(JSON.stringify({ type: 'connection_init', payload: { authorization } }));
  await new Promise(resolve => socket.once('message', resolve));
  socket.send(JSON.stringify({ id: 'a', type: 'subscribe', payload: { query } }));
  socket.pause();
  return () => socket.terminate();
}

it('what is open, how subgraphs do, and what the breaker of one that is gone has done', async () => {
  const leaving = new AbortController();
  await send(LIVE, { accept: SSE }, leaving.signal);
  await world.log.read();
  const text = async () => (await fetch(`${world.url}/metrics`)).text();
  const open = await text();
  for (const name of ['live_clients', 'live_upstreams', 'live_connections']) expect(open).toContain(`\n${name} 1\n`);
  leaving.abort();
  await until(() => world.gateway.streams.size.clients === 0);
  expect(await text()).toContain('\nlive_connections 0\n');
  await world.ask('{ services { title } }');
  expect(await text()).toContain('subgraph_breaker_state{subgraph="catalogue"} 0');
  expect(await text()).toContain('subgraph_load{subgraph="catalogue"} 0');
  await world.kill('catalogue');
  for (let i = 0; i < 11; i++) await world.ask('{ services { title } }');
  expect(await text()).toContain('subgraph_breaker_state{subgraph="catalogue"} 2');
});

it('traces: one for each stream, with the fetches of its events, and no values', async () => {
  const trace = '0af7651916cd43dd8448eb211c80319c';
  const collector = await startCollector();
  process.env.OTEL_EXPORTER_OTLP_ENDPOINT = collector.url;
  const stop = await startTracing('gateway');
  const headers = { traceparent: `00-${trace}-b7ad6b7169203331-01` };
  await overSocket(headers);
  await ended();
  await overHttp(SSE, headers);
  await ended(2);
  await stop();
  delete process.env.OTEL_EXPORTER_OTLP_ENDPOINT;
  const operations = collector.spans.filter(({ parentSpanId }) => parentSpanId === 'b7ad6b7169203331');
  expect(operations.map(({ name, traceId }) => [name, traceId])).toEqual([
    ['subscription Inbox', trace],
    ['subscription Inbox', trace],
  ]);
  for (const { spanId } of operations) {
    const fetches = collector.spans.filter(({ parentSpanId }) => parentSpanId === spanId).map(({ name }) => name);
    expect(fetches).toContain('fetch catalogue');
  }
  expect(collector.text()).not.toContain('Gewerbe');
  await collector.stop();
});
