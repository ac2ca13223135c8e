/** More events than a client that does not read can have waiting, and as much time as it has. */
import { holdTimers } from './clocks';
import type { World } from './world';

/** As in live/watching.ts. */
const SLOW_MS = 10_000;
const BYTES = 20_000;
/** More than wait, and what fits between the gateway and the client. */
const EVENTS = 3_600;

/** Resolves when one client less listens. @returns how many events there were */
export async function flood(
  { gateway, log }: World,
  told: (sent: number) => Promise<unknown> = pause,
): Promise<number> {
  const { clients } = gateway.streams.size;
  holdTimers('setTimeout', 'clearTimeout');
  try {
    for (let sent = 1; sent <= EVENTS; sent += 1) {
      log.add('x'.repeat(BYTES), 'p1');
      await told(sent);
    }
    for (let ms = 0; gateway.streams.size.clients === clients; ms += 1_000) {
      if (ms > 60 * SLOW_MS) throw new Error('Nobody was too slow.');
      jest.advanceTimersByTime(1_000);
      await new Promise(resolve => setImmediate(resolve));
    }
  } finally {
    jest.useRealTimers();
  }
  return EVENTS;
}

async function pause(sent: number): Promise<void> {
  if (sent % 20 === 0) await new Promise(resolve => setImmediate(resolve));
}
