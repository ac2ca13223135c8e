/** The measured process, and how it is asked. */
import { fork } from 'node:child_process';
import path from 'node:path';
import type { Told } from './server';

export interface LiveGateway {
  readonly url: string;
  /** One of each session. */
  readonly tokens: readonly string[];
  /** Makes an event. */
  event(): Promise<void>;
  /** Microseconds of CPU so far, all threads. */
  cpu(): Promise<number>;
  /** Bytes in use, after garbage was collected. */
  memory(): Promise<number>;
  stop(): void;
}

const RUN = path.join(__dirname, '..', '..', 'kernel', 'run.js');

/** @param sharing `each` takes the marks off the schema, so that nothing is shared */
export async function startLiveGateway(sharing: 'shared' | 'each'): Promise<LiveGateway> {
  const child = fork(RUN, [path.join(__dirname, 'server.ts'), sharing], {
    env: { ...process.env, LIVE_PER_ADDRESS: '2000', LOG_LEVEL: 'silent' },
  });
  const heard = <T>() => new Promise<T>(resolve => void child.once('message', resolve as (message: unknown) => void));
  const ask = (told: Told) => {
    const answer = heard<number>();
    child.send(told);
    return answer;
  };
  const { url, tokens } = await heard<{ url: string; tokens: string[] }>();
  return {
    url,
    tokens,
    event: async () => void (await ask({ ask: 'event' })),
    cpu: () => ask({ ask: 'cpu' }),
    memory: () => ask({ ask: 'memory' }),
    stop: () => child.disconnect(),
  };
}
