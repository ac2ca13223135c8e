/** How the gateway's tests listen to a live stream. */
import type { Client, FormattedExecutionResult } from 'graphql-ws';

export interface Listening {
  next(): Promise<FormattedExecutionResult>;
  /** What the stream ends with. */
  failure(): Promise<unknown>;
  stop(): Promise<unknown>;
}

export function listen(client: Client, query: string, variables: Record<string, unknown> = {}): Listening {
  const events = client.iterate({ query, variables });
  const started = events.next();
  started.catch(() => {});
  let first: typeof started | null = started;
  const next = async () => {
    const event = first ?? events.next();
    first = null;
    return (await event).value as FormattedExecutionResult;
  };
  return {
    next,
    failure: () =>
      next().then(
        value => Promise.reject(new Error(`no failure: ${JSON.stringify(value)}`)),
        error => error as unknown,
      ),
    stop: async () => events.return?.(),
  };
}

/** Long enough for a busy machine; a test that waits longer has failed. */
const WAITED_MS = 30_000;

/** Waits for a condition that no event announces. */
export async function until(condition: () => boolean): Promise<void> {
  const end = performance.now() + WAITED_MS;
  while (!condition()) {
    if (performance.now() > end) throw new Error(`It never came: ${condition}`);
    await new Promise(resolve => setImmediate(resolve));
  }
}
