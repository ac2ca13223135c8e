/** One subgraph as a running process: GraphQL over HTTP and graphql-ws behind the principal token, relay, reactions, queues. */
import type { AddressInfo } from 'node:net';
import { ApolloServer, HeaderMap } from '@apollo/server';
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginInlineTraceDisabled,
} from '@apollo/server/plugin/disabled';
import express, { type Express, type Request, type Response } from 'express';
import {
  createSourceEventStream,
  type ExecutionArgs,
  type ExecutionResult,
  execute,
  type GraphQLError,
  type GraphQLSchema,
  parse,
  validate,
} from 'graphql';
import { useServer } from 'graphql-ws/use/ws';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Asks } from '../ask';
import { isProduction, type SubgraphName, subgraphConfig } from '../config';
import { Context } from '../context';
import { Database } from '../database/database';
import { formatForClient } from '../errors';
import { startRelay } from '../events/outbox';
import { eventsLeft } from '../events/parked';
import { type Reactions, startReactions, type Together } from '../events/reactions';
import { EventStream } from '../events/stream';
import { patiently, willPass } from '../failure';
import { logger } from '../log';
import { eventCursor } from '../page';
import { type Envelope, verifyPrincipal } from '../principal';
import { type Queue, startQueue } from '../queue';
import { request } from '../request';
import { createServer } from '../tls';
import { beginSpan } from '../trace';
import { AT_ONCE, Drain, type Leaving, restarting } from './drain';
import { listen } from './listen';
import { federatedSchema, type SchemaParts } from './schema';

/** The manifest of a subgraph: its table of contents. */
export interface Subgraph extends SchemaParts {
  readonly name: SubgraphName;
  /** TypeORM entities: the rows it owns. */
  readonly entities: readonly (new () => object)[];
  /** Event of another subgraph → what we do. */
  readonly reactions: Reactions;
  /** The same for what comes in crowds. */
  readonly together?: Together;
  /** What we ask other subgraphs. */
  readonly asks: Asks;
  // biome-ignore lint/suspicious/noExplicitAny: each queue has its own row type
  readonly queues?: readonly Queue<any>[];
  /** Plain HTTP beside the graph: files, sign-in, reports of providers. */
  readonly routes?: (app: Express, running: Serving) => void;
  /** Runs once the subgraph is up, such as a clock for legal deadlines; what it returns stops it. */
  readonly background?: (running: { db: Database; stream: EventStream }) => () => Promise<void>;
}

/** What routes have. */
export interface Serving {
  readonly db: Database;
  readonly stream: EventStream;
  /** Aborts when the process leaves: an answer that would never end ends then. */
  readonly leaving: AbortSignal;
}

export interface RunningSubgraph {
  readonly port: number;
  readonly db: Database;
  readonly stream: EventStream;
  /** Resolves when the reactions have handled everything up to a position of the event stream. */
  reached(position: number): Promise<void>;
  /** Ends what runs, tells what is new to come again, and lets go. */
  stop(leaving?: Leaving): Promise<void>;
}

/** Served to the end. */
const HEALTH = /^\/health\//;
const BODY_LIMIT = '4mb'; // the gateway's own limit is far lower; entity batches of joins are larger

