/** What a subgraph means when it ends a stream: a verdict ends it for the client too, everything else is taken up again. */
import http, { type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Client, createClient } from 'graphql-ws';
import WebSocket, { WebSocketServer } from 'ws';
import { compose } from '../../schema/compose';
import { type RunningGateway, startGateway } from '../server';
import { holdTimers } from '../testing/clocks';
import { type Listening, listen } from '../testing/listening';

const SDL = `
  extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])
  type Tick { cursor: String! n: Int! word: String }
  type Query { now: Int }
  type Subscription { ticked(after: String): Tick! }`;

/** One stream that was asked of the partner. */
interface Asked {
  readonly query: string;
  readonly socket: WebSocket;
  /** Sends this text as an event. */
  say(payload: string): void;
  /** Ends it with this error. */
  fail(error: string): void;
  /** Sends the event of this number. */
  tick(n: number, word?: string): void;
}

/** As in upstream-socket.ts. */
const PING_MS = 10_000;

let server: http.Server;
let sockets: WebSocketServer;
let gateway: RunningGateway;
let client: Client;
/** What the partner was asked, in order. */
let asked: Asked[];
let arrived: () => void;
/** Closes at connection_init with this code, or refuses the handshake with this status; acknowledges when null. */
let refusal: number | null;
let handshakes: number;

beforeEach(async () => {
  asked = [];
  refusal = null;
  handshakes = 0;
  arrived = () => {};
  server = http.createServer();
  sockets = new WebSocketServer({ noServer: true, handleProtocols: () => 'graphql-transport-ws' });
  server.on('upgrade', (request, stream, head) => {
    handshakes += 1;
    if (refusal !== null && refusal < 1000) stream.end(`HTTP/1.1 ${refusal} No\r\nContent-Length: 0\r\n\r\n`);
    else sockets.handleUpgrade(request, stream, head, speak);
  });
  gateway = await startPartner();
});
afterEach(async () => {
  jest.useRealTimers();
  await client?.dispose();
  await gateway?.stop();
  const closed = new Promise(resolve => server.close(resolve));
  for (const socket of sockets.clients) socket.terminate();
  server.closeAllConnections();
  await closed;
  delete process.env.LIVE_TRANSPORTS;
});

function speak(socket: WebSocket): void {
  const send = (message: object) => socket.send(JSON.stringify(message));
  socket.on('message', data => {
    const { type, id, payload } = JSON.parse(String(data)) as { type: string; id: string; payload: { query: string } };
    if (type === 'connection_init' && refusal !== null) socket.close(refusal, 'no');
    else if (type === 'connection_init') send({ type: 'connection_ack' });
    if (type !== 'subscribe') return;
    const say = (text: string) => socket.send(`{"type":"next","id":"${id}","payload":${text}}`);
    const tick = (n: number, word = '') =>
      say(JSON.stringify({ data: { ticked: { n, word, cursorOfGateway: String(n) } } }));
    const fail = (error: string) => socket.send(`{"type":"error","id":"${id}","payload":[${error}]}`);
    asked.push({ query: payload.query, socket, say, fail, tick });
    arrived();
  });
}

