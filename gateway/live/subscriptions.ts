/**
 * Live streams: one upstream graphql-ws stream for each subscription of a client, each event joined with fresh data and
 * errors, in order. An upstream that breaks is taken up again where it stood, so that a restarted subgraph loses nothing.
 */
import { type ExecutionResult, GraphQLError, type GraphQLFormattedError } from 'graphql';
import { type Client, createClient } from 'graphql-ws';
import WebSocket from 'ws';
import type { Log } from '../../kernel/log';
import type { Envelope } from '../../kernel/principal';
import { type PushTarget, pushIterator } from '../../kernel/push-iterator';
import type { Engine, LivePlan, OperationRequest } from '../engine/engine';
import { type SubgraphAnswer, unavailable } from '../engine/fetch';
import { Resumable } from './resume';

export interface LiveOptions {
  readonly engine: Engine;
  /** The address of the subgraph's GraphQL endpoint. */
  readonly url: (subgraph: string) => string;
  /** The principal token for a stream, which has no body; nothing in plain mode. */
  readonly principalToken?: (subgraph: string, asked: Envelope) => Promise<string>;
  readonly log: Log;
}

/** Who asks, at the moment of an event; rejects when the rights have ended. */
export type AskedNow = () => Promise<Envelope>;

const FIRST_WAIT_MS = 100;
const LONGEST_WAIT_MS = 5_000;
const ACKNOWLEDGED_WITHIN_MS = 5_000;
/** A client with more events waiting than this is too slow: it is told, and can come back with its cursor. */
const WAITING_EVENTS = 500;
const LARGEST_EVENT_BYTES = 1024 * 1024;
/** An upstream that does not answer a ping for so long is taken for dead. */
const PING_MS = 10_000;

/**
 * @throws GraphQLError when it cannot be planned
 * @returns the events; ends with an error when the upstream ends with one, when `askedNow` rejects, or with TooSlow
 */
export function subscribe(
  request: OperationRequest,
  askedNow: AskedNow,
  options: LiveOptions,
): AsyncGenerator<ExecutionResult, void, undefined> {
  const plan = options.engine.live(request);
  const resumable = new Resumable(options.engine.schema, plan);
  const events = pushIterator<SubgraphAnswer>(target => {
    const upstream = new UpstreamStream(plan, resumable, request.asked, options, target);
    upstream.connect();
    return () => upstream.close();
  }, WAITING_EVENTS);
  // not an async generator: one that waits for an event would hold return() until the event comes
  const joined: AsyncGenerator<ExecutionResult, void, undefined> = {
    async next() {
      const event = await events.next();
      if (event.done) return { done: true, value: undefined };
      try {
        return { done: false, value: await plan.join(event.value, await askedNow()) };
      } catch (error) {
        await events.return();
        throw error;
      }
    },
    async return() {
      await events.return();
      return { done: true, value: undefined };
    },
    async throw(error) {
      await events.return();
      throw error;
    },
    [Symbol.asyncIterator]: () => joined,
    [Symbol.asyncDispose]: async () => void (await events.return()),
  };
  return joined;
}

class UpstreamSocket extends WebSocket {
  constructor(address: string, protocols?: string | string[]) {
    super(address, protocols, { handshakeTimeout: ACKNOWLEDGED_WITHIN_MS, maxPayload: LARGEST_EVENT_BYTES });
  }
}

class UpstreamStream {
  private client: Client | undefined;
  private retry: NodeJS.Timeout | undefined;
  private pong: NodeJS.Timeout | undefined;
  private pause = FIRST_WAIT_MS;
  private closed = false;
  /** The last message had no data: followed by the end, it says why there is no stream. */
  private refused = false;

  constructor(
    private readonly plan: LivePlan,
    private readonly resumable: Resumable,
    private readonly asked: Envelope,
    private readonly options: LiveOptions,
    private readonly target: PushTarget<SubgraphAnswer>,
  ) {}

  connect(): void {
    const { subgraph, operationName } = this.plan;
    const { url, principalToken } = this.options;
    const client = createClient({
      url: url(subgraph).replace(/^http/, 'ws'),
      webSocketImpl: UpstreamSocket,
      retryAttempts: 0, // taking up again needs the last cursor, so it is done here
      connectionAckWaitTimeout: ACKNOWLEDGED_WITHIN_MS,
      keepAlive: PING_MS,
      ...(principalToken && {
        connectionParams: async () => ({ principal: await principalToken(subgraph, this.asked) }),
      }),
      on: {
        connected: (_socket, payload) => {
          if (typeof payload?.cursor === 'string') this.resumable.startsAt(payload.cursor);
        },
        ping: received => {
          if (!received) this.pong = setTimeout(() => client.terminate(), PING_MS);
        },
        pong: received => {
          if (received) clearTimeout(this.pong);
        },
      },
    });
    this.client = client;
    const { query, variables } = this.resumable.next();
    client.subscribe<Record<string, unknown>>(
      { query, variables, operationName: operationName ?? null },
      {
        next: ({ data, errors }) => {
          this.pause = FIRST_WAIT_MS;
          this.resumable.saw(data);
          this.refused = !data;
          this.target.push({ data: data ?? null, ...(errors && { errors: errors.map(formatted) }) });
        },
        error: problem => this.ended(problem),
        complete: () => this.ended(undefined),
      },
    );
  }

  close(): void {
    this.closed = true;
    clearTimeout(this.retry);
    clearTimeout(this.pong);
    Promise.resolve(this.client?.dispose()).catch(() => {}); // it may be still connecting, in vain
  }

  /** @param problem a list of GraphQL errors, something about the connection, or nothing when the subgraph has finished */
  private ended(problem: unknown): void {
    clearTimeout(this.pong);
    if (this.closed) return;
    const { subgraph } = this.plan;
    if (isErrors(problem)) {
      this.target.end(asError(problem[0]!));
    } else if (problem === undefined && (this.refused || !this.resumable.possible)) {
      this.target.end();
    } else if (this.resumable.position === null) {
      this.target.end(unavailable(subgraph));
    } else {
      this.options.log.info('an upstream is taken up again', { subgraph, requestId: this.asked.requestId });
      this.retry = setTimeout(() => this.connect(), this.pause * (0.5 + Math.random() / 2));
      this.pause = Math.min(this.pause * 2, LONGEST_WAIT_MS);
    }
  }
}

const isErrors = (problem: unknown): problem is readonly GraphQLFormattedError[] =>
  Array.isArray(problem) && problem.length > 0;

const formatted = (error: GraphQLError | GraphQLFormattedError): GraphQLFormattedError => ({
  message: error.message,
  ...(error.path && { path: error.path }),
  extensions: { ...error.extensions },
});

const asError = ({ message, path, extensions }: GraphQLFormattedError): GraphQLError =>
  new GraphQLError(message, { ...(path && { path }), extensions: { ...extensions } });
