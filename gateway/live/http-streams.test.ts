/** Live streams over plain HTTP, as browsers and Apollo's clients read them. */
import { shiftClock } from '../../kernel/clock';
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
    for (let i = 0; world.gateway.streams.size.clients > 0; i += 1) {
      world.log.add('x'.repeat(20_000), 'p1');
      if (i % 20 === 0) await new Promise(resolve => setImmediate(resolve));
    }
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

  it('are refused with a status to a foreign origin, a wrong token, and what is no good operation', async () => {
    const status = async (query: string, headers: Record<string, string>) =>
      (await send(query, { accept, ...headers })).status;
    expect(await status(INBOX, { origin: 'https://evil.example' })).toBe(403);
    expect(await status(INBOX, { authorization: 'Bearer wrong' })).toBe(401);
    expect(await status('subscription { nothing }', {})).toBe(400);
    expect(await status('subscription {', {})).toBe(400);
    const form = await fetch(`${world.url}/graphql`, {
      method: 'POST',
      headers: { accept, 'content-type': 'text/plain' },
      body: JSON.stringify({ query: INBOX }),
    });
    expect(form.status).toBeGreaterThanOrEqual(400);
    expect(world.gateway.streams.size.clients).toBe(0);
  });

  it('bring what is public to everybody, until the gateway goes away, and nothing else', async () => {
    const at = '/public/graphql';
    const wrong = { accept, authorization: 'Bearer wrong', origin: 'https://blog.example' };
    const stream = await opened('subscription { ticks }', wrong, at);
    await world.log.read();
    world.log.add('A', 'p1');
    expect((await stream.payload()).data).toEqual({ ticks: 1 });
    const refused = await send(INBOX, { accept }, undefined, at);
    expect(refused.status).toBe(400);
    expect(await refused.text()).toContain('Cannot query field \\"inboxChanged\\" on type \\"Subscription\\".');
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

it('queries are answered as a stream of one event, and mutations not by GET', async () => {
  const stream = await opened('{ services { leikaKey } }', { accept: SSE });
  expect((await stream.payload()).data.services).toHaveLength(2);
  expect(await stream.toEnd()).toContain('event: complete');
  const get = (query: string, accept = SSE) =>
    fetch(`${world.url}/graphql?query=${encodeURIComponent(query)}`, { headers: { accept } });
  for (const accept of [SSE, MULTIPART]) {
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
  const EVENT = isSse ? /event: next\ndata: (.*)\n\n/ : /\r\n\r\n(\{"payload".*)(?=\r\n--graphql)/;
  return {
    read,
    async payload() {
      let found = EVENT.exec(rest);
      while (!found) {
        await read();
        // the last part of multipart is closed by the next one; JSON says when it is whole
        found = EVENT.exec(rest) ?? (isSse ? null : wholePart(rest));
      }
      rest = rest.slice(found.index + found[0].length);
      const json = JSON.parse(found[1]!) as { payload?: unknown; errors?: unknown };
      return isSse ? json : (json.payload ?? { errors: json.errors });
    },
    async toEnd() {
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return rest;
        rest += value;
      }
    },
    leave: () => leaving.abort(),
  };
}

function wholePart(text: string): RegExpExecArray | null {
  const found = /\r\n\r\n(\{"payload".*)$/.exec(text);
  try {
    if (found) JSON.parse(found[1]!);
    return found;
  } catch {
    return null;
  }
}
