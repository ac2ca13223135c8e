/** Live streams through the gateway: joined per event, in order, without a gap, and no longer than the session. */
import type { Client } from 'graphql-ws';
import WebSocket from 'ws';
import { shiftClock } from '../../kernel/clock';
import { flood } from '../testing/flood';
import { type Listening, listen, until } from '../testing/listening';
import { type Faults, startWorld, type World } from '../testing/world';

let world: World;
/** What identity does with questions who is asking, when not answering them. */
let silence: (() => void) | null = null;
/** How often catalogue was asked for its part while it answers nobody; null when it does. */
let joins: number | null = null;
beforeEach(async () => {
  silence = null;
  joins = null;
  const identity: Faults['identity'] = request => {
    if (!silence || request.url !== '/internal/principal') return false;
    request.socket.destroy();
    silence();
    return true;
  };
  const catalogue: Faults['catalogue'] = request => {
    if (joins === null || request.url !== '/graphql') return false;
    joins += 1;
    request.socket.destroy();
    return true;
  };
  world = await startWorld({}, { identity, catalogue });
});
afterEach(async () => {
  shiftClock(0);
  jest.restoreAllMocks();
  await world?.stop();
});

const INBOX =
  'subscription($after: String) { inboxChanged(after: $after) { kind application { id service { title } applicant { displayName } } } }';

describe('an event', () => {
  it('is joined from the other subgraphs, as the one who listens', async () => {
    const events = listen(world.socket(await world.token('max')), INBOX);
    await world.log.read();
    world.log.add('RECEIVED', 'p1');
    expect(await events.next()).toEqual({
      data: {
        inboxChanged: {
          kind: 'RECEIVED',
          application: {
            id: 'p1',
            service: { title: 'Gewerbe anmelden' },
            applicant: { displayName: 'klara as seen by staff' },
          },
        },
      },
    });
  });

  it('has errors of its own: one that fails to join does not spoil the next', async () => {
    const events = listen(world.socket(await world.token('max')), INBOX);
    await world.log.read();
    world.log.add('RECEIVED', 'p2');
    world.log.add('RECEIVED', 'p1');
    const first = await events.next();
    expect(first.errors).toEqual([
      expect.objectContaining({
        path: ['inboxChanged', 'application', 'applicant', 'displayName'],
        extensions: expect.objectContaining({ code: 'FORBIDDEN', requestId: expect.any(String) }),
      }),
    ]);
    expect((await events.next()).errors).toBeUndefined();
  });

  it('that cannot be joined for long ends the stream with where it stood and where the next one begins', async () => {
    const token = await world.token('max');
    const cursors =
      'subscription($after: String) { inboxChanged(after: $after) { cursor application { service { title } } } }';
    const events = listen(world.socket(token), cursors);
    await world.log.read();
    world.log.add('A', 'p1');
    expect(await cursorOf(events)).toBe('1');
    joins = 0;
    for (const kind of ['B', 'C']) world.log.add(kind, 'p1');
    const failure = events.failure();
    await until(() => joins! > 0);
    passTime(25_000);
    const where = { lastCursor: '1', nextCursor: '2' };
    expect(await failure).toMatchObject([
      { extensions: { code: 'SUBGRAPH_UNAVAILABLE', subgraph: 'catalogue', retryable: true, ...where } },
    ]);
    joins = null;
    const [whole, without] = [where.lastCursor, where.nextCursor].map(after =>
      listen(world.socket(token), cursors, { after }),
    );
    expect([await cursorOf(whole!), await cursorOf(whole!)]).toEqual(['2', '3']);
    expect(await cursorOf(without!)).toBe('3');
  });

  it('has fresh data: what is joined is asked for with every event', async () => {
    const events = listen(world.socket(await world.token('max')), INBOX);
    await world.log.read();
    for (const _ of [1, 2, 3]) {
      world.log.add('RECEIVED', 'p1');
      await events.next();
    }
    expect(world.subgraphs.catalogue.requests).toHaveLength(3);
  });

  it('keeps its order and shows no field that was not asked for', async () => {
    const events = listen(world.socket(await world.token('max')), 'subscription { inboxChanged { kind } }');
    await world.log.read();
    for (let i = 0; i < 50; i += 1) world.log.add(`K${i}`, 'p1');
    for (let i = 0; i < 50; i += 1) expect(await events.next()).toEqual({ data: { inboxChanged: { kind: `K${i}` } } });
  });

  it('is replayed after a cursor', async () => {
    for (const kind of ['A', 'B', 'C']) world.log.add(kind, 'p1');
    const events = listen(world.socket(await world.token('max')), INBOX, { after: '1' });
    expect([await kindOf(events), await kindOf(events)]).toEqual(['B', 'C']);
  });

  it('that its subgraph refuses is an error with its code, and the stream goes on', async () => {
    const events = listen(world.socket(await world.token('max')), 'subscription { inboxChanged { kind } }');
    await world.log.read();
    world.log.add('BROKEN', 'p1');
    world.log.add('RECEIVED', 'p1');
    expect((await events.next()).errors?.[0]?.extensions?.code).toBe('FORBIDDEN');
    expect(await kindOf(events)).toBe('RECEIVED');
  });
});

