/** Live streams over plain HTTP, as browsers and Apollo's clients read them. */
import http from 'node:http';
import { gunzipSync } from 'node:zlib';
import { shiftClock } from '../../kernel/clock';
import { flood } from '../testing/flood';
import { until } from '../testing/listening';
import { startWorld, type World } from '../testing/world';

let world: World;
beforeEach(async () => {
  world = await startWorld();
});
afterEach(async () => {
  shiftClock(0);
  await world?.stop();
});

const INBOX = 'subscription { inboxChanged { cursor kind application { service { title } } } }';
const SSE = 'text/event-stream';
const MULTIPART = 'multipart/mixed;boundary=graphql;subscriptionSpec=1.0,application/json';

describe.each([
  ['server-sent events', SSE],
  ['multipart', MULTIPART],
])('%s', (_name, accept) => {
  it('open at once, and bring each event joined', async () => {
    const stream = await opened(INBOX, { accept });
    await stream.read(); // the first bytes, before any event
    await world.log.read();
    for (const kind of ['A', 'B']) world.log.add(kind, 'p1');
    for (const kind of ['A', 'B']) {
      expect((await stream.payload()).data.inboxChanged).toMatchObject({
        kind,
        application: { service: { title: 'Gewerbe anmelden' } },
      });
    }
  });

  it('close their upstream when the client leaves', async () => {
    const stream = await opened(INBOX, { accept });
    await world.log.read();
    stream.leave();
    await until(() => world.subgraphs.applications.openSockets() === 0);
    expect(world.gateway.streams.size.clients).toBe(0);
  });

  it('have errors of their own for each event, and go on', async () => {
    const stream = await opened('subscription { inboxChanged { kind } }', { accept });
    await world.log.read();
    world.log.add('BROKEN', 'p1');
    world.log.add('A', 'p1');
    expect((await stream.payload()).errors[0].extensions).toMatchObject({ code: 'FORBIDDEN' });
    expect((await stream.payload()).data.inboxChanged.kind).toBe('A');
  });

  it('share an upstream with sockets', async () => {
    world
      .socket(await world.token('max'))
      .iterate({ query: INBOX })
      .next();
    await world.log.read();
    const stream = await opened(INBOX, { accept });
    await until(() => world.gateway.streams.size.clients === 2);
    world.log.add('A', 'p1');
    expect((await stream.payload()).data.inboxChanged.kind).toBe('A');
    expect(world.subgraphs.applications.openSockets()).toBe(1);
  });

  it('end with the session, and say so', async () => {
    const stream = await opened(INBOX, { accept });
    await world.log.read();
    world.people.revoke({ staffMemberId: 'max' });
    expect((await stream.payload()).errors[0].extensions).toMatchObject({ code: 'UNAUTHENTICATED' });
    await stream.toEnd();
    await until(() => world.subgraphs.applications.openSockets() === 0);
  });

  it('end with the access token', async () => {
    const token = await world.token('max', { exp: Math.floor(Date.now() / 1000) + 2 });
    const stream = await opened(INBOX, { accept, authorization: `Bearer ${token}` });
    await world.log.read();
    expect((await stream.payload()).errors[0].extensions).toMatchObject({ code: 'UNAUTHENTICATED', expired: true });
    await stream.toEnd();
  });

  it('end when the gateway goes away, and not as if they were complete, so that clients come back', async () => {
    const stream = await opened(INBOX, { accept });
    await world.log.read();
    await world.gateway.stop();
    const end = await stream.toEnd();
    expect(end).not.toContain('event: complete'); // after which graphql-sse and EventSource would stay away
    expect(end).toMatch(accept === SSE ? /retry: 1000\n\n$/ : /"code":"RESTARTING".*\r\n--graphql--\r\n$/);
  });

  it('tell a client that does not read where it can go on', async () => {
    const stream = await opened('subscription { inboxChanged { cursor kind } }', { accept });
    await world.log.read();
    await flood(world);
    for (let count = 1; ; count += 1) {
      const { data, errors } = await stream.payload();
      if (!errors) expect(data.inboxChanged.cursor).toBe(String(count));
      else {
        expect(errors[0].extensions).toMatchObject({ code: 'RATE_LIMITED', lastCursor: String(count - 1) });
        break;
      }
    }
    await stream.toEnd();
  });

  it('are refused with a status to a foreign origin, a wrong token, and what a form could send', async () => {
    const status = async (query: string, headers: Record<string, string>) =>
      (await send(query, { accept, ...headers })).status;
    expect(await status(INBOX, { origin: 'https://evil.example' })).toBe(403);
    expect(await status(INBOX, { authorization: 'Bearer wrong' })).toBe(401);
    const form = await fetch(`${world.url}/graphql`, {
      method: 'POST',
      headers: { accept, 'content-type': 'text/plain' },
      body: JSON.stringify({ query: INBOX }),
    });
    expect(form.status).toBeGreaterThanOrEqual(400);
    expect(world.gateway.streams.size.clients).toBe(0);
  });

  it.each([
    ['what no schema has', 'subscription { nothing }', 'GRAPHQL_VALIDATION_FAILED'],
    ['what does not parse', 'subscription {', 'GRAPHQL_PARSE_FAILED'],
    ['an operation that is not there', 'query a { whoAmI } subscription b { ticks }', 'OPERATION_RESOLUTION_FAILURE'],
    ['a condition on its root', 'subscription { inboxChanged @skip(if: true) { kind } }', undefined],
    ['too much', `subscription { inboxChanged { ${'kind '.repeat(3000)} } }`, 'QUERY_TOO_COMPLEX'],
    ['variables of another type', 'subscription ($after: Int!) { inboxChanged(after: $after) { kind } }', undefined],
  ])('tell in an event of their own what is wrong with the operation: %s', async (_what, query, code) => {
    const only = accept === SSE ? accept : 'multipart/mixed;subscriptionSpec=1.0';
    for (const at of ['/graphql', '/public/graphql']) {
      const stream = await opened(query, { accept: only }, at);
      const { errors, data } = await stream.payload();
      expect(data).toBeUndefined();
      expect(errors.length).toBeGreaterThan(0);
      if (code && at === '/graphql') expect(errors[0].extensions.code).toBe(code);
      expect(await stream.toEnd()).toMatch(accept === SSE ? /event: complete\ndata:\n\n$/ : /--graphql--\r\n$/);
    }
    expect(world.gateway.streams.size.clients).toBe(0);
  });

  it('bring what is public to everybody, until the gateway goes away, and nothing else', async () => {
    const at = '/public/graphql';
    const wrong = { accept, authorization: 'Bearer wrong', origin: 'https://blog.example' };
    const stream = await opened('subscription { ticks }', wrong, at);
    await world.log.read();
    world.log.add('A', 'p1');
    expect((await stream.payload()).data).toEqual({ ticks: 1 });
    const refused = await opened(INBOX, { accept }, at);
    expect((await refused.payload()).errors[0].message).toBe(
      'Cannot query field "inboxChanged" on type "Subscription".',
    );
    await world.gateway.stop();
    const end = await stream.toEnd();
    expect(end).not.toContain('event: complete'); // after which graphql-sse and EventSource would stay away
    expect(end).toMatch(accept === SSE ? /retry: 1000\n\n$/ : /"code":"RESTARTING".*\r\n--graphql--\r\n$/);
  });

  it('of what is public are told when the schema has it no more', async () => {
    const stream = await opened('subscription { ticks }', { accept }, '/public/graphql');
    await world.log.read();
    const { gateway } = world;
    gateway.replace(
      gateway.engine.text.replace(
        /ticks: Int[^\n]*/,
        'tocks: Int @join__field(graph: APPLICATIONS) @tag(name: "public")',
      ),
    );
    expect((await stream.payload()).errors).toHaveLength(1);
    await stream.toEnd();
  });

  it('are no more than five for one account', async () => {
    for (let i = 0; i < 5; i += 1) await opened(INBOX, { accept });
    const refused = await send(INBOX, { accept });
    expect(refused.status).toBe(429);
    expect(await refused.json()).toMatchObject({ errors: [{ extensions: { code: 'RATE_LIMITED' } }] });
  });
});

