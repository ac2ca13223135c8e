/** A process that can be made to block its event loop for ever, or to leave slowly, for the test of the watchdog. */
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { listen } from '../server/listen';
import { runProcess } from '../server/process';

void runProcess('blockable', async () => {
  const server = http.createServer((request, response) => {
    if (request.url === '/block') for (;;);
    if (request.url === '/end') process.exit(3);
    request.resume().once('end', () => response.setHeader('connection', 'close').end(String(process.pid)));
  });
  await listen(server, Number(process.argv[2] ?? 0));
  return {
    port: (server.address() as AddressInfo).port,
    stop: () => new Promise(resolve => server.close(() => resolve())),
  };
});