export async function startSubgraph(subgraph: Subgraph, options: { port?: number } = {}): Promise<RunningSubgraph> {
  const { name } = subgraph;
  const { accepted, port: configured } = subgraphConfig(name);
  const log = logger(name);
  const { schema } = await federatedSchema(subgraph);
  const db = await Database.connect(name, subgraph.entities);
  const stream = await EventStream.start(db, [
    ...Object.keys(subgraph.reactions),
    ...Object.keys(subgraph.together ?? {}),
  ]);

  const apollo = new ApolloServer<Context>({
    schema,
    introspection: false,
    csrfPrevention: false, // no browser reaches it: every request carries the gateway's signature
    stopOnTerminationSignals: false,
    includeStacktraceInErrorResponses: false,
    // either would be called for every field of an answer
    plugins: [ApolloServerPluginCacheControlDisabled(), ApolloServerPluginInlineTraceDisabled()],
    formatError: (formatted, error) => formatForClient(formatted, error, request.getStore()?.envelope ?? {}, log),
  });
  await apollo.start();

  const app = express();
  app.disable('x-powered-by');
  app.get('/health/live', (_, response) => void response.json({ live: true }));
  app.get('/health/ready', async (_, response) => {
    const left = await eventsLeft(db).catch(() => null);
    const ready = left !== null && !drain.isLeaving;
    response.status(ready ? 200 : 503).json({ ready, ...left });
  });
  app.post('/graphql', express.raw({ type: () => true, limit: BODY_LIMIT }), async (req, res) => {
    const envelope = await verified(req, name, accepted);
    if (!envelope) {
      res.status(401).json({
        errors: [{ message: 'This address answers the gateway only.', extensions: { code: 'UNAUTHENTICATED' } }],
      });
      return;
    }
    const { requestId } = envelope;
    const span = beginSpan('graphql', 'server', { subgraph: name, requestId }, req.get('traceparent'));
    const ctx = new Context(db, stream, envelope);
    await ctx.serve(() => serve(apollo, ctx, req, res), span);
    span?.end({ failed: res.statusCode >= 500 });
  });
  const leaves = new AbortController();
  subgraph.routes?.(app, { db, stream, leaving: leaves.signal });
  app.use((_req, res) => void res.status(404).json({ errors: [{ message: 'There is nothing at this address.' }] }));
  app.use((error: unknown, req: Request, res: Response, _next: unknown) => {
    if (isGone(req, error)) return log.info('a client went away', { outcome: 'broken off' });
    const status = (error as { status?: number }).status ?? 500;
    if (status >= 500) log.error('fault', { error });
    if (!res.headersSent) res.status(status).json({ error: status >= 500 ? 'INTERNAL' : 'BAD_REQUEST' });
  });

  const server = createServer((req, res) => {
    if (drain.admits(req, res, HEALTH)) return app(req, res);
    const { message, extensions } = restarting();
    res.setHeader('content-type', 'application/json').end(JSON.stringify({ errors: [{ message, extensions }] }));
  });
  const drain = new Drain(server, log);
  const sockets = new WebSocketServer({ server, path: '/graphql', maxPayload: 256 * 1024 });
  sockets.on('connection', socket => void openedAt.set(socket, performance.now()));
  const live = useServer(liveOptions(schema, db, stream, name, accepted), sockets);
  await listen(server, options.port ?? configured);

  const relay = startRelay(db);
  const reactions = await startReactions(db, stream, subgraph.reactions, subgraph.together);
  const queues = (subgraph.queues ?? []).map(queue => startQueue(db, queue));
  const stopBackground = subgraph.background?.({ db, stream });

  return {
    port: (server.address() as AddressInfo).port,
    db,
    stream,
    reached: position => reactions.reached(position),
    async stop(leaving = AT_ONCE) {
      await drain.begin(leaving);
      leaves.abort();
      const told = Promise.resolve(live.dispose()); // by 1001, after which clients come back
      // what takes work from the database leaves the rest of it to other processes
      const workers = Promise.all([stopBackground?.(), ...queues.map(queue => queue.stop())]);
      await drain.end(told);
      await Promise.all([apollo.stop(), workers, reactions.stop()]);
      await relay.stop();
      await stream.stop();
      await db.close();
    },
  };
}

/** The sender of a file broke off, or its reader: everyday life, and nobody is left to answer. */
function isGone(req: Request, error: unknown): boolean {
  const { code } = error as { code?: string };
  return req.socket.destroyed && (code === 'ECONNRESET' ? !req.complete : code === 'ERR_STREAM_PREMATURE_CLOSE');
}

async function verified(req: Request, name: SubgraphName, secrets: readonly string[]): Promise<Envelope | null> {
  const token = /^Bearer (\S+)$/.exec(req.headers.authorization ?? '')?.[1];
  if (!token || !Buffer.isBuffer(req.body)) return null;
  return verifyPrincipal(token, 'gateway', name, secrets, req.body).catch(() => null);
}

async function serve(apollo: ApolloServer<Context>, ctx: Context, req: Request, res: Response): Promise<void> {
  let body: unknown;
  try {
    body = JSON.parse((req.body as Buffer).toString());
  } catch {
    res.status(400).json({ errors: [{ message: 'The body is no JSON.', extensions: { code: 'BAD_REQUEST' } }] });
    return;
  }
  const headers = new HeaderMap();
  for (const [key, value] of Object.entries(req.headers)) if (typeof value === 'string') headers.set(key, value);
  let result: Awaited<ReturnType<ApolloServer<Context>['executeHTTPGraphQLRequest']>>;
  try {
    result = await apollo.executeHTTPGraphQLRequest({
      httpGraphQLRequest: { method: 'POST', headers, search: '', body },
      context: async () => ctx,
    });
  } finally {
    await ctx.close(); // who read what is committed before the answer leaves
  }
  res.status(result.status ?? 200);
  for (const [key, value] of result.headers) res.setHeader(key, value);
  if (!isProduction()) res.setHeader('x-sql-statements', String(request.getStore()?.statements ?? 0));
  res.end(result.body.kind === 'complete' ? result.body.string : '');
}

