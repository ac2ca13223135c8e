/** Why a subgraph gave no answer. Clients see none of it; logs and metrics see the reason. */

export type Reason =
  /** No connection, or one that broke. */
  | 'connection'
  | 'timeout'
  /** It is about to end, and has done nothing. */
  | 'leaving'
  /** It answered, but not with GraphQL: a redirect, HTML, another shape. */
  | 'malformed'
  | 'too-large'
  /** It said itself that it failed. */
  | 'failed'
  /** It does not accept our signature. */
  | 'unsigned'
  /** Its own validation refused what we planned. */
  | 'refused'
  /** Too many requests wait for it already. */
  | 'full'
  /** It failed so often that it is given a rest. */
  | 'resting'
  /** Whoever asked does not wait any more. */
  | 'cancelled';

export class UpstreamProblem extends Error {
  override readonly name = 'UpstreamProblem';

  constructor(
    readonly reason: Reason,
    cause?: unknown,
    /** The request has not left: whatever it is, it may be sent elsewhere. */
    readonly isUnsent = false,
  ) {
    super(reason, { cause });
  }
}

/** These say nothing about how the subgraph is: it was not asked, or understood us and said no. */
const NOT_ITS_FAULT: ReadonlySet<Reason> = new Set(['full', 'resting', 'cancelled', 'refused', 'leaving']);

export const isItsFault = (reason: Reason): boolean => !NOT_ITS_FAULT.has(reason);
