/** How the gateway reaches a subgraph that is slow, huge, broken, down, or flooded, against a real server. */

import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import { limitOf } from '../../kernel/limit';
import { ANONYMOUS } from '../../kernel/principal';
import { Breaker } from './breaker';
import { SubgraphFetcher } from './fetcher';
import type { UpstreamLimits } from './upstream';

type Handler = (request: IncomingMessage, response: ServerResponse, body: string) => void;

const LIMITS: UpstreamLimits = {
  timeoutMs: 5_000,
  writeTimeoutMs: 5_000,
  maxBytes: 64 * 1024,
  connections: 2,
  breaker: { failures: 3, restMs: 60_000 },
};
const OK = '{"data":{"a":1}}';
const ASKED = { principal: ANONYMOUS, requestId: 'request-12345', language: 'de' } as const;
const silent = { debug() {}, info() {}, warn() {}, error() {} };

/** A server that does as it is told, and what it has seen. */
async function subgraph() {
  const seen: string[] = [];
  let handle: Handler = (_, response) => void response.end(OK);
  let told = () => {};
  const server = http.createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    seen.push(body);
    told();
    handle(request, response, body);
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    port,
    seen,
    answers(handler: Handler) {
      handle = handler;
    },
    /** Resolves when it has got so many requests. */
    async got(count: number): Promise<void> {
      while (seen.length < count) await new Promise<void>(resolve => (told = resolve));
    },
    stop(): Promise<void> {
      const closed = new Promise<void>(resolve => server.close(() => resolve()));
      server.closeAllConnections();
      return closed;
    },
  };
}

const stops: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});

async function meet(limits: Partial<UpstreamLimits> = {}, processes = 1) {
  const servers = await Promise.all(Array.from({ length: processes }, subgraph));
  const [server] = servers as [Awaited<ReturnType<typeof subgraph>>];
  const outcomes: string[] = [];
  /** Limits of time that the log names. */
  const struck: (string | undefined)[] = [];
  const fetcher = new SubgraphFetcher({
    urls: () => servers.map(({ port }) => `http://127.0.0.1:${port}/graphql`),
    limits: () => ({ ...LIMITS, ...limits }),
    log: { ...silent, warn: (_, fields) => void struck.push(limitOf(fields?.error)) },
    ended: (_, outcome) => outcomes.push(outcome),
  });
  stops.push(
    () => Promise.all(servers.map(one => one.stop())),
    () => fetcher.close(),
  );
  const ask = (query = '{a}', signal?: AbortSignal) =>
    fetcher.fetch('partner', { query, variables: {} }, { ...ASKED, ...(signal && { signal }) });
  return { server, servers, outcomes, struck, ask, upstream: () => fetcher.upstream('partner') };
}

const UNAVAILABLE = {
  data: null,
  errors: [
    {
      message: 'Ein Teil der Antwort ist zurzeit nicht verfügbar.',
      extensions: { code: 'SUBGRAPH_UNAVAILABLE', retryable: true, subgraph: 'partner' },
    },
  ],
};

describe('a subgraph that answers', () => {
  it('is heard, its extensions without what could steer our own answer', async () => {
    const { server, ask, outcomes } = await meet();
    server.answers((_, response) =>
      response.end(
        '{"data":{"a":null},"errors":[{"message":"no","path":["a"],"extensions":{"code":"FORBIDDEN","http":{"status":302},"stacktrace":["x"]}}]}',
      ),
    );
    expect(await ask()).toEqual({
      data: { a: null },
      errors: [{ message: 'no', path: ['a'], extensions: { code: 'FORBIDDEN' } }],
    });
    expect(outcomes).toEqual(['answered']);
  });

  it.each([
    [
      '{"code":"NOT_FOUND","sql":"SELECT 1","url":"http://10.0.0.1","__proto__":{"a":1},"toString":1}',
      { code: 'NOT_FOUND' },
    ],
    [
      '{"code":"BAD_INPUT","field":"input.ars[0]","retryAfter":3}',
      { code: 'BAD_INPUT', field: 'input.ars[0]', retryAfter: 3 },
    ],
    ['{"code":"BAD_INPUT","field":"<script>","retryAfter":"soon"}', { code: 'BAD_INPUT' }],
    ['{"code":"BAD_USER_INPUT"}', {}],
    ['{"code":["NOT_FOUND"]}', {}],
    ['"text"', {}],
  ])('says of an error what is for clients: %s', async (extensions, shown) => {
    const { server, ask } = await meet();
    server.answers((_, response) =>
      response.end(`{"data":{"a":null},"errors":[{"message":"<b>no</b>","path":["a",{}],"extensions":${extensions}}]}`),
    );
    expect((await ask()).errors).toEqual([{ message: '<b>no</b>', extensions: shown }]);
  });

  it('may compress, and what it says is measured after decompression', async () => {
    const { server, ask, outcomes } = await meet();
    const compressed = (text: string) => (_: IncomingMessage, response: ServerResponse) =>
      void response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(text));
    server.answers(compressed(OK));
    expect(await ask()).toEqual({ data: { a: 1 } });
    server.answers(compressed(`{"data":{"a":"${'x'.repeat(LIMITS.maxBytes)}"}}`));
    expect(await ask()).toEqual(UNAVAILABLE);
    expect(outcomes).toEqual(['answered', 'too-large']);
  });
});

