/** Streams of subgraphs over graphql-ws, as our own subgraphs speak it. */
import { CloseCode, createClient } from 'graphql-ws';
import WebSocket from 'ws';
import type { Envelope } from '../../kernel/principal';
import type { Certificate } from '../../kernel/tls';
import { mayLoseDigits, parseJson } from '../engine/numbers';
import { errorsIn, readEvent, withoutMark } from '../upstream/answer';
import { type Ending, type Transport, unreadable } from './upstream';

export interface SocketTransportOptions {
  /** The address of the subgraph's GraphQL endpoint. */
  readonly url: (subgraph: string) => string;
  /** Shown to the subgraph, which must show one of the same authority. */
  readonly certificate?: (subgraph: string) => Certificate | null;
  /** The principal token for a stream, which has no body; nothing in plain mode. */
  readonly principalToken?: (subgraph: string, asked: Envelope) => string;
}

const ACKNOWLEDGED_WITHIN_MS = 5_000;
const LARGEST_EVENT_BYTES = 1024 * 1024;
/** An upstream that does not answer a ping for so long is taken for dead. */
const PING_MS = 10_000;

/**
 * Close codes that are a verdict: those that graphql-ws calls fatal (its 4429 among them), and 4403, with which a
 * subgraph refuses the gateway's principal token. After any other one the stream is taken up again.
 */
const REFUSED: ReadonlySet<number> = new Set([
  CloseCode.InternalServerError,
  CloseCode.InternalClientError,
  CloseCode.BadRequest,
  CloseCode.BadResponse,
  CloseCode.Unauthorized,
  CloseCode.Forbidden,
  CloseCode.SubprotocolNotAcceptable,
  CloseCode.SubscriberAlreadyExists,
  CloseCode.TooManyInitialisationRequests,
]);
/** Of RFC 6455, those that pass: the server goes away, the connection is lost, the service restarts, try again later, bad gateway. */
const PASSING: ReadonlySet<number> = new Set([1000, 1001, 1005, 1006, 1012, 1013, 1014]);
/** A handshake that is refused, unless for being late or one of too many; ws tells it in these words only. */
const REFUSED_HANDSHAKE = /^Unexpected server response: 4(?!08|29)\d\d$/;

/** @param heard gets each message before graphql-ws does, which reads it as JSON */
const socketWith = (certificate: Certificate | null | undefined, heard: (message: Buffer) => void) =>
  class UpstreamSocket extends WebSocket {
    constructor(address: string, protocols?: string | string[]) {
      super(address, protocols, {
        handshakeTimeout: ACKNOWLEDGED_WITHIN_MS,
        maxPayload: LARGEST_EVENT_BYTES,
        ...certificate,
      });
    }

    override emit(event: string | symbol, ...all: unknown[]): boolean {
      const [data, ...rest] = all;
      if (event !== 'message' || !Buffer.isBuffer(data)) return super.emit(event, ...all);
      const message = withoutMark(data);
      heard(message);
      return super.emit(event, message, ...rest);
    }
  };

/** What a message carries, from its text: graphql-ws would have it lose digits. */
function payloadIn(text: string): unknown {
  try {
    return (parseJson(text) as { payload?: unknown }).payload;
  } catch {
    return null; // nested without end
  }
}

export const overSocket =
  ({ url, certificate, principalToken }: SocketTransportOptions): Transport =>
  ({ subgraph, query, variables, operationName, asked }, listener) => {
    let pong: NodeJS.Timeout | undefined;
    let message: Buffer | undefined;
    const stop = () => Promise.resolve(client.dispose()).catch(() => {}); // it may be still connecting, in vain
    const client = createClient({
      url: url(subgraph).replace(/^http/, 'ws'),
      webSocketImpl: socketWith(certificate?.(subgraph), heard => {
        message = heard;
      }),
      retryAttempts: 0, // taking up again needs the last cursor, which is not known here
      connectionAckWaitTimeout: ACKNOWLEDGED_WITHIN_MS,
      keepAlive: PING_MS,
      ...(principalToken && {
        connectionParams: () => ({
          principal: principalToken(subgraph, asked),
          ...(asked.askedAt !== undefined && { askedMsAgo: performance.now() - asked.askedAt }),
        }),
      }),
      on: {
        connected: (_socket, payload) => {
          if (typeof payload?.cursor === 'string') listener.startsAt(payload.cursor);
        },
        closed: event => {
          // else graphql-ws would subscribe anew by itself, without the last cursor
          if ((event as CloseEvent).code === 1000) stop();
        },
        ping: received => {
          if (!received) pong = setTimeout(() => client.terminate(), PING_MS);
        },
        pong: received => {
          if (received) clearTimeout(pong);
        },
      },
    });
    client.subscribe<Record<string, unknown>>(
      { query, variables, operationName },
      {
        next: event => {
          const text = String(message);
          listener.next(readEvent(mayLoseDigits(text) ? payloadIn(text) : event) ?? unreadable(subgraph));
        },
        error: problem => {
          clearTimeout(pong);
          listener.ended(endingBy(problem));
        },
        complete: () => {
          clearTimeout(pong);
          listener.ended('finished');
        },
      },
    );
    return () => {
      clearTimeout(pong);
      stop();
    };
  };

/** @param problem errors of the subscription, how the socket was closed, or what went wrong with it */
function endingBy(problem: unknown): Ending {
  if (Array.isArray(problem)) return errorsIn(problem) ?? 'refused';
  const { code, message, error } = problem as { code?: unknown; message?: unknown; error?: { code?: unknown } };
  if (typeof code === 'number') return isVerdict(code) ? 'refused' : 'broken';
  // what breaks the protocol, such as an event that is too large, would come again
  const isRefused = String(error?.code).startsWith('WS_ERR_') || REFUSED_HANDSHAKE.test(String(message));
  return isRefused ? 'refused' : 'broken';
}

const isVerdict = (code: number): boolean => REFUSED.has(code) || (code < 2000 && !PASSING.has(code));
