/** Begins to listen: at once, or when the process before has let the port go. */
import type { Server } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { setting } from '../config';
import { portFreeWithinMs, waitsForPort } from './process';

/** In between nobody listens. */
const AGAIN_MS = 10;

/**
 * @param port 0 takes any free one
 * @param patienceMs how long another process may still hold it; kernel/watch.js says so when it starts the next one early
 * @throws Error with its code, such as EADDRINUSE
 */
export async function listen(server: Server, port: number, patienceMs = portFreeWithinMs()): Promise<void> {
  const until = performance.now() + patienceMs;
  for (;;) {
    try {
      await once(server, port);
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE' || performance.now() >= until) throw error;
      waitsForPort();
      await wait(AGAIN_MS);
    }
  }
}

function once(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, setting('BIND_ADDRESS'), () => {
      server.off('error', reject);
      resolve();
    });
  });
}
