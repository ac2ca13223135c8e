/** The engine, through the gateway: joins, what happens when a subgraph fails, and what clients never see of it. */
import { parse } from 'graphql';
import { ANONYMOUS } from '../../kernel/principal';
import { compose } from '../../schema/compose';
import type { RunningGateway } from '../server';
import { startGateway } from '../server';
import { type Faults, startWorld, type World } from '../testing/world';
import { Engine } from './engine';
import { Planning } from './planning';
import { readSupergraph } from './supergraph';

type Fault = NonNullable<Faults['catalogue']>;

let world: World;
let fault: Fault | null = null;
beforeAll(async () => {
  world = await startWorld(
    { upstream: { timeoutMs: 500 } },
    { catalogue: async (...args) => (await fault?.(...args)) ?? false },
  );
});
afterAll(() => world?.stop());
beforeEach(() => {
  fault = null;
  for (const subgraph of Object.values(world.subgraphs)) subgraph.requests.length = 0;
});

const INBOX = '{ inbox { id service { title } applicant { displayName } } }';

describe('joins', () => {
  it('answers one query from three subgraphs, each asked once, as the same principal', async () => {
    const token = await world.token('max');
    const { data, errors, status } = await world.ask(
      '{ application(id: "p1") { id service { title } applicant { displayName } } }',
      { token },
    );
    expect({ status, errors }).toEqual({ status: 200, errors: undefined });
    expect(data).toEqual({
      application: {
        id: 'p1',
        service: { title: 'Gewerbe anmelden' },
        applicant: { displayName: 'klara as seen by staff' },
      },
    });
    for (const { requests } of Object.values(world.subgraphs)) expect(requests).toHaveLength(1);
  });

  it('keeps code and other extensions of a subgraph error and gives it its place in the answer', async () => {
    const { data, errors } = await world.ask(INBOX, { token: await world.token('max') });
    expect(data?.inbox).toEqual([
      expect.objectContaining({ id: 'p1', applicant: { displayName: 'klara as seen by staff' } }),
      expect.objectContaining({ id: 'p2', applicant: { displayName: null } }),
    ]);
    expect(errors).toEqual([
      {
        message: 'Dazu fehlt Ihnen das Recht.',
        path: ['inbox', 1, 'applicant', 'displayName'],
        extensions: expect.objectContaining({
          code: 'FORBIDDEN',
          field: 'displayName',
          retryable: false,
          requestId: expect.any(String),
        }),
      },
    ]);
    expect(errors?.[0]?.extensions).not.toHaveProperty('serviceName');
  });

  it('runs the fields of a mutation one after the other', async () => {
    const { data } = await world.ask(
      'mutation { a: submit(id: "p1") { state } b: startSignIn(returnUrl: "x") c: submit(id: "p2") { state } }',
      {
        token: await world.token('klara'),
      },
    );
    expect(data).toEqual({ a: { state: 'RECEIVED' }, b: 'x', c: { state: 'DECIDED' } });
  });

  it('passes nothing of the client on but language and request id', async () => {
    await world.ask('{ services { title } }', {
      token: await world.token('klara'),
      headers: {
        'x-user': 'admin',
        'x-forwarded-for': '1.2.3.4',
        cookie: 'a=b',
        'accept-language': 'en',
        'x-request-id': 'request-12345',
      },
    });
    const { headers } = world.subgraphs.catalogue.requests[0]!;
    expect(Object.keys(headers).sort()).toEqual([
      'accept',
      'accept-language',
      'authorization',
      'connection',
      'content-length',
      'content-type',
      'host',
      'x-request-id',
    ]);
    expect(headers['accept-language']).toBe('en');
    expect(headers['x-request-id']).toBe('request-12345');
  });
});

