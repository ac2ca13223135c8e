/** How many live connections one network address may have, so that a flood of them ends at the door. */
import type { IncomingMessage } from 'node:http';
import type { Addresses } from '../addresses';

export class Connections {
  private readonly open = new Map<string, number>();

  constructor(
    private readonly perAddress: number,
    private readonly addresses: Addresses,
  ) {}

  /** How many there are. */
  get size(): number {
    let size = 0;
    for (const count of this.open.values()) size += count;
    return size;
  }

  /** @returns what to call when the connection is over; null when there are too many of its address */
  admit(request: IncomingMessage): (() => void) | null {
    const address = this.addresses.of(request);
    const count = this.open.get(address) ?? 0;
    if (count >= this.perAddress) return null;
    this.open.set(address, count + 1);
    let left = false;
    return () => {
      if (left) return;
      left = true;
      const rest = this.open.get(address)! - 1;
      if (rest > 0) this.open.set(address, rest);
      else this.open.delete(address);
    };
  }
}
