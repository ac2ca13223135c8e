/** Ends a computation that takes too long. It blocks everything else meanwhile, so that nobody outside could end it. */
import { createContext, Script } from 'node:vm';

const room = createContext({ work: undefined }) as { work: (() => unknown) | undefined };
const call = new Script('work()');

/**
 * @param work is not asynchronous; it is cut off wherever it is, so that it must not leave anything behind
 * @throws Error with the code ERR_SCRIPT_EXECUTION_TIMEOUT, and what `work` throws
 */
export function within<T>(milliseconds: number, work: () => T): T {
  room.work = work;
  try {
    return call.runInContext(room, { timeout: milliseconds }) as T;
  } finally {
    room.work = undefined;
  }
}

export const isOverdue = (error: unknown): boolean =>
  (error as { readonly code?: unknown }).code === 'ERR_SCRIPT_EXECUTION_TIMEOUT';
