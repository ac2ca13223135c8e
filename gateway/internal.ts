/** What only subgraphs may reach: beside the graph, or at a port of its own that demands their certificates. */
import type { AddressInfo } from 'node:net';
import express, { type Express } from 'express';
import { setting } from '../kernel/config';
import type { Log } from '../kernel/log';
import { listen } from '../kernel/server/listen';
import { certificate, createServer } from '../kernel/tls';
import { badRequest } from './edge';

export interface Internal {
  /** Null when it is the gateway's own. */
  readonly port: number | null;
  close(): Promise<void>;
}

/** @param serve adds the routes */
export async function serveSubgraphs(app: Express, serve: (internal: Express) => void, log: Log): Promise<Internal> {
  if (!certificate()) {
    serve(app);
    return { port: null, async close() {} };
  }
  const internal = express().disable('x-powered-by');
  serve(internal);
  internal.use(badRequest(log));
  const server = createServer(internal);
  await listen(server, Number(setting('GATEWAY_INTERNAL_PORT')));
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      const closed = new Promise(resolve => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}
