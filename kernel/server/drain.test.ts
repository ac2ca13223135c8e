/** A server that leaves, on real connections: what runs ends, what is new is turned away, and nobody is waited for in vain. */
import http, { type ServerResponse } from 'node:http';
import net, { type AddressInfo } from 'node:net';
import type { LogFields } from '../log';
import { Drain, type Leaving } from './drain';

/** Longer than any test: who waits for a connection that is kept alive does not end. */
const FOR_EVER_MS = 10 * 60_000;
const PATIENT: Leaving = { lingerMs: 0, endMs: FOR_EVER_MS };
const agents: http.Agent[] = [];
afterEach(() => {
  for (const agent of agents.splice(0)) agent.destroy();
});

async function serve() {
  const warned: LogFields[] = [];
  const log = { debug() {}, info() {}, warn: (_: string, fields: LogFields) => void warned.push(fields), error() {} };
  const held: ServerResponse[] = [];
  let arrived = () => {};
  const server = http.createServer((request, response) => {
    if (!drain.admits(request, response, /^\/health$/)) return response.end('come again');
    if (request.url !== '/slow') return response.end('done');
    held.push(response);
    arrived();
  });
  server.keepAliveTimeout = FOR_EVER_MS;
  const drain = new Drain(server, log as never);
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const client = () => {
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
    agents.push(agent);
    return (path: string) =>
      new Promise<{ status: number; headers: http.IncomingHttpHeaders; text: string }>((resolve, reject) => {
        const request = http.get({ port, path, agent, host: '127.0.0.1' }, async response => {
          let text = '';
          try {
            for await (const chunk of response) text += String(chunk);
            resolve({ status: response.statusCode!, headers: response.headers, text });
          } catch (error) {
            reject(error);
          }
        });
        request.once('error', reject);
      });
  };
  return {
    drain,
    port,
    client,
    held,
    warned,
    async got(count: number) {
      while (held.length < count) await new Promise<void>(resolve => (arrived = resolve));
    },
  };
}
const told = Promise.resolve();

it('lets what runs end, as the last answer of its connection, and then waits for nobody', async () => {
  const { drain, client, held, got, port, warned } = await serve();
  const idle = client();
  await idle('/');
  const slow = client()('/slow');
  await got(1);
  void drain.begin(PATIENT);
  let over = false;
  const ended = drain.end(told).then(() => (over = true));
  expect(await client()('/')).toMatchObject({ status: 503, text: 'come again' });
  expect(over).toBe(false);
  held[0]!.end('slow');
  const answer = await slow;
  expect(answer).toMatchObject({ status: 200, text: 'slow' });
  expect(answer.headers.connection).toBe('close');
  await ended; // although a connection is still kept alive
  await expect(new Promise((_, reject) => net.connect(port, '127.0.0.1').once('error', reject))).rejects.toThrow();
  expect(warned).toEqual([]);
});

it('turns away what is new, on known connections and new ones, and says when to come again and that nothing was done', async () => {
  const { drain, client, held, got } = await serve();
  const known = client();
  await known('/');
  const slow = client()('/slow');
  await got(1);
  void drain.begin(PATIENT);
  const ended = drain.end(told);
  for (const ask of [known, client()]) {
    const { status, headers } = await ask('/');
    expect(status).toBe(503);
    expect(headers).toMatchObject({ 'retry-after': '1', connection: 'close', 'x-not-done': 'restarting' });
  }
  expect(await client()('/health')).toMatchObject({ status: 200, text: 'done' });
  held[0]!.end();
  await slow;
  await ended;
});

it('lingers, so that those who come meanwhile are told, when anybody is connected', async () => {
  const { drain, client } = await serve();
  await client()('/');
  void drain.begin({ lingerMs: 300, endMs: FOR_EVER_MS });
  const ended = drain.end(told);
  expect((await client()('/')).status).toBe(503);
  expect((await client()('/')).status).toBe(503);
  await ended;
});

it('cuts off what does not end in time, whatever comes meanwhile, and says so', async () => {
  const { drain, client, got, warned } = await serve();
  const slow = client()('/slow');
  slow.catch(() => {});
  await got(1);
  void drain.begin({ lingerMs: 0, endMs: 50 });
  await drain.end(new Promise(() => {}));
  await expect(slow).rejects.toThrow();
  expect(warned).toEqual([{ count: 1, ms: 50 }]);
});

it('serves everything until the next one waits for the port, then lets the port go and ends what runs', async () => {
  const { drain, client, held, got, port } = await serve();
  let follow = (_: boolean) => {};
  const begun = drain.begin({ ...PATIENT, followed: new Promise(resolve => (follow = resolve)) });
  expect(drain.isLeaving).toBe(true);
  const { status, headers } = await client()('/');
  expect([status, headers.connection]).toEqual([200, 'close']);
  const slow = client()('/slow');
  await got(1);
  follow(true);
  await begun;
  const ended = drain.end(told);
  const next = http.createServer((_, response) => response.end('next'));
  await new Promise<void>((resolve, reject) => next.once('error', reject).listen(port, '127.0.0.1', resolve));
  expect(await client()('/')).toMatchObject({ text: 'next' });
  held[0]!.end('slow');
  expect(await slow).toMatchObject({ text: 'slow' });
  await ended;
  next.close();
  next.closeAllConnections();
});

it('does not wait for a next one longer than leaves time for those that run', async () => {
  const { drain, client, held, got, warned } = await serve();
  const begun = drain.begin({ lingerMs: 0, endMs: 2_000, followed: new Promise(() => {}) });
  const slow = client()('/slow');
  await got(1);
  await begun;
  expect((await client()('/')).status).toBe(503);
  const ended = drain.end(told);
  held[0]!.end('slow');
  expect(await slow).toMatchObject({ status: 200, text: 'slow' });
  await ended;
  expect(warned).toEqual([]);
});
