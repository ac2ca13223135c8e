/** The client's sockets: graphql-ws at /graphql, for known origins, and no longer than the session lasts. */
import { type IncomingMessage, type Server, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { type ExecutionArgs, GraphQLError } from 'graphql';
import { CloseCode, type Context, handleProtocols, MessageType, makeServer, type SubscribePayload } from 'graphql-ws';
import { type WebSocket, WebSocketServer } from 'ws';
import { graphError } from '../../kernel/errors';
import { newId } from '../../kernel/ids';
import { languageOf } from '../../kernel/language';
import { limitNamed } from '../../kernel/limit';
import { RETRY_AFTER_SECONDS } from '../../kernel/server/drain';
import { beginSpan } from '../../kernel/trace';
import { credentialOf } from '../credential';
import type { OperationRequest } from '../engine/engine';
import { formatErrors } from '../errors';
import { countSocketRefusal } from '../seen/metrics';
import type { Connections } from './connections';
import { OperationIds } from './operation-ids';
import { type Asking, type LiveOptions, prepare, run, watch } from './operations';
import { SeenOperation } from './seen';
import { send } from './sending';
import { isEnded, type LiveSession, TooMany } from './sessions';

/** One socket, and who it belongs to. */
interface Connection {
  readonly socket: WebSocket;
  readonly request: IncomingMessage;
  session: LiveSession | null;
  acknowledged: boolean;
  /** Queries and mutations that run. */
  readonly answers: Set<Promise<unknown>>;
  readonly ids: OperationIds;
}
type SocketContext = Context<Record<string, unknown> | undefined, Connection>;

/** What {@link prepare} hands on through graphql-ws. */
interface Prepared {
  readonly id: string;
  readonly request: OperationRequest;
  readonly seen: SeenOperation;
  readonly connection: Connection;
}

export interface RunningSockets {
  /** Tells all clients that the server goes away. */
  stop(): Promise<void>;
}

/** The session behind a socket has ended, or its token. */
const FORBIDDEN = 4403;
/** The client does not keep up, or has too many sockets. */
const TOO_MUCH = 4429;
const INTERNAL = 4500;
/** What is thrown for a message that only servers send, and for one that cannot be answered because it is nested without end. */
const UNEXPECTED = /^Unexpected message of type \w+ received$|^Maximum call stack size exceeded$/;
const CLEAN = 1000;
const GOING_AWAY = 1001;
const TOO_LARGE = 1009;
const TRY_AGAIN_LATER = 1013;
const LARGEST_MESSAGE = 64 * 1024;
/** A close frame has no room for more. */
const LONGEST_REASON = 123;
const INIT_WITHIN_MS = 3_000;
const CLOSE_WITHIN_MS = 2_000;
/** For one that is slow: as long as it may take to read what was sent before. */
const CLOSE_SLOW_WITHIN_MS = 15_000;
const PING_MS = 12_000;
/** Operations that run on one socket at a time; each stream that nobody else has is one of a subgraph too. */
const OPERATIONS = 100;
/** The same on one of nobody, of whom an address may have many sockets. */
const OPERATIONS_OF_NOBODY = 20;

export function startSockets(server: Server, connections: Connections, options: LiveOptions): RunningSockets {
  const { origins, log } = options;
  const sockets = new WebSocketServer({ noServer: true, maxPayload: LARGEST_MESSAGE, handleProtocols });

  const graphql = makeServer<Record<string, unknown> | undefined, Connection>({
    connectionInitWaitTimeout: INIT_WITHIN_MS,
    onConnect: context => connect(context, options),
    onSubscribe: (context, id, payload) => subscribed(context, id, payload, options),
    execute: ({ contextValue }: ExecutionArgs) => {
      const { request, seen, connection } = contextValue as Prepared;
      return run(request, seen, options, connection.answers);
    },
    subscribe: ({ contextValue }: ExecutionArgs) => {
      const { id, request, seen, connection } = contextValue as Prepared;
      const { session } = connection;
      return watch(
        request,
        seen,
        session,
        lastCursor => closeSlow(connection, id, request, lastCursor, options),
        options,
      );
    },
    onError: (context, _id, payload, errors) => formatErrors(errors, askingOf(context, payload), log),
  });

  const open = new WeakMap<WebSocket, Connection>();
  const opened = (socket: WebSocket, request: IncomingMessage, left: () => void) => {
    const connection: Connection = {
      socket,
      request,
      session: null,
      acknowledged: false,
      answers: new Set(),
      ids: new OperationIds(),
    };
    open.set(socket, connection);
    let alive = true;
    const pings = setInterval(() => {
      if (!alive) cutOff(socket, 'SOCKET_PING_MS', PING_MS);
      alive = false;
      socket.ping();
    }, PING_MS);
    socket.on('pong', () => {
      alive = true;
    });
    // the close that follows says enough, such as 1009 for a message too large
    socket.on('error', ({ code }: NodeJS.ErrnoException) => {
      if (code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH') countSocketRefusal(TOO_LARGE);
    });
    const fault = (error: unknown) => {
      const { message } = error as Error;
      if (UNEXPECTED.test(message)) return close(socket, CloseCode.BadRequest, message);
      log.error('fault', { error });
      close(socket, INTERNAL, 'Something went wrong.');
    };
    const hear = async (text: string, handle: (text: string) => Promise<void>): Promise<void> => {
      const message = connection.acknowledged ? connection.ids.received(text) : text;
      if (message !== null) return handle(message as string); // it takes what was read as well
      close(socket, CloseCode.SubscriberAlreadyExists, 'There is an operation of that id already.');
    };
    const closed = graphql.opened(
      {
        protocol: socket.protocol,
        send: async data => {
          const message = connection.ids.sent(data);
          if (message !== null) await send(socket, message);
        },
        close: (code = CLEAN, reason = '') => closeCounted(socket, code, reason),
        onMessage: handle =>
          socket.on('message', data => {
            const text = String(data);
            const renewal = connection.acknowledged ? renewalIn(text) : null;
            (renewal ? renew(connection, renewal.payload) : hear(text, handle)).catch(fault);
          }),
      },
      connection,
    );
    socket.once('close', (code, reason) => {
      clearInterval(pings);
      const isLate = code === CloseCode.ConnectionInitialisationTimeout && !connection.acknowledged;
      const limit = isLate ? limitNamed('SOCKET_INIT_MS', INIT_WITHIN_MS) : struck.get(socket);
      if (limit) log.info('a client was cut off', { limit });
      connection.session?.end(null);
      left();
      closed(code, String(reason)).catch((error: unknown) => log.error('fault', { error }));
    });
  };

  let isLeaving = false;
  const upgrade = (request: IncomingMessage, stream: Duplex, head: Buffer) => {
    stream.on('error', () => stream.destroy());
    if (isLeaving) return refuse(stream, 503, `Retry-After: ${RETRY_AFTER_SECONDS}\r\n`);
    const { origin } = request.headers;
    if (!/^\/graphql(\?|$)/.test(request.url ?? '')) return refuse(stream, 404);
    if (origin !== undefined && origins && !origins.includes(origin)) return refuse(stream, 403);
    const left = connections.admit(request);
    if (!left) return refuse(stream, 429);
    stream.once('close', left); // also when the handshake fails
    sockets.handleUpgrade(request, stream, head, socket => opened(socket, request, left));
  };
  server.on('upgrade', upgrade);

  return {
    async stop() {
      isLeaving = true;
      const leave = async (socket: WebSocket) => {
        const gone = new Promise(resolve => void socket.once('close', resolve));
        await Promise.allSettled(open.get(socket)?.answers ?? []); // as requests over HTTP do, they end
        setImmediate(() => close(socket, GOING_AWAY, 'The gateway goes away.')); // behind the answer
        await gone;
      };
      await Promise.all([...sockets.clients].map(leave));
      sockets.close();
    },
  };
}

function refuse(stream: Duplex, status: number, headers = ''): void {
  countSocketRefusal(status);
  stream.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${headers}Connection: close\r\nContent-Length: 0\r\n\r\n`);
}

/** Closes in good order, and for good when the client does not answer. */
function close(socket: WebSocket, code: number, reason: string, within = CLOSE_WITHIN_MS): void {
  closeCounted(socket, code, reason);
  const timer = setTimeout(() => cutOff(socket, 'SOCKET_CLOSE_MS', within), within);
  socket.once('close', () => clearTimeout(timer));
}

/** The limits of time that sockets were cut off by, for the log. */
const struck = new WeakMap<WebSocket, string>();

function cutOff(socket: WebSocket, name: string, ms: number): void {
  struck.set(socket, limitNamed(name, ms));
  socket.terminate();
}

function closeCounted(socket: WebSocket, code: number, reason: string): void {
  if (code > GOING_AWAY && socket.readyState === socket.OPEN) countSocketRefusal(code);
  socket.close(code, reason);
}

/** Behind what it has not read yet, the client finds where it can go on: as an error of the operation, and as the reason. */
function closeSlow(
  { socket, ids }: Connection,
  id: string,
  { asked }: OperationRequest,
  lastCursor: string | null,
  { log }: LiveOptions,
): void {
  const errors = formatErrors([graphError('RATE_LIMITED', { retryAfter: 0, lastCursor })], asked, log);
  const message = ids.sent(JSON.stringify({ id, type: MessageType.Error, payload: errors }));
  if (message !== null) socket.send(message);
  const reason = JSON.stringify({ lastCursor });
  const fits = Buffer.byteLength(reason) <= LONGEST_REASON;
  close(socket, TOO_MUCH, fits ? reason : 'Too slow: see lastCursor in the last message.', CLOSE_SLOW_WITHIN_MS);
}

/** @returns false to close the socket as forbidden */
async function connect(context: SocketContext, { sessions, origins, rates }: LiveOptions): Promise<boolean> {
  const connection = context.extra;
  const { socket, request } = connection;
  try {
    if ((await rates.secondsToWait(request, null)) > 0) {
      close(socket, TOO_MUCH, 'Too many requests.');
      return false;
    }
    const authorization = authorizationIn(context.connectionParams) ?? request.headers.authorization;
    const credential = credentialOf(authorization, request.headers.cookie);
    // a browser sends the cookie from any site: only a listed origin may use it
    if (credential?.from === 'cookie' && origins && !origins.includes(request.headers.origin ?? '')) return false;
    connection.session = await sessions.begin(credential, reason => close(socket, FORBIDDEN, reason));
    connection.acknowledged = true;
    if (socket.readyState === socket.OPEN) return true;
    connection.session?.end(null); // it has left meanwhile
    return false;
  } catch (error) {
    if (error instanceof TooMany) close(socket, TOO_MUCH, error.message);
    else if (!isEnded(error)) close(socket, TRY_AGAIN_LATER, 'Sign-in is not available.');
    return false;
  }
}

/** Written in either case, as the name of a header is: nobody should be anonymous for a capital letter. */
function authorizationIn(payload: unknown): unknown {
  if (typeof payload !== 'object' || payload === null) return undefined;
  return Object.entries(payload).find(([name]) => name.toLowerCase() === 'authorization')?.[1];
}

/** A second `connection_init` brings a new token of the same account; graphql-ws itself would close the socket. */
function renewalIn(text: string): { readonly payload: unknown } | null {
  if (!text.includes(MessageType.ConnectionInit)) return null;
  try {
    const message = JSON.parse(text) as { type?: unknown; payload?: unknown };
    return message.type === MessageType.ConnectionInit ? { payload: message.payload } : null;
  } catch {
    return null; // graphql-ws says what is wrong with it
  }
}

async function renew({ socket, session }: Connection, payload: unknown): Promise<void> {
  try {
    const credential = credentialOf(authorizationIn(payload), undefined);
    if (credential && (await session?.renew(credential))) {
      await send(socket, JSON.stringify({ type: MessageType.ConnectionAck }));
    } else {
      close(socket, FORBIDDEN, 'A new token must be of the same account.');
    }
  } catch (error) {
    if (isEnded(error)) close(socket, FORBIDDEN, 'The new token is not good.');
    else close(socket, TRY_AGAIN_LATER, 'Sign-in is not available.');
  }
}

async function subscribed(
  context: SocketContext,
  id: string,
  payload: SubscribePayload,
  options: LiveOptions,
): Promise<ExecutionArgs | readonly GraphQLError[]> {
  const connection = context.extra;
  const asking = askingOf(context, payload);
  const wait = await secondsToWait(context, options);
  if (wait !== null) {
    const errors = formatErrors([graphError('RATE_LIMITED', { retryAfter: wait })], asking, options.log);
    asking.seen.end(errors);
    return errors;
  }
  await options.turns.of(connection.request);
  const request = await prepare(payload, asking, connection.session, options);
  if (!('document' in request)) return request;
  const { document, operationName } = request;
  const contextValue: Prepared = { id, request, seen: asking.seen, connection };
  return { schema: options.engine.schema, document, operationName, contextValue };
}

/** @returns null when one more operation may run */
async function secondsToWait(
  { subscriptions, extra }: SocketContext,
  { rates, origins }: LiveOptions,
): Promise<number | null> {
  const isNobody = extra.session === null && origins !== null; // in plain mode everybody is
  if (Object.keys(subscriptions).length > (isNobody ? OPERATIONS_OF_NOBODY : OPERATIONS)) return 0;
  return (await rates.secondsToWait(extra.request, extra.session?.principal ?? null)) || null;
}

/** Each operation has a request id of its own, found again by its message when it ends with an error. */
const askings = new WeakMap<SubscribePayload, Asking>();

function askingOf({ connectionParams, extra }: SocketContext, payload: SubscribePayload): Asking {
  let asking = askings.get(payload);
  if (!asking) {
    const wanted = connectionParams?.acceptLanguage;
    const header = typeof wanted === 'string' ? wanted : extra.request.headers['accept-language'];
    const requestId = newId();
    const span = beginSpan('graphql', 'server', { requestId }, extra.request.headers.traceparent as string | undefined);
    asking = { requestId, language: languageOf(header), seen: new SeenOperation(requestId, span) };
    askings.set(payload, asking);
  }
  return asking;
}
