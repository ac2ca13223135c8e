/** The client's side of live streams: graphql-ws at /graphql, for known origins, as long as the session lasts. */
import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { setTimeout as wait } from 'node:timers/promises';
import { type ExecutionArgs, type ExecutionResult, GraphQLError, getOperationAST } from 'graphql';
import type { Context, SubscribePayload } from 'graphql-ws';
import { useServer } from 'graphql-ws/use/ws';
import { type WebSocket, WebSocketServer } from 'ws';
import { now } from '../kernel/clock';
import { graphError } from '../kernel/errors';
import { newId } from '../kernel/ids';
import { languageOf } from '../kernel/language';
import type { Log } from '../kernel/log';
import { ANONYMOUS, type Envelope } from '../kernel/principal';
import { TooSlow } from '../kernel/push-iterator';
import type { Credential } from './credential';
import { credentialOf } from './credential';
import { checkDocument, keyOf, readDocument } from './documents';
import type { Engine, OperationRequest } from './engine/engine';
import { formatErrors } from './errors';
import type { Principals, SignedIn } from './principal';
import { names } from './revocations';
import { type LiveOptions, subscribe } from './subscriptions';

export interface SocketOptions {
  readonly engine: Engine;
  readonly live: LiveOptions;
  /** Who is behind a token; null in plain mode, where everybody is anonymous. */
  readonly principals: Principals | null;
  /** Web origins that may connect; null lets all in, in plain mode. */
  readonly origins: readonly string[] | null;
  readonly introspection: boolean;
  readonly log: Log;
}

/** The session behind a socket has ended, or its token. */
export const FORBIDDEN = 4403;
const TRY_AGAIN_LATER = 1013;
const LARGEST_MESSAGE = 64 * 1024;
const INIT_WITHIN_MS = 3_000;
const CLOSE_WITHIN_MS = 2_000;
const LONGEST_TIMER_MS = 2 ** 31 - 1;
const ASK_AGAIN_MS = 1_000;

/** One socket: who it belongs to, and when it must end. */
interface Connection {
  readonly socket: WebSocket;
  readonly request: IncomingMessage;
  credential: Credential | null;
  signedIn: SignedIn | null;
  timer: NodeJS.Timeout | undefined;
}
type Socket = Context<Record<string, unknown> | undefined, Partial<Connection>>;

export interface RunningSockets {
  /** Tells all clients that the server goes away. */
  stop(): Promise<void>;
}

export function startSockets(server: Server, options: SocketOptions): RunningSockets {
  const { principals, origins } = options;
  const sockets = new WebSocketServer({ noServer: true, maxPayload: LARGEST_MESSAGE });
  const open = new Set<Connection>();

  const upgrade = (request: IncomingMessage, stream: Duplex, head: Buffer) => {
    stream.on('error', () => stream.destroy());
    const { origin } = request.headers;
    if (new URL(request.url ?? '/', 'http://gateway').pathname !== '/graphql') return refuse(stream, '404 Not Found');
    if (origin !== undefined && origins && !origins.includes(origin)) return refuse(stream, '403 Forbidden');
    sockets.handleUpgrade(request, stream, head, socket => sockets.emit('connection', socket, request));
  };
  server.on('upgrade', upgrade);

  const stopHearing = principals?.onRevoked(revocation => {
    for (const connection of open) {
      const { signedIn } = connection;
      if (!signedIn) continue;
      if (revocation === 'missed') void checkAgain(connection, principals);
      else if (names(revocation, signedIn.principal)) close(connection.socket, FORBIDDEN, 'The session has ended.');
    }
  });

  const graphql = useServer<Record<string, unknown> | undefined, Partial<Connection>>(
    {
      connectionInitWaitTimeout: INIT_WITHIN_MS,
      onConnect: context => connect(context, open, options),
      onClose: context => {
        const connection = context.extra as Connection;
        clearTimeout(connection.timer);
        open.delete(connection);
      },
      onSubscribe: (context, _id, payload) => prepare(context, payload, options),
      execute: args => run(args as unknown as Prepared, options),
      subscribe: args => watch(args as unknown as Prepared, options),
      onError: (context, _id, payload, errors) => formatErrors(errors, askingOf(context, payload), options.log),
    },
    sockets,
  );

  return {
    async stop() {
      stopHearing?.();
      server.off('upgrade', upgrade);
      const straggling = setTimeout(() => {
        for (const socket of sockets.clients) socket.terminate();
      }, CLOSE_WITHIN_MS);
      await graphql.dispose();
      clearTimeout(straggling);
    },
  };
}

function refuse(stream: Duplex, status: string): void {
  stream.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}

/** Closes in good order, and for good when the client does not answer. */
function close(socket: WebSocket, code: number, reason: string): void {
  socket.close(code, reason);
  setTimeout(() => socket.terminate(), CLOSE_WITHIN_MS).unref();
}

async function connect(context: Socket, open: Set<Connection>, options: SocketOptions): Promise<boolean> {
  const connection = context.extra as Connection;
  const { socket, request } = connection;
  const { principals, origins } = options;
  connection.signedIn = null;
  connection.credential = null;
  if (!principals) return true;
  try {
    const credential = credentialOf(context.connectionParams?.authorization, request.headers.cookie);
    // a browser sends the cookie from any site: only a listed origin may use it
    if (credential?.from === 'cookie' && !origins?.includes(request.headers.origin ?? '')) return false;
    if (credential) {
      connection.credential = credential;
      connection.signedIn = await principals.of(credential.token);
      if (socket.readyState !== socket.OPEN) return false;
      open.add(connection);
      closeAtExpiry(connection, connection.signedIn.expiresAt);
    }
    return true;
  } catch (error) {
    if (codeOf(error) === 'UNAUTHENTICATED') return false;
    close(socket, TRY_AGAIN_LATER, 'Sign-in is not available.');
    return false;
  }
}