it('are no more than so many for one address', async () => {
  await world.stop();
  process.env.LIVE_PER_ADDRESS = '2';
  world = await startWorld();
  delete process.env.LIVE_PER_ADDRESS;
  for (const accept of [SSE, MULTIPART]) await opened(INBOX, { accept });
  const refused = await send(INBOX, { accept: SSE });
  expect(refused.status).toBe(429);
  expect(await refused.json()).toMatchObject({ errors: [{ extensions: { code: 'RATE_LIMITED' } }] });
});

/** What clients send by themselves. */
const URQL =
  'application/graphql-response+json, application/graphql+json, application/json, text/event-stream, multipart/mixed';
const APOLLO = 'application/graphql-response+json,application/json;q=0.9';

it.each([
  ['urql', URQL, 'application/graphql-response+json'],
  ['Apollo Client', APOLLO, 'application/graphql-response+json'],
  ['Apollo Client for what may be live', `${MULTIPART}`, 'application/json'],
  ['curl', '*/*', 'application/json'],
  ['nobody in particular', undefined, 'application/json'],
  ['somebody who likes streams more', 'text/event-stream, application/json;q=0.1', 'application/json'],
  ['somebody who likes anything a little', 'text/event-stream, */*;q=0.1', 'application/json'],
  ['somebody who wants no stream', 'text/event-stream;q=0, application/json', 'application/json'],
])('what is no subscription is JSON for %s, packed, and counts among no streams', async (_who, accept, type) => {
  for (let i = 0; i < 4; i += 1) await opened(INBOX, { accept: SSE });
  const query = `{ services { ${Array.from({ length: 10 }, (_, i) => `${'a'.repeat(99)}${i}: title`).join(' ')} } }`;
  for (const [at, asked] of [
    ['/graphql', query],
    ['/graphql', query.replace('{', 'query subscription {')],
    ['/public/graphql', query],
  ] as const) {
    const answers = await Promise.all(Array.from({ length: 8 }, () => sendAs(accept, asked, at)));
    for (const { status, headers, body } of answers) {
      expect([status, headers['content-type']?.split(';')[0], headers['content-encoding']]).toEqual([
        200,
        type,
        'gzip',
      ]);
      expect(JSON.parse(gunzipSync(body).toString()).data.services).toHaveLength(2);
    }
  }
  const mutation = await sendAs(accept, 'mutation { submit(id: "p1") { id } }');
  expect(mutation.headers['content-type']).toContain(type);
});

