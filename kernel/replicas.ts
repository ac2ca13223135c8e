/** A server that runs several times: its addresses in turn, those last that have just turned somebody away. */

/** As long as a process may take to be there again; whoever has no other choice tries sooner. */
const AVOIDED_MS = 1_000;

export class Replicas<T> {
  private turn = 0;
  private readonly avoided = new Map<T, number>();

  /** @param clock milliseconds that never go back */
  constructor(
    readonly all: readonly T[],
    private readonly clock: () => number = () => performance.now(),
  ) {}

  /** All of them, in the order in which they are to be tried. */
  inTurn(): readonly T[] {
    const { all } = this;
    if (all.length === 1) return all;
    this.turn = (this.turn + 1) % all.length;
    const order = [...all.slice(this.turn), ...all.slice(0, this.turn)];
    if (this.avoided.size === 0) return order;
    const now = this.clock();
    for (const [one, until] of this.avoided) if (until <= now) this.avoided.delete(one);
    return [...order.filter(one => !this.avoided.has(one)), ...order.filter(one => this.avoided.has(one))];
  }

  /** It leaves, or cannot be reached. */
  avoid(one: T): void {
    this.avoided.set(one, this.clock() + AVOIDED_MS);
  }
}

/** @param text addresses, comma-separated, as settings have them */
export const addressesIn = (text: string): string[] =>
  text
    .split(',')
    .map(one => one.trim().replace(/\/$/, ''))
    .filter(Boolean);
