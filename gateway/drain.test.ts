/** A gateway that leaves under its clients: what runs ends, what is new goes elsewhere, and streams are taken up again. */
import net from 'node:net';
import { createClient } from 'graphql-ws';
import WebSocket from 'ws';
import type { Leaving } from '../kernel/server/drain';
import { startGateway } from './server';
import { until } from './testing/listening';
import type { Answer } from './testing/static-subgraph';
import { startWorld, type World } from './testing/world';

/** As long as it takes: nothing in here is cut off, and each test ends only because what it waits for has come. */
const PATIENT: Leaving = { lingerMs: 0, endMs: 10 * 60_000 };

let world: World;
/** Keeps an answer of the catalogue. */
let hold: { asked(): void; readonly released: Promise<void> } | null = null;
const slow: Answer = async (request, response, body) => {
  if (!hold || request.url !== '/graphql' || !body.includes('legalBasis')) return false;
  hold.asked();
  await hold.released;
  response.end('{"data":{"services":[{"legalBasis":"slow"}]}}');
  return true;
};

beforeEach(async () => {
  world = await startWorld({}, { catalogue: slow });
});
afterEach(async () => {
  hold = null;
  await world?.stop();
});

/** A request that runs: its answer, and what lets the subgraph answer. */
async function running<T = Awaited<ReturnType<World['ask']>>>(
  ask: () => Promise<T> = () => world.ask('{ services { legalBasis } }') as Promise<T>,
) {
  let release = () => {};
  const released = new Promise<void>(resolve => (release = resolve));
  const asked = new Promise<void>(resolve => (hold = { asked: resolve, released }));
  const answer = ask();
  await asked;
  return { answer, release };
}
const ready = async () => {
  const response = await fetch(`${world.url}/health/ready`);
  return { status: response.status, ...((await response.json()) as { ready: boolean }) };
};

it('is not ready at once, ends what runs, turns away what is new, and is gone with the last answer', async () => {
  expect(await ready()).toMatchObject({ status: 200, ready: true });
  await world.ask('{ services { title } }'); // its connection stays
  const { answer, release } = await running();
  let gone = false;
  const stopped = world.gateway.stop(PATIENT).then(() => (gone = true));
  expect(await ready()).toMatchObject({ status: 503, ready: false });
  const turned = await world.ask('{ services { title } }', { headers: { origin: 'https://portal.example' } });
  expect(turned).toMatchObject({
    status: 503,
    errors: [{ extensions: { code: 'RESTARTING', retryable: true, retryAfter: 1, requestId: expect.any(String) } }],
  });
  expect(Object.fromEntries(turned.headers)).toMatchObject({
    'retry-after': '1',
    connection: 'close',
    'access-control-allow-origin': 'https://portal.example', // else a browser could not read when to come again
    'access-control-expose-headers': expect.stringContaining('retry-after'),
  });
  expect(gone).toBe(false);
  release();
  const { status, headers, data } = await answer;
  expect([status, headers.get('connection'), data]).toEqual([200, 'close', { services: [{ legalBasis: 'slow' }] }]);
  await stopped;
});

it('ends what runs on a socket before it closes it', async () => {
  const query = '{ services { legalBasis } }';
  const { answer, release } = await running(() => world.socket(null).iterate({ query }).next());
  const stopped = world.gateway.stop(PATIENT);
  release();
  expect((await answer).value).toMatchObject({ data: { services: [{ legalBasis: 'slow' }] } });
  await stopped;
});

it('closes sockets so that graphql-ws comes back by itself, and the next gateway goes on', async () => {
  const { port, engine } = world.gateway;
  const authorization = `Bearer ${await world.token('max')}`;
  let restarted = () => {};
  const up = new Promise<void>(resolve => (restarted = resolve));
  const client = createClient({
    url: `ws://127.0.0.1:${port}/graphql`,
    webSocketImpl: WebSocket,
    retryWait: () => up,
    connectionParams: { authorization },
  });
  const events = client.iterate({ query: 'subscription { inboxChanged { kind } }' });
  const first = events.next();
  await world.log.read();
  world.log.add('A', 'p1');
  expect((await first).value).toMatchObject({ data: { inboxChanged: { kind: 'A' } } });
  const second = events.next();
  await world.gateway.stop();
  await until(() => world.subgraphs.applications.openSockets() === 0);
  const next = await startGateway({ supergraph: engine.text, port });
  try {
    restarted();
    await world.log.read();
    world.log.add('B', 'p1');
    expect((await second).value).toMatchObject({ data: { inboxChanged: { kind: 'B' } } });
  } finally {
    await client.dispose();
    await next.stop();
  }
});

it('tells a socket that is opened meanwhile to come again', async () => {
  const { answer, release } = await running();
  const stopped = world.gateway.stop(PATIENT);
  const socket = net.connect(world.gateway.port, '127.0.0.1');
  const lines = ['GET /graphql HTTP/1.1', 'Host: gateway', 'Connection: Upgrade', 'Upgrade: websocket'];
  socket.write(
    `${[...lines, 'Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=='].join('\r\n')}\r\n\r\n`,
  );
  let said = '';
  for await (const chunk of socket) said += String(chunk);
  expect(said).toMatch(/^HTTP\/1\.1 503 .*\r\nRetry-After: 1\r\n/);
  release();
  await answer;
  await stopped;
});
