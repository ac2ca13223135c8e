/** How many live connections one network address may have, so that a flood of them ends at the door. */
import type { IncomingMessage } from 'node:http';

export class Connections {
  private readonly open = new Map<string, number>();

  constructor(private readonly perAddress: number) {}

  /** @returns what to call when the connection is over; null when there are too many of its address */
  admit({ socket }: IncomingMessage): (() => void) | null {
    const address = networkOf(socket.remoteAddress ?? '');
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

/** One subscriber of IPv6 has a whole /64. */
function networkOf(address: string): string {
  const mapped = address.replace(/^::ffff:(?=\d+\.)/, '');
  if (!mapped.includes(':')) return mapped;
  const [head = '', tail] = mapped.split('::');
  const groups = head.split(':').filter(Boolean);
  const missing = tail === undefined ? 0 : 8 - groups.length - tail.split(':').filter(Boolean).length;
  return [...groups, ...Array<string>(missing).fill('0'), ...(tail ?? '').split(':')].slice(0, 4).join(':');
}
