/** Ends a computation that is too much work. It blocks everything else meanwhile, so that nobody outside could end it. */
import { createContext, Script } from 'node:vm';

/** So much longer than work should take is waited when the thread has not worked: the machine is busy, slept or is throttled. */
const MOST_PATIENCE = 4;
/** Collecting garbage, which is done beside the thread, takes the rest. */
const WORKS = 0.5;

const room = createContext({ work: undefined }) as { work: (() => unknown) | undefined };
const call = new Script('work()');

/** What the thread did says that it is too much, on whatever machine. */
export class TooMuchWork extends Error {}

/** The thread could not work, which says nothing of the work. */
export class Starved extends Error {}

/**
 * @param milliseconds that the thread may work; only the wall's clock can end it, so that what it ended without much work
 * done is begun anew and gets longer
 * @param work is not asynchronous; it is cut off wherever it is, so that it must not leave anything behind
 * @throws TooMuchWork, Starved, and what `work` throws
 */
export function within<T>(milliseconds: number, work: () => T): T {
  for (let patience = 1; ; patience *= 2) {
    const before = process.threadCpuUsage();
    try {
      return attempt(milliseconds * patience, work);
    } catch (error) {
      if (!isOverdue(error)) throw error;
      const { user, system } = process.threadCpuUsage(before);
      const worked = (user + system) / 1000;
      if (worked >= milliseconds * WORKS) throw new TooMuchWork(`${Math.round(worked)} ms of work were not enough.`);
      if (patience >= MOST_PATIENCE)
        throw new Starved(`In ${milliseconds * patience} ms the thread could work for ${Math.round(worked)} ms only.`);
    }
  }
}

function attempt<T>(milliseconds: number, work: () => T): T {
  room.work = work;
  try {
    return call.runInContext(room, { timeout: milliseconds }) as T;
  } finally {
    room.work = undefined;
  }
}

const isOverdue = (error: unknown): boolean =>
  (error as { readonly code?: unknown } | null)?.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT';
