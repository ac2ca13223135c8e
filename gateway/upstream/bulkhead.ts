/** A bulkhead: so many requests to one subgraph at a time, so many waiting, and no more; a slow one sinks nobody else. */

export interface BulkheadLimits {
  /** Requests at the same time. */
  readonly running: number;
  /** Requests that wait for one of those to end. */
  readonly waiting: number;
}

export class Bulkhead {
  private readonly queue: (() => void)[] = [];
  private running = 0;

  constructor(private readonly limits: BulkheadLimits) {}

  /** Requests that run and wait. */
  get load(): number {
    return this.running + this.queue.length;
  }

  /** @param start runs at once or later, and must be followed by {@link leave}  @returns false when there is no room */
  enter(start: () => void): boolean {
    if (this.running < this.limits.running) {
      this.running += 1;
      start();
      return true;
    }
    if (this.queue.length >= this.limits.waiting) return false;
    this.queue.push(start);
    return true;
  }

  leave(): void {
    const next = this.queue.shift();
    if (next) next();
    else this.running -= 1;
  }
}
