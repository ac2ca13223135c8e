/** What clients share, and what they never do: an upstream, an execution, a right. */
import { parse } from 'graphql';
import { shiftClock } from '../../kernel/clock';
import type { Asker, Person, Staff } from '../../kernel/principal';
import { TrustLevel } from '../../kernel/trust';
import { flood } from '../testing/flood';
import { type Listening, listen, until } from '../testing/listening';
import { startWorld, type World } from '../testing/world';

let world: World;
beforeEach(async () => {
  process.env.LIVE_PER_ACCOUNT = '10';
  world = await startWorld();
  for (const one of [MAX, ERIKA, OTTO, ADA, DORA, KLARA, KLARA_FOR_FIRM, KLARA_LOW]) {
    world.people.principals.set(one.sessionId, one);
  }
});
afterEach(async () => {
  shiftClock(0);
  delete process.env.LIVE_PER_ACCOUNT;
  await world?.stop();
});

const staff = (name: string, more: Partial<Staff> = {}): Staff => ({
  kind: 'staff',
  sessionId: name,
  staffMemberId: name,
  authorityId: 'a1',
  departmentId: null,
  scopes: ['staff:read', 'staff:work'],
  ...more,
});
const person = (name: string, more: Partial<Person> = {}): Person => ({
  kind: 'person',
  sessionId: name,
  accountId: 'klara',
  actingFor: 'klara',
  services: null,
  readOnly: false,
  trustLevel: TrustLevel.SUBSTANTIAL,
  ...more,
});
const MAX = staff('max');
const ERIKA = staff('erika', { scopes: ['staff:work', 'staff:read'] });
const OTTO = staff('otto', { authorityId: 'a2' });
const ADA = staff('ada', { scopes: ['staff:read'] });
const DORA = staff('dora', { departmentId: 'd1' });
const KLARA = person('klara');
const KLARA_FOR_FIRM = person('klara-for-firm', { actingFor: 'firm' });
const KLARA_LOW = person('klara-low', { trustLevel: TrustLevel.LOW });

const SAME =
  'subscription($after: String) { inboxChanged(after: $after) { cursor kind application { state service { title } } } }';
const RIGHTS = 'subscription { inboxChanged { kind application { service { words } } } }';
const JOINED = 'subscription { inboxChanged { kind application { service { words seenBy } } } }';
const STREAMED = 'subscription { inboxChanged { kind seenBy application { service { words seenBy } } } }';

