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

interface Problem {
  readonly code?: string;
  readonly message?: string;
  readonly port?: number;
  readonly address?: string;
  readonly path?: string;
  readonly hostname?: string;
}

/** By the code of the system or of PostgreSQL, and what to do. */
const PROBLEMS: Readonly<Record<string, (problem: Problem) => string>> = {
  EADDRINUSE: ({ port }) => `Port ${port} is taken: stop what uses it, or set another port.`,
  ECONNREFUSED: ({ address, port }) =>
    `Nothing answers at ${address ?? 'the database'}:${port ?? ''}: is PostgreSQL running?`,
  EACCES: ({ port, path }) =>
    path === undefined && port !== undefined
      ? `Port ${port} may not be used by this user: set another port.`
      : `${placeOf(path)} may not be read or written by this user: change its rights, or set DATA_DIR to a folder of your own.`,
  EPERM: problem => PROBLEMS.EACCES!(problem),
  EROFS: ({ path }) => `${placeOf(path)} is read-only: set DATA_DIR to a folder that can be written.`,
  ENOSPC: ({ path }) => `The disk of ${placeOf(path)} is full: make room, or set DATA_DIR to a folder elsewhere.`,
  EDQUOT: problem => PROBLEMS.ENOSPC!(problem),
  ENOTDIR: ({ path }) => `${placeOf(path)} is no folder: remove what lies there, or set DATA_DIR to another one.`,
  EISDIR: ({ path }) => `${placeOf(path)} is a folder where a file is expected: remove it.`,
  ENOENT: ({ path }) => `${placeOf(path)} is missing.`,
  EMFILE: () => 'Too many files are open: raise the limit (ulimit -n 4096).',
  ENFILE: problem => PROBLEMS.EMFILE!(problem),
  EADDRNOTAVAIL: ({ address }) => `This machine has no address ${address}: set BIND_ADDRESS to one that it has.`,
  ENOTFOUND: ({ hostname }) => `Nobody knows the host ${hostname}: is its name in DATABASE_URL right?`,
  EAI_AGAIN: problem => PROBLEMS.ENOTFOUND!(problem),
  ETIMEDOUT: ({ address, port }) =>
    `${address ?? 'The database'}:${port ?? ''} does not answer in time: can it be reached?`,
  '28P01': () => 'PostgreSQL refuses the password of DATABASE_URL.',
  '28000': () => 'PostgreSQL refuses the user of DATABASE_URL.',
  '3D000': () => 'The database that DATABASE_URL names does not exist: create it first.',
  '42501': () => 'The user of DATABASE_URL may not do that: an owner who may create roles is needed.',
  '53100': () => 'The disk of PostgreSQL is full: make room.',
  '53300': () => 'PostgreSQL has no connection free: stop what uses it, or raise max_connections.',
};

const placeOf = (path: string | undefined): string => path ?? 'A file or folder';

/** @returns one sentence for people about why a process cannot start. */
export function startProblem(error: unknown): string {
  const problem = (error ?? {}) as Problem & { driverError?: Problem; errors?: Problem[] };
  const { driverError, errors: [first] = [] } = problem; // PostgreSQL's own, and all addresses of a name in vain
  for (const one of [problem, driverError, first]) {
    const say = one?.code === undefined ? undefined : PROBLEMS[one.code];
    if (say) return say(one!);
  }
  return problem.message?.split('\n')[0] || String(error);
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
