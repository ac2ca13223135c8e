/** One subgraph as the gateway reaches it: its connections, its bulkhead and its breaker. */
import { Pool } from 'undici';
import type { Certificate } from '../../kernel/tls';
import type { GoneSignal, SubgraphAnswer } from '../engine/fetch';
import type { ObjectPlan } from '../engine/reader';
import { readAnswer } from './answer';
import { Breaker, type BreakerLimits, type BreakerState } from './breaker';
import { Bulkhead } from './bulkhead';
import { exchange, type RawAnswer } from './exchange';
import { isItsFault, UpstreamProblem } from './problem';

export interface UpstreamLimits {
  /** Milliseconds until a whole answer must be there, a second attempt included. */
  readonly timeoutMs: number;
  /** The same for a mutation, which may take longer: to give it up would not undo it. */
  readonly writeTimeoutMs: number;
  /** Bytes of an answer at most, after decompression. */
  readonly maxBytes: number;
  /** Requests at the same time; four times as many may wait. */
  readonly connections: number;
  readonly breaker: BreakerLimits;
}

export interface UpstreamRequest {
  readonly headers: Record<string, string>;
  readonly body: Buffer;
  /** Reads may be sent again when a connection breaks; writes never are, and they go on when nobody waits any more. */
  readonly isRead: boolean;
  readonly signal: GoneSignal | undefined;
  /** How the answer may be read. */
  readonly reads?: ObjectPlan | null | undefined;
}

export interface UpstreamReply {
  readonly answer: SubgraphAnswer;
  /** SQL statements, as subgraphs tell outside of production. */
  readonly statements: number;
}

const KEEP_ALIVE_MS = 10_000;
const WAITING_PER_CONNECTION = 4;

export class Upstream {
  private readonly pool: Pool;
  private readonly path: string;
  private readonly bulkhead: Bulkhead;
  private readonly breaker: Breaker;

  constructor(
    address: string,
    private readonly limits: UpstreamLimits,
    certificate: Certificate | null = null,
  ) {
    const { origin, pathname, search } = new URL(address);
    const { connections, timeoutMs } = limits;
    this.path = pathname + search;
    this.pool = new Pool(origin, {
      connections,
      pipelining: 1,
      keepAliveTimeout: KEEP_ALIVE_MS,
      allowH2: false,
      connect: { timeout: timeoutMs, ...certificate },
      headersTimeout: 0, // the deadline of the whole answer is stricter
      bodyTimeout: 0,
    });
    this.bulkhead = new Bulkhead({ running: connections, waiting: connections * WAITING_PER_CONNECTION });
    this.breaker = new Breaker(limits.breaker);
  }

  get state(): BreakerState {
    return this.breaker.state;
  }

  /** Requests that run and wait. */
  get load(): number {
    return this.bulkhead.load;
  }

  /** @throws UpstreamProblem */
  async send(request: UpstreamRequest): Promise<UpstreamReply> {
    if (!this.breaker.admits()) throw new UpstreamProblem('resting');
    const timeoutMs = request.isRead ? this.limits.timeoutMs : this.limits.writeTimeoutMs;
    const deadline = performance.now() + timeoutMs;
    try {
      let raw: RawAnswer;
      try {
        raw = await this.attempt(request, timeoutMs);
      } catch (error) {
        raw = await this.again(request, error, deadline);
      }
      const answer = readAnswer(raw, request.reads);
      this.breaker.succeeded();
      return { answer, statements: Number(raw.headers['x-sql-statements']) || 0 };
    } catch (error) {
      if (error instanceof UpstreamProblem && !isItsFault(error.reason)) this.breaker.left();
      else this.breaker.failed();
      throw error;
    }
  }

  close(): Promise<void> {
    return this.pool.close();
  }

  /** A read is sent once more when its connection breaks, within the same deadline. */
  private again(request: UpstreamRequest, error: unknown, deadline: number): Promise<RawAnswer> {
    const left = deadline - performance.now();
    const isBroken = error instanceof UpstreamProblem && error.reason === 'connection';
    if (!request.isRead || !isBroken || left <= 0) throw error;
    return this.attempt(request, left);
  }

  private attempt({ headers, body, isRead, signal }: UpstreamRequest, timeoutMs: number): Promise<RawAnswer> {
    return exchange({
      pool: this.pool,
      bulkhead: this.bulkhead,
      request: { path: this.path, method: 'POST', headers, body },
      timeoutMs,
      maxBytes: this.limits.maxBytes,
      signal: isRead ? signal : undefined,
    });
  }
}