it.each([
  ['urql', 'text/event-stream, multipart/mixed', SSE],
  ['urql for all', URQL, SSE],
  ['graphql-sse', SSE, SSE],
  ['Apollo Client', MULTIPART, 'multipart/mixed'],
  [
    'Apollo Client with q',
    `multipart/mixed;boundary="graphql";subscriptionSpec="1.0";q=0.5,application/json`,
    'multipart/mixed',
  ],
  ['the first of two', `${SSE}, multipart/mixed;subscriptionSpec=1.0`, SSE],
  ['the first of two, the other way round', `multipart/mixed; subscriptionSpec=1.0, ${SSE}`, 'multipart/mixed'],
  ['the better of two', `${SSE};q=0.5, multipart/mixed;subscriptionSpec=1.0;q=0.8`, 'multipart/mixed'],
  ['what is not refused', `${SSE};q=0, Multipart/Mixed;SubscriptionSpec=1.0`, 'multipart/mixed'],
])('a subscription is a stream for %s', async (_who, accept, type) => {
  const leaving = new AbortController();
  const response = await send(INBOX, { accept }, leaving.signal);
  expect([response.status, response.headers.get('content-type')?.split(';')[0]]).toEqual([200, type]);
  leaving.abort();
});

it.each([`${SSE};q=0, application/json`, `${SSE};q=0.0`, '*/*', 'text/*', 'multipart/mixed'])(
  'a subscription is none for who accepts %s',
  async accept => {
    const refused = await send(INBOX, { accept });
    expect(refused.status).toBeGreaterThanOrEqual(400);
    expect(await refused.text()).not.toContain('"data"');
    expect(world.gateway.streams.size.clients).toBe(0);
  },
);

it('queries that are asked for as streams only are as many as anybody wants', async () => {
  for (let i = 0; i < 5; i += 1) await opened(INBOX, { accept: SSE });
  const streams = await Promise.all(Array.from({ length: 8 }, () => opened('{ whoAmI }', { accept: SSE })));
  for (const stream of streams) expect((await stream.payload()).data.whoAmI).toContain('max');
});

it('multipart is read by a parser like that of Apollo’s client as soon as it is written, the first heartbeat too', async () => {
  const response = await send(INBOX, { accept: MULTIPART });
  const began = performance.now();
  const parts = partsOf(response);
  expect((await parts.next()).value).toEqual({});
  await world.log.read();
  for (const kind of ['A', 'B']) {
    world.log.add(kind, 'p1');
    expect((await parts.next()).value).toMatchObject({ payload: { data: { inboxChanged: { kind } } } });
  }
  expect(performance.now() - began).toBeLessThan(4_500); // before any heartbeat
  world.people.revoke({ staffMemberId: 'max' });
  expect((await parts.next()).value).toMatchObject({
    payload: null,
    errors: [{ extensions: { code: 'UNAUTHENTICATED' } }],
  });
  expect(await parts.next()).toEqual({ done: true, value: undefined });
});