describe('the upstream', () => {
  it('is taken up again without a gap when its subgraph restarts, the cursor not selected by the client', async () => {
    const events = listen(world.socket(await world.token('max')), INBOX);
    await world.log.read();
    world.log.add('A', 'p1');
    expect(await kindOf(events)).toBe('A');
    await world.kill('applications');
    world.log.add('B', 'p1');
    world.log.add('C', 'p1');
    await world.revive('applications');
    await world.log.read();
    world.log.add('D', 'p1');
    expect([await kindOf(events), await kindOf(events), await kindOf(events)]).toEqual(['B', 'C', 'D']);
  });

  it('is taken up again without a gap even before its first event', async () => {
    const events = listen(world.socket(await world.token('max')), INBOX);
    await world.log.read();
    await world.kill('applications');
    world.log.add('A', 'p1');
    await world.revive('applications');
    expect(await kindOf(events)).toBe('A');
  });

  it('is waited for by a client that knows its position', async () => {
    await world.kill('applications');
    world.log.add('A', 'p1');
    const events = listen(world.socket(await world.token('max')), INBOX, { after: '0' });
    await world.revive('applications');
    expect(await kindOf(events)).toBe('A');
  });

  it('that is down is told to a client without a position, because events could be missed', async () => {
    await world.kill('applications');
    const events = listen(world.socket(await world.token('max')), INBOX);
    expect(await events.failure()).toMatchObject([
      { extensions: { code: 'SUBGRAPH_UNAVAILABLE', subgraph: 'applications' } },
    ]);
  });

  it('that ends with an error passes it on', async () => {
    const events = listen(world.socket(await world.token('max')), INBOX, { after: 'too-old' });
    expect((await events.next()).errors).toMatchObject([
      {
        message: expect.stringContaining('zu alt'),
        extensions: { code: 'CURSOR_EXPIRED', requestId: expect.any(String) },
      },
    ]);
    expect(await events.next()).toBeUndefined();
  });

  it('is not begun for a position that no document can hold', async () => {
    const events = listen(world.socket(await world.token('max')), INBOX, { after: 'half \ud83d' });
    expect((await events.next()).errors).toMatchObject([{ extensions: { code: 'BAD_INPUT', field: 'after' } }]);
    expect(world.subgraphs.applications.openSockets()).toBe(0);
  });

  it('is closed when the client leaves', async () => {
    const client = world.socket(await world.token('max'));
    const events = listen(client, INBOX);
    await world.log.read();
    expect(world.subgraphs.applications.openSockets()).toBe(1);
    await events.stop();
    await until(() => world.subgraphs.applications.openSockets() === 0);
  });
});

