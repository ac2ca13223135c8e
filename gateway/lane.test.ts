/** The fast lane and the long way through Apollo Server answer alike: status, headers and body, for all that clients send. */
import http from 'node:http';
import type { JWTPayload } from 'jose';
import { keyOf } from './documents';
import type { Principals } from './principal';
import { type Faults, startWorld, type World } from './testing/world';

type Fault = NonNullable<Faults['catalogue']>;

let world: World;
let fault: Fault | null = null;
beforeAll(async () => {
  world = await startWorld(
    { trusted: { [keyOf(AREA)]: AREA } },
    { catalogue: async (...args) => (await fault?.(...args)) ?? false },
  );
});
afterAll(() => world?.stop());
beforeEach(() => {
  fault = null;
});

/** The same type to everybody, but the lane knows it unquoted only. */
const LONG_WAY = { 'content-type': 'application/json; charset="utf-8"' };
const LANE = { 'content-type': 'application/json' };

interface Answer {
  readonly status: number | undefined;
  readonly headers: readonly string[];
  readonly body: string;
}

function post(body: string, headers: http.OutgoingHttpHeaders): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const request = http.request(`${world.url}/graphql`, { method: 'POST', headers }, async response => {
    const chunks: Buffer[] = [];
    for await (const chunk of response) chunks.push(chunk as Buffer);
    resolve({
      status: response.statusCode,
      headers: response.rawHeaders.map((text, i, all) => (all[i - 1] === 'Date' ? '' : text)),
      body: Buffer.concat(chunks)
        .toString()
        .replace(/[0-9a-f]{12}/g, 'reference'),
    });
  });
  request.on('error', reject);
  request.end(body);
  return promise;
}

interface Asked {
  readonly query?: unknown;
  readonly documentId?: unknown;
  readonly variables?: unknown;
  readonly operationName?: unknown;
  readonly extensions?: unknown;
}

interface Case {
  readonly sent: Asked | string;
  /** Who asks; nobody when left out. */
  readonly who?: string;
  readonly claims?: JWTPayload;
  readonly headers?: http.OutgoingHttpHeaders;
  readonly fault?: Fault;
  /** Whether the lane takes it, once its text is known. */
  readonly lane: boolean;
}

/** Asks the long way until the text and the asker are known, then both ways. */
async function bothWays({ sent, who, claims, headers: more }: Case) {
  const body = typeof sent === 'string' ? sent : JSON.stringify(sent);
  const token = who && (await world.token(who, claims));
  const headers = { 'x-request-id': 'request-0001', ...(token && { authorization: `Bearer ${token}` }), ...more };
  await post(body, { ...headers, ...LONG_WAY });
  const prepared = jest.spyOn(world.gateway.engine, 'prepare');
  const longWay = await post(body, { ...headers, ...LONG_WAY });
  expect(prepared).not.toHaveBeenCalled();
  const lane = await post(body, { ...LANE, ...headers });
  const taken = prepared.mock.results.some(({ value }) => value !== null);
  prepared.mockRestore();
  return { longWay, lane, taken };
}

const INBOX = '{ inbox { id service { title } applicant { displayName } } }';
const TWO = 'query A { services { title } } query B { whoAmI }';
const AREA = 'query($ars: Ars!) { area(ars: $ars) }';
const PAGE = 'query($n: Int) { page(first: $n) { nodes { title } } }';
const SOME = 'query($yes: Boolean!) { services { title legalBasis @include(if: $yes) } }';
const end =
  (status: number, body: string, headers = {}): Fault =>
  (_, response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(body);
    return true;
  };

