/**
 * An async iterator that is pushed into. Its `return()` takes effect at once, whereas a never-ending `async function*`
 * would hold it until the next value comes; and its queue is bounded, so that a slow reader is told and ended.
 */

/** The reader did not keep up: more than the limit of values was waiting. */
export class TooSlow extends Error {
  constructor(limit: number) {
    super(`More than ${limit} values were waiting.`);
    this.name = 'TooSlow';
  }
}

export interface PushTarget<T> {
  push(value: T): void;
  /** Ends the iterator after what is waiting; with an error, the reader gets it in the end. */
  end(error?: unknown): void;
}

/**
 * @param start opens the source and gives back what closes it again; called at once, its result called exactly once
 * @param limit how many values may wait for the reader
 */
export function pushIterator<T>(
  start: (target: PushTarget<T>) => () => void,
  limit = 1000,
): AsyncGenerator<T, void, undefined> {
  const queue: T[] = [];
  let waiting: { resolve(result: IteratorResult<T, void>): void; reject(error: unknown): void } | undefined;
  let ended = false;
  let failure: { error: unknown } | undefined;
  let stop: (() => void) | undefined;

  const settle = () => {
    const reader = waiting;
    if (!reader) return;
    waiting = undefined;
    if (failure) {
      const { error } = failure;
      failure = undefined;
      reader.reject(error);
    } else {
      reader.resolve({ value: undefined, done: true });
    }
  };
  const end = (error?: unknown) => {
    if (ended) return;
    ended = true;
    if (error !== undefined) failure = { error };
    stop?.();
    settle();
  };
  const push = (value: T) => {
    if (ended) return;
    if (waiting) {
      const reader = waiting;
      waiting = undefined;
      reader.resolve({ value, done: false });
    } else if (queue.length >= limit) {
      end(new TooSlow(limit));
    } else {
      queue.push(value);
    }
  };

  const opened = start({ push, end });
  if (ended) opened();
  else stop = opened;

  const close = () => {
    queue.length = 0;
    failure = undefined;
    end();
  };
  return {
    next: () =>
      new Promise((resolve, reject) => {
        if (queue.length > 0) return resolve({ value: queue.shift() as T, done: false });
        waiting = { resolve, reject };
        if (ended) settle();
      }),
    return: async () => {
      close();
      return { value: undefined, done: true };
    },
    throw: async error => {
      close();
      throw error;
    },
    [Symbol.asyncIterator]() {
      return this;
    },
    async [Symbol.asyncDispose]() {
      close();
    },
  };
}
