/** The one connection of a process that hears of new events. Whatever becomes of it, only its loop begins another one. */
import { once } from 'node:events';
import pg from 'pg';
import { type SubgraphName, subgraphDatabaseUrl } from '../config';
import { logger } from '../log';
import { backoffMs, pause } from '../repeat';

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5_000;
const CONNECT_WITHIN_MS = 5_000;
const END_WITHIN_MS = 1_000;
/** A line that is dead tells nobody: so often it is asked. */
const ASK_EVERY_MS = 15_000;

/** @param heard called when something may be new: at every notification, and after every gap in the hearing */
export function listen(name: SubgraphName, heard: () => void): { stop(): Promise<void> } {
  const log = logger(name);
  const stopping = new AbortController();
  const { signal } = stopping;

  const hear = async (hearing: () => void): Promise<void> => {
    const client = new pg.Client({
      connectionString: subgraphDatabaseUrl(name),
      application_name: `${name} events`,
      connectionTimeoutMillis: CONNECT_WITHIN_MS,
      query_timeout: CONNECT_WITHIN_MS,
      keepAlive: true,
    });
    const over = new AbortController();
    client
      .on('notification', heard)
      .on('error', () => over.abort())
      .on('end', () => over.abort());
    const left = () => over.abort();
    signal.addEventListener('abort', left, { once: true });
    try {
      await client.connect();
      await client.query('LISTEN events');
      hearing();
      heard();
      while (!over.signal.aborted) {
        await pause(ASK_EVERY_MS, over.signal);
        if (!over.signal.aborted) await client.query('SELECT 1');
      }
    } finally {
      signal.removeEventListener('abort', left);
      await end(client);
    }
  };

  const run = async () => {
    for (let attempt = 1; !signal.aborted; attempt += 1) {
      try {
        await hear(() => {
          attempt = 0;
        });
      } catch (error) {
        log.warn('cannot listen for events, polling', { attempt, error });
      }
      await pause(backoffMs(Math.max(attempt, 1), FIRST_PAUSE_MS, LONGEST_PAUSE_MS), signal);
    }
  };
  const running = run();
  return {
    async stop() {
      stopping.abort();
      await running;
    },
  };
}

/** Says goodbye, and hangs up on a database that does not answer: the next one must not be a second one. */
async function end(client: pg.Client): Promise<void> {
  const { stream } = (client as unknown as { connection: { stream: import('node:net').Socket } }).connection;
  if (stream.destroyed) return;
  const closed = once(stream, 'close', { signal: AbortSignal.timeout(END_WITHIN_MS) }).catch(() => stream.destroy());
  void client.end().catch(() => {});
  await closed;
}