const CASES: Readonly<Record<string, Case>> = {
  'an anonymous query': { sent: { query: '{ services { title legalBasis } }' }, lane: true },
  'a join': { sent: { query: INBOX }, who: 'klara', lane: true },
  'errors of subgraphs in English': {
    sent: { query: INBOX },
    who: 'max',
    headers: { 'accept-language': 'en' },
    lane: true,
  },
  'a field that is refused': { sent: { query: '{ inbox { id notes } }' }, who: 'klara', lane: true },
  'a type that is refused to nobody known': { sent: { query: INBOX }, lane: true },
  'a mutation': { sent: { query: 'mutation M { submit(id: "p1") { state } }' }, who: 'klara', lane: true },
  'a root that is null with an error': {
    sent: { query: '{ application(id: "none") { id } }' },
    who: 'max',
    lane: true,
  },
  'aliases, fragments and __typename': {
    sent: { query: 'query Q { a: services { ...F __typename } } fragment F on Service { t: title }' },
    lane: true,
  },
  introspection: { sent: { query: '{ __schema { queryType { name } } }' }, lane: true },
  'variables that are null': { sent: { query: '{ whoAmI }', variables: null }, lane: true },
  'a variable': { sent: { query: AREA, variables: { ars: '010010000000' } }, lane: true },
  'a variable nobody asked for': { sent: { query: '{ whoAmI }', variables: { more: 1 } }, lane: true },
  'one condition': { sent: { query: SOME, variables: { yes: true } }, lane: true },
  'the other condition': { sent: { query: SOME, variables: { yes: false } }, lane: true },
  'a condition that is none': { sent: { query: SOME, variables: { yes: 'maybe' } }, lane: false },
  'a wrong variable': { sent: { query: AREA, variables: { ars: '9' } }, lane: false },
  'a missing variable': { sent: { query: AREA }, lane: false },
  'variables that are a list': { sent: { query: AREA, variables: [] }, lane: false },
  'variables that are a text': { sent: { query: AREA, variables: '{}' }, lane: false },
  'one of two operations': { sent: { query: TWO, operationName: 'B' }, lane: true },
  'neither of two operations': { sent: { query: TWO }, lane: false },
  'an operation that is not there': { sent: { query: TWO, operationName: 'C' }, lane: false },
  'an empty operation name': { sent: { query: TWO, operationName: '' }, lane: false },
  'an operation name that is a number': { sent: { query: TWO, operationName: 1 }, lane: false },
  'a subscription': { sent: { query: 'subscription { ticks }' }, lane: false },
  'an unknown field': { sent: { query: '{ servises { titel } }' }, lane: false },
  'no GraphQL': { sent: { query: '{ services' }, lane: false },
  'an empty query': { sent: { query: '' }, lane: false },
  'a query that is a number': { sent: { query: 1 }, lane: false },
  'nothing in the body': { sent: {}, lane: false },
  'too many aliases': {
    sent: { query: `{ services { ${Array.from({ length: 31 }, (_, i) => `a${i}: title`).join(' ')} } }` },
    lane: false,
  },
  'a text that is too long for the lane': { sent: { query: `{ whoAmI } # ${'x'.repeat(10_000)}` }, lane: false },
  'a body that is too long': { sent: { query: `{ whoAmI } # ${'x'.repeat(300_000)}` }, lane: false },
  'no JSON': { sent: '{"query":', lane: false },
  'JSON that is null': { sent: 'null', lane: false },
  'JSON that is a text': { sent: '"{ whoAmI }"', lane: false },
  'a list of operations': { sent: '[{"query":"{ whoAmI }"}]', lane: false },
  'a member twice': { sent: '{"query":"{ nothing }","query":"{ whoAmI }"}', lane: true },
  'a member of another name': { sent: '{"query":"{ whoAmI }","__proto__":{"a":1}}', lane: false },
  'a mark of byte order': { sent: '\uFEFF{"query":"{ whoAmI }"}', lane: false },
  'a persisted query': {
    sent: { query: '{ whoAmI }', extensions: { persistedQuery: { version: 1, sha256Hash: '0'.repeat(64) } } },
    lane: false,
  },
  'a registered document by its id': { sent: { documentId: keyOf(AREA), variables: { ars: '01' } }, lane: true },
  'a registered document as a persisted query': {
    sent: { extensions: { persistedQuery: { version: 1, sha256Hash: keyOf(AREA) } }, variables: { ars: '01' } },
    lane: true,
  },
  'an id of nothing': { sent: { documentId: '0'.repeat(64) }, lane: false },
  'a page that is not too large': { sent: { query: PAGE, variables: { n: 9999 } }, lane: true },
  'a page that costs too much': { sent: { query: PAGE, variables: { n: 10_000 } }, lane: false },
  'a page whose cost is asked for': {
    sent: { query: PAGE, variables: { n: 1 } },
    headers: { 'graphql-cost': 'report' },
    lane: false,
  },
  'extensions without meaning': { sent: { query: '{ whoAmI }', extensions: {} }, lane: false },
  'a token that is none': { sent: { query: '{ whoAmI }' }, headers: { authorization: 'Bearer a.b.c' }, lane: false },
  'another kind of credential': { sent: { query: '{ whoAmI }' }, headers: { authorization: 'Basic abc' }, lane: false },
  'a token that has expired': { sent: { query: '{ whoAmI }' }, who: 'klara', claims: { exp: 1 }, lane: false },
  'somebody identity does not know': { sent: { query: '{ whoAmI }' }, who: 'nobody', lane: false },
  'a listed origin': { sent: { query: '{ whoAmI }' }, headers: { origin: 'https://portal.example' }, lane: true },
  'a foreign origin': { sent: { query: '{ whoAmI }' }, headers: { origin: 'https://evil.example' }, lane: true },
  'an Accept of JSON': { sent: { query: '{ whoAmI }' }, headers: { accept: 'application/json' }, lane: true },
  'an Accept of something else': { sent: { query: '{ whoAmI }' }, headers: { accept: 'image/png' }, lane: false },
  'a packed body': { sent: '{"query":"{ whoAmI }"}', headers: { 'content-encoding': 'gzip' }, lane: false },
  'a body without a length': {
    sent: { query: '{ whoAmI }' },
    headers: { 'transfer-encoding': 'chunked' },
    lane: false,
  },
  'a subgraph that fails': { sent: { query: '{ services { title } whoAmI }' }, fault: end(500, 'x'), lane: true },
  'an error that nobody knows': {
    sent: { query: '{ services { title } }' },
    fault: end(200, '{"data":{"services":null},"errors":[{"message":"SELECT secret","path":["services"]}]}'),
    lane: true,
  },
  'an error that wants to steer the answer': {
    sent: { query: '{ services { title } }' },
    fault: end(
      200,
      '{"data":null,"errors":[{"message":"no","extensions":{"code":"GRAPHQL_PARSE_FAILED2","http":{"status":302}}}]}',
    ),
    lane: true,
  },
  'a value of another shape': {
    sent: { query: '{ services { title } }' },
    fault: end(200, '{"data":{"services":"text"}}'),
    lane: true,
  },
  'an error nested without end': {
    sent: { query: '{ services { title } whoAmI }' },
    fault: end(
      200,
      `{"data":null,"errors":[{"message":"no","path":["services"],"extensions":{"code":"NOT_FOUND","field":${'['.repeat(100_000)}${']'.repeat(100_000)}}}]}`,
    ),
    lane: true,
  },
  'text beyond ASCII, as it came': {
    sent: { query: '{ services { title } }' },
    fault: end(200, '{"data":{"services":[{"title":"Straßenmusik – 2 € 😀"}]}}'),
    lane: true,
  },
  'text beyond ASCII that is parsed': {
    sent: { query: '{ services { title } whoAmI }' },
    fault: end(200, `{ "data": { "services": [{ "title": "Straßenmusik – 2 €" }] } }`),
    lane: true,
  },
  'a long text beyond ASCII, packed': {
    sent: { query: '{ services { title } }' },
    fault: end(200, `{"data":{"services":[{"title":"${'Straßenmusik – 2 € '.repeat(100)}"}]}}`),
    headers: { 'accept-encoding': 'gzip' },
    lane: true,
  },
  'statements that are told': {
    sent: { query: '{ services { title } }' },
    fault: end(200, '{"data":{"services":[]}}', { 'x-sql-statements': '7' }),
    lane: true,
  },
};