describe('the session', () => {
  it('ends its sockets with 4403 when the access token expires', async () => {
    const client = world.socket(await world.token('max', { exp: Math.floor(Date.now() / 1000) + 2 }));
    const closed = closeOf(client);
    const events = listen(client, INBOX);
    await world.log.read();
    expect(await closed).toMatchObject({ code: 4403 });
    await until(() => world.subgraphs.applications.openSockets() === 0);
    world.log.add('A', 'p1');
    await expect(events.next()).rejects.toMatchObject({ code: 4403 });
  });

  it('ends its sockets, and no others, when identity says that it is over', async () => {
    const hers = world.socket(await world.token('klara'));
    const his = world.socket(await world.token('max'));
    const closed = closeOf(hers);
    listen(hers, INBOX);
    const events = listen(his, INBOX);
    await world.log.read(2);
    world.people.revoke({ accountId: 'klara' });
    expect(await closed).toMatchObject({ code: 4403 });
    world.log.add('A', 'p1');
    expect(await kindOf(events)).toBe('A');
  });

  it('that ended while identity was out of reach ends its sockets when identity is back', async () => {
    const client = world.socket(await world.token('klara'));
    const closed = closeOf(client);
    listen(client, INBOX);
    await world.log.read();
    await world.kill('identity');
    world.people.principals.delete('klara');
    await world.revive('identity');
    expect(await closed).toMatchObject({ code: 4403 });
  });

  it('is confirmed for events: while identity is down they wait, and none is lost', async () => {
    const events = listen(world.socket(await world.token('max')), 'subscription { inboxChanged { kind } }');
    await world.log.read();
    const asked = new Promise<void>(resolve => {
      silence = resolve;
    });
    shiftClock(31_000);
    world.log.add('A', 'p1');
    const next = kindOf(events);
    await asked;
    silence = null;
    expect(await next).toBe('A');
  });

  it('is needed when a token is sent: a wrong one opens nothing', async () => {
    const client = world.socket('wrong');
    const closed = closeOf(client);
    listen(client, INBOX);
    expect(await closed).toMatchObject({ code: 4403 });
  });
});

describe('the socket', () => {
  it('is refused to an origin that is not on the list', async () => {
    await expect(opened({ origin: 'https://evil.example' })).rejects.toThrow('403');
    await expect(opened({ origin: 'null' })).rejects.toThrow('403');
    (await opened({ origin: 'https://portal.example' })).terminate();
    (await opened({})).terminate();
  });

  it('takes the cookie only from an origin on the list', async () => {
    const cookie = `session=${await world.token('max')}`;
    const client = world.socket(null, { cookie });
    const closed = closeOf(client);
    listen(client, '{ whoAmI }');
    expect(await closed).toMatchObject({ code: 4403 });
    const events = listen(world.socket(null, { cookie, origin: 'https://portal.example' }), '{ whoAmI }');
    expect(JSON.stringify(await events.next())).toContain('staffMemberId');
  });

  it('is at /graphql only', async () => {
    await expect(opened({}, '/other')).rejects.toThrow('404');
  });

  it('is closed when nothing is said for three seconds, and when a message is larger than 64 KiB', async () => {
    const silent = await opened({});
    const large = await opened({});
    large.send('x'.repeat(70 * 1024));
    expect(await codeOf(large)).toBe(1009);
    expect(await codeOf(silent)).toBe(4408);
  });

  it('answers queries too, with the same limits', async () => {
    const client = world.socket(await world.token('max'));
    expect(await listen(client, '{ services { title } }').next()).toMatchObject({ data: { services: [{}, {}] } });
    const aliases = Array.from({ length: 31 }, (_, i) => `a${i}: __typename`).join(' ');
    expect(await listen(client, `{ ${aliases} }`).failure()).toMatchObject([
      { extensions: { code: 'QUERY_TOO_COMPLEX' } },
      {},
    ]);
    expect(await listen(client, '{ nothing }').failure()).toMatchObject([
      { extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } },
    ]);
    expect(await listen(client, '{').failure()).toMatchObject([{ extensions: { code: 'GRAPHQL_PARSE_FAILED' } }]);
  });

  it('refuses @skip and @include on the root of a subscription in clear words', async () => {
    const client = world.socket(await world.token('max'));
    const query =
      'subscription($x: Boolean!) { ...S } fragment S on Subscription { inboxChanged @include(if: $x) { kind } }';
    expect(await listen(client, query, { x: true }).failure()).toMatchObject([
      { message: expect.stringContaining('@skip and @include'), extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } },
    ]);
    const response = await world.ask(query, { variables: { x: true } });
    expect(response).toMatchObject({
      status: 200,
      errors: [{ message: expect.stringContaining('@skip and @include') }],
    });
  });

  it('that does not read is closed with 4429 and finds where to go on: nothing is skipped, and nobody waits for it', async () => {
    const token = await world.token('max');
    const slow = world.socket(token);
    const connected = new Promise<WebSocket>(resolve => slow.on('connected', socket => resolve(socket as WebSocket)));
    const closed = closeOf(slow);
    const events = listen(slow, 'subscription { inboxChanged { cursor kind } }');
    await world.log.read();
    const other = listen(world.socket(token), 'subscription { inboxChanged { cursor kind } }');
    await until(() => world.gateway.streams.size.clients === 2);
    const socket = await connected;
    socket.pause();
    const sent = await flood(world, async count => expect(await cursorOf(other)).toBe(String(count)));
    socket.resume();
    const { count: got, error } = await countedToTheEnd(events);
    const lastCursor = String(got);
    expect(error).toMatchObject([{ extensions: { code: 'RATE_LIMITED', retryable: true, lastCursor } }]);
    expect(await closed).toMatchObject({ code: 4429, reason: JSON.stringify({ lastCursor }) });
    expect(got).toBeLessThan(sent);
    const again = listen(
      world.socket(token),
      'subscription($after: String) { inboxChanged(after: $after) { cursor kind } }',
      { after: lastCursor },
    );
    for (let next = got + 1; next <= sent; next += 1) expect(await cursorOf(again)).toBe(String(next));
  });

  const burst = (events: number) => {
    for (let count = 1; count <= events; count += 1) world.log.add('x'.repeat(100), 'p1');
  };

  it('that reads gets a burst of thousands of events whole, in their order, and what comes after it', async () => {
    const events = listen(world.socket(await world.token('max')), 'subscription { inboxChanged { cursor kind } }');
    await world.log.read();
    burst(6_000);
    for (let count = 1; count <= 6_000; count += 1) expect(await cursorOf(events)).toBe(String(count));
    world.log.add('last', 'p1');
    expect(await cursorOf(events)).toBe('6001');
  });

  it('that shares its stream and reads gets a burst whole as well, each at its own pace', async () => {
    const token = await world.token('max');
    const query = 'subscription { inboxChanged { cursor kind application { service { title } } } }';
    const all = [query, query, 'subscription { inboxChanged { cursor kind } }'].map(one =>
      listen(world.socket(token), one),
    );
    await until(() => world.gateway.streams.size.clients === 3);
    await world.log.read(2);
    burst(3_000);
    const read = async (events: Listening) => {
      for (let count = 1; count <= 3_000; count += 1) expect(await cursorOf(events)).toBe(String(count));
    };
    await Promise.all(all.map(read));
  });

  it('is told with 1001 that the gateway goes away', async () => {
    const client = world.socket(await world.token('max'));
    const closed = closeOf(client);
    listen(client, INBOX);
    await world.log.read();
    await world.gateway.stop();
    expect(await closed).toMatchObject({ code: 1001 });
  });
});

