/** What the engine asks of a subgraph, and what it gets; how it is fetched stands in ../upstream. */
import type { GraphQLFormattedError } from 'graphql';
import { graphError } from '../../kernel/errors';
import type { Envelope } from '../../kernel/principal';
import type { Span } from '../../kernel/trace';
import type { ObjectPlan } from './reader';

export interface SubgraphOperation {
  readonly query: string;
  readonly operationName?: string | undefined;
  readonly variables: Record<string, unknown>;
  /** The same as JSON, where it is at hand. */
  readonly text?: string;
  /** How its answer may be read; see {@link readPlanned}. */
  readonly reads?: ObjectPlan | null;
}

export interface SubgraphAnswer {
  readonly data?: Record<string, unknown> | null;
  readonly errors?: readonly GraphQLFormattedError[];
}

/** Says that nobody waits for the answer any more; what fetches need of an AbortSignal. */
export interface GoneSignal {
  readonly aborted: boolean;
  addEventListener(type: 'abort', listener: () => void): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}

/** Who asks, and what belongs to this one request. */
export interface FetchContext extends Envelope {
  readonly signal?: GoneSignal;
  /** Its part of a trace. */
  readonly span?: Span | undefined;
}

/** Never rejects: what goes wrong is an answer with the error SUBGRAPH_UNAVAILABLE. */
export type SubgraphFetch = (
  subgraph: string,
  operation: SubgraphOperation,
  asked: FetchContext,
) => Promise<SubgraphAnswer>;

/** The error for a part of the answer that is missing; names the subgraph and nothing else. */
export const unavailable = (subgraph: string) => graphError('SUBGRAPH_UNAVAILABLE', { subgraph });
