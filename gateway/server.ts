/** The gateway as a running server: Apollo Server over the engine, sockets, asks, health, playground. */
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { ApolloServer } from '@apollo/server';
import { expressMiddleware } from '@as-integrations/express5';
import express, { type Express } from 'express';
import {
  isProduction,
  isSubgraph,
  issuers,
  listSetting,
  type SubgraphName,
  setting,
  subgraphConfig,
} from '../kernel/config';
import { SCALARS } from '../kernel/graph/scalars';
import { type Log, logger } from '../kernel/log';
import { type Envelope, signPrincipal } from '../kernel/principal';
import { addressesIn, Replicas } from '../kernel/replicas';
import { AT_ONCE, Drain, type Leaving, restarting } from '../kernel/server/drain';
import { listen } from '../kernel/server/listen';
import { type Certificate, certificateTowards } from '../kernel/tls';
import { PUBLIC } from '../schema/contract';
import { Addresses } from './addresses';
import { Afterwards } from './after-answer';
import { pack, prepareAnswer } from './answers';
import { apolloOptions } from './apollo';
import { serveAsks } from './asks';
import { serveCases } from './case/case';
import { tellCutOff } from './cut-off';
import { checkDocument } from './documents';
import { type Asked, badRequest, refuseBeforehand, signIn } from './edge';
import { Engine } from './engine/engine';
import { answerErrors } from './errors';
import { dress, headersOf, pageHeadersOf } from './headers';
import { serveHealth } from './health';
import { serveSubgraphs } from './internal';
import { Lane } from './lane';
import { Connections } from './live/connections';
import { httpStreams } from './live/http-streams';
import { LiveSessions } from './live/sessions';
import { startSockets } from './live/sockets';
import { Streams } from './live/streams';
import { openTransports } from './live/transports';
import { servePlayground } from './playground/playground';
import { Principals } from './principal';
import { publishedBy, servePublic } from './public';
import { RateLimits, rateLimitSettings } from './rate-limits';
import { allowOrigins, asking, nameRequest, onlyGetAndPost, onlyUtf8, originHeaders } from './request';
import { countFetch, readPerSubgraph, readWhenAsked } from './seen/metrics';
import { serveMetrics } from './seen/metrics.server';
import { serveStatus } from './status/status';
import { isForGraph, readTarget } from './target';
import { type Texts, TrustedDocuments } from './trusted/trusted';
import { oneByOne, Turns } from './turns';
import type { BreakerState } from './upstream/breaker';
import { SubgraphFetcher } from './upstream/fetcher';
import { limitsOf } from './upstream/limits';
import type { UpstreamLimits } from './upstream/upstream';

export interface GatewayOptions {
  /** The text of the supergraph. */
  readonly supergraph: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** Serves the supergraph to anybody, without sign-in and signing, at the addresses written in it. */
  readonly plain?: boolean;
  /** `<subgraph>.<name>` → document that this subgraph may ask. */
  readonly asks?: Readonly<Record<string, string>>;
  /** What front ends have registered. */
  readonly trusted?: Texts;
  /** Towards every subgraph, in place of what the settings say. */
  readonly upstream?: Partial<UpstreamLimits>;
}

export interface RunningGateway {
  readonly port: number;
  /** Where subgraphs ask with their certificates; null when there are none. */
  readonly internalPort: number | null;
  readonly engine: Engine;
  readonly principals: Principals | null;
  readonly streams: Streams;
  readonly trusted: TrustedDocuments;
  /**
   * Serves another supergraph from now on. Streams that it still supports go on; the others are told.
   * @throws Error when it is none or names a subgraph without settings; then nothing has changed
   */
  replace(supergraph: string): void;
  /** Ends what runs, tells what is new to come again, and lets go. */
  stop(leaving?: Leaving): Promise<void>;
}

const LONGEST_BODY = '256kb';
/** Served to the end: how the process is, and what subgraphs need for the requests that still run. */
const TO_THE_END = /^\/(health|ask|callback)(\/|\?|$)/;
const BREAKER_STATES: readonly BreakerState[] = ['closed', 'half-open', 'open'];