it('a subscription over plain HTTP is told where to go', async () => {
  const response = await world.ask('subscription { inboxChanged { kind } }');
  expect(response).toMatchObject({ status: 405, errors: [{ message: expect.stringContaining('WebSocket') }] });
});

const kindOf = async (events: Listening): Promise<unknown> => {
  const { data } = await events.next();
  return (data?.inboxChanged as { kind: string } | null)?.kind;
};

const cursorOf = async (events: Listening): Promise<unknown> => {
  const { data } = await events.next();
  return (data?.inboxChanged as { cursor: string } | null)?.cursor;
};

/** Reads on until the stream fails, and sees that no event is left out. */
async function countedToTheEnd(events: Listening): Promise<{ count: number; error: unknown }> {
  for (let count = 0; ; count += 1) {
    try {
      expect(await cursorOf(events)).toBe(String(count + 1));
    } catch (error) {
      return { count, error };
    }
  }
}

/** The gateway's clock goes on, and its timers do not. */
function passTime(milliseconds: number): void {
  const now = performance.now.bind(performance);
  jest.spyOn(performance, 'now').mockImplementation(() => now() + milliseconds);
}

const closeOf = (client: Client): Promise<unknown> => new Promise(resolve => void client.on('closed', resolve));

function opened(headers: Record<string, string>, path = '/graphql'): Promise<WebSocket> {
  const socket = new WebSocket(`${world.url.replace('http', 'ws')}${path}`, 'graphql-transport-ws', { headers });
  return new Promise((resolve, reject) => {
    socket.once('open', () => resolve(socket));
    socket.once('error', reject);
  });
}

const codeOf = (socket: WebSocket): Promise<number> => new Promise(resolve => void socket.once('close', resolve));