describe('the lane answers as the long way does', () => {
  it.each(Object.entries(CASES))('%s', async (_, one) => {
    fault = one.fault ?? null;
    const { longWay, lane, taken } = await bothWays(one);
    expect(lane).toEqual(longWay);
    expect(taken).toBe(one.lane);
  });

  it('ends with an error what cannot be answered', async () => {
    const body = JSON.stringify({ query: '{ services { title } }' });
    await post(body, LONG_WAY);
    jest.spyOn(world.gateway.engine, 'run').mockRejectedValueOnce(new Error('It broke.'));
    const answer = await post(body, LANE);
    expect(answer.status).toBe(500);
    expect(JSON.parse(answer.body).errors).toMatchObject([{ extensions: { code: 'INTERNAL' } }]);
  });

  it('text with escapes, which the lane leaves as they came', async () => {
    fault = end(200, '{"data":{"services":[{"title":"\\u00a7 1 \\ud83d\\ude00 \\"ß\\""}]}}');
    const { longWay, lane } = await bothWays({ sent: { query: '{ services { title } }' }, lane: true });
    for (const { body } of [longWay, lane]) {
      expect(JSON.parse(body).data).toEqual({ services: [{ title: '§ 1 😀 "ß"' }] });
    }
  });

  it.each(['', 'https://portal.example', 'https://evil.example'])('a cookie from the origin "%s"', async origin => {
    const cookie = `session=${await world.token('max')}`;
    const { longWay, lane, taken } = await bothWays({
      sent: { query: '{ whoAmI }' },
      headers: { cookie, ...(origin && { origin }) },
      lane: true,
    });
    expect(lane).toEqual(longWay);
    expect(taken).toBe(origin !== 'https://evil.example');
  });
});

