/**
 * One stream of a subgraph, over whichever transport it speaks. When it breaks it is taken up again where it stood, so
 * that a restarted subgraph loses nothing; it can change hands without a gap.
 */
import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import type { Log } from '../../kernel/log';
import type { Envelope } from '../../kernel/principal';
import type { LivePlan } from '../engine/engine';
import { type SubgraphAnswer, unavailable } from '../engine/fetch';
import { isOurFault } from '../upstream/answer';
import type { Resumable } from './resume';

/** What is sent to a subgraph to open a stream, and on whose behalf. */
export interface StreamRequest {
  readonly subgraph: string;
  readonly query: string;
  readonly variables: Record<string, unknown>;
  readonly operationName: string | null;
  readonly asked: Envelope;
}

/**
 * Why a stream is over: the subgraph has finished it, has said no to whoever asks, or cannot be heard any more. Refused:
 * it said no to the gateway, and would say so again.
 */
export type Ending = 'finished' | 'broken' | 'refused' | readonly GraphQLFormattedError[];

export interface StreamListener {
  /** The subgraph has said where the stream stands before its first event. */
  startsAt(cursor: string): void;
  next(answer: SubgraphAnswer): void;
  /** Called once, and nothing after it. */
  ended(ending: Ending): void;
}

/** Opens a stream and gives back what closes it; after that the listener hears nothing. Never throws. */
export type Transport = (request: StreamRequest, listener: StreamListener) => () => void;

/** One event as it came from its subgraph. */
export interface Pushed {
  readonly answer: SubgraphAnswer;
  /** Where the stream stood before it; null when that is not known. */
  readonly previous: string | null;
  /** Where it stands now. */
  readonly cursor: string | null;
  /** By performance.now(). */
  readonly arrivedAt: number;
}

/** In place of an event that is no answer of GraphQL: the client learns that there was one, and the stream goes on. */
export const unreadable = (subgraph: string): SubgraphAnswer => ({
  data: null,
  errors: [unavailable(subgraph).toJSON()],
});

export interface UpstreamOptions {
  readonly transportOf: (subgraph: string) => Transport;
  readonly log: Log;
}

export interface UpstreamListener {
  next(event: Pushed): void;
  /**
   * Nothing comes any more, unless it goes on as somebody else.
   * @param error why, unless the subgraph has just finished  @param isVerdict it said no without saying to whom
   */
  ended(error?: GraphQLError, isVerdict?: boolean): void;
}

const FIRST_WAIT_MS = 100;
const LONGEST_WAIT_MS = 5_000;

export class Upstream {
  private disconnect: () => void = () => {};
  private retry: NodeJS.Timeout | undefined;
  private pause = FIRST_WAIT_MS;
  private closed = false;
  /** The last message had no data: followed by the end, it says why there is no stream. */
  private refused = false;

  constructor(
    private readonly plan: LivePlan,
    private readonly resumable: Resumable,
    private asked: Envelope,
    private readonly options: UpstreamOptions,
    private readonly listener: UpstreamListener,
  ) {}

  connect(): void {
    const { subgraph, operationName } = this.plan;
    const { asked } = this;
    let open = true;
    const heard = (listen: () => void) => {
      if (open) listen();
    };
    const stop = this.options.transportOf(subgraph)(
      { subgraph, ...this.resumable.next(), operationName: operationName ?? null, asked },
      {
        startsAt: cursor => heard(() => this.resumable.startsAt(cursor)),
        next: answer => heard(() => this.next(answer)),
        ended: ending =>
          heard(() => {
            open = false;
            this.ended(ending);
          }),
      },
    );
    this.disconnect = () => {
      open = false;
      stop();
    };
  }

  /** Goes on as somebody else, from where it stands; it ends when that is not known. */
  continueAs(asked: Envelope): void {
    this.asked = asked;
    this.disconnect();
    clearTimeout(this.retry);
    if (this.resumable.position === null) this.end(unavailable(this.plan.subgraph));
    else this.connect();
  }

  close(): void {
    this.closed = true;
    clearTimeout(this.retry);
    this.disconnect();
  }

  private next(answer: SubgraphAnswer): void {
    this.pause = FIRST_WAIT_MS;
    const previous = this.resumable.position;
    this.resumable.saw(answer.data);
    this.refused = !answer.data;
    this.listener.next({ answer, previous, cursor: this.resumable.position, arrivedAt: performance.now() });
  }

  private ended(ending: Ending): void {
    const { subgraph } = this.plan;
    if (typeof ending !== 'string' && ending.some(isOurFault)) this.refuse();
    else if (typeof ending !== 'string') this.end(asError(ending[0], subgraph));
    else if (ending === 'finished' && (this.refused || !this.resumable.possible)) this.end();
    else if (ending === 'refused') this.refuse();
    else if (this.resumable.position === null) this.end(unavailable(subgraph));
    else {
      this.options.log.info('an upstream is taken up again', { subgraph, requestId: this.asked.requestId });
      this.retry = setTimeout(() => this.connect(), this.pause * (0.5 + Math.random() / 2));
      this.pause = Math.min(this.pause * 2, LONGEST_WAIT_MS);
    }
  }

  /** As when it does not accept a fetch: the log has more, the client learns that a part of the platform is missing. */
  private refuse(): void {
    const { subgraph } = this.plan;
    this.options.log.warn('an upstream is refused', { subgraph, requestId: this.asked.requestId });
    this.end(unavailable(subgraph), true);
  }

  private end(error?: GraphQLError, isVerdict = false): void {
    if (!this.closed) this.listener.ended(error, isVerdict);
  }
}

const asError = (error: GraphQLFormattedError | undefined, subgraph: string): GraphQLError => {
  if (!error) return unavailable(subgraph);
  const { message, path, extensions } = error;
  // without a code it would be taken for what graphql-js says of the client's own request
  return new GraphQLError(message, { ...(path && { path }), extensions: { code: 'FAULT', ...extensions } });
};
