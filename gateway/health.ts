/** Is the gateway alive, and can it answer? */
import type { Express } from 'express';
import { Pool } from 'undici';
import type { Certificate } from '../kernel/tls';

export interface HealthOptions {
  /** The subgraphs and the addresses of their processes, without a path. */
  readonly subgraphs: ReadonlyMap<string, readonly string[]>;
  readonly certificate: (subgraph: string) => Certificate | null;
  /** False while the gateway stops. */
  readonly accepting: () => boolean;
}

export interface Health {
  /** Subgraph → does one of its processes answer? */
  states(): Promise<ReadonlyMap<string, boolean>>;
  close(): Promise<void>;
}

const TIMEOUT_MS = 2_000;

/** `GET /health/live`: the process answers. `GET /health/ready`: so do all subgraphs; 503 and which one does not. */
export function serveHealth(app: Express, { subgraphs, certificate, accepting }: HealthOptions): Health {
  const pools = new Map(
    [...subgraphs].map(([name, urls]) => {
      const connect = { ...certificate(name) };
      const limits = { connections: 2, headersTimeout: TIMEOUT_MS, bodyTimeout: TIMEOUT_MS };
      return [name, urls.map(url => new Pool(url, { ...limits, connect }))];
    }),
  );
  const isReady = async (pool: Pool): Promise<boolean> => {
    try {
      const { statusCode, body } = await pool.request({
        path: '/health/ready',
        method: 'GET',
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      await body.dump();
      return statusCode === 200;
    } catch {
      return false;
    }
  };
  /** The first that is ready decides: one that hangs says nothing about the others. */
  const isOneReady = (all: readonly Pool[]): Promise<boolean> =>
    Promise.any(all.map(async pool => (await isReady(pool)) || Promise.reject())).catch(() => false);
  let running: Promise<Map<string, boolean>> | undefined;
  // who asks while it is being found out gets the same answer, so that asking often costs the subgraphs nothing
  const states = () => {
    running ??= Promise.all([...pools].map(async ([name, all]) => [name, await isOneReady(all)] as const))
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
    async close() {
      await Promise.all([...pools.values()].flat().map(pool => pool.destroy()));
    },
  };
}
