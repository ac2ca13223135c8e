/** Streams of subgraphs over graphql-ws, as our own subgraphs speak it. */
import type { GraphQLError, GraphQLFormattedError } from 'graphql';
import { createClient } from 'graphql-ws';
import WebSocket from 'ws';
import type { Envelope } from '../../kernel/principal';
import type { Certificate } from '../../kernel/tls';
import type { Transport } from './upstream';

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

const socketWith = (certificate: Certificate | null | undefined) =>
  class UpstreamSocket extends WebSocket {
    constructor(address: string, protocols?: string | string[]) {
      super(address, protocols, {
        handshakeTimeout: ACKNOWLEDGED_WITHIN_MS,
        maxPayload: LARGEST_EVENT_BYTES,
        ...certificate,
      });
    }
  };

export const overSocket =
  ({ url, certificate, principalToken }: SocketTransportOptions): Transport =>
  ({ subgraph, query, variables, operationName, asked }, listener) => {
    let pong: NodeJS.Timeout | undefined;
    const client = createClient({
      url: url(subgraph).replace(/^http/, 'ws'),
      webSocketImpl: socketWith(certificate?.(subgraph)),
      retryAttempts: 0, // taking up again needs the last cursor, which is not known here
      connectionAckWaitTimeout: ACKNOWLEDGED_WITHIN_MS,
      keepAlive: PING_MS,
      ...(principalToken && {
        connectionParams: () => ({ principal: principalToken(subgraph, asked) }),
      }),
      on: {
        connected: (_socket, payload) => {
          if (typeof payload?.cursor === 'string') listener.startsAt(payload.cursor);
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
        next: ({ data, errors }) =>
          listener.next({ data: data ?? null, ...(errors && { errors: errors.map(formatted) }) }),
        error: problem => {
          clearTimeout(pong);
          listener.ended(isErrors(problem) ? problem : 'broken');
        },
        complete: () => {
          clearTimeout(pong);
          listener.ended('finished');
        },
      },
    );
    return () => {
      clearTimeout(pong);
      Promise.resolve(client.dispose()).catch(() => {}); // it may be still connecting, in vain
    };
  };

const isErrors = (problem: unknown): problem is readonly GraphQLFormattedError[] =>
  Array.isArray(problem) && problem.length > 0;

const formatted = (error: GraphQLError | GraphQLFormattedError): GraphQLFormattedError => ({
  message: error.message,
  ...(error.path && { path: error.path }),
  extensions: { ...error.extensions },
});
