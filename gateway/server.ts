/** The gateway as a running server: Apollo Server over the engine, sockets, asks, health, playground. */
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { ApolloServer, type ApolloServerPlugin } from '@apollo/server';
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginInlineTraceDisabled,
  ApolloServerPluginLandingPageDisabled,
  ApolloServerPluginSchemaReportingDisabled,
  ApolloServerPluginUsageReportingDisabled,
} from '@apollo/server/plugin/disabled';
import { expressMiddleware } from '@as-integrations/express5';
import express, { type ErrorRequestHandler, type Request, type Response } from 'express';
import { GraphQLError } from 'graphql';
import helmet from 'helmet';
import { isProduction, listSetting, SUBGRAPHS, type SubgraphName, setting, subgraphConfig } from '../kernel/config';
import { forbidden, graphError } from '../kernel/errors';
import { SCALARS } from '../kernel/graph/scalars';
import { type Log, logger } from '../kernel/log';
import { ANONYMOUS, type Envelope, signPrincipal } from '../kernel/principal';
import { serveAsks } from './asks';
import { credentialOf, NO_SESSION_COOKIE } from './credential';
import { OWN_RULES, PARSE_OPTIONS, readDocument, VALIDATION_OPTIONS } from './documents';
import { Engine } from './engine/engine';
import { SubgraphFetcher } from './engine/fetch';
import { formatError } from './errors';
import { serveHealth } from './health';
import { conditionalSubscription } from './limits';
import { servePlayground } from './playground';
import { Principals } from './principal';
import { allowOrigins, asking, nameRequest, onlyUtf8 } from './request';
import { startSockets } from './sockets';

export interface GatewayOptions {
  /** The text of the supergraph. */
  readonly supergraph: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** Serves the supergraph to anybody, without sign-in and signing, at the addresses written in it. */
  readonly plain?: boolean;
  /** `<subgraph>.<name>` → document that this subgraph may ask. */
  readonly asks?: Readonly<Record<string, string>>;
  /** Milliseconds a subgraph has for an answer. */
  readonly timeoutMs?: number;
}

export interface RunningGateway {
  readonly port: number;
  readonly engine: Engine;
  readonly principals: Principals | null;
  stop(): Promise<void>;
}

const LONGEST_BODY = '256kb';
const DRAIN_MS = 10_000;
/** What the engine gets of a request; Apollo Server calls it the context. */
type Asked = Envelope & Record<string, unknown>;

