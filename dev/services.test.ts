/** The process of the development services: comes up whole, or says why not, and ends with who started it. */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import net from 'node:net';
import path from 'node:path';
import type { Readable, Writable } from 'node:stream';

type Child = ChildProcessByStdio<Writable, Readable, Readable>;
let ports: number[];
let child: Child | undefined;

beforeEach(async () => {
  ports = await freePorts(5);
});
afterEach(() => child?.kill('SIGKILL'));

async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = net.createServer().listen(0, '127.0.0.1');
      await once(server, 'listening');
      return server;
    }),
  );
  const found = servers.map(server => (server.address() as net.AddressInfo).port);
  for (const server of servers) server.close();
  return found;
}

function start(): Child {
  const [openid, payment, register, smtp, mails] = ports.map(String);
  child = spawn(process.execPath, ['kernel/run.js', 'dev/services.ts'], {
    cwd: path.join(__dirname, '..'),
    stdio: ['pipe', 'pipe', 'pipe'],
    env: {
      PATH: process.env.PATH,
      STAFF_ISSUER: `http://localhost:${openid}/staff`,
      PAYMENT_PROVIDER_URL: `http://localhost:${payment}`,
      HANDOVER_SYSTEMS: JSON.stringify([{ name: 'gewerberegister', url: `http://localhost:${register}/handovers` }]),
      SMTP_URL: `smtp://localhost:${smtp}`,
      MAIL_SINK_HTTP: mails,
      STOP_WITH_PARENT: 'true',
    },
  });
  return child;
}

it('answers everywhere once it says that it is ready, and ends when its standard input closes', async () => {
  const services = start();
  const [line] = (await once(services.stdout, 'data')) as [Buffer];
  expect(JSON.parse(line.toString())).toMatchObject({ ready: true });
  const [openid, payment, register, , mails] = ports;
  const statuses = await Promise.all(
    [
      `http://localhost:${openid}/citizen/.well-known/openid-configuration`,
      `http://localhost:${payment}/`,
      `http://localhost:${payment}/payments`,
      `http://localhost:${register}/handovers`,
      `http://localhost:${mails}/mails`,
    ].map(async url => (await fetch(url)).status),
  );
  expect(statuses).toEqual([200, 200, 401, 200, 200]);
  const exited = once(services, 'exit');
  services.stdin.end();
  expect(await exited).toEqual([0, null]);
});

it('says in one line which port is taken, and leaves nothing running', async () => {
  const inTheWay = net.createServer().listen(ports[2], '127.0.0.1');
  await once(inTheWay, 'listening');
  const services = start();
  let said = '';
  services.stderr.on('data', (part: Buffer) => {
    said += part.toString();
  });
  expect(await once(services, 'close')).toEqual([1, null]);
  expect(said).toBe(`services: Port ${ports[2]} is taken; the line-of-business system cannot listen on it.\n`);
  inTheWay.close();
});
