/** A circuit breaker: a subgraph that only fails is given a rest, then one request finds out whether it is back. */

export type BreakerState = 'closed' | 'open' | 'half-open';

export interface BreakerLimits {
  /** Failures without a success in between, after which it opens. */
  readonly failures: number;
  /** Milliseconds until one request is let through again. */
  readonly restMs: number;
}

const LEAST_PROBE_MS = 1_000;

/** @param clock milliseconds that never go back */
export class Breaker {
  private failures = 0;
  private restsUntil = 0;
  private probing = false;
  private probesUntil = 0;

  constructor(
    private readonly limits: BreakerLimits,
    private readonly clock: () => number = () => performance.now(),
  ) {}

  get state(): BreakerState {
    if (this.failures < this.limits.failures) return 'closed';
    return this.clock() < this.restsUntil && !this.probing ? 'open' : 'half-open';
  }

  /** May a request go out? While it rests none may, then one; each that may must end in one of the three below. */
  admits(): boolean {
    if (this.failures < this.limits.failures) return true;
    const now = this.clock();
    // one that gets no answer finds nothing out: after a while another one tries
    if (now < (this.probing ? this.probesUntil : this.restsUntil)) return false;
    this.probing = true;
    this.probesUntil = now + Math.max(this.limits.restMs, LEAST_PROBE_MS);
    return true;
  }

  succeeded(): void {
    this.failures = 0;
    this.probing = false;
  }

  failed(): void {
    this.failures += 1;
    this.probing = false;
    if (this.failures >= this.limits.failures) this.restsUntil = this.clock() + this.limits.restMs;
  }

  /** It ended without saying how the subgraph is. */
  left(): void {
    this.probing = false;
  }
}