/** @throws Error when the supergraph is none, names a subgraph without settings, or the port is taken */
export async function startGateway(options: GatewayOptions): Promise<RunningGateway> {
  const { plain = false } = options;
  if (plain && isProduction()) throw new Error('--plain is refused in production: it serves without sign-in.');
  const log = logger('gateway');
  const introspection = !isProduction() || setting('INTROSPECTION') === 'true';
  const origins = plain ? null : listSetting('GATEWAY_ORIGINS');

  const fetcher = new SubgraphFetcher({
    url: subgraph => (plain ? engine.urls.get(subgraph)! : `${subgraphConfig(subgraph as SubgraphName).url}/graphql`),
    ...(!plain && {
      authorization: async (subgraph, body, asked) => `Bearer ${await principalToken(subgraph, asked, body)}`,
    }),
    ...(options.timeoutMs !== undefined && { timeoutMs: options.timeoutMs }),
    log,
  });
  const engine: Engine = new Engine(options.supergraph, fetcher.fetch, plain ? [] : SCALARS);
  if (!plain) requireKnown(engine);

  const principals = plain ? null : newPrincipals(log);
  const apollo = new ApolloServer<Asked>({
    gateway: engine,
    introspection,
    hideSchemaDetailsFromClientErrors: true,
    includeStacktraceInErrorResponses: false,
    allowBatchedHttpRequests: false,
    csrfPrevention: true,
    stopOnTerminationSignals: false,
    parseOptions: PARSE_OPTIONS,
    validationOptions: VALIDATION_OPTIONS,
    validationRules: [...OWN_RULES],
    logger: quiet(log),
    formatError: (formatted, error) => formatError(formatted, error, asking.getStore() ?? {}, log),
    plugins: [
      ApolloServerPluginCacheControlDisabled(),
      ApolloServerPluginInlineTraceDisabled(),
      ApolloServerPluginLandingPageDisabled(),
      ApolloServerPluginSchemaReportingDisabled(),
      ApolloServerPluginUsageReportingDisabled(),
      refuseSubscriptions,
    ],
  });
  await apollo.start();

  const app = express();
  const server = http.createServer(app);
  let accepting = true;
  app.disable('x-powered-by');
  app.set('etag', false);
  app.use(nameRequest, helmet());
  const addresses = new Map(
    plain ? [] : [...engine.urls.keys()].map(name => [name, subgraphConfig(name as SubgraphName).url]),
  );
  const closeHealth = serveHealth(app, { subgraphs: addresses, accepting: () => accepting });
  if (!plain) serveAsks(app, { engine, documents: options.asks ?? {}, secretOf, log });
  servePlayground(app, { signIn: !plain });
  app.use(
    '/graphql',
    allowOrigins(origins),
    onlyUtf8,
    express.json({ limit: LONGEST_BODY, inflate: false, type: () => true }),
    refuseBrokenSubscription,
    (_request, response, next) => {
      response.setHeader('cache-control', 'no-store');
      next();
    },
    expressMiddleware(apollo, { context: ({ req, res }) => askedBy(req, res, principals, origins) }),
  );
  app.use(
    (_request, response) =>
      void response.status(404).json({ errors: [{ message: 'There is nothing at this address.' }] }),
  );
  app.use(badRequest(log));
  server.headersTimeout = 10_000;
  server.requestTimeout = 30_000;

  const live = {
    engine,
    url: (subgraph: string) =>
      plain ? engine.urls.get(subgraph)! : `${subgraphConfig(subgraph as SubgraphName).url}/graphql`,
    ...(!plain && {
      principalToken: (subgraph: string, asked: Envelope) => principalToken(subgraph, asked, undefined),
    }),
    log,
  };
  const sockets = startSockets(server, { engine, live, principals, origins, introspection, log });
  const stopAll = async () => {
    accepting = false;
    const closed = new Promise(resolve => server.close(resolve));
    await sockets.stop();
    server.closeIdleConnections();
    const straggling = setTimeout(() => server.closeAllConnections(), DRAIN_MS);
    await closed;
    clearTimeout(straggling);
    await apollo.stop();
    await principals?.stop();
    await closeHealth();
    await fetcher.close();
  };
  try {
    await listen(server, options.port);
  } catch (error) {
    await apollo.stop();
    await closeHealth();
    throw error;
  }
  principals?.start();
  return { port: (server.address() as AddressInfo).port, engine, principals, stop: stopAll };
}

function listen(server: http.Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, setting('BIND_ADDRESS'), resolve);
  });
}

function newPrincipals(log: Log): Principals {
  const { url, secret } = subgraphConfig('identity');
  const issuer = setting('OPENID_ISSUER');
  return new Principals({ issuer, audience: setting('OPENID_AUDIENCE'), identity: { url, secret }, log });
}

const isKnown = (subgraph: string): subgraph is SubgraphName => (SUBGRAPHS as readonly string[]).includes(subgraph);
const secretOf = (subgraph: string): string | undefined =>
  isKnown(subgraph) ? subgraphConfig(subgraph).secret : undefined;

const principalToken = (subgraph: string, asked: Envelope, body: string | undefined): Promise<string> =>
  signPrincipal(asked, 'gateway', subgraph, subgraphConfig(subgraph as SubgraphName).secret, body);

