/** A small subgraph for the gateway's tests: static data, the principal token demanded, streams over graphql-ws. */
import type http from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { type ExecutionResult, execute, GraphQLError, type GraphQLSchema, parse, subscribe, validate } from 'graphql';
import { useServer } from 'graphql-ws/use/ws';
import { WebSocketServer } from 'ws';
import { type SubgraphName, subgraphConfig } from '../../kernel/config';
import { type Envelope, verifyPrincipal } from '../../kernel/principal';
import { certificate, createServer } from '../../kernel/tls';

export type Resolvers = Record<string, Record<string, unknown>>;
export type Answer = (request: IncomingMessage, response: ServerResponse, body: string) => boolean | Promise<boolean>;

export interface StaticSubgraphOptions {
  readonly name: SubgraphName;
  readonly sdl: string;
  /** Each gets the verified envelope as its context. */
  readonly resolvers: Resolvers;
  /** False serves without tokens, for plain mode. */
  readonly signed?: boolean;
  /** Answers requests to other paths, or instead of GraphQL; true when it did. */
  readonly answer?: Answer;
  readonly port?: number;
  /** What the acknowledgement of a socket carries; false closes it with 4403. */
  readonly acknowledgement?: (asked: Envelope | null) => Record<string, unknown> | false;
}

export interface StaticSubgraph {
  readonly name: SubgraphName;
  readonly url: string;
  readonly port: number;
  /** Headers and bodies of the GraphQL requests it got. */
  readonly requests: { headers: http.IncomingHttpHeaders; body: string }[];
  /** How long ago its streams were asked for, as their connections say. */
  readonly askedMsAgo: unknown[];
  /** How many streams are open. */
  openSockets(): number;
  /** As if the network lost its streams. */
  dropSockets(): void;
  /** As if the process was killed. */
  kill(): Promise<void>;
}

export async function startStaticSubgraph(options: StaticSubgraphOptions): Promise<StaticSubgraph> {
  const { name, signed = true } = options;
  const schema = buildSubgraphSchema([{ typeDefs: parse(options.sdl), resolvers: options.resolvers as never }]);
  const requests: StaticSubgraph['requests'] = [];
  const askedMsAgo: unknown[] = [];
  const verify = (token: string, body?: string): Promise<Envelope | null> =>
    signed ? verifyPrincipal(token, 'gateway', name, subgraphConfig(name).accepted, body) : Promise.resolve(null);

  const server = createServer(async (request, response) => {
    const body = await bodyOf(request);
    if (await options.answer?.(request, response, body)) return;
    if (request.url === '/health/ready') return void response.end('{"ready":true}');
    requests.push({ headers: request.headers, body });
    response.setHeader('content-type', 'application/json');
    const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1] ?? '';
    try {
      response.end(JSON.stringify(await run(schema, body, await verify(token, body))));
    } catch {
      response.statusCode = 401;
      response.end('{}');
    }
  });
  const sockets = new WebSocketServer({ server, path: '/graphql' });
  useServer(
    {
      schema,
      onConnect: async ({ connectionParams, extra }) => {
        askedMsAgo.push(connectionParams?.askedMsAgo);
        try {
          const asked = await verify(String(connectionParams?.principal ?? ''));
          (extra as { envelope?: Envelope | null }).envelope = asked;
          return options.acknowledgement?.(asked) ?? true;
        } catch {
          return false;
        }
      },
      context: ({ extra }) => (extra as { envelope?: Envelope }).envelope,
      subscribe,
    },
    sockets,
    0, // sends no pings of its own
  );
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    name,
    port,
    url: `${certificate() ? 'https' : 'http'}://127.0.0.1:${port}`,
    requests,
    askedMsAgo,
    openSockets: () => sockets.clients.size,
    dropSockets() {
      for (const socket of sockets.clients) socket.terminate();
    },
    async kill() {
      const closed = new Promise(resolve => server.close(resolve));
      for (const socket of sockets.clients) socket.terminate();
      server.closeAllConnections();
      await closed;
    },
  };
}

async function run(schema: GraphQLSchema, body: string, contextValue: Envelope | null): Promise<ExecutionResult> {
  const { query, variables, operationName } = JSON.parse(body) as {
    query: string;
    variables?: Record<string, unknown>;
    operationName?: string;
  };
  const document = parse(query);
  const errors = validate(schema, document);
  if (errors.length > 0) {
    const coded = errors.map(
      ({ message }) => new GraphQLError(message, { extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } }),
    );
    return { errors: coded };
  }
  return execute({ schema, document, variableValues: variables, operationName, contextValue });
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let body = '';
  for await (const chunk of request) body += String(chunk);
  return body;
}
