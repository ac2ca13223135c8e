/** Subgraphs that stream over plain HTTP: server-sent events, and Apollo's callbacks from a real Apollo Server. */
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ApolloServer } from '@apollo/server';
import { ApolloServerPluginInlineTraceDisabled } from '@apollo/server/plugin/disabled';
import { ApolloServerPluginSubscriptionCallback } from '@apollo/server/plugin/subscriptionCallback';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { expressMiddleware } from '@as-integrations/express5';
import express from 'express';
import { execute, GraphQLError, parse } from 'graphql';
import { createClient } from 'graphql-ws';
import WebSocket from 'ws';
import { graphError } from '../../kernel/errors';
import { pushIterator } from '../../kernel/push-iterator';
import { compose } from '../../schema/compose';
import { type RunningGateway, startGateway } from '../server';
import { type Listening, listen, until } from '../testing/listening';

const SDL = `
  extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])
  type Tick { cursor: String! n: Int! }
  type Query { now: Int }
  type Subscription { ticked(after: String): Tick! }`;

/** The ticks, kept outside of the subgraph. */
class Clock {
  ticks = 0;
  private readonly readers = new Set<(n: number) => void>();

  get read(): number {
    return this.readers.size;
  }

  tick(): void {
    this.ticks += 1;
    for (const reader of this.readers) reader(this.ticks);
  }

  stream(after: string | null | undefined): AsyncGenerator<{ ticked: { cursor: string; n: number } }> {
    if (after === 'refused') throw graphError('CURSOR_EXPIRED');
    return pushIterator(({ push }) => {
      const reader = (n: number) => push({ ticked: { cursor: String(n), n } });
      for (let n = Number(after ?? this.ticks) + 1; n <= this.ticks; n += 1) reader(n);
      this.readers.add(reader);
      return () => this.readers.delete(reader);
    });
  }
}

interface Partner {
  readonly port: number;
  stop(): Promise<void>;
}

let clock: Clock;
let partner: Partner;
let gateway: RunningGateway;
const clients: ReturnType<typeof createClient>[] = [];
afterEach(async () => {
  for (const client of clients.splice(0)) await client.dispose();
  await gateway?.stop();
  await partner?.stop();
  delete process.env.LIVE_TRANSPORTS;
  delete process.env.GATEWAY_URL;
});

describe.each([
  ['sse', startSse],
  ['callback', startCallback],
] as const)('over %s', (transport, start) => {
  beforeEach(async () => {
    clock = new Clock();
    partner = await start();
    process.env.LIVE_TRANSPORTS = `partner=${transport}`;
    const { supergraph } = compose([{ name: 'partner', url: `http://127.0.0.1:${partner.port}/graphql`, sdl: SDL }]);
    gateway = await startGateway({ supergraph, port: 0, plain: true });
    process.env.GATEWAY_URL = `http://127.0.0.1:${gateway.port}`;
  });

  it('events come in order, and the client’s leaving ends the stream', async () => {
    const events = hear();
    await until(() => clock.read === 1);
    for (let n = 1; n <= 20; n += 1) clock.tick();
    for (let n = 1; n <= 20; n += 1) expect((await events.next()).data?.ticked).toEqual({ n });
    await events.stop();
    clock.tick(); // a callback learns by its next message that nobody listens
    await until(() => clock.read === 0);
  });

  it('a refusal reaches the client', async () => {
    const events = hear('refused');
    const first = await events.next().catch((errors: unknown) => ({ errors }));
    expect(first.errors).toMatchObject([{ extensions: { code: 'CURSOR_EXPIRED' } }]);
  });

  it('a restarted subgraph is taken up again where it stood', async () => {
    const events = hear();
    await until(() => clock.read === 1);
    clock.tick();
    expect((await events.next()).data?.ticked).toEqual({ n: 1 });
    await partner.stop();
    await until(() => clock.read === 0);
    for (let n = 2; n <= 4; n += 1) clock.tick();
    partner = await start(partner.port);
    for (let n = 2; n <= 4; n += 1) expect((await events.next()).data?.ticked).toEqual({ n });
  }, 90_000);
});

