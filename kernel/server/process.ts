/** What every process does at its edges: says that it is ready, beats while it is watched, stops in order, dies with its parent. */
import { setting } from '../config';
import { finishLog, logger, readerIsGone } from '../log';
import { startTracing } from '../trace';
import type { Leaving } from './drain';
import { keepRequestsYoung } from './heap';

interface Running {
  readonly port: number;
  stop(leaving: Leaving): Promise<void>;
}

/** What is left for the rest when the last requests are cut off. */
const REST_MS = 2_000;

/** @returns one sentence for people about why a process cannot start. */
export function startProblem(error: unknown): string {
  const { code, message, port, address } = error as {
    code?: string;
    message?: string;
    port?: number;
    address?: string;
  };
  if (code === 'EADDRINUSE') return `Port ${port} is taken: stop what uses it, or set another port.`;
  if (code === 'ECONNREFUSED')
    return `Nothing answers at ${address ?? 'the database'}:${port ?? ''}: is PostgreSQL running?`;
  return message?.split('\n')[0] ?? String(error);
}

/** Prints `{"ready":true,"port":…}` on success; on failure one line on standard error and exit code 1. */
export async function runProcess(name: string, start: () => Promise<Running>): Promise<void> {
  keepRequestsYoung();
  const log = logger(name);
  let running: Running;
  let stopTracing: () => Promise<void>;
  try {
    stopTracing = await startTracing(name);
    running = await start();
  } catch (error) {
    process.stderr.write(`${name}: ${startProblem(error)}\n`);
    process.exit(1);
  }
  let stopping = false;
  const stop = () => {
    if (stopping) return;
    stopping = true;
    const limitMs = Number(setting('DRAIN_MS'));
    const lingerMs = Number(setting('DRAIN_LINGER_MS'));
    setTimeout(() => {
      log.error('the process could not stop within DRAIN_MS and ends at once', { ms: limitMs });
      process.kill(process.pid, 'SIGKILL');
    }, limitMs).unref();
    running
      .stop({
        lingerMs: Math.min(lingerMs, limitMs / 2),
        endMs: Math.max(limitMs - REST_MS, limitMs / 2),
        ...(process.connected && { followed: follower() }),
      })
      .then(stopTracing)
      .then(
        () => 0,
        error => {
          log.error('stopping failed', { error });
          return 1;
        },
      )
      .then(async code => {
        await finishLog();
        process.exit(code);
      });
  };
  const orphaned = () => {
    readerIsGone();
    stop();
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  process.on('unhandledRejection', error => log.error('unhandled rejection', { error }));
  if (process.send) {
    process.on('disconnect', orphaned);
    beat();
  } else if (process.env.STOP_WITH_PARENT === 'true') {
    process.stdin.on('close', orphaned).on('end', orphaned).resume();
  }
  process.stdout.write(`${JSON.stringify({ ready: true, process: name, port: running.port })}\n`);
}

/** Tells kernel/watch.js that this one leaves. @returns whether another one waits for the port, when that is known */
function follower(): Promise<boolean> {
  return new Promise(resolve => {
    process.on('message', ({ follows }: { follows?: boolean }) => {
      if (follows !== undefined) resolve(follows);
    });
    process.once('disconnect', () => resolve(false));
    process.send?.({ leaves: true });
  });
}

/** Tells it that this one could listen now. */
export const waitsForPort = (): void => void (process.connected && process.send?.({ waits: true }));

/** How long the process before this one may still hold its port, as kernel/watch.js says. */
export const portFreeWithinMs = (): number => Number(process.env.PORT_FREE_WITHIN_MS ?? 0);

const BEATS = 5;

/** Tells kernel/watch.js that the event loop turns. */
function beat(): void {
  const beatMs = Math.ceil(Number(setting('BLOCKED_AFTER_MS')) / BEATS);
  const tell = () => void (process.connected && process.send?.({ beatMs }));
  tell();
  setInterval(tell, beatMs).unref();
}