/** A part is what stands between two boundaries, and the last boundary ends it all. */
async function* partsOf(response: Response): AsyncGenerator<unknown> {
  const boundary = `\r\n--${/boundary="([^"]+)"/.exec(response.headers.get('content-type')!)![1]}`;
  let text = '';
  let isPreamble = true;
  for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    for (let end = text.indexOf(boundary); end >= 0; end = text.indexOf(boundary)) {
      const part = text.slice(0, end);
      text = text.slice(end + boundary.length);
      if (!isPreamble) {
        const body = part.indexOf('\r\n\r\n');
        expect(part.slice(0, body).trim()).toBe('content-type: application/json');
        yield JSON.parse(part.slice(body));
      }
      isPreamble = false;
    }
    if (!isPreamble && text.startsWith('--')) return;
  }
  throw new Error('The body has ended before its last boundary.');
}

it('queries are answered as a stream of one event, and mutations not by GET', async () => {
  const stream = await opened('{ services { leikaKey } }', { accept: SSE });
  expect((await stream.payload()).data.services).toHaveLength(2);
  expect(await stream.toEnd()).toContain('event: complete');
  const get = (query: string, accept = SSE) =>
    fetch(`${world.url}/graphql?query=${encodeURIComponent(query)}`, { headers: { accept } });
  for (const accept of [SSE, 'multipart/mixed;subscriptionSpec=1.0']) {
    const refused = await get('mutation { submit(id: "p1") { id } }', accept);
    expect([refused.status, refused.headers.get('allow')]).toEqual([405, 'POST']);
    expect(await refused.json()).toMatchObject({
      errors: [{ message: 'A mutation is sent by POST.', extensions: { code: 'BAD_REQUEST', retryable: false } }],
    });
  }
  const response = await get('{ services { leikaKey } }');
  expect(await response.text()).toContain('event: next');
});

interface Stream {
  read(): Promise<string>;
  /** The next event's result. */
  // biome-ignore lint/suspicious/noExplicitAny: whatever came
  payload(): Promise<any>;
  toEnd(): Promise<string>;
  leave(): void;
}

async function send(
  query: string,
  headers: Record<string, string>,
  signal?: AbortSignal,
  at = '/graphql',
): Promise<Response> {
  return fetch(`${world.url}${at}`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      authorization: `Bearer ${await world.token('max')}`,
      ...headers,
    },
    body: JSON.stringify({ query }),
    ...(signal && { signal }),
  });
}

/** fetch unpacks by itself, and says what it accepts where nobody does. */
async function sendAs(accept: string | undefined, query: string, path = '/graphql') {
  const headers = {
    'content-type': 'application/json',
    'accept-encoding': 'gzip',
    authorization: `Bearer ${await world.token('max')}`,
    ...(accept !== undefined && { accept }),
  };
  const { promise, resolve, reject } = Promise.withResolvers<http.IncomingMessage>();
  http
    .request(`${world.url}${path}`, { method: 'POST', headers }, resolve)
    .on('error', reject)
    .end(JSON.stringify({ query }));
  const response = await promise;
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  return { status: response.statusCode, headers: response.headers, body: Buffer.concat(chunks) };
}

async function opened(query: string, headers: Record<string, string>, at?: string): Promise<Stream> {
  const leaving = new AbortController();
  const response = await send(query, headers, leaving.signal, at);
  expect(response.status).toBe(200);
  const isSse = headers.accept === SSE;
  expect(response.headers.get('content-type')).toContain(isSse ? SSE : 'multipart/mixed;boundary="graphql"');
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  const read = async () => {
    const { done, value } = await reader.read();
    if (done) throw new Error(`The stream has ended: ${rest.slice(-200)}`);
    rest += value;
    return rest;
  };
  // like Apollo's client: what stands before a boundary is whole
  const EVENT = isSse ? /event: next\ndata: (.*)\n\n/ : /\r\n\r\n(\{"payload".*)\r\n--graphql/;
  return {
    read,
    async payload() {
      let found = EVENT.exec(rest);
      while (!found) {
        await read();
        found = EVENT.exec(rest);
      }
      rest = rest.slice(found.index + found[0].length);
      const json = JSON.parse(found[1]!) as { payload?: unknown; errors?: unknown };
      return isSse ? json : (json.payload ?? { errors: json.errors });
    },
    async toEnd() {
      let text = isSse ? rest : `--graphql${rest}`;
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return text;
        text += value;
      }
    },
    leave: () => leaving.abort(),
  };
}