describe('a callback', () => {
  it('with another verifier, or of no stream, changes nothing', async () => {
    const heard: { id: string; verifier: string }[] = [];
    partner = await startServer((request, response) => {
      let body = '';
      request.on('data', chunk => {
        body += String(chunk);
      });
      request.on('end', () => {
        const { extensions } = JSON.parse(body) as { extensions: { subscription: Record<string, string> } };
        heard.push({ id: extensions.subscription.subscriptionId!, verifier: extensions.subscription.verifier! });
        response.setHeader('content-type', 'application/json').end('{"data":null}');
      });
    });
    process.env.LIVE_TRANSPORTS = 'partner=callback';
    const { supergraph } = compose([{ name: 'partner', url: `http://127.0.0.1:${partner.port}/graphql`, sdl: SDL }]);
    gateway = await startGateway({ supergraph, port: 0, plain: true });
    const events = hear();
    await until(() => heard.length === 1);
    const { id, verifier } = heard[0]!;
    const call = async (to: string, message: Record<string, unknown>) => {
      const response = await fetch(`http://127.0.0.1:${gateway.port}/callback/${to}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ kind: 'subscription', id, verifier, ...message }),
      });
      return response.status;
    };
    const tick = (n: number) => ({ action: 'next', payload: { data: { ticked: { n, cursorOfGateway: String(n) } } } });
    expect(await call('other', { action: 'check' })).toBe(404);
    expect(await call(id, { ...tick(1), verifier: 'wrong' })).toBe(400);
    expect(await call(id, { action: 'next', payload: 'nonsense' })).toBe(400);
    expect(await call(id, { action: 'check' })).toBe(204);
    expect(await call(id, tick(2))).toBe(204);
    expect((await events.next()).data?.ticked).toEqual({ n: 2 });
    expect(await call(id, { action: 'complete', errors: [{ message: 'no', extensions: { code: 'FORBIDDEN' } }] })).toBe(
      204,
    );
    expect(await events.failure()).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }]);
    expect(await call(id, { action: 'check' })).toBe(404);
  });
});

function hear(after?: string): Listening {
  const client = createClient({
    url: `ws://127.0.0.1:${gateway.port}/graphql`,
    webSocketImpl: WebSocket,
    retryAttempts: 0,
  });
  clients.push(client);
  return listen(client, 'subscription($after: String) { ticked(after: $after) { n } }', after ? { after } : {});
}

const schema = () =>
  buildSubgraphSchema([
    {
      typeDefs: parse(SDL),
      resolvers: {
        Subscription: { ticked: { subscribe: (_: unknown, { after }: { after?: string }) => clock.stream(after) } },
      } as never,
    },
  ]);

async function startCallback(port = 0): Promise<Partner> {
  const apollo = new ApolloServer({
    schema: schema(),
    plugins: [
      ApolloServerPluginInlineTraceDisabled(),
      ApolloServerPluginSubscriptionCallback({ retry: { retries: 0 } }),
    ],
  });
  await apollo.start();
  const app = express();
  app.post('/graphql', express.json(), expressMiddleware(apollo));
  const server = await startServer(app, port);
  return {
    port: server.port,
    async stop() {
      await server.stop();
      await apollo.stop();
    },
  };
}

/** As graphql-sse serves it: each request a stream of its own. */
function startSse(port = 0): Promise<Partner> {
  return startServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    const { query, variables } = JSON.parse(body) as { query: string; variables: Record<string, unknown> };
    response.setHeader('content-type', 'text/event-stream').write(':\n\n');
    const next = (result: unknown) => response.write(`event: next\ndata: ${JSON.stringify(result)}\n\n`);
    try {
      const events = clock.stream(afterIn(query, variables));
      response.once('close', () => void events.return(undefined));
      const document = parse(query.replace(/subscription[^{]*\{/, 'query {').replace(/ticked(\([^)]*\))?/, 'ticked'));
      for await (const event of events) next(await execute({ schema: QUERYABLE, document, rootValue: event }));
    } catch (error) {
      next({ errors: [(error as GraphQLError).toJSON()] });
    }
    response.end('event: complete\ndata:\n\n');
  }, port);
}

const QUERYABLE = buildSubgraphSchema(parse('type Tick { cursor: String! n: Int! } type Query { ticked: Tick! }'));

function afterIn(query: string, { after }: Record<string, unknown>): string | null {
  return /after: "([^"]*)"/.exec(query)?.[1] ?? (typeof after === 'string' ? after : null);
}

async function startServer(
  answer: (request: IncomingMessage, response: ServerResponse) => unknown,
  port = 0,
): Promise<Partner> {
  const server = http.createServer((request, response) => void answer(request, response));
  await new Promise<void>(resolve => void server.listen(port, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    async stop() {
      if (!server.listening) return;
      const closed = new Promise(resolve => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}
