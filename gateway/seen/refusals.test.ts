/** Whatever is refused, at whichever door, is a number under a label that nobody outside can choose. */
import { once } from 'node:events';
import http from 'node:http';
import WebSocket from 'ws';
import { startWorld, type World } from '../testing/world';
import { metricsText } from './metrics';

let world: World;
afterEach(async () => {
  await world?.stop();
  delete process.env.RATE_PER_ADDRESS;
});

const count = async (line: string): Promise<number> =>
  Number(
    (await metricsText())
      .split('\n')
      .find(one => one.startsWith(`${line} `))
      ?.split(' ')
      .at(-1) ?? 0,
  );

/** How much a number grows meanwhile. */
async function growth(line: string, what: () => Promise<unknown>): Promise<number> {
  const before = await count(line);
  await what();
  return (await count(line)) - before;
}

const errors = (code: string) => `graphql_errors_total{code="${code}"}`;
const closed = (status: number) => `live_refusals_total{status="${status}"}`;
const REFUSED = 'graphql_operation_seconds_count{operation="unnamed",kind="unknown",outcome="refused"}';

const JSON_TYPE = { 'content-type': 'application/json' };
const send = (init: RequestInit) => fetch(`${world.url}/graphql`, init);
const target = async (path: string): Promise<{ status: number | undefined }> => {
  const [response] = (await once(http.get({ port: world.gateway.port, path }), 'response')) as [http.IncomingMessage];
  response.resume();
  return { status: response.statusCode };
};

describe('a request', () => {
  beforeEach(async () => {
    world = await startWorld();
  });

  it.each<[string, number, string, () => Promise<{ status: number | undefined }>]>([
    ['with a target that cannot be read', 400, 'BAD_REQUEST', () => target('/graphql#')],
    [
      'of another method',
      405,
      'BAD_REQUEST',
      () => send({ method: 'PUT', headers: JSON_TYPE, body: '{"query":"{a}"}' }),
    ],
    ['with a list of operations', 400, 'BAD_REQUEST', () => send({ method: 'POST', headers: JSON_TYPE, body: '[]' })],
    ['that another site could send', 400, 'BAD_REQUEST', () => send({ method: 'POST', body: '{"query":"{a}"}' })],
    [
      'with a large body',
      413,
      'QUERY_TOO_COMPLEX',
      () => send({ method: 'POST', headers: JSON_TYPE, body: JSON.stringify({ query: 'x'.repeat(300_000) }) }),
    ],
    [
      'with a subscription that cannot be',
      200,
      'GRAPHQL_VALIDATION_FAILED',
      () => world.ask('subscription { ticks @skip(if: true) }'),
    ],
  ])('%s is counted: %d, %s', async (_, status, code, ask) => {
    let answered: number | undefined;
    const refused = await growth(REFUSED, async () => {
      expect(await growth(errors(code), async () => ({ status: answered } = await ask()))).toBe(1);
    });
    expect([answered, refused]).toEqual([status, 1]);
  });
});

it('a request that is one too many is counted: 429, RATE_LIMITED', async () => {
  process.env.RATE_PER_ADDRESS = '1';
  world = await startWorld();
  await world.ask('{ __typename }');
  const one = async () => expect((await world.ask('{ __typename }')).status).toBe(429);
  expect(await growth(errors('RATE_LIMITED'), one)).toBe(1);
});

describe('a socket', () => {
  beforeEach(async () => {
    world = await startWorld();
  });

  function socket(path = '/graphql', headers: Record<string, string> = {}): WebSocket {
    return new WebSocket(`${world.url.replace('http', 'ws')}${path}`, 'graphql-transport-ws', { headers });
  }
  const refused = async (...args: Parameters<typeof socket>) =>
    void (await once(socket(...args), 'error').catch(() => {}));
  const closedAfter = (message: string | Buffer) => async (): Promise<void> => {
    const opened = socket();
    await once(opened, 'open');
    opened.send(message);
    await once(opened, 'close');
  };
  const init = (authorization: string) => JSON.stringify({ type: 'connection_init', payload: { authorization } });

  it.each<[number, () => Promise<void>]>([
    [404, () => refused('/elsewhere')],
    [403, () => refused('/graphql', { origin: 'https://evil.example' })],
    [4403, closedAfter(init('Bearer wrong'))],
    [4401, closedAfter('{"id":"a","type":"subscribe","payload":{"query":"{a}"}}')],
    [4400, closedAfter('nonsense')],
    [1009, closedAfter('x'.repeat(70_000))],
  ])('is counted: %d', async (status, what) => {
    expect(await growth(closed(status), what)).toBe(1);
  });

  it('that has one too many beside it is counted: 429', async () => {
    const fifty = Array.from({ length: 50 }, () => socket());
    await Promise.all(fifty.map(one => once(one, 'open')));
    expect(await growth(closed(429), () => refused())).toBe(1);
    for (const one of fifty) one.terminate();
  });

  it('of an account that has five is counted once, by the code it was closed with: 4429', async () => {
    const token = init(`Bearer ${await world.token('max')}`);
    const begun = async () => {
      const opened = socket();
      await once(opened, 'open');
      opened.send(token);
      return opened;
    };
    const five = await Promise.all([1, 2, 3, 4, 5].map(begun));
    await Promise.all(five.map(one => once(one, 'message')));
    const sixth = async () => once(await begun(), 'close');
    const forbidden = await growth(closed(4403), async () => expect(await growth(closed(4429), sixth)).toBe(1));
    expect(forbidden).toBe(0);
    for (const one of five) one.terminate();
  });

  it('that its client closes is none, whatever code it gives', async () => {
    const before = (await metricsText()).split('\n').filter(line => line.startsWith('live_refusals_total'));
    const opened = socket();
    await once(opened, 'open');
    opened.close(4999, 'klara@example.org');
    await once(opened, 'close');
    const after = (await metricsText()).split('\n').filter(line => line.startsWith('live_refusals_total'));
    expect(after).toEqual(before);
  });
});