describe('people of the same rights', () => {
  it('share one upstream and one execution for each event, however many clients they have', async () => {
    const clients = await Promise.all([...repeat(MAX, 5), ...repeat(ERIKA, 5)].map(one => hear(one, SAME)));
    await everybody(10);
    expect(world.subgraphs.applications.openSockets()).toBe(1);
    world.log.add('RECEIVED', 'p1');
    for (const client of clients) expect(await kindOf(client)).toBe('RECEIVED');
    expect(world.subgraphs.catalogue.requests).toHaveLength(1);
  });

  it('miss nothing of what has come while their subscription was looked at', async () => {
    const first = await hear(MAX, SAME);
    await everybody(1);
    world.log.add('BEFORE', 'p1');
    expect(await kindOf(first)).toBe('BEFORE');
    const askedAt = performance.now();
    world.log.add('MEANWHILE', 'p1');
    expect(await kindOf(first)).toBe('MEANWHILE');
    const asked = { principal: ERIKA, requestId: 'r', language: 'de', askedAt } as const;
    const request = { document: parse(SAME), key: 'k', operationName: null, variables: {}, asked };
    const second = world.gateway.streams.watch(request, { asked: async () => asked, tooSlow: () => {} });
    expect(await second.next()).toMatchObject({ value: { data: { inboxChanged: { kind: 'MEANWHILE' } } } });
    expect(world.gateway.streams.size).toEqual({ clients: 2, upstreams: 1 });
    await second.return();
  });

  it('are told where they began when they take nothing at all', async () => {
    world.log.add('BEFORE', 'p1');
    const asked = { principal: ERIKA, requestId: 'r', language: 'de' } as const;
    const text = 'subscription { inboxChanged { cursor kind } }';
    const request = { document: parse(text), key: text, operationName: null, variables: {}, asked };
    const tooSlow = jest.fn();
    const watching = world.gateway.streams.watch(request, { asked: async () => asked, tooSlow });
    await world.log.read();
    await flood(world);
    expect(tooSlow).toHaveBeenCalledWith('1');
    const extensions = { code: 'RATE_LIMITED', lastCursor: '1' };
    await expect(watching.next()).rejects.toMatchObject({ extensions });
  });

  it('say to the subgraph how long ago the first of them asked', async () => {
    const began = performance.now();
    await hear(MAX, SAME);
    await everybody(1);
    const [ago] = world.subgraphs.applications.askedMsAgo;
    expect(ago).toBeGreaterThan(0);
    expect(ago).toBeLessThanOrEqual(performance.now() - began);
  });

  it('share them whatever else they send with their operation', async () => {
    const clients = await Promise.all(['a', 'b'].map(more => hear(MAX, SAME, { more })));
    await everybody(2);
    world.log.add('RECEIVED', 'p1');
    for (const client of clients) expect(await kindOf(client)).toBe('RECEIVED');
    expect(world.subgraphs.catalogue.requests).toHaveLength(1);
  });

  it('share the upstream where only the answer differs, which is then made for each', async () => {
    const clients = [await hear(MAX, JOINED), await hear(ERIKA, JOINED), await hear(ERIKA, JOINED)];
    await everybody(3);
    expect(world.subgraphs.applications.openSockets()).toBe(1);
    world.log.add('RECEIVED', 'p1');
    for (const client of clients) await client.next();
    expect(world.subgraphs.catalogue.requests).toHaveLength(2);
  });

  it('leave it one by one: the last one closes the upstream, and its first one takes nothing away', async () => {
    const first = await hear(MAX, SAME);
    await world.log.read();
    const second = await hear(ERIKA, SAME);
    await everybody(2);
    await first.stop();
    world.log.add('A', 'p1');
    world.log.add('B', 'p1');
    expect([await kindOf(second), await kindOf(second)]).toEqual(['A', 'B']);
    await second.stop();
    await until(() => world.subgraphs.applications.openSockets() === 0);
    expect(world.gateway.streams.size).toEqual({ clients: 0, upstreams: 0 });
  });

  it('do not lose the stream when the one it runs as is refused', async () => {
    const first = await hear(MAX, SAME);
    await world.log.read();
    const second = await hear(ERIKA, SAME);
    await everybody(2);
    world.log.forbidden.add('max');
    world.log.add('A', 'p1');
    expect(await first.failure()).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }]);
    expect(await kindOf(second)).toBe('A');
  });
});

describe('a verdict of a subgraph, which says no without saying to whom', () => {
  it('ends the stream for the one it ran as, and it goes on as the next one, without a gap', async () => {
    const first = await hear(MAX, SAME);
    await world.log.read();
    const others = [await hear(ERIKA, SAME), await hear(ERIKA, SAME)];
    await everybody(3);
    world.log.barred.add('max');
    world.subgraphs.applications.dropSockets();
    world.log.add('A', 'p1');
    expect(await first.failure()).toMatchObject(UNAVAILABLE);
    for (const other of others) expect(await kindOf(other)).toBe('A');
    expect(world.log.asked).toEqual(['max', 'max', 'erika']);
  });

  it('ends it for everybody when the next one hears it too', async () => {
    const third = { ...ERIKA, sessionId: 'third', staffMemberId: 'third' };
    world.people.principals.set('third', third);
    const clients = [await hear(MAX, SAME)];
    await world.log.read();
    clients.push(await hear(ERIKA, SAME), await hear(third, SAME));
    await everybody(3);
    for (const name of ['max', 'erika', 'third']) world.log.barred.add(name);
    world.subgraphs.applications.dropSockets();
    for (const client of clients) expect(await client.failure()).toMatchObject(UNAVAILABLE);
    expect(world.log.asked).toEqual(['max', 'max', 'erika']);
  });
});

