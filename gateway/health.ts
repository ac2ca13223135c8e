/** Is the gateway alive, and can it answer? */

import type { Express } from 'express';
import { Pool } from 'undici';
import { limitOf, timeLimit } from '../kernel/limit';
import type { Log } from '../kernel/log';
import type { Certificate } from '../kernel/tls';

export interface HealthOptions {
  /** The subgraphs and the addresses of their processes, without a path. */
  readonly subgraphs: ReadonlyMap<string, readonly string[]>;
  readonly certificate: (subgraph: string) => Certificate | null;
  /** False while the gateway stops. */
  readonly accepting: () => boolean;
  readonly log: Log;
}

export interface Health {
  /** Subgraph → does one of its processes answer? */
  states(): Promise<ReadonlyMap<string, boolean>>;
  /** Subgraph → what it has left undone of the events of others, as far as it answers. */
  eventsLeft(): Promise<ReadonlyMap<string, EventsLeft>>;
  close(): Promise<void>;
}

/** Events of others that a subgraph has given up (an operator must act), and those that wait for a better moment. */
export interface EventsLeft {
  readonly deadLetters: number;
  readonly waiting: number;
}

const TIMEOUT_MS = 2_000;

/** `GET /health/live`: the process answers. `GET /health/ready`: so do all subgraphs; 503 and which one does not. */
export function serveHealth(app: Express, { subgraphs, certificate, accepting, log }: HealthOptions): Health {
  const pools = new Map(
    [...subgraphs].map(([name, urls]) => {
      const connect = { ...certificate(name) };
      const limits = { connections: 2, headersTimeout: TIMEOUT_MS, bodyTimeout: TIMEOUT_MS };
      return [name, urls.map(url => new Pool(url, { ...limits, connect }))];
    }),
  );
  const left = new Map<string, EventsLeft>();
  const isReady = async (name: string, pool: Pool): Promise<boolean> => {
    try {
      const { statusCode, body } = await pool.request({
        path: '/health/ready',
        method: 'GET',
        signal: timeLimit('HEALTH_TIMEOUT_MS', TIMEOUT_MS),
      });
      const said = (await body.json().catch(() => null)) as Partial<EventsLeft> | null;
      const { deadLetters, waiting } = said ?? {};
      if (isCount(deadLetters) && isCount(waiting)) left.set(name, { deadLetters, waiting });
      return statusCode === 200;
    } catch (error) {
      if (limitOf(error)) log.info('a subgraph did not say in time whether it is ready', { subgraph: name, error });
      return false;
    }
  };
  /** The first that is ready decides: one that hangs says nothing about the others. */
  const isOneReady = (name: string, all: readonly Pool[]): Promise<boolean> => {
    left.delete(name);
    return Promise.any(all.map(async pool => (await isReady(name, pool)) || Promise.reject())).catch(() => false);
  };
  let running: Promise<Map<string, boolean>> | undefined;
  // who asks while it is being found out gets the same answer, so that asking often costs the subgraphs nothing
  const states = () => {
    running ??= Promise.all([...pools].map(async ([name, all]) => [name, await isOneReady(name, all)] as const))
      .then(found => new Map(found))
      .finally(() => (running = undefined));
    return running;
  };
  app.get('/health/live', (_request, response) => void response.json({ live: true }));
  app.get('/health/ready', async (_request, response) => {
    const found = await states();
    const ready = accepting() && [...found.values()].every(Boolean);
    response.status(ready ? 200 : 503).json({ ready, subgraphs: Object.fromEntries(found) });
  });
  return {
    states,
    async eventsLeft() {
      await states();
      return new Map(left);
    },
    async close() {
      await Promise.all([...pools.values()].flat().map(pool => pool.destroy()));
    },
  };
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
