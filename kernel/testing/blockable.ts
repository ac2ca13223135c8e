/** A process that can be made to block its event loop for ever, for the test of the watchdog. */
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { runProcess } from '../server/process';

void runProcess('blockable', async () => {
  const server = http.createServer((request, response) => {
    if (request.url === '/block') for (;;);
    if (request.url === '/end') process.exit(3);
    response.end(String(process.pid));
  });
  await new Promise<void>(resolve => server.listen(Number(process.argv[2] ?? 0), '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    stop: () => new Promise(resolve => server.close(() => resolve())),
  };
});