function closeAtExpiry(connection: Connection, expiresAt: number): void {
  const left = expiresAt - now().getTime();
  if (left > 0) {
    connection.timer = setTimeout(() => closeAtExpiry(connection, expiresAt), Math.min(left, LONGEST_TIMER_MS));
  } else {
    close(connection.socket, FORBIDDEN, 'The access token has expired.');
  }
}

/** After identity was out of reach: is the session still there? */
async function checkAgain({ socket, credential }: Connection, principals: Principals): Promise<void> {
  try {
    if (credential) await principals.of(credential.token);
  } catch (error) {
    if (codeOf(error) === 'UNAUTHENTICATED') close(socket, FORBIDDEN, 'The session has ended.');
  }
}

/** What graphql-ws hands on to {@link run} and {@link watch}. */
interface Prepared extends ExecutionArgs {
  readonly contextValue: { readonly request: OperationRequest; readonly connection: Connection };
}

async function prepare(
  context: Socket,
  payload: SubscribePayload,
  { engine, introspection, principals }: SocketOptions,
): Promise<ExecutionArgs | readonly GraphQLError[]> {
  const connection = context.extra as Connection;
  try {
    const document = readDocument(payload.query);
    const errors = checkDocument(engine.schema, document, introspection);
    if (errors.length > 0) return errors;
    const operationName = payload.operationName ?? null;
    if (!getOperationAST(document, operationName))
      return [new GraphQLError('There is no such operation in the document.', OPERATION)];
    const asked = { ...askingOf(context, payload), principal: await principalOf(connection, principals) };
    const variables = payload.variables ?? {};
    const request: OperationRequest = { document, key: keyOf(payload.query), operationName, variables, asked };
    const prepared: Prepared = {
      schema: engine.schema,
      document,
      operationName,
      contextValue: { request, connection },
    };
    return prepared;
  } catch (error) {
    return [error instanceof GraphQLError ? error : graphError('INTERNAL')];
  }
}

const OPERATION = { extensions: { code: 'OPERATION_RESOLUTION_FAILURE' } };

async function run({ contextValue: { request } }: Prepared, { engine, log }: SocketOptions): Promise<ExecutionResult> {
  return formatResult(await engine.execute(request), request.asked, log);
}

function watch(prepared: Prepared, options: SocketOptions): AsyncGenerator<ExecutionResult, void> | ExecutionResult {
  const { request, connection } = prepared.contextValue;
  const { live, log, principals } = options;
  const { asked } = request;
  const askedNow = async (): Promise<Envelope> => ({ ...asked, principal: await patiently(connection, principals) });
  let events: AsyncGenerator<ExecutionResult, void, undefined>;
  try {
    events = subscribe(request, askedNow, live);
  } catch (error) {
    return formatResult({ errors: [asGraphQLError(error)] }, asked, log);
  }
  const shown: AsyncGenerator<ExecutionResult, void, undefined> = {
    async next() {
      try {
        const event = await events.next();
        return event.done ? event : { done: false, value: formatResult(event.value, asked, log) };
      } catch (error) {
        if (error instanceof TooSlow)
          log.warn('a client was too slow and its stream was ended', { requestId: asked.requestId });
        throw asGraphQLError(error); // becomes the last message of the stream
      }
    },
    return: () => events.return(),
    throw: error => events.throw(error),
    [Symbol.asyncIterator]: () => shown,
    [Symbol.asyncDispose]: async () => void (await events.return()),
  };
  return shown;
}

async function principalOf({ credential }: Connection, principals: Principals | null): Promise<Envelope['principal']> {
  return credential && principals ? (await principals.of(credential.token)).principal : ANONYMOUS;
}

/** For an event: while identity does not answer, the event waits; nothing is delivered on rights that nobody confirms. */
async function patiently(connection: Connection, principals: Principals | null): Promise<Envelope['principal']> {
  for (;;) {
    try {
      return await principalOf(connection, principals);
    } catch (error) {
      const { socket } = connection;
      if (codeOf(error) !== 'SUBGRAPH_UNAVAILABLE' || socket.readyState !== socket.OPEN) throw error;
      await wait(ASK_AGAIN_MS);
    }
  }
}

/** Each operation has a request id of its own, found again by its message when it ends with an error. */
const askings = new WeakMap<SubscribePayload, Omit<Envelope, 'principal'>>();

function askingOf({ connectionParams, extra }: Socket, payload: SubscribePayload): Omit<Envelope, 'principal'> {
  let asking = askings.get(payload);
  if (!asking) {
    const wanted = connectionParams?.acceptLanguage;
    const header = typeof wanted === 'string' ? wanted : extra.request?.headers['accept-language'];
    asking = { requestId: newId(), language: languageOf(header) };
    askings.set(payload, asking);
  }
  return asking;
}

const codeOf = (error: unknown): unknown => (error instanceof GraphQLError ? error.extensions.code : undefined);

function asGraphQLError(error: unknown): GraphQLError {
  if (error instanceof GraphQLError) return error;
  if (error instanceof TooSlow) return graphError('RATE_LIMITED', { retryAfter: 0 });
  return new GraphQLError('fault', { originalError: error as Error, extensions: { code: 'FAULT' } });
}

function formatResult(result: ExecutionResult, asked: Envelope, log: Log): ExecutionResult {
  return result.errors ? { ...result, errors: formatErrors(result.errors, asked, log) } : result;
}
