/**
 * What a subgraph writes is taken as it is meant, on every way there is: numbers keep all their digits, the mark of a byte
 * order before JSON is none of it, and `"errors": null` is no error.
 */
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import WebSocket, { WebSocketServer } from 'ws';
import { compose } from '../../schema/compose';
import { type RunningGateway, startGateway } from '../server';
import { until } from '../testing/listening';

const SDL = `
  extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])
  scalar Anything
  type Tick { cursor: String! any: Anything int: Int }
  type Query { tick: Tick all: [Tick!] }
  type Subscription { ticked(after: String): Tick! }`;

const DIGITS = '{"a":12345678901234567890,"b":[-0.10000000000000000000000001,1E400,9007199254740993],"c":1.5}';
const BARE = '340282366920938463463374607431768211456';
const MARK = '\ufeff';

/** What the subgraph answers, and how each event of its streams is written. */
let body = '';
let message: (payload: string, wrap: (payload: string) => string) => string;
let server: http.Server;
let gateway: RunningGateway;

const event = (any: string) =>
  `{"errors":null,"data":{"ticked":{"any":${any},"int":1,"cursorOfGateway":"1"}},"extensions":null}`;

async function start(transport = 'ws'): Promise<void> {
  process.env.LIVE_TRANSPORTS = `partner=${transport}`;
  server = http.createServer(async (request, response) => {
    let sent = '';
    for await (const chunk of request) sent += String(chunk);
    const { query, extensions } = JSON.parse(sent) as {
      query: string;
      extensions?: { subscription?: Record<string, string> };
    };
    if (!query.startsWith('subscription')) return void response.setHeader('content-type', 'application/json').end(body);
    if (transport === 'sse') {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      return void response.write(`event: next\ndata: ${message(event(DIGITS), payload => payload)}\n\n`);
    }
    response.setHeader('content-type', 'application/json').end(`${MARK}{"data":null,"errors":null}`);
    const { callbackUrl, subscriptionId: id, verifier } = extensions!.subscription!;
    const call = (action: string) =>
      fetch(callbackUrl!, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: message(event(DIGITS), payload =>
          JSON.stringify({ kind: 'subscription', action, id, verifier }).replace(/\}$/, `,"payload":${payload}}`),
        ),
      });
    await call('next');
  });
  const sockets = new WebSocketServer({ server, handleProtocols: () => 'graphql-transport-ws' });
  sockets.on('connection', socket =>
    socket.on('message', data => {
      const { type, id } = JSON.parse(String(data)) as { type: string; id: string };
      if (type === 'connection_init') socket.send(`${MARK}{"type":"connection_ack"}`);
      if (type === 'subscribe')
        socket.send(message(event(DIGITS), payload => `{"type":"next","id":"${id}","payload":${payload}}`));
    }),
  );
  await new Promise<void>(resolve => void server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`;
  gateway = await startGateway({
    supergraph: compose([{ name: 'partner', url, sdl: SDL }]).supergraph,
    port: 0,
    plain: true,
  });
  process.env.GATEWAY_URL = `http://127.0.0.1:${gateway.port}`;
}
afterEach(async () => {
  await gateway.stop();
  const closed = new Promise(resolve => server.close(resolve));
  server.closeAllConnections();
  await closed;
  delete process.env.LIVE_TRANSPORTS;
  delete process.env.GATEWAY_URL;
});

const SUBSCRIPTION = 'subscription { ticked { any int } }';
const post = (query: string, accept = 'application/json') =>
  fetch(`http://127.0.0.1:${gateway.port}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept },
    body: JSON.stringify({ query }),
  });

/** Everything until it has the text, or is over. */
async function readUntil(response: Response, wanted: string): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of response.body!) {
    text += decoder.decode(chunk as Uint8Array, { stream: true });
    if (text.includes(wanted)) break;
  }
  return text;
}

const overSocket = (): Promise<string> =>
  new Promise((resolve, reject) => {
    const socket = new WebSocket(`ws://127.0.0.1:${gateway.port}/graphql`, 'graphql-transport-ws');
    socket.on('error', reject);
    socket.on('open', () => socket.send('{"type":"connection_init"}'));
    socket.on('message', data => {
      const text = String(data);
      if (text.includes('connection_ack'))
        return socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query: SUBSCRIPTION } }));
      socket.close();
      return resolve(text);
    });
  });

describe('an answer', () => {
  const QUERY = '{ tick { any int } all { any } }';
  const data = `{"tick":{"any":${DIGITS},"int":1},"all":[{"any":${BARE}}]}`;
  beforeEach(() => start());

  it.each([
    ['as planned', `{"data":${data}}`],
    ['in another manner', `{ "data":${data}}`],
    ['with the mark of a byte order', `${MARK}{"data":${data}}`],
    ['without errors, which it says', `{"data":${data},"errors":null}`],
    ['with all of it', `${MARK}{"errors":null,"data":${data},"extensions":null}`],
  ])('%s, by every way', async (_, sent) => {
    body = sent;
    // Apollo Server's way first, the lane's from then on
    for (let i = 0; i < 2; i++) {
      const text = await (await post(QUERY)).text();
      expect(text).toContain(`"data":${data}`);
      expect(text).not.toContain('errors');
    }
    const text = await (await post(QUERY, 'application/graphql-response+json')).text();
    expect(text).toContain(`"data":${data}`);
  });

  it('that is nothing but "errors": null is none', async () => {
    for (body of ['{"errors":null}', `${MARK}`, `${MARK}${MARK}{"data":{}}`]) {
      const { errors } = (await (await post('{ tick { int } }')).json()) as { errors: unknown };
      expect(errors).toMatchObject([{ extensions: { code: 'SUBGRAPH_UNAVAILABLE' } }]);
    }
  });
});

describe.each(['ws', 'sse', 'callback'])('an event over %s', transport => {
  beforeEach(() => start(transport));
  const any = `"any":${DIGITS}`;

  it.each([
    ['as it is', (payload: string, wrap: (payload: string) => string) => wrap(payload)],
    ['with the mark of a byte order', (payload: string, wrap: (payload: string) => string) => MARK + wrap(payload)],
  ])('%s, to clients of every kind', async (_, write) => {
    message = write;
    expect(await readUntil(await post(SUBSCRIPTION, 'text/event-stream'), '"ticked"')).toContain(any);
  });

  it('reaches sockets and multipart alike', async () => {
    message = (payload, wrap) => wrap(payload);
    const told = await overSocket();
    expect(told).toContain(any);
    expect(told).not.toContain('errors');
    await until(() => gateway.streams.size.upstreams === 0); // what joined it would hear nothing of what was told before
    const parts = await post(SUBSCRIPTION, 'multipart/mixed;subscriptionSpec=1.0, application/json');
    expect(await readUntil(parts, '"ticked"')).toContain(any);
  });
});
