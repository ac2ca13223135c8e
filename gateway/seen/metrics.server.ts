/** Where Prometheus asks: a port of its own, or beside the graph while nobody but developers can reach it. */
import http from 'node:http';
import type { Express } from 'express';
import { isProduction, optionalSetting } from '../../kernel/config';
import { listen } from '../../kernel/server/listen';
import { contentType, metricsText } from './metrics';

/** `GET /metrics` at METRICS_PORT; outside of production at the gateway too. @returns what ends it */
export async function serveMetrics(app: Express): Promise<() => Promise<void>> {
  if (!isProduction()) app.get('/metrics', async (_request, response) => void (await answer(response)));
  const port = optionalSetting('METRICS_PORT');
  if (port === undefined) return async () => {};
  const server = http.createServer((request, response) => {
    if (request.url === '/metrics') void answer(response);
    else response.writeHead(404).end();
  });
  await listen(server, Number(port));
  return async () => {
    const closed = new Promise(resolve => server.close(resolve));
    server.closeAllConnections();
    await closed;
  };
}

async function answer(response: http.ServerResponse): Promise<void> {
  const text = await metricsText();
  response.writeHead(200, { 'content-type': contentType, 'cache-control': 'no-store' }).end(text);
}