const UNAVAILABLE = [{ extensions: { code: 'SUBGRAPH_UNAVAILABLE', subgraph: 'applications', retryable: true } }];

describe('people who may see different things', () => {
  const askers: readonly Asker[] = [MAX, ERIKA, OTTO, ADA, DORA, KLARA, KLARA_FOR_FIRM, KLARA_LOW];
  const languages = ['de', 'en'];

  it.each([
    ['what their rights decide', RIGHTS],
    ['what a join says of them', JOINED],
    ['what the stream says of them', STREAMED],
  ])('each get their own: %s', async (_what, query) => {
    const clients = await Promise.all(
      [...askers, null].flatMap(asker =>
        languages.map(async language => ({ asker, language, events: await hear(asker, query, { language }) })),
      ),
    );
    await everybody(clients.length);
    for (let round = 0; round < 3; round += 1) world.log.add(`K${round}`, 'p1');
    for (const { asker, language, events } of clients) {
      for (let round = 0; round < 3; round += 1) {
        const seen = await eventOf(events);
        const service = (seen.application as { service: { words: string; seenBy?: string } } | null)?.service;
        expect(seen.kind).toBe(`K${round}`);
        if (query === STREAMED) {
          expect(JSON.parse(seen.seenBy as string)).toEqual([asker ?? { kind: 'anonymous' }, language]);
        }
        if (!asker) {
          expect(seen.application).toBeNull();
          continue;
        }
        if (query !== RIGHTS) expect(JSON.parse(service!.seenBy!)).toEqual([asker, language]);
        const words: unknown = JSON.parse(service!.words);
        if (asker.kind !== 'staff') expect(words).toEqual([asker, language]);
        else expect(words).toEqual([asker.authorityId, asker.departmentId, expect.any(Array), language]);
        if (asker.kind === 'staff')
          expect((words as [unknown, unknown, string[]])[2].sort()).toEqual([...asker.scopes].sort());
      }
    }
  });

  it('get nothing of another’s answer when their own fails', async () => {
    const answers = await startFailing();
    const clients = [await hear(MAX, JOINED), await hear(ERIKA, JOINED)];
    await everybody(2);
    world.log.add('A', 'p1');
    expect((await clients[0]!.next()).errors).toBeUndefined();
    // hers is tried again and again, and never told without its object: she is told that, and can come back for it
    expect(await clients[1]!.failure()).toMatchObject([{ extensions: { code: 'SUBGRAPH_UNAVAILABLE' } }]);
    expect(new Set(answers)).toEqual(new Set(['erika', 'max']));
    expect(answers.filter(one => one === 'erika').length).toBeGreaterThan(3);
  });
});

describe('rights', () => {
  it('that change move a client to the stream of its new ones, without a gap', async () => {
    const his = await hear(MAX, RIGHTS);
    await world.log.read();
    const hers = await hear(ERIKA, RIGHTS);
    await everybody(2);
    world.people.principals.set('erika', { ...ERIKA, authorityId: 'a2' });
    shiftClock(31_000);
    world.log.add('A', 'p1');
    world.log.add('B', 'p1');
    for (const kind of ['A', 'B']) {
      expect(await authorityOf(his)).toEqual([kind, 'a1']);
      expect(await authorityOf(hers)).toEqual([kind, 'a2']);
    }
    expect(world.gateway.streams.size.upstreams).toBe(2);
  });

  it('that end stop a shared stream for the one they were of, before the next event', async () => {
    const his = await hear(MAX, SAME);
    await world.log.read();
    const hers = await hear(ERIKA, SAME);
    await everybody(2);
    world.people.principals.delete('max');
    shiftClock(31_000);
    world.log.add('A', 'p1');
    expect(await his.failure()).toMatchObject([{ extensions: { code: 'UNAUTHENTICATED' } }]);
    expect(await kindOf(hers)).toBe('A');
  });
});

