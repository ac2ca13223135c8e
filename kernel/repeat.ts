/** Doing something again and again: one loop, so that it never runs twice at once, however long it takes. */

export function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    if (signal.aborted) return resolve();
    const timer = setTimeout(done, milliseconds);
    function done() {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    }
    signal.addEventListener('abort', done, { once: true });
  });
}

/** Milliseconds until attempt n + 1: `first`, twice as many, … at most `longest`, with jitter so that not all come at once. */
export const backoffMs = (attempt: number, first: number, longest: number): number =>
  Math.min(first * 2 ** Math.min(attempt - 1, 30), longest) * (0.75 + Math.random() / 2);

/**
 * Waits, works, and waits again.
 * @param work may fail; `failed` hears of it, and it is done again after the next pause
 * @returns what stops it, and resolves when the work that runs has ended
 */
export function repeat(
  everyMs: number,
  work: () => Promise<unknown>,
  failed: (error: unknown) => void,
  { atOnce = false } = {},
): () => Promise<void> {
  const stop = new AbortController();
  const run = async () => {
    if (!atOnce) await pause(everyMs, stop.signal);
    while (!stop.signal.aborted) {
      await work().catch(failed);
      await pause(everyMs, stop.signal);
    }
  };
  const running = run();
  return async () => {
    stop.abort();
    await running;
  };
}