/** By RFC 6455 and its registry: the fault is ours, and not for long. */
const TRY_AGAIN_LATER = 1013;

/** By performance.now(). */
const openedAt = new WeakMap<WebSocket, number>();

interface Extra {
  readonly socket: WebSocket;
  envelope?: Envelope;
  /** Where the one stream of the gateway's socket begins. */
  begins?: number | undefined;
}

function liveOptions(
  schema: GraphQLSchema,
  db: Database,
  stream: EventStream,
  name: SubgraphName,
  secrets: readonly string[],
) {
  const log = logger(name);
  const format = (result: ExecutionResult, envelope: Envelope): ExecutionResult => ({
    ...result,
    ...(result.errors && {
      errors: result.errors.map(error => {
        const shown = formatForClient(error.toJSON(), error, envelope, log);
        return { ...shown, toJSON: () => shown } as unknown as GraphQLError; // graphql-ws calls it
      }),
    }),
  });

  return {
    connectionInitWaitTimeout: 3_000,
    async onConnect(socket: { connectionParams?: Readonly<Record<string, unknown>>; extra: unknown }) {
      const extra = socket.extra as Extra;
      try {
        const token = String(socket.connectionParams?.principal ?? '');
        extra.envelope = await verifyPrincipal(token, 'gateway', name, secrets);
      } catch {
        return false;
      }
      try {
        const ago = Number(socket.connectionParams?.askedMsAgo ?? Number.NaN);
        // a client that has subscribed loads its list meanwhile: what the list may not have is after this
        // it was asked before the gateway counted, and that was after the socket was there: what the way took counts as well
        const way = performance.now() - (openedAt.get(extra.socket) ?? performance.now());
        extra.begins = ago >= 0 ? await stream.positionBefore(ago + way) : (await stream.positions()).head;
        // so that the gateway can take it up again even before the first event
        return { cursor: eventCursor(name, extra.begins) };
      } catch (error) {
        log.warn('a stream cannot begin', { requestId: extra.envelope.requestId, error });
        extra.socket.close(TRY_AGAIN_LATER, 'Try again later.');
        return false; // the socket keeps the code it is closing with
      }
    },
    onSubscribe(
      socket: { extra: unknown },
      _id: string,
      payload: { query: string; variables?: Record<string, unknown> | null; operationName?: string | null },
    ): ExecutionArgs | readonly GraphQLError[] {
      const document = parse(payload.query);
      const errors = validate(schema, document);
      if (errors.length > 0) return errors;
      return {
        schema,
        document,
        variableValues: payload.variables ?? {},
        operationName: payload.operationName,
        contextValue: socket.extra,
      };
    },
    async subscribe(args: ExecutionArgs) {
      const { envelope, begins, socket } = args.contextValue as Extra & { envelope: Envelope };
      /** The gateway takes the stream up again where it stood. */
      const later = () => socket.close(TRY_AGAIN_LATER, 'Try again later.');
      const stop = new AbortController();
      const contextValue = new Context(db, stream, envelope, stop.signal, begins);
      const source = await createSourceEventStream({ ...args, contextValue });
      if (!(Symbol.asyncIterator in source)) {
        if (source.errors?.some(willPass)) later(); // it cannot be judged now
        return format(source, envelope);
      }
      const events = source[Symbol.asyncIterator]();
      /** With a fresh context, so that rights are those of this moment; it must be whole, since its position is passed then. */
      const shown = (rootValue: unknown): Promise<ExecutionResult> => {
        const fresh = contextValue.again();
        return fresh.serve(async () => {
          try {
            return await execute({ ...args, rootValue, contextValue: fresh });
          } finally {
            await fresh.close();
          }
        });
      };
      const isWhole = ({ errors }: ExecutionResult) => !errors?.some(willPass);
      const results: AsyncIterableIterator<ExecutionResult> = {
        async next() {
          try {
            const event = await events.next();
            const result = event.done ? undefined : await patiently(() => shown(event.value), stop.signal, isWhole);
            return result ? { done: false, value: format(result, envelope) } : { done: true, value: undefined };
          } catch (error) {
            stop.abort();
            if (willPass(error)) {
              later();
              return { done: true, value: undefined };
            }
            // the stream ends with the reason as its last message
            const last = formatForClient(
              { message: '', extensions: (error as GraphQLError).extensions ?? {} },
              error,
              envelope,
              log,
            );
            throw Object.assign(new Error(last.message), last);
          }
        },
        async return() {
          stop.abort();
          await events.return?.().catch(() => {}); // nobody hears of it any more
          return { done: true, value: undefined };
        },
        [Symbol.asyncIterator]() {
          return this;
        },
      };
      return results;
    },
  };
}
