/** What one subgraph does, or does not do, harms nobody who asks others, and nobody who is signed in. */
import type { ServerResponse } from 'node:http';
import { listen } from '../testing/listening';
import { type Faults, startWorld, type World } from '../testing/world';

const CONNECTIONS = 2;
const WAITING = 4 * CONNECTIONS;
const PROMISED_MS = 30_000;

let world: World;
/** Requests that the catalogue holds; null lets it answer. */
let held: ServerResponse[] | null;
/** What it says in place of its answer. */
let said: ((response: ServerResponse) => void) | null;
let arrived: () => void = () => {};
/** What the applications say in place of their answer. */
let inbox: string | null;

beforeEach(async () => {
  held = null;
  said = null;
  inbox = null;
  const catalogue: Faults['catalogue'] = (request, response) => {
    if (request.url !== '/graphql') return false;
    if (said) said(response);
    else if (held) {
      held.push(response);
      arrived();
    } else return false;
    return true;
  };
  const applications: Faults['applications'] = (request, response) => {
    if (inbox === null || request.url !== '/graphql') return false;
    response.setHeader('content-type', 'application/json').end(inbox);
    return true;
  };
  const upstream = { connections: CONNECTIONS, timeoutMs: PROMISED_MS };
  world = await startWorld({ upstream }, { catalogue, applications });
});
afterEach(async () => {
  for (const response of held ?? []) response.destroy();
  held = null;
  await world?.stop();
});

/** Resolves when the catalogue holds so many. */
async function holding(count: number): Promise<ServerResponse[]> {
  while (held!.length < count) await new Promise<void>(resolve => (arrived = resolve));
  return held!;
}

async function isPending(answer: Promise<unknown>): Promise<boolean> {
  const nothing = Symbol('nothing');
  return (await Promise.race([answer, Promise.resolve(nothing)])) === nothing;
}

const release = (response: ServerResponse) => response.end('{"data":{"services":[]}}');
const INBOX = '{ inbox { id state } }';

describe('while a subgraph is stalled', () => {
  it('others are asked and answer, also when no more requests to it fit', async () => {
    const token = await world.token('max');
    held = [];
    const stalled = Array.from({ length: CONNECTIONS + WAITING }, () => world.ask('{ services { title } }'));
    await holding(CONNECTIONS);
    const tooMany = await world.ask('{ services { legalBasis } }');
    expect(tooMany.errors).toMatchObject([{ extensions: { code: 'SUBGRAPH_UNAVAILABLE', subgraph: 'catalogue' } }]);
    for (let n = 0; n < 20; n++) {
      expect(await world.ask(INBOX, { token })).toMatchObject({ data: { inbox: [{ id: 'p1' }, { id: 'p2' }] } });
    }
    const part = await world.ask(`{ services { title } application(id: "p1") { state } }`, { token });
    expect(part.data).toEqual({ services: null, application: { state: 'RECEIVED' } });
    for (const answer of stalled) expect(await isPending(answer)).toBe(true);

    for (let n = 0; n < stalled.length; n++) release((await holding(n + 1))[n]!);
    for (const answer of stalled) expect(await answer).toMatchObject({ data: { services: [] } });
  });

  it('events come to those who ask nothing of it', async () => {
    const max = world.socket(await world.token('max'));
    const joined = listen(max, 'subscription { inboxChanged { kind application { service { title } } } }');
    const plain = listen(max, 'subscription { inboxChanged { kind } }');
    await world.log.read(2);
    held = [];
    const first = joined.next();
    for (const kind of ['RECEIVED', 'DECIDED', 'CLOSED']) {
      world.log.add(kind, 'p1');
      expect(await plain.next()).toMatchObject({ data: { inboxChanged: { kind } } });
    }
    await holding(1);
    expect(await isPending(first)).toBe(true);
  });
});

describe('what a subgraph says', () => {
  const saying = (body: string, headers: Record<string, string> = {}) => {
    said = response => response.writeHead(200, { 'content-type': 'application/json', ...headers }).end(body);
  };
  const asked = async () =>
    world.ask('{ services { title } inbox { id } }', { headers: { cookie: `session=${await world.token('max')}` } });

  it('of sessions signs nobody out', async () => {
    saying(
      '{"data":{"services":null},"errors":[{"message":"out","path":["services"],"extensions":{"code":"UNAUTHENTICATED"}}]}',
    );
    const { status, headers, data } = await asked();
    expect([status, headers.get('set-cookie')]).toEqual([200, null]);
    expect(data).toEqual({ services: null, inbox: [{ id: 'p1' }, { id: 'p2' }] });
    expect(
      (
        await world.ask('{ services { title } }', { headers: { cookie: `session=${await world.token('max')}` } })
      ).headers.get('set-cookie'),
    ).toBeNull();
  });

  it('in its headers goes no further', async () => {
    const headers = {
      'set-cookie': 'session=stolen',
      'access-control-allow-origin': '*',
      'x-evil': '1',
      location: '/x',
    };
    saying('{"data":{"services":[]}}', headers);
    const answer = await asked();
    expect(Object.keys(headers).filter(name => answer.headers.has(name))).toEqual([]);
  });

  it.each([
    '{"data":{"services":[{"title":NESTED}]}}',
    '{"data":{"services":NESTED}}',
    '{"data":null,"errors":[{"message":"no","path":["services"],"extensions":{"code":"NOT_FOUND","more":NESTED}}]}',
    '{"data":null,"errors":[{"message":"no","path":["services",NESTED]}]}',
  ])('nested without end costs nobody what others say: %s', async body => {
    saying(body.replace('NESTED', '['.repeat(100_000) + ']'.repeat(100_000)));
    for (const way of ['long', 'fast']) {
      const { data, errors } = await asked();
      expect([way, data]).toEqual([way, { services: null, inbox: [{ id: 'p1' }, { id: 'p2' }] }]);
      expect(errors).toHaveLength(1);
    }
  });

  it('with errors without number is told a thousand of them', async () => {
    const errors = Array(100_000).fill('{"message":"no","path":["services"],"extensions":{"code":"NOT_FOUND"}}');
    saying(`{"data":{"services":null},"errors":[${errors.join()}]}`);
    expect((await asked()).errors).toHaveLength(1_000);
  });

  it('of one object at many places is told a thousand times', async () => {
    saying(
      '{"data":{"_entities":[null]},"errors":[{"message":"no","path":["_entities",0],"extensions":{"code":"NOT_FOUND"}}]}',
    );
    inbox = `{"data":{"inbox":[${Array(20_000).fill('{"__typename":"Application","service":{"__typename":"Service","leikaKey":"1"}}').join()}]}}`;
    const { data, errors } = await world.ask('{ inbox { service { title } } }', { token: await world.token('max') });
    expect([(data!.inbox as []).length, errors!.length]).toEqual([20_000, 1_000]);
  });

  it('cannot change what objects are', async () => {
    const evil = '{"__proto__":{"evil":true},"constructor":{"prototype":{"evil":true}},"title":"T"}';
    saying(
      `{"data":{"services":[${evil}],"__proto__":{"evil":true}},"errors":[{"message":"x","extensions":{"__proto__":{"evil":true}}}]}`,
    );
    const { data } = await asked();
    expect(data).toMatchObject({ services: [{ title: 'T' }] });
    expect(({} as { evil?: boolean }).evil).toBeUndefined();
    expect(JSON.stringify(data)).not.toContain('evil');
  });
});
