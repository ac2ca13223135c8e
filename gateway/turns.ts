/**
 * Turns of those whose requests are in no cache. To parse, check and plan an operation takes milliseconds; a burst of new
 * ones, read in one go, would hold up everybody else, and the heartbeat with them until the watchdog takes it for blocked.
 */
import type { IncomingMessage } from 'node:http';
import type { RequestHandler } from 'express';
import type { Addresses } from './addresses';

export class Turns {
  /** Addresses that had a turn in this round of the event loop, and who waits for the next ones. */
  private readonly waiting = new Map<string, (() => void)[]>();

  constructor(private readonly addresses: Addresses) {}

  /** Resolves at once for the first request of its address in a round of the event loop, and for one more in each round after. */
  async of(request: IncomingMessage): Promise<void> {
    const address = this.addresses.of(request);
    const waiting = this.waiting.get(address);
    if (waiting) {
      await new Promise<void>(resolve => void waiting.push(resolve));
    } else {
      this.waiting.set(address, []);
      setImmediate(() => this.next(address));
    }
  }

  private next(address: string): void {
    const resolve = this.waiting.get(address)!.shift();
    if (!resolve) {
      this.waiting.delete(address);
      return;
    }
    setImmediate(() => this.next(address));
    resolve();
  }
}

/** Lets each request go on when it has its turn, unless its client has left meanwhile. */
export const oneByOne =
  (turns: Turns): RequestHandler =>
  async (request, response, next) => {
    await turns.of(request);
    if (!response.destroyed) next();
  };