describe('a subgraph that fails', () => {
  const failing: [string, Fault][] = [
    [
      'answers 500 with a stack',
      (_, response) => end(response, 500, '{"errors":[{"message":"SELECT * FROM secret at /srv/app.js:1"}]}'),
    ],
    ['redirects', (_, response) => end(response, 307, '', { location: `${world.subgraphs.identity.url}/stolen` })],
    ['answers with HTML', (_, response) => end(response, 200, '<html>')],
    ['answers with another shape', (_, response) => end(response, 200, '{"data":[1]}')],
    ['answers with nothing', (_, response) => end(response, 200, '{}')],
    [
      'answers without end',
      (_, response) => {
        response.write('{"data":');
        return true;
      },
    ],
    ['does not answer', () => true],
    [
      'hangs up',
      request => {
        request.socket.destroy();
        return true;
      },
    ],
    ['answers with too much', (_, response) => end(response, 200, `{"data":{"x":"${'x'.repeat(9 * 1024 * 1024)}"}}`)],
    ['compresses', (_, response) => end(response, 200, 'x', { 'content-encoding': 'gzip' })],
    ['refuses the signature', (_, response) => end(response, 401, '{"data":null}')],
    [
      'does not understand the plan',
      (_, response) =>
        end(
          response,
          400,
          '{"errors":[{"message":"Cannot query field secret","extensions":{"code":"GRAPHQL_VALIDATION_FAILED"}}]}',
        ),
    ],
  ];

  beforeEach(async () => {
    await world.ask('{ services { title } }'); // so that it is not given a rest for all of these together
    world.subgraphs.catalogue.requests.length = 0;
  });

  it.each(failing)('that %s leaves the rest of the answer and is named, and nothing else is', async (_, answer) => {
    fault = answer;
    const response = await world.ask(`{ services { title } application(id: "p1") { id service { title } } }`, {
      token: await world.token('max'),
    });
    expect(response.status).toBe(200);
    expect(response.data).toEqual({ services: null, application: { id: 'p1', service: null } });
    const places = response.errors?.map(({ path }) => path?.join('.')).sort();
    expect(places).toEqual(['application.service', 'services']);
    for (const { message, extensions } of response.errors ?? []) {
      expect(message).toBe('Ein Teil der Antwort ist zurzeit nicht verfügbar.');
      expect(extensions).toEqual({
        code: 'SUBGRAPH_UNAVAILABLE',
        subgraph: 'catalogue',
        retryable: true,
        requestId: expect.any(String),
      });
    }
    expect(world.subgraphs.identity.requests).toHaveLength(0);
  });

  it('is unavailable while it is down and answers again as soon as it is back', async () => {
    await world.kill('catalogue');
    expect((await world.ask('{ services { title } }')).errors?.[0]?.extensions.code).toBe('SUBGRAPH_UNAVAILABLE');
    await world.revive('catalogue');
    expect((await world.ask('{ services { title } }')).errors).toBeUndefined();
  });

  it('cannot steer status, headers or stack of the answer through its error extensions', async () => {
    fault = (_, response) =>
      end(
        response,
        200,
        '{"data":{"services":null},"errors":[{"message":"no","path":["services"],"extensions":{"code":"FORBIDDEN","http":{"status":302,"headers":{}},"stacktrace":["at /srv"],"exception":{"a":1}}}]}',
      );
    const { status, errors } = await world.ask('{ services { title } }');
    expect(status).toBe(200);
    expect(errors?.[0]?.extensions).toEqual({ code: 'FORBIDDEN', retryable: false, requestId: expect.any(String) });
  });

  it('hides an error that nobody knows behind a reference number', async () => {
    fault = (_, response) =>
      end(
        response,
        200,
        '{"data":{"services":null},"errors":[{"message":"relation secret does not exist","path":["services"]}]}',
      );
    const { errors } = await world.ask('{ services { title } }', { headers: { 'accept-language': 'en' } });
    expect(errors?.[0]?.message).toMatch(/^Something went wrong\. Please quote number [0-9a-f]{12} to support\.$/);
    expect(JSON.stringify(errors)).not.toContain('secret');
  });
});