async function startPartner(): Promise<RunningGateway> {
  await new Promise<void>(resolve => void server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`;
  const { supergraph } = compose([{ name: 'partner', url, sdl: SDL }]);
  return startGateway({ supergraph, port: 0, plain: true });
}

/** The stream of this number, once it is asked. */
async function stream(number: number): Promise<Asked> {
  while (asked.length < number) await new Promise<void>(resolve => (arrived = resolve));
  return asked[number - 1]!;
}

function hear(after?: string): Listening {
  const url = `ws://127.0.0.1:${gateway.port}/graphql`;
  client = createClient({ url, webSocketImpl: WebSocket, retryAttempts: 0 });
  return listen(client, 'subscription($after: String) { ticked(after: $after) { n word } }', { after });
}

const UNAVAILABLE = [{ extensions: { code: 'SUBGRAPH_UNAVAILABLE', subgraph: 'partner', retryable: true } }];

describe('a socket that the subgraph closes', () => {
  it.each([4004, 4400, 4401, 4403, 4406, 4409, 4429, 4500, 1002, 1008, 1011])(
    'with the verdict %d ends the stream, and it is not asked again',
    async code => {
      const events = hear();
      const { tick, socket } = await stream(1);
      tick(1);
      expect((await events.next()).data).toMatchObject({ ticked: { n: 1 } });
      socket.close(code);
      expect(await events.failure()).toMatchObject(UNAVAILABLE);
      expect(gateway.streams.size).toEqual({ clients: 0, upstreams: 0 });
      expect(handshakes).toBe(1);
    },
  );

  it.each([1000, 1001, 1012, 1013, 4000, 4408, 4499])('with %d is taken up again where it stood', async code => {
    const events = hear();
    const { tick, socket } = await stream(1);
    tick(1);
    expect((await events.next()).data).toMatchObject({ ticked: { n: 1 } });
    socket.close(code);
    const again = await stream(2);
    expect(again.query).toContain('after: "1"');
    again.tick(2);
    expect((await events.next()).data).toMatchObject({ ticked: { n: 2 } });
  });

  it('without a word is taken up again as well', async () => {
    const events = hear('7');
    (await stream(1)).socket.terminate();
    const again = await stream(2);
    expect(again.query).toContain('after: "7"');
    again.tick(8);
    expect((await events.next()).data).toMatchObject({ ticked: { n: 8 } });
  });

  it.each([
    ['at its beginning', 4403],
    ['before it is open', 401],
    ['before it is open', 404],
  ])('%s, with %d, ends the stream of a client that knows its place', async (_, code) => {
    refusal = code;
    expect(await hear('7').failure()).toMatchObject(UNAVAILABLE);
    expect(handshakes).toBe(1);
  });

  it('before it is open, with 503, is tried again', async () => {
    refusal = 503;
    const opened = new Promise<void>(resolve => server.once('upgrade', () => resolve()));
    const events = hear('7');
    await opened;
    refusal = null;
    (await stream(1)).tick(8);
    expect((await events.next()).data).toMatchObject({ ticked: { n: 8 } });
  });
});

it('an event that is too large ends the stream: it would come again', async () => {
  const events = hear('0');
  (await stream(1)).tick(1, 'x'.repeat(1024 * 1024));
  expect(await events.failure()).toMatchObject(UNAVAILABLE);
  expect(handshakes).toBe(1);
});

it('a subgraph that answers no ping any more is taken for dead, and the stream is taken up again', async () => {
  holdTimers('setTimeout', 'clearTimeout');
  const events = hear('7');
  const { socket, tick } = await stream(1);
  for (const n of [8, 9]) {
    const pinged = new Promise<void>(resolve => void socket.once('message', () => resolve()));
    jest.advanceTimersByTime(PING_MS);
    await pinged;
    if (n === 8) socket.send('{"type":"pong"}');
    tick(n); // what was sent before it was read before it
    expect((await events.next()).data).toMatchObject({ ticked: { n } });
  }
  const closed = new Promise(resolve => void socket.once('close', resolve));
  jest.advanceTimersByTime(PING_MS);
  await closed;
  while (asked.length < 2) {
    jest.advanceTimersByTime(100);
    await new Promise(resolve => setImmediate(resolve));
  }
  expect((await stream(2)).query).toContain('after: "9"');
});

/** What nobody can pass on. */
const NESTED = '['.repeat(100_000) + ']'.repeat(100_000);
const UNREADABLE: [string, string][] = [
  ['nested without end', `{"data":{"ticked":{"n":1,"word":${NESTED}}}}`],
  [
    'with an error like that',
    `{"data":null,"errors":[{"message":"no","extensions":{"code":"NOT_FOUND","more":${NESTED}}}]}`,
  ],
  ['with something else among its errors', '{"data":null,"errors":[{"message":"no"},7]}'],
  ['with a list for data', '{"data":[]}'],
];

it.each(UNREADABLE)('an event %s is an error of its own, and the stream goes on', async (_, text) => {
  const events = hear('0');
  const { say, tick } = await stream(1);
  say(text);
  expect(await events.next()).toMatchObject({ errors: UNAVAILABLE });
  tick(2);
  expect((await events.next()).data).toMatchObject({ ticked: { n: 2 } });
  expect(handshakes).toBe(1);
});

it('what an event says to us is not passed on', async () => {
  const events = hear('0');
  const { say } = await stream(1);
  say(
    '{"data":null,"errors":[{"message":"no","extensions":{"code":"NOT_FOUND","stacktrace":["x"],"http":{"status":302}}}]}',
  );
  const [error] = (await events.next()).errors!;
  expect(error!.extensions).toEqual({ code: 'NOT_FOUND', retryable: false, requestId: expect.any(String) });
});

it.each([
  ['with a text of its own', '{"message":"SELECT * FROM secret"}', 'INTERNAL'],
  ['with a text about a request', '{"message":"Syntax Error: secret"}', 'INTERNAL'],
  [
    'because of what was planned',
    '{"message":"secret","extensions":{"code":"GRAPHQL_VALIDATION_FAILED"}}',
    'SUBGRAPH_UNAVAILABLE',
  ],
])('a stream that ends %s says nothing of it', async (_, error, code) => {
  const events = hear('0');
  (await stream(1)).fail(error);
  const failure = await events.failure();
  expect(failure).toMatchObject([{ extensions: { code } }]);
  expect(JSON.stringify(failure)).not.toContain('secret');
});

describe('over server-sent events', () => {
  let answer: (response: ServerResponse) => void;
  let requests: number;
  beforeEach(async () => {
    await gateway.stop();
    server.close();
    requests = 0;
    process.env.LIVE_TRANSPORTS = 'partner=sse';
    server = http.createServer((_, response) => {
      requests += 1;
      answer(response);
    });
    gateway = await startPartner();
  });

  it.each([401, 403])('%d is a verdict, and not one about whoever asks', async status => {
    answer = response =>
      response.writeHead(status).end('{"errors":[{"message":"","extensions":{"code":"UNAUTHENTICATED"}}]}');
    expect(await hear('7').failure()).toMatchObject(UNAVAILABLE);
    expect(requests).toBe(1);
  });

  it.each([...UNREADABLE, ['of a number', '7'], ['of no JSON', '{']])(
    'an event %s is an error of its own',
    async (_, text) => {
      const good = '{"data":{"ticked":{"n":2,"word":"","cursorOfGateway":"2"}}}';
      answer = response =>
        response
          .writeHead(200, { 'content-type': 'text/event-stream' })
          .write(`event: next\ndata: ${text}\n\nevent: next\ndata: ${good}\n\n`);
      const events = hear('0');
      expect(await events.next()).toMatchObject({ errors: UNAVAILABLE });
      expect((await events.next()).data).toMatchObject({ ticked: { n: 2 } });
      expect(requests).toBe(1);
    },
  );

  it('so is an event that is too large', async () => {
    answer = response =>
      response.writeHead(200, { 'content-type': 'text/event-stream' }).end(`data: ${'x'.repeat(1024 * 1024)}`);
    expect(await hear('7').failure()).toMatchObject(UNAVAILABLE);
    expect(requests).toBe(1);
  });
});