describe('clients that come back with their cursors', () => {
  it('get what they missed each, and share one upstream and execution again once they have caught up', async () => {
    for (const kind of ['A', 'B', 'C']) world.log.add(kind, 'p1');
    const early = await hear(MAX, SAME, { after: '0' });
    const late = await hear(ERIKA, SAME, { after: '2' });
    const live = await hear(ERIKA, SAME);
    await everybody(3);
    await world.log.read(3);
    world.log.add('D', 'p1');
    expect(await kinds(early, 4)).toEqual(['A', 'B', 'C', 'D']);
    expect(await kinds(late, 2)).toEqual(['C', 'D']);
    expect(await kinds(live, 1)).toEqual(['D']);
    await until(() => world.subgraphs.applications.openSockets() === 1);
    world.subgraphs.catalogue.requests.length = 0;
    for (const kind of ['E', 'F']) world.log.add(kind, 'p1');
    for (const client of [early, late, live]) expect(await kinds(client, 2)).toEqual(['E', 'F']);
    expect(world.subgraphs.catalogue.requests).toHaveLength(2);
  });

  it('share without anybody who was there before', async () => {
    for (const kind of ['A', 'B', 'C']) world.log.add(kind, 'p1');
    const clients = [await hear(MAX, SAME, { after: '1' }), await hear(ERIKA, SAME, { after: '2' })];
    await world.log.read(2);
    expect(await kinds(clients[0]!, 2)).toEqual(['B', 'C']);
    expect(await kinds(clients[1]!, 1)).toEqual(['C']);
    world.log.add('D', 'p1');
    for (const client of clients) expect(await kinds(client, 1)).toEqual(['D']);
    await until(() => world.subgraphs.applications.openSockets() === 1);
    world.log.add('E', 'p1');
    for (const client of clients) expect(await kinds(client, 1)).toEqual(['E']);
  });
});

async function hear(
  asker: Asker | null,
  query: string,
  { language = 'de', ...variables }: { language?: string; after?: string; more?: string } = {},
): Promise<Listening> {
  const token = asker && 'sessionId' in asker ? await world.token(asker.sessionId) : null;
  return listen(world.socket(token, { 'accept-language': language }), query, variables);
}

/** Resolves when so many clients listen, and all their upstreams are open. */
async function everybody(count: number): Promise<void> {
  await until(() => world.gateway.streams.size.clients === count);
  await world.log.read(world.gateway.streams.size.upstreams);
}

/** From now on the catalogue answers max only. @returns whom it was asked for */
async function startFailing(): Promise<string[]> {
  await world.stop();
  const asked: string[] = [];
  world = await startWorld(
    {},
    {
      catalogue: (request, response) => {
        const token = String(request.headers.authorization).split('.')[1] ?? '';
        const { p } = JSON.parse(Buffer.from(token, 'base64url').toString() || '{}') as { p?: Partial<Staff> };
        if (!p?.staffMemberId) return false;
        asked.push(p.staffMemberId);
        if (p.staffMemberId !== 'max') response.destroy();
        return p.staffMemberId !== 'max';
      },
    },
  );
  for (const one of [MAX, ERIKA]) world.people.principals.set(one.sessionId, one);
  return asked;
}

const repeat = <T>(value: T, count: number): T[] => Array<T>(count).fill(value);

const eventOf = async (events: Listening): Promise<Record<string, unknown>> => {
  const { data } = await events.next();
  return data?.inboxChanged as Record<string, unknown>;
};
const kindOf = async (events: Listening): Promise<unknown> => (await eventOf(events)).kind;

async function kinds(events: Listening, count: number): Promise<unknown[]> {
  const found: unknown[] = [];
  while (found.length < count) found.push(await kindOf(events));
  return found;
}

async function authorityOf(events: Listening): Promise<unknown> {
  const { kind, application } = await eventOf(events);
  const { words } = (application as { service: { words: string } }).service;
  return [kind, (JSON.parse(words) as string[])[0]];
}