/** @throws Error when the supergraph is none, names a subgraph without settings, or the port is taken */
export async function startGateway(options: GatewayOptions): Promise<RunningGateway> {
  const { plain = false } = options;
  if (plain && isProduction()) throw new Error('--plain is refused in production: it serves without sign-in.');
  const log = logger('gateway');
  const introspection = !isProduction() || setting('INTROSPECTION') === 'true';
  const origins = plain ? null : listSetting('GATEWAY_ORIGINS');

  const endpointsOf = (subgraph: string): readonly string[] =>
    plain ? [engine.urls.get(subgraph)!] : subgraphConfig(subgraph as SubgraphName).urls.map(url => `${url}/graphql`);
  const streaming = new Map<string, Replicas<string>>();
  /** A stream that breaks is taken up again at another process. */
  const streamOf = (subgraph: string): string => {
    const replicas = streaming.get(subgraph) ?? new Replicas(endpointsOf(subgraph));
    streaming.set(subgraph, replicas);
    return replicas.inTurn()[0]!;
  };
  // read once: every fetch is signed
  const secrets = new Map<string, string>();
  const certificates = new Map<string, Certificate | null>();
  const certificate = (subgraph: string) => certificates.get(subgraph) ?? null;
  const principalToken = (subgraph: string, asked: Envelope, body: string | Buffer | undefined): string =>
    signPrincipal(asked, 'gateway', subgraph, secrets.get(subgraph)!, body);
  const authorization = (subgraph: string, body: string | Buffer, asked: Envelope): string =>
    `Bearer ${principalToken(subgraph, asked, body)}`;
  const fetcher = new SubgraphFetcher({
    urls: endpointsOf,
    limits: subgraph => ({ ...limitsOf(subgraph), ...options.upstream }),
    ...(!plain && { authorization }),
    certificate,
    log,
    counted: statements => {
      const request = asking.getStore();
      if (request) request.statements += statements;
    },
    ended: countFetch,
  });
  const engine: Engine = new Engine(
    options.supergraph,
    fetcher.fetch,
    plain ? [] : SCALARS,
    plain ? undefined : Number(setting('MAX_COST')),
  );
  const useSubgraphs = (urls: ReadonlyMap<string, string>) => {
    if (plain) return;
    requireKnown(urls);
    for (const name of urls.keys() as Iterable<SubgraphName>) {
      secrets.set(name, subgraphConfig(name).secret);
      certificates.set(name, certificateTowards(name));
    }
  };
  useSubgraphs(engine.urls);

  const principals = plain ? null : newPrincipals(log);
  const contract = engine.contract(PUBLIC);
  const published = contract && publishedBy(contract);
  const afterwards = new Afterwards(principals);
  const addresses = new Addresses(plain ? [] : listSetting('TRUSTED_PROXIES'));
  const turns = new Turns(addresses);
  const rates = new RateLimits(rateLimitSettings(log), principals, addresses);
  await rates.ready();
  const trusted = new TrustedDocuments(setting('TRUSTED_DOCUMENTS') === 'only', options.trusted);
  const lane = new Lane({ engine, principals, origins, trusted, afterwards, log });
  const plugins = [afterwards.plugin, lane.plugin];
  const apollo = new ApolloServer<Asked>(apolloOptions({ engine, introspection, trusted, published, log, plugins }));
  await apollo.start();

  const connections = new Connections(Number(setting('LIVE_PER_ADDRESS')), addresses);
  const transports = openTransports({
    url: streamOf,
    gatewayUrl: () => addressesIn(setting('GATEWAY_URL'))[0]!,
    certificate,
    ...(!plain && {
      principalToken: (subgraph: string, asked: Envelope) => principalToken(subgraph, asked, undefined),
      authorization,
    }),
  });
  const streamsOf = (served: Engine) =>
    new Streams({
      engine: served,
      transportOf: transports.of,
      check: document => checkDocument(served.schema, document, introspection),
      log,
    });
  const streams = streamsOf(engine);
  const publicStreams = contract && streamsOf(contract);
  const countOf = (what: 'clients' | 'upstreams') => streams.size[what] + (publicStreams?.size[what] ?? 0);
  readWhenAsked('live_clients', 'Subscriptions of clients that are open.', () => countOf('clients'));
  readWhenAsked('live_upstreams', 'Streams of subgraphs that are open.', () => countOf('upstreams'));
  readWhenAsked('live_connections', 'Sockets, and streams over HTTP, that are open.', () => connections.size);
  readPerSubgraph('subgraph_breaker_state', '0: closed, 1: tries whether it is back, 2: open, nothing is sent.', () =>
    fetcher.read(({ state }) => BREAKER_STATES.indexOf(state)),
  );
  readPerSubgraph('subgraph_load', 'Requests that run or wait for a connection.', () =>
    fetcher.read(({ load }) => load),
  );
  const sessions = new LiveSessions(principals, Number(setting('LIVE_PER_ACCOUNT')));
  const live = { engine, streams, sessions, origins, introspection, trusted, rates, turns, log };
  const overHttp = httpStreams(connections, live);
  const publicLive = contract && publicStreams && { ...live, engine: contract, streams: publicStreams, origins: null };

  const app = express();
  const longWay = (request: http.IncomingMessage, response: http.ServerResponse) => {
    const { requestId } = asking.getStore()!;
    dress(response, isForGraph(request) ? headersOf(requestId) : pageHeadersOf(requestId));
    pack(request, response, () => app(request, response));
  };
  const serve = (request: http.IncomingMessage, response: http.ServerResponse) => {
    if (drain.admits(request, response, TO_THE_END))
      rates.check(request, response, () => lane.handle(request, response, () => longWay(request, response)));
    else answerErrors(response, 503, [restarting()], log, originHeaders(request, origins));
  };
  const server = http.createServer((request, response) =>
    nameRequest(request, () => readTarget(request, response, log, () => serve(request, response))),
  );
  const drain = new Drain(server, log);
  app.disable('x-powered-by');
  app.set('etag', false);
  const subgraphUrls = new Map(
    plain ? [] : [...engine.urls.keys()].map(name => [name, subgraphConfig(name as SubgraphName).urls]),
  );
  const health = serveHealth(app, { subgraphs: subgraphUrls, certificate, accepting: () => !drain.isLeaving, log });
  readPerSubgraph('events_dead_letters', 'Events that a subgraph has given up: an operator must act.', async () =>
    [...(await health.eventsLeft())].map(([name, { deadLetters }]) => [name, deadLetters] as const),
  );
  readPerSubgraph(
    'events_waiting',
    'Events that wait in a subgraph: for a better moment, or behind another.',
    async () => [...(await health.eventsLeft())].map(([name, { waiting }]) => [name, waiting] as const),
  );
  const closeMetrics = await serveMetrics(app);
  const { states: subgraphs, eventsLeft } = health;
  const cases = !plain && engine.schema.getQueryType()?.getFields().applicationByReference !== undefined;
  serveStatus(app, { supergraph: options.supergraph, subgraphs, eventsLeft, playground: introspection, cases });
  if (cases) serveCases(app, { engine, identify: signIn(principals, origins) });
  const forSubgraphs = (internal: Express) => {
    transports.serve(internal);
    if (!plain) serveAsks(internal, { engine, documents: options.asks ?? {}, secretsOf, log });
  };
  const internal = await serveSubgraphs(app, forSubgraphs, log);
  if (introspection) servePlayground(app, { signIn: !plain });
  const before = [
    onlyGetAndPost,
    onlyUtf8,
    express.json({ limit: LONGEST_BODY, inflate: false, type: () => true }),
    prepareAnswer,
    oneByOne(turns),
    trusted.find,
  ];
  const open = publicLive && (await servePublic(app, { live: publicLive, connections, before }));
  app.all(
    '/graphql',
    allowOrigins(origins),
    ...before,
    overHttp.handler,
    refuseBeforehand,
    signIn(principals, origins),
    expressMiddleware(apollo, { context: async ({ res }) => res.locals.asked as Asked }),
  );
  app.use(
    (_request, response) =>
      void response.status(404).json({ errors: [{ message: 'There is nothing at this address.' }] }),
  );
  app.use(badRequest(log));
  server.headersTimeout = 10_000;
  server.requestTimeout = 30_000;
  server.timeout = Number(setting('CLIENT_IDLE_MS')); // streams move by their heartbeats, and sockets are pinged instead
  tellCutOff(server, log);

  const sockets = startSockets(server, connections, live);
  const stopAll = async (leaving: Leaving) => {
    await drain.begin(leaving); // and /health/ready says so
    overHttp.stop();
    open?.stop();
    await drain.end(sockets.stop());
    sessions.stop();
    await letGo();
  };
  /** Nobody waits for an answer any more, so none of these is worth waiting for another one. */
  const letGo = async () => {
    await Promise.all([
      apollo.stop(),
      open?.close(),
      rates.stop(),
      principals?.stop(),
      health.close(),
      closeMetrics(),
      internal.close(),
      transports.close(),
      fetcher.close(),
    ]);
  };
  const replace = (supergraph: string) => {
    engine.replace(supergraph, useSubgraphs);
    streams.replan();
    publicStreams?.replan();
  };
  let stopping: Promise<void> | undefined;
  const stop = (leaving = AT_ONCE) => {
    stopping ??= stopAll(leaving);
    return stopping;
  };
  try {
    await listen(server, options.port);
  } catch (error) {
    await letGo();
    throw error;
  }
  principals?.start();
  const { port } = server.address() as AddressInfo;
  return { port, internalPort: internal.port, engine, principals, streams, trusted, replace, stop };
}

function newPrincipals(log: Log): Principals {
  const { urls, secret } = subgraphConfig('identity');
  const certificate = certificateTowards('identity');
  return new Principals({
    issuers: [...issuers().keys()],
    audience: setting('OPENID_AUDIENCE'),
    identity: { urls, secret, certificate },
    log,
  });
}

const secretsOf = (subgraph: string): readonly string[] =>
  isSubgraph(subgraph) ? subgraphConfig(subgraph).accepted : [];

function requireKnown(urls: ReadonlyMap<string, string>): void {
  const unknown = [...urls.keys()].filter(name => !isSubgraph(name));
  if (unknown.length > 0)
    throw new Error(`The supergraph names subgraphs without settings: ${unknown.join(', ')}. Serve it with --plain.`);
}