function startWorldWithLimits(): Promise<World> {
  process.env.RATE_PER_ACCOUNT = '1000';
  return startWorld();
}

/** Resolves when a request's credential was looked up, for the limits. */
function credentialSeen(principals: Principals): Promise<void> {
  return new Promise(resolve => {
    const recall = principals.recall.bind(principals);
    jest.spyOn(principals, 'recall').mockImplementationOnce(token => {
      setImmediate(resolve);
      return recall(token);
    });
  });
}

describe('the lane', () => {
  const body = '{"query":"{ whoAmI }"}';

  it('lets nobody in whose session has ended', async () => {
    const authorization = `Bearer ${await world.token('max')}`;
    for (let i = 0; i < 2; i++) expect((await post(body, { ...LANE, authorization })).status).toBe(200);
    world.people.principals.delete('max');
    world.gateway.principals!.sessionChanged('s-max');
    expect((await post(body, { ...LANE, authorization })).status).toBe(401);
  });

  it('forgets what was not asked for the longest time when it knows half a MiB of texts', async () => {
    const text = (i: number) => JSON.stringify({ query: `{ whoAmI } # ${i} ${'x'.repeat(8_000)}` });
    for (let i = 0; i < 70; i++) await post(text(i), LONG_WAY);
    const prepared = jest.spyOn(world.gateway.engine, 'prepare');
    await post(text(69), LANE);
    expect(prepared).toHaveBeenCalledTimes(1);
    await post(text(0), LANE);
    expect(prepared).toHaveBeenCalledTimes(1);
    prepared.mockRestore();
  });

  it('lets nobody in whose session ends between the headers and the body', async () => {
    const limited = await startWorldWithLimits();
    try {
      const authorization = `Bearer ${await limited.token('max')}`;
      const headers = { ...LANE, authorization, 'content-length': body.length };
      const begin = () => {
        const { promise, resolve, reject } = Promise.withResolvers<number | undefined>();
        const request = http.request(`${limited.url}/graphql`, { method: 'POST', headers }, response => {
          response.resume().once('end', () => resolve(response.statusCode));
        });
        request.on('error', reject).flushHeaders();
        return { request, status: promise };
      };
      for (let i = 0; i < 2; i++) {
        const known = begin();
        known.request.end(body);
        expect(await known.status).toBe(200);
      }
      const arrived = credentialSeen(limited.gateway.principals!);
      const late = begin();
      await arrived;
      limited.people.principals.delete('max');
      limited.gateway.principals!.sessionChanged('s-max');
      late.request.end(body);
      expect(await late.status).toBe(401);
    } finally {
      await limited.stop();
      delete process.env.RATE_PER_ACCOUNT;
    }
  });

  it('takes a body that arrives in pieces, and many requests on one connection', async () => {
    await post(body, LANE);
    const prepared = jest.spyOn(world.gateway.engine, 'prepare');
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
    for (let i = 0; i < 3; i++) {
      const status = await new Promise((resolve, reject) => {
        const headers = { ...LANE, 'content-length': body.length };
        const request = http.request(`${world.url}/graphql`, { method: 'POST', agent, headers }, response => {
          response.resume().once('end', () => resolve(response.statusCode));
        });
        request.on('error', reject);
        request.write(body.slice(0, 9), () => request.end(body.slice(9)));
      });
      expect(status).toBe(200);
    }
    agent.destroy();
    expect(prepared).toHaveBeenCalledTimes(3);
    prepared.mockRestore();
  });
});
