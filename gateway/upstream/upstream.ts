/** One subgraph as the gateway reaches it: its processes, each with connections and a breaker, and its bulkhead. */

import { Pool } from 'undici';
import { limitNamed } from '../../kernel/limit';
import { Replicas } from '../../kernel/replicas';
import { NOT_DONE } from '../../kernel/server/drain';
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
  /** The setting that says so. */
  readonly timeoutName?: string;
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
  /** Reads may be sent again when a connection breaks; writes only when they never left, and they go on when nobody waits any more. */
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

const BEST_FIRST: readonly BreakerState[] = ['closed', 'half-open', 'open'];
const KEEP_ALIVE_MS = 10_000;
const WAITING_PER_CONNECTION = 4;

/** One process of the subgraph. */
interface Place {
  readonly origin: string;
  readonly breaker: Breaker;
  pool: Pool;
}

export class Upstream {
  private readonly path: string;
  private readonly bulkhead: Bulkhead;
  private readonly places: Replicas<Place>;

  /** @param addresses of its processes, with the same path */
  constructor(
    addresses: readonly string[],
    private readonly limits: UpstreamLimits,
    private readonly certificate: Certificate | null = null,
  ) {
    const { connections, breaker } = limits;
    const { pathname, search } = new URL(addresses[0]!);
    this.path = pathname + search;
    this.bulkhead = new Bulkhead({ running: connections, waiting: connections * WAITING_PER_CONNECTION });
    this.places = new Replicas(
      addresses.map(address => {
        const { origin } = new URL(address);
        return { origin, breaker: new Breaker(breaker), pool: this.connect(origin) };
      }),
    );
  }

  /** How the best of its processes is. */
  get state(): BreakerState {
    const states = new Set(this.places.all.map(({ breaker }) => breaker.state));
    return BEST_FIRST.find(state => states.has(state))!;
  }

  /** Requests that run and wait. */
  get load(): number {
    return this.bulkhead.load;
  }

  /** @throws UpstreamProblem */
  async send(request: UpstreamRequest): Promise<UpstreamReply> {
    const timeoutMs = request.isRead ? this.limits.timeoutMs : this.limits.writeTimeoutMs;
    const deadline = performance.now() + timeoutMs;
    let problem = new UpstreamProblem('resting');
    for (const place of this.places.inTurn()) {
      const left = deadline - performance.now();
      if (left <= 0 || !place.breaker.admits()) continue;
      try {
        return await this.sendTo(place, request, left);
      } catch (error) {
        if (!(error instanceof UpstreamProblem) || !mayGoElsewhere(error, request)) throw error;
        problem = error;
        this.places.avoid(place);
      }
    }
    throw problem;
  }

  private limitOf(isRead: boolean): string {
    const { timeoutMs, timeoutName = 'SUBGRAPH_TIMEOUT_MS', writeTimeoutMs } = this.limits;
    return isRead ? limitNamed(timeoutName, timeoutMs) : limitNamed('SUBGRAPH_WRITE_TIMEOUT_MS', writeTimeoutMs);
  }

  /** Whoever still waits for an answer gets none. */
  async close(): Promise<void> {
    await Promise.all(this.places.all.map(({ pool }) => pool.destroy()));
  }

  private async sendTo(place: Place, request: UpstreamRequest, timeoutMs: number): Promise<UpstreamReply> {
    const { breaker } = place;
    const deadline = performance.now() + timeoutMs;
    try {
      let raw: RawAnswer;
      try {
        raw = await this.attempt(place, request, timeoutMs);
      } catch (error) {
        raw = await this.again(place, request, error, deadline);
      }
      if (raw.status === 503 && raw.headers[NOT_DONE] !== undefined) throw this.leaving(place);
      const answer = readAnswer(raw, request.reads);
      breaker.succeeded();
      return { answer, statements: Number(raw.headers['x-sql-statements']) || 0 };
    } catch (error) {
      if (error instanceof UpstreamProblem && !isItsFault(error.reason)) breaker.left();
      else breaker.failed();
      throw error;
    }
  }

  /** What is still connected to a process that leaves ends with it: nothing new is sent there. */
  private leaving(place: Place): UpstreamProblem {
    place.pool.close().catch(() => {}); // after the answers that are on their way
    place.pool = this.connect(place.origin);
    return new UpstreamProblem('leaving');
  }

  /** Where there is no other process, a read is sent once more when its connection breaks, within the same deadline. */
  private again(place: Place, request: UpstreamRequest, error: unknown, deadline: number): Promise<RawAnswer> {
    const left = deadline - performance.now();
    const isBroken = error instanceof UpstreamProblem && error.reason === 'connection';
    if (this.places.all.length > 1 || !request.isRead || !isBroken || left <= 0) throw error;
    return this.attempt(place, request, left);
  }

  private attempt(
    { pool }: Place,
    { headers, body, isRead, signal }: UpstreamRequest,
    timeoutMs: number,
  ): Promise<RawAnswer> {
    return exchange({
      pool,
      bulkhead: this.bulkhead,
      request: { path: this.path, method: 'POST', headers, body },
      timeoutMs,
      limit: this.limitOf(isRead),
      maxBytes: this.limits.maxBytes,
      signal: isRead ? signal : undefined,
    });
  }

  private connect(origin: string): Pool {
    const { connections, timeoutMs } = this.limits;
    return new Pool(origin, {
      connections,
      pipelining: 1,
      keepAliveTimeout: KEEP_ALIVE_MS,
      allowH2: false,
      connect: { timeout: timeoutMs, ...this.certificate },
      headersTimeout: 0, // the deadline of the whole answer is stricter
      bodyTimeout: 0,
    });
  }
}

/** What was not done may be done elsewhere; a read that may have been done, too. */
const mayGoElsewhere = ({ reason, isUnsent }: UpstreamProblem, { isRead }: UpstreamRequest): boolean =>
  reason === 'leaving' || (reason === 'connection' && (isRead || isUnsent));