function requireKnown(engine: Engine): void {
  const unknown = [...engine.urls.keys()].filter(name => !isKnown(name));
  if (unknown.length > 0)
    throw new Error(`The supergraph names subgraphs without settings: ${unknown.join(', ')}. Serve it with --plain.`);
}

/** Who asks. A credential that is not good is refused, never taken for nobody. */
async function askedBy(
  request: Request,
  response: Response,
  principals: Principals | null,
  origins: readonly string[] | null,
): Promise<Asked> {
  const { requestId, language } = asking.getStore()!;
  if (!principals) return { principal: ANONYMOUS, requestId, language };
  let fromCookie = false;
  try {
    const credential = credentialOf(request.headers.authorization, request.headers.cookie);
    fromCookie = credential?.from === 'cookie';
    const { origin } = request.headers;
    if (fromCookie && origin !== undefined && !origins?.includes(origin)) throw forbidden();
    const principal = credential ? (await principals.of(credential.token)).principal : ANONYMOUS;
    return { principal, requestId, language };
  } catch (error) {
    const code = error instanceof GraphQLError ? error.extensions.code : undefined;
    if (code === 'UNAUTHENTICATED' && fromCookie) response.setHeader('set-cookie', NO_SESSION_COOKIE);
    throw withStatus(error, code === 'UNAUTHENTICATED' ? 401 : code === 'FORBIDDEN' ? 403 : 503);
  }
}

function withStatus(error: unknown, status: number): unknown {
  if (!(error instanceof GraphQLError)) return error;
  return new GraphQLError(error.message, { extensions: { ...error.extensions, http: { status, headers: new Map() } } });
}

const OVER_SOCKETS = 'Subscriptions are answered over WebSocket (graphql-transport-ws) at this address.';

const refuseSubscriptions: ApolloServerPlugin<Asked> = {
  async requestDidStart() {
    return {
      async didResolveOperation({ operation }) {
        if (operation?.operation !== 'subscription') return;
        const extensions = { code: 'BAD_REQUEST', http: { status: 405, headers: new Map() } };
        throw new GraphQLError(OVER_SOCKETS, { extensions });
      },
    };
  },
};

/** graphql-js breaks while validating a subscription with `@skip` on its root; here it is said what is wrong. */
const refuseBrokenSubscription: express.RequestHandler = (request, response, next) => {
  const text: unknown =
    request.method === 'GET' ? request.query.query : (request.body as { query?: unknown } | undefined)?.query;
  if (typeof text !== 'string' || !text.includes('subscription')) return next();
  let broken: GraphQLError | null = null;
  try {
    const document = readDocument(text);
    if (!getOperationAST(document, undefined) || conditionalSubscription(document))
      broken = conditionalSubscription(document);
  } catch {
    // what does not parse, Apollo Server refuses
  }
  if (!broken) return next();
  response.status(400).json({
    errors: [
      {
        message: broken.message,
        extensions: { code: 'GRAPHQL_VALIDATION_FAILED', retryable: false, requestId: asking.getStore()?.requestId },
      },
    ],
  });
};

/** What express itself refuses, in the shape of GraphQL. */
function badRequest(log: Log): ErrorRequestHandler {
  return (error: { status?: number }, _request, response, next) => {
    if (response.headersSent) return next(error);
    const status = error.status ?? 500;
    const known =
      status === 413
        ? graphError('QUERY_TOO_COMPLEX')
        : status < 500
          ? new GraphQLError('The request cannot be read: JSON in UTF-8 is expected.', {
              extensions: { code: 'BAD_REQUEST' },
            })
          : new GraphQLError('fault', { originalError: error as Error });
    const formatted = formatError(known.toJSON(), known, asking.getStore() ?? {}, log);
    response.status(status).json({ errors: [formatted] });
  };
}

/** Apollo Server's own log lines may quote a request; only that there was one is kept. */
function quiet(log: Log) {
  return {
    debug() {},
    info() {},
    warn: () => log.warn('Apollo Server warned'),
    error: () => log.error('Apollo Server reported an error'),
  };
}
