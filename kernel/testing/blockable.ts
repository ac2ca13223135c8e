/** A process that can be made to block its event loop for ever, or to leave slowly, for the test of the watchdog. */
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { logger } from '../log';
import { Drain } from '../server/drain';
import { listen } from '../server/listen';
import { runProcess } from '../server/process';

void runProcess('blockable', async () => {
  const server = http.createServer((request, response) => {
    if (request.url === '/block') for (;;);
    if (request.url === '/end') process.exit(3);
    if (!drain.admits(request, response, /^$/)) return void response.end();
    request.resume().once('end', () => response.end(String(process.pid)));
  });
  const drain = new Drain(server, logger('blockable'));
  await listen(server, Number(process.argv[2] ?? 0));
  return {
    port: (server.address() as AddressInfo).port,
    async stop(leaving) {
      await drain.begin(leaving);
      await drain.end(Promise.resolve());
    },
  };
});