describe('a subgraph that misbehaves is named, nothing else is told, and the reason is kept for us', () => {
  const behaviours: [string, Handler, string][] = [
    ['is too large', (_, response) => void response.end(`{"data":"${'x'.repeat(LIMITS.maxBytes)}"}`), 'too-large'],
    [
      'redirects',
      (_, response) => void response.writeHead(307, { location: 'http://127.0.0.1:1/' }).end(),
      'malformed',
    ],
    ['answers with HTML', (_, response) => void response.end('<html>'), 'malformed'],
    [
      'answers with an unknown encoding',
      (_, r) => void r.writeHead(200, { 'content-encoding': 'x' }).end(OK),
      'malformed',
    ],
    ['has a fault', (_, response) => void response.writeHead(500).end('SELECT * FROM secret'), 'failed'],
    ['does not know us', (_, response) => void response.writeHead(401).end('{}'), 'unsigned'],
    [
      'does not understand the plan',
      (_, r) => void r.end('{"errors":[{"message":"x","extensions":{"code":"GRAPHQL_VALIDATION_FAILED"}}]}'),
      'refused',
    ],
    [
      'sends clients to ask again',
      (_, r) => void r.end('{"errors":[{"message":"x","extensions":{"code":"PERSISTED_QUERY_NOT_FOUND"}}]}'),
      'refused',
    ],
    ['hangs up', request => void request.socket.destroy(), 'connection'],
    ['hangs up in the middle', (_, r) => void r.write('{"data":', () => r.socket?.destroy()), 'connection'],
  ];
  it.each(behaviours)('when it %s', async (_, handler, reason) => {
    const { server, ask, outcomes } = await meet();
    server.answers(handler);
    expect(await ask()).toEqual(UNAVAILABLE);
    expect(outcomes).toEqual([reason]);
  });

  it.each([
    ['does not answer', (() => {}) as Handler],
    ['answers without end', ((_, response) => void response.write('{"data":')) as Handler],
  ])('when it %s in time', async (_, handler) => {
    const { server, ask, outcomes } = await meet({ timeoutMs: 50 });
    server.answers(handler);
    expect(await ask()).toEqual(UNAVAILABLE);
    expect(outcomes).toEqual(['timeout']);
  });

  it('in time, which limit it was stands in the log: that of the setting, for a mutation another one', async () => {
    const { server, ask, struck } = await meet({
      timeoutMs: 50,
      timeoutName: 'PAYMENT_TIMEOUT_MS',
      writeTimeoutMs: 60,
    });
    server.answers(() => {});
    await ask();
    await ask('mutation {a}');
    expect(struck).toEqual(['PAYMENT_TIMEOUT_MS=50', 'SUBGRAPH_WRITE_TIMEOUT_MS=60']);
  });
});

describe('a broken connection', () => {
  it('is tried once more for a query', async () => {
    const { server, ask } = await meet();
    server.answers((request, response) => {
      if (server.seen.length === 1) request.socket.destroy();
      else response.end(OK);
    });
    expect(await ask()).toEqual({ data: { a: 1 } });
    expect(server.seen).toHaveLength(2);
  });

  it('is never tried again for a mutation: it may have been done', async () => {
    const { server, ask } = await meet();
    server.answers(request => void request.socket.destroy());
    expect(await ask('mutation M{a}')).toEqual(UNAVAILABLE);
    expect(server.seen).toHaveLength(1);
  });
});