describe('a client that goes away', () => {
  let patient: World;
  let hear: Fault;
  beforeAll(async () => {
    const upstream = { timeoutMs: 10 * 60_000 };
    patient = await startWorld({ upstream }, { catalogue: (...args) => hear(...args) });
  });
  afterAll(() => patient?.stop());

  it('is known to the subgraph that works for it', async () => {
    const client = new AbortController();
    const closed = new Promise<void>(resolve => {
      hear = request => {
        request.socket.once('close', () => resolve());
        client.abort();
        return true;
      };
    });
    const answer = fetch(`${patient.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"query":"{ services { title } }"}',
      signal: client.signal,
    });
    await expect(answer).rejects.toThrow('aborted');
    await closed;
  });
});

describe('the supergraph', () => {
  it('has switched Apollo’s telemetry off', () => {
    expect(process.env.APOLLO_TELEMETRY_DISABLED).toBe('1');
  });
});

describe('a query that would block the planner', () => {
  let bomb: RunningGateway;
  beforeAll(async () => {
    const subgraph = (name: string) => ({
      name,
      url: 'http://127.0.0.1:1/graphql',
      sdl: `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@shareable"])
        type Query { x${name}: T } type T @key(fields: "id") { id: ID! t: T @shareable s: String @shareable }`,
    });
    bomb = await startGateway({
      supergraph: compose(['a', 'b', 'c', 'd', 'e'].map(subgraph)).supergraph,
      port: 0,
      plain: true,
    });
  });
  afterAll(() => bomb?.stop());

  it('is refused as too complex within a second', async () => {
    const query = '{xa{t{s t{s t{s t{s t{s t{s}}}}}}}}';
    const before = performance.now();
    const response = await fetch(`http://127.0.0.1:${bomb.port}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query }),
    });
    const { errors } = (await response.json()) as { errors: { extensions: { code: string } }[] };
    expect(errors[0]?.extensions.code).toBe('QUERY_TOO_COMPLEX');
    expect(performance.now() - before).toBeLessThan(1000);
  });
});

describe('an operation that cannot be planned, through no fault of the client', () => {
  let gateway: RunningGateway;
  beforeAll(async () => {
    const sdl = 'type Query { hello: String } type Subscription { said: String }';
    const { supergraph } = compose([{ name: 'a', url: 'http://127.0.0.1:1/graphql', sdl }]);
    gateway = await startGateway({ supergraph, port: 0, plain: true });
    jest.spyOn(Planning.prototype, 'planOf').mockImplementation(() => {
      throw new Error('An assertion of the planner.');
    });
  });
  afterAll(async () => {
    jest.restoreAllMocks();
    await gateway?.stop();
  });

  it.each([
    ['application/json', {}],
    ['application/graphql-response+json', {}],
    ['*/*', { 'accept-encoding': 'gzip' }],
  ])('is answered with 500 and INTERNAL as %s', async (accept, headers) => {
    for (let times = 0; times < 2; times++) {
      const response = await fetch(`http://127.0.0.1:${gateway.port}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', accept, ...headers },
        body: JSON.stringify({ query: '{ hello }' }),
      });
      expect(response.status).toBe(500);
      const { errors, data } = (await response.json()) as { errors: unknown[]; data?: unknown };
      expect(data).toBeUndefined();
      expect(errors).toEqual([
        expect.objectContaining({ extensions: expect.objectContaining({ code: 'INTERNAL', retryable: true }) }),
      ]);
    }
  });
});

describe('a query that lets the planner go in circles', () => {
  const subgraph = (name: string, sdl: string) => ({
    name,
    url: `http://${name}`,
    sdl: `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@external", "@requires", "@interfaceObject"]) ${sdl}`,
  });
  const { supergraph } = compose([
    subgraph(
      'media',
      `interface Media @key(fields: "id") { id: ID! title: String } type Query { media: [Media] }
      type Book implements Media @key(fields: "id") { id: ID! title: String }
      type Film implements Media @key(fields: "id") { id: ID! title: String }`,
    ),
    subgraph(
      'likes',
      'type Media @key(fields: "id") @interfaceObject { id: ID! title: String @external like: Media @requires(fields: "title") }',
    ),
    subgraph('best', 'type Media @key(fields: "id") @interfaceObject { id: ID! } type Query { best: Media }'),
  ]);

  it('is refused instead of filling the memory, and the next one is answered', async () => {
    const read = readSupergraph(supergraph);
    // asked for one type only, as no operation is that can be lifted to the interface
    const circling = { ...read, required: { ...read.required, liftable: new Map() } };
    const engine = new Engine(
      supergraph,
      async () => ({ data: { media: [] } }),
      [],
      Number.POSITIVE_INFINITY,
      circling,
    );
    const ask = (query: string) =>
      engine.execute({
        document: parse(query),
        key: query,
        operationName: null,
        variables: {},
        asked: { principal: ANONYMOUS, requestId: 'circles', language: 'de' },
      });
    const { errors } = await ask('{ best { ... on Book { like { id } } } }');
    expect(errors?.[0]?.extensions.code).toBe('QUERY_TOO_COMPLEX');
    expect(await ask('{ media { title } }')).toEqual({ data: { media: [] } });
  });
});

function end(
  response: Parameters<Fault>[1],
  status: number,
  body: string,
  headers: Record<string, string> = {},
): boolean {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(body);
  return true;
}
