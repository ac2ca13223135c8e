/** What a socket may do: renew its token, and how many of them there may be. */
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import WebSocket from 'ws';
import { until } from '../testing/listening';
import { type Faults, startWorld, type World } from '../testing/world';

/** What the log would say of faults. */
const mockFaults: string[] = [];
/** The limits of time that it would name. */
const mockLimits: unknown[] = [];
jest.mock('../../kernel/log', () => ({
  logger: () => ({
    debug() {},
    info: (_: string, { limit }: { limit?: unknown } = {}) => void (limit && mockLimits.push(limit)),
    warn() {},
    error: (message: string) => void mockFaults.push(message),
  }),
}));

let world: World;
/** Gets what the catalogue is asked, in place of an answer. */
let hold: ((request: IncomingMessage) => void) | null;
beforeEach(async () => {
  hold = null;
  const catalogue: Faults['catalogue'] = request => {
    hold?.(request);
    return hold !== null && request.url === '/graphql';
  };
  world = await startWorld({ upstream: { timeoutMs: 10 * 60_000 } }, { catalogue });
});
afterEach(() => world?.stop());

const INBOX = 'subscription { inboxChanged { kind } }';
const SECONDS = () => Math.floor(Date.now() / 1000);

it('a socket that never begins is cut off by a limit that the log names', async () => {
  mockLimits.length = 0;
  const socket = new WebSocket(`${world.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
  const [code] = await once(socket, 'close');
  await until(() => mockLimits.length > 0);
  expect([code, mockLimits]).toEqual([4408, ['SOCKET_INIT_MS=3000']]);
});

describe('a new token, sent as a second connection_init', () => {
  it('lets the streams of the socket go on when the old one expires', async () => {
    const old = await world.token('max', { exp: SECONDS() + 2 });
    const kept = await initialised(old);
    const left = await initialised(old);
    kept.send(JSON.stringify({ id: 'a', type: 'subscribe', payload: { query: INBOX } }));
    await world.log.read();
    const acknowledged = messageOf(kept);
    kept.send(init(await world.token('max')));
    expect(await acknowledged).toEqual({ type: 'connection_ack' });
    expect(await codeOf(left)).toBe(4403);
    const event = messageOf(kept);
    world.log.add('A', 'p1');
    expect(await event).toMatchObject({ id: 'a', type: 'next', payload: { data: { inboxChanged: { kind: 'A' } } } });
  });

  it('must be of the same account', async () => {
    const socket = await initialised(await world.token('max'));
    socket.send(init(await world.token('klara')));
    expect(await codeOf(socket)).toBe(4403);
  });

  it('must be good', async () => {
    const wrong = await initialised(await world.token('max'));
    wrong.send(init('wrong'));
    expect(await codeOf(wrong)).toBe(4403);
    const anonymous = await initialised(null);
    anonymous.send(init(await world.token('max')));
    expect(await codeOf(anonymous)).toBe(4403);
  });
});

describe('a token', () => {
  it.each<[string, (token: string) => [Record<string, string>, Record<string, string>]]>([
    ['in connection_init, as a header is often written', token => [{}, { Authorization: `Bearer ${token}` }]],
    ['in a header of the upgrade', token => [{ authorization: `Bearer ${token}` }, {}]],
  ])('may stand %s', async (_, sent) => {
    const good = await world.token('max');
    const answer = await world
      .socket(null, ...sent(good))
      .iterate({ query: '{ whoAmI }' })
      .next();
    expect(JSON.stringify(answer)).toContain('staffMemberId');
    const refused = world.socket(null, ...sent('wrong')).iterate({ query: '{ whoAmI }' });
    await expect(refused.next()).rejects.toMatchObject({ code: 4403 });
  });
});

describe('sockets', () => {
  it.each([
    ['connection_ack', { type: 'connection_ack' }],
    ['next', { type: 'next', id: 'a', payload: { data: {} } }],
    ['error', { type: 'error', id: 'a', payload: [{ message: 'no' }] }],
  ])('that send %s, as only servers do, are told so', async (type, message) => {
    for (const socket of [await opened(), await initialised(null)]) {
      const closed = once(socket, 'close');
      socket.send(JSON.stringify(message));
      const [code, reason] = await closed;
      expect([code, String(reason)]).toEqual([4400, `Unexpected message of type ${type} received`]);
    }
  });

  it('that send what is nested without end are told so, and what nobody asked for harms nothing', async () => {
    const nested = `${'['.repeat(30_000)}${']'.repeat(30_000)}`;
    const socket = await initialised(await world.token('max'));
    const payload = `{"query":"${INBOX}","variables":{"more":${nested}}}`;
    socket.send(`{"id":"a","type":"subscribe","payload":${payload}}`);
    await world.log.read();
    const event = messageOf(socket);
    world.log.add('A', 'p1');
    expect(await event).toMatchObject({ type: 'next', payload: { data: { inboxChanged: { kind: 'A' } } } });
    socket.send(`{"type":"ping","payload":{"more":${nested}}}`);
    expect(await codeOf(socket)).toBe(4400);
    expect(mockFaults).toEqual([]);
  });

  it('are no more than five for one account, and others are not kept out by it', async () => {
    const token = await world.token('max');
    const five = await Promise.all([1, 2, 3, 4, 5].map(() => initialised(token)));
    const sixth = await opened();
    sixth.send(init(token));
    expect(await codeOf(sixth)).toBe(4429);
    await initialised(await world.token('klara'));
    five[0]!.close();
    await codeOf(five[0]!);
    await initialised(token);
  });

  it('are capped for one address: of 3,000 at once fifty open, and the gateway answers', async () => {
    const before = process.memoryUsage().rss;
    const all = await Promise.allSettled(Array.from({ length: 3_000 }, () => initialised(null)));
    expect(all.filter(({ status }) => status === 'fulfilled')).toHaveLength(50);
    const refused = all.flatMap(one => (one.status === 'rejected' ? [String(one.reason)] : []));
    expect(new Set(refused)).toEqual(new Set(['Error: Unexpected server response: 429']));
    expect(await world.ask('{ services { title } }')).toMatchObject({ status: 200, data: { services: [{}, {}] } });
    expect(process.memoryUsage().rss - before).toBeLessThan(200 * 1024 * 1024); // the clients are in it too
    for (const socket of open.splice(0)) socket.terminate();
    for (;;)
      if (
        await opened().then(
          () => true,
          () => false,
        )
      )
        break;
  });

  it.each([
    ['a hundred operations', 'max', 100],
    ['twenty operations of nobody', null, 20],
  ])('run no more than %s at a time', async (_, subject, count) => {
    const query = subject ? INBOX : 'subscription { ticks }';
    const socket = await initialised(subject && (await world.token(subject)));
    for (let id = 0; id < count; id += 1) {
      socket.send(JSON.stringify({ id: String(id), type: 'subscribe', payload: { query } }));
    }
    const refused = messageOf(socket);
    socket.send(JSON.stringify({ id: 'more', type: 'subscribe', payload: { query } }));
    expect(await refused).toMatchObject({
      id: 'more',
      type: 'error',
      payload: [{ extensions: { code: 'RATE_LIMITED' } }],
    });
  });
});

describe('a client that asks and does not read', () => {
  const PINGS = 400; // more than the buffers of the network hold
  const ping = JSON.stringify({ type: 'ping', payload: { text: 'x'.repeat(60_000) } });
  afterEach(() => void jest.restoreAllMocks());

  /** Resolves when the gateway does not hear it any more. */
  const heldBack = () =>
    new Promise<void>(resolve => {
      const { pause } = WebSocket.prototype;
      jest.spyOn(WebSocket.prototype, 'pause').mockImplementation(function (this: WebSocket) {
        resolve();
        pause.call(this);
      });
    });

  it('is not heard any more until it reads, and then gets all of it', async () => {
    const socket = await initialised(null);
    socket.pause();
    let pongs = 0;
    const all = new Promise<void>(resolve => {
      socket.on('message', () => {
        pongs += 1;
        if (pongs === PINGS) resolve();
      });
    });
    for (let sent = 0; sent < PINGS; sent += 1) socket.send(ping);
    await heldBack();
    expect(socket.bufferedAmount).toBeGreaterThan(0);
    socket.resume();
    await all;
  });

  it('and leaves is no fault', async () => {
    const socket = await initialised(null);
    socket.pause();
    for (let sent = 0; sent < PINGS; sent += 1) socket.send(ping);
    await heldBack();
    socket.terminate();
    await world.gateway.stop();
    expect(mockFaults).toEqual([]);
  });
});

describe('an id', () => {
  const subscribe = (id: string, query: string) => JSON.stringify({ id, type: 'subscribe', payload: { query } });
  const complete = (id: string) => JSON.stringify({ id, type: 'complete' });

  it('that was completed may be used again at once, and what has it then lives', async () => {
    const socket = await initialised(await world.token('max'));
    const heard: { id: string; type: string; payload?: { data: unknown } }[] = [];
    socket.on('message', data => void heard.push(JSON.parse(String(data))));
    for (let i = 0; i < 20; i += 1) {
      socket.send(subscribe('a "1"', 'subscription { inboxChanged { cursor kind } }'));
      if (i % 2) await world.log.read();
      socket.send(complete('a "1"'));
    }
    socket.send(subscribe('a "1"', 'subscription { inboxChanged { kind } }'));
    await until(() => world.gateway.streams.size.clients === 1 && world.subgraphs.applications.openSockets() === 1);
    await world.log.read();
    for (const kind of ['A', 'B']) world.log.add(kind, 'p1');
    await until(() => heard.length >= 2);
    const event = (kind: string) => ({ id: 'a "1"', type: 'next', payload: { data: { inboxChanged: { kind } } } });
    expect(heard).toEqual([event('A'), event('B')]);
    socket.send(complete('a "1"'));
    await until(() => world.gateway.streams.size.clients === 0);
  });

  it('of a query that was completed as well, and that of one that has ended', async () => {
    const socket = await initialised(null);
    const asked = new Promise<IncomingMessage>(resolve => (hold = resolve));
    socket.send(subscribe('q', '{ services { title } }'));
    await asked;
    hold = null;
    const heard: { id: string; type: string }[] = [];
    socket.on('message', data => void heard.push(JSON.parse(String(data))));
    socket.send(complete('q'));
    socket.send(subscribe('q', '{ whoAmI }'));
    await until(() => heard.length === 2);
    socket.send(subscribe('q', '{ nothing }'));
    await until(() => heard.length === 3);
    socket.send(subscribe('q', '{ whoAmI }'));
    await until(() => heard.length === 5);
    expect(heard.map(({ id, type }) => [id, type])).toEqual(
      ['next', 'complete', 'error', 'next', 'complete'].map(type => ['q', type]),
    );
  });

  it('of an operation that runs may not', async () => {
    const socket = await initialised(await world.token('max'));
    for (let i = 0; i < 2; i += 1) socket.send(subscribe('a', INBOX));
    expect(await codeOf(socket)).toBe(4409);
  });
});

describe('a query that nobody waits for any more', () => {
  const QUERY = '{ services { title } }';

  it.each<[string, () => Promise<() => void>]>([
    [
      'because it was completed',
      async () => {
        const socket = await initialised(null);
        socket.send(JSON.stringify({ id: 'a', type: 'subscribe', payload: { query: QUERY } }));
        return () => socket.send(JSON.stringify({ id: 'a', type: 'complete' }));
      },
    ],
    [
      'because its socket was closed',
      async () => {
        const socket = await initialised(null);
        socket.send(JSON.stringify({ id: 'a', type: 'subscribe', payload: { query: QUERY } }));
        return () => socket.terminate();
      },
    ],
    [
      'because its stream over HTTP was left',
      async () => {
        const leaving = new AbortController();
        const { signal } = leaving;
        const url = `${world.url}/graphql?query=${encodeURIComponent(QUERY)}`;
        fetch(url, { headers: { accept: 'text/event-stream' }, signal }).catch(() => {});
        return () => leaving.abort();
      },
    ],
  ])('%s, is given up by its subgraph', async (_, ask) => {
    const asked = new Promise<IncomingMessage>(resolve => (hold = resolve));
    const leave = await ask();
    const { socket } = await asked;
    const closed = once(socket, 'close');
    leave();
    await closed;
  });
});

const open: WebSocket[] = [];
afterEach(() => {
  for (const socket of open.splice(0)) socket.terminate();
});

function opened(): Promise<WebSocket> {
  const socket = new WebSocket(`${world.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
  return new Promise((resolve, reject) => {
    socket.once('open', () => {
      open.push(socket);
      resolve(socket);
    });
    socket.once('error', reject);
  });
}

const init = (token: string | null): string =>
  JSON.stringify({ type: 'connection_init', ...(token && { payload: { authorization: `Bearer ${token}` } }) });

async function initialised(token: string | null): Promise<WebSocket> {
  const socket = await opened();
  const acknowledged = messageOf(socket);
  socket.send(init(token));
  expect(await acknowledged).toEqual({ type: 'connection_ack' });
  return socket;
}

const messageOf = (socket: WebSocket): Promise<unknown> =>
  new Promise(resolve => void socket.once('message', data => resolve(JSON.parse(String(data)))));

const codeOf = (socket: WebSocket): Promise<number> =>
  socket.readyState === WebSocket.CLOSED
    ? Promise.resolve(0)
    : new Promise(resolve => void socket.once('close', resolve));