describe('a client that goes away', () => {
  it('takes its query with it: the subgraph’s connection is closed', async () => {
    const { server, ask, outcomes } = await meet();
    const closed = new Promise(resolve => server.answers(request => void request.socket.once('close', resolve)));
    const client = new AbortController();
    const answer = ask('{a}', client.signal);
    await server.got(1);
    client.abort();
    await closed;
    expect(await answer).toEqual(UNAVAILABLE);
    expect(outcomes).toEqual(['cancelled']);
    await ask('{a}', client.signal); // and nothing more is asked for it
    expect(server.seen).toHaveLength(1);
  });

  it('does not stop a mutation half-way', async () => {
    const { server, ask } = await meet();
    let finish = () => {};
    server.answers((_, response) => (finish = () => void response.end(OK)));
    const client = new AbortController();
    const answer = ask('mutation{a}', client.signal);
    await server.got(1);
    client.abort();
    finish();
    expect(await answer).toEqual({ data: { a: 1 } });
  });
});

describe('the bulkhead', () => {
  it('lets so many run and so many wait, refuses the rest at once, and serves those that waited', async () => {
    const { server, ask, outcomes, upstream } = await meet({ connections: 2 });
    const held: ServerResponse[] = [];
    server.answers((_, response) => void held.push(response));
    const answers = Array.from({ length: 2 + 8 }, () => ask());
    await server.got(2);
    expect(await ask()).toEqual(UNAVAILABLE);
    expect(outcomes).toEqual(['full']);
    expect(upstream().load).toBe(10);
    expect(server.seen).toHaveLength(2);
    server.answers((_, response) => void response.end(OK));
    for (const response of held) response.end(OK);
    for (const answer of await Promise.all(answers)) expect(answer).toEqual({ data: { a: 1 } });
    expect(upstream().load).toBe(0);
  });

  it('counts the time of waiting', async () => {
    const { server, ask, outcomes, upstream } = await meet({ connections: 1, timeoutMs: 100 });
    server.answers(() => {});
    await Promise.all([ask(), ask(), ask()]);
    expect(outcomes).toEqual(['timeout', 'timeout', 'timeout']);
    expect(server.seen).toHaveLength(1);
    expect(upstream().load).toBe(0);
  });
});

describe('the breaker', () => {
  it('gives a subgraph that only fails a rest, so that it is not asked at all', async () => {
    const { server, ask, outcomes, upstream } = await meet();
    server.answers((_, response) => void response.writeHead(500).end());
    for (let i = 0; i < 5; i++) expect(await ask()).toEqual(UNAVAILABLE);
    expect(outcomes).toEqual(['failed', 'failed', 'failed', 'resting', 'resting']);
    expect(server.seen).toHaveLength(3);
    expect(upstream().state).toBe('open');
  });

  it('asks once after the rest, and is closed by its answer', async () => {
    const { server, ask, outcomes } = await meet({ breaker: { failures: 1, restMs: 0 } });
    server.answers((_, response) => void response.writeHead(500).end());
    await ask();
    let finish = () => {};
    server.answers((_, response) => (finish = () => void response.end(OK)));
    const probe = ask();
    await server.got(2);
    expect(await ask()).toEqual(UNAVAILABLE); // while one finds out, the others do not
    finish();
    expect(await probe).toEqual({ data: { a: 1 } });
    server.answers((_, response) => void response.end(OK));
    await ask();
    expect(outcomes).toEqual(['failed', 'resting', 'answered', 'answered']);
  });

  it('opens again when the one request fails, and stays closed while there are successes in between', () => {
    let time = 0;
    const breaker = new Breaker({ failures: 2, restMs: 10 }, () => time);
    breaker.failed();
    breaker.succeeded();
    breaker.failed();
    expect(breaker.state).toBe('closed');
    breaker.failed();
    expect([breaker.state, breaker.admits()]).toEqual(['open', false]);
    time = 10;
    expect([breaker.state, breaker.admits(), breaker.admits()]).toEqual(['half-open', true, false]);
    breaker.failed();
    expect([breaker.state, breaker.admits()]).toEqual(['open', false]);
    time = 20;
    expect(breaker.admits()).toBe(true);
    breaker.left(); // a client that went away says nothing about the subgraph: the next one finds out
    expect(breaker.admits()).toBe(true);
    breaker.succeeded();
    expect(breaker.state).toBe('closed');
  });

  it('lets another request find out when the first one gets no answer', () => {
    let time = 0;
    const breaker = new Breaker({ failures: 1, restMs: 1_000 }, () => time);
    breaker.failed();
    time = 1_000;
    expect([breaker.admits(), breaker.admits()]).toEqual([true, false]);
    time = 1_999;
    expect(breaker.admits()).toBe(false);
    time = 2_000;
    expect(breaker.admits()).toBe(true);
  });

  it('does not blame a subgraph for clients that go away', async () => {
    const { ask, upstream } = await meet();
    for (let i = 0; i < 5; i++) await ask('{a}', AbortSignal.abort());
    expect(upstream().state).toBe('closed');
  });
});

