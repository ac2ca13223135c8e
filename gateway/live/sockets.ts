/** The client's sockets: graphql-ws at /graphql, for known origins, and no longer than the session lasts. */
import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { GraphQLError } from 'graphql';
import { type Context, handleProtocols, makeServer } from 'graphql-ws';
import { type WebSocket, WebSocketServer } from 'ws';
import { now } from '../../kernel/clock';
import { type Credential, credentialOf } from '../credential';
import { formatErrors } from '../errors';
import type { Principals, SignedIn } from '../principal';
import { names } from '../revocations';
import { askingOf, prepare, run, type SocketOptions, watch } from './socket-operations';

/** One socket: who it belongs to, and when it must end. */
export interface Connection {
  readonly socket: WebSocket;
  readonly request: IncomingMessage;
  credential: Credential | null;
  signedIn: SignedIn | null;
  timer: NodeJS.Timeout | undefined;
}
export type SocketContext = Context<Record<string, unknown> | undefined, Connection>;

export interface RunningSockets {
  /** Tells all clients that the server goes away. */
  stop(): Promise<void>;
}

/** The session behind a socket has ended, or its token. */
const FORBIDDEN = 4403;
const INTERNAL = 4500;
const GOING_AWAY = 1001;
const TRY_AGAIN_LATER = 1013;
const LARGEST_MESSAGE = 64 * 1024;
const INIT_WITHIN_MS = 3_000;
const CLOSE_WITHIN_MS = 2_000;
const PING_MS = 12_000;
const LONGEST_TIMER_MS = 2 ** 31 - 1;

export function startSockets(server: Server, options: SocketOptions): RunningSockets {
  const { principals, origins, log } = options;
  const sockets = new WebSocketServer({ noServer: true, maxPayload: LARGEST_MESSAGE, handleProtocols });
  const signedIn = new Set<Connection>();

  const graphql = makeServer<Record<string, unknown> | undefined, Connection>({
    connectionInitWaitTimeout: INIT_WITHIN_MS,
    onConnect: context => connect(context, signedIn, options),
    onSubscribe: (context, _id, payload) => prepare(context, payload, options),
    execute: args => run(args, options),
    subscribe: args => watch(args, options),
    onError: (context, _id, payload, errors) => formatErrors(errors, askingOf(context, payload), log),
  });

  const opened = (socket: WebSocket, request: IncomingMessage) => {
    const connection: Connection = { socket, request, credential: null, signedIn: null, timer: undefined };
    let alive = true;
    const pings = setInterval(() => {
      if (!alive) socket.terminate();
      alive = false;
      socket.ping();
    }, PING_MS);
    socket.on('pong', () => {
      alive = true;
    });
    socket.on('error', () => {}); // the close that follows says enough, such as 1009 for a message too large
    const closed = graphql.opened(
      {
        protocol: socket.protocol,
        send: data => send(socket, data),
        close: (code, reason) => socket.close(code, reason),
        onMessage: handle =>
          socket.on('message', data => {
            handle(String(data)).catch((error: unknown) => {
              log.error('fault', { error });
              close(socket, INTERNAL, 'Something went wrong.');
            });
          }),
      },
      connection,
    );
    socket.once('close', (code, reason) => {
      clearInterval(pings);
      clearTimeout(connection.timer);
      signedIn.delete(connection);
      closed(code, String(reason)).catch((error: unknown) => log.error('fault', { error }));
    });
  };

  const upgrade = (request: IncomingMessage, stream: Duplex, head: Buffer) => {
    stream.on('error', () => stream.destroy());
    const { origin } = request.headers;
    if (!/^\/graphql(\?|$)/.test(request.url ?? '')) refuse(stream, '404 Not Found');
    else if (origin !== undefined && origins && !origins.includes(origin)) refuse(stream, '403 Forbidden');
    else sockets.handleUpgrade(request, stream, head, socket => opened(socket, request));
  };
  server.on('upgrade', upgrade);

  const stopHearing = principals?.onRevoked(revocation => {
    for (const connection of signedIn) {
      const principal = connection.signedIn?.principal;
      if (revocation === 'missed') void checkAgain(connection, principals);
      else if (principal && names(revocation, principal)) close(connection.socket, FORBIDDEN, 'The session has ended.');
    }
  });

  return {
    async stop() {
      stopHearing?.();
      server.off('upgrade', upgrade);
      const all = [...sockets.clients].map(socket => {
        const gone = new Promise(resolve => void socket.once('close', resolve));
        close(socket, GOING_AWAY, 'The gateway goes away.');
        return gone;
      });
      await Promise.all(all);
      sockets.close();
    },
  };
}

function refuse(stream: Duplex, status: string): void {
  stream.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}

/** Resolves when the message has left, so that a slow client holds its own stream and nobody else's. */
function send(socket: WebSocket, data: string): Promise<void> {
  return new Promise((resolve, reject) => {
    if (socket.readyState === socket.OPEN) socket.send(data, error => (error ? reject(error) : resolve()));
    else resolve();
  });
}

/** Closes in good order, and for good when the client does not answer. */
function close(socket: WebSocket, code: number, reason: string): void {
  socket.close(code, reason);
  const timer = setTimeout(() => socket.terminate(), CLOSE_WITHIN_MS);
  socket.once('close', () => clearTimeout(timer));
}

/** @returns false to close the socket as forbidden */
async function connect(context: SocketContext, open: Set<Connection>, options: SocketOptions): Promise<boolean> {
  const connection = context.extra;
  const { socket, request } = connection;
  const { principals, origins } = options;
  if (!principals) return true;
  try {
    const credential = credentialOf(context.connectionParams?.authorization, request.headers.cookie);
    if (!credential) return true;
    // a browser sends the cookie from any site: only a listed origin may use it
    if (credential.from === 'cookie' && !origins?.includes(request.headers.origin ?? '')) return false;
    const signedIn = await principals.of(credential.token);
    if (socket.readyState !== socket.OPEN) return false;
    Object.assign(connection, { credential, signedIn });
    open.add(connection);
    closeAtExpiry(connection, signedIn.expiresAt);
    return true;
  } catch (error) {
    if (!isEnded(error)) close(socket, TRY_AGAIN_LATER, 'Sign-in is not available.');
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
    if (isEnded(error)) close(socket, FORBIDDEN, 'The session has ended.');
  }
}

const isEnded = (error: unknown): boolean =>
  error instanceof GraphQLError && error.extensions.code === 'UNAUTHENTICATED';