describe('a subgraph of two processes', () => {
  const LEAVES: Handler = (_, response) =>
    void response.writeHead(503, { 'x-not-done': 'restarting', 'retry-after': '1' }).end('{"errors":[]}');
  const seenBy = (servers: readonly { readonly seen: readonly string[] }[]) => servers.map(({ seen }) => seen.length);
  const answered = (count: number) => Array.from({ length: count }, () => 'answered');

  it('is asked at each in turn', async () => {
    const { servers, ask } = await meet({}, 2);
    for (let i = 0; i < 6; i++) expect(await ask()).toEqual({ data: { a: 1 } });
    expect(seenBy(servers)).toEqual([3, 3]);
  });

  it.each(['{a}', 'mutation{a}'])(
    'answers %s from the one when the other leaves, and is not asked there again at once',
    async query => {
      const { servers, ask, outcomes } = await meet({}, 2);
      servers[0]!.answers(LEAVES);
      for (let i = 0; i < 6; i++) expect(await ask(query)).toEqual({ data: { a: 1 } });
      expect(outcomes).toEqual(answered(6));
      expect(seenBy(servers)).toEqual([1, 6]);
    },
  );

  it.each(['{a}', 'mutation{a}'])('answers %s from the one when nobody listens at the other', async query => {
    const { servers, ask, outcomes } = await meet({}, 2);
    await ask(query);
    await ask(query); // both are connected
    await servers[0]!.stop();
    for (let i = 0; i < 6; i++) expect(await ask(query)).toEqual({ data: { a: 1 } });
    expect(outcomes).toEqual(answered(8));
  });

  it('answers a query from the other when a connection breaks; a mutation, which may have been done, is not sent again', async () => {
    const { servers, ask, outcomes } = await meet({}, 2);
    for (const server of servers) server.answers(request => void request.socket.destroy());
    expect(await ask('mutation{a}')).toEqual(UNAVAILABLE);
    expect(seenBy(servers).reduce((all, one) => all + one)).toBe(1);
    servers[1]!.answers((_, response) => void response.end(OK));
    expect(await ask('{a}')).toEqual({ data: { a: 1 } });
    expect(outcomes).toEqual(['connection', 'answered']);
  });

  it('is not sent a mutation again that is refused with 503 by somebody who does not say that it was not done', async () => {
    const { servers, ask } = await meet({}, 2);
    for (const server of servers)
      server.answers((_, response) => void response.writeHead(503, { 'retry-after': '1' }).end());
    expect(await ask('mutation{a}')).toEqual(UNAVAILABLE);
    expect(seenBy(servers).reduce((all, one) => all + one)).toBe(1);
  });

  it('is not available when both leave, which is not held against either', async () => {
    const { servers, ask, outcomes, upstream } = await meet({}, 2);
    for (const server of servers) server.answers(LEAVES);
    for (let i = 0; i < 5; i++) expect(await ask('mutation{a}')).toEqual(UNAVAILABLE);
    expect(outcomes).toEqual(Array.from({ length: 5 }, () => 'leaving'));
    expect(upstream().state).toBe('closed');
    for (const server of servers) server.answers((_, response) => void response.end(OK));
    expect(await ask('mutation{a}')).toEqual({ data: { a: 1 } });
  });

  it('that hangs at one is answered by the other after so many failures', async () => {
    const { servers, ask, outcomes, upstream } = await meet({ timeoutMs: 50 }, 2);
    servers[0]!.answers(() => {});
    for (let i = 0; i < 12; i++) await ask();
    expect(outcomes.filter(outcome => outcome === 'timeout')).toHaveLength(LIMITS.breaker.failures);
    expect(upstream().state).toBe('closed');
  });
});

it('says so at once where nobody listens', async () => {
  const { server, ask, outcomes } = await meet();
  await server.stop();
  stops.shift();
  await expect(new Promise((_, reject) => connect(server.port, '127.0.0.1').once('error', reject))).rejects.toThrow();
  expect(await ask()).toEqual(UNAVAILABLE);
  expect(outcomes).toEqual(['connection']);
});
