/** The watchdog, with real processes: one that blocks its event loop for ever, one that ends, one that cannot start. */
import { type ChildProcess, spawn } from 'node:child_process';
import http from 'node:http';
import net from 'node:net';
import path from 'node:path';
import readline from 'node:readline';

type Line = Record<string, unknown>;

function watch(...args: string[]) {
  const dog = spawn(process.execPath, [path.join('kernel', 'watch.js'), ...args], {
    cwd: path.join(__dirname, '..'),
    env: { ...process.env, NODE_OPTIONS: '', STOP_WITH_PARENT: 'true', BLOCKED_AFTER_MS: '1000' },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const lines = readline.createInterface({ input: dog.stdout })[Symbol.asyncIterator]();
  const exited = new Promise<number | null>(resolve => dog.once('exit', resolve));
  return {
    dog,
    exited,
    /** The next line that has such a field. */
    async says(field: string): Promise<Line> {
      for (;;) {
        const { value, done } = await lines.next();
        if (done) throw new Error(`The watchdog ended without saying ${field}.`);
        const line = JSON.parse(value as string) as Line;
        if (field in line) return line;
      }
    },
  };
}

const running: ChildProcess[] = [];
afterEach(() => {
  for (const dog of running.splice(0)) dog.kill('SIGKILL');
});

function started(...args: string[]) {
  const watched = watch('kernel/testing/blockable.ts', ...args);
  running.push(watched.dog);
  return watched;
}
const freePort = () =>
  new Promise<number>(resolve => {
    const server = net.createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as net.AddressInfo;
      server.close(() => resolve(port));
    });
  });
const pidAt = async (port: unknown) => Number(await (await fetch(`http://127.0.0.1:${port}/`)).text());
/** Asks until another process answers; between the two there is a moment in which nobody listens. */
async function nextAt(port: unknown, pid: number): Promise<number> {
  for (;;) {
    const next = await pidAt(port).catch(error => {
      if (error.cause?.code !== 'ECONNREFUSED') throw error;
      return pid;
    });
    if (next !== pid) return next;
  }
}
const isAlive = (pid: number) => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

it('ends a process that blocks its event loop, although it hears no SIGTERM, and starts it again', async () => {
  const { dog, says, exited } = started();
  const { port } = await says('ready');
  const pid = await pidAt(port);
  await expect(fetch(`http://127.0.0.1:${port}/block`)).rejects.toThrow();
  expect(await says('id')).toMatchObject({
    msg: 'a process is blocked and is ended',
    id: String(pid),
    limit: expect.stringMatching(/^BLOCKED_AFTER_MS=\d+$/),
  });
  expect(await says('id')).toMatchObject({ msg: 'a process does not hear SIGTERM and is killed', id: String(pid) });
  expect(await says('id')).toMatchObject({ code: 'SIGKILL', id: String(pid) });
  const again = await pidAt((await says('ready')).port);
  expect(again).not.toBe(pid);
  expect(isAlive(pid)).toBe(false);
  dog.kill('SIGTERM');
  expect(await exited).toBe(0);
  expect(isAlive(again)).toBe(false);
});

it('starts a process again that ended by itself', async () => {
  const { says } = started();
  const { port } = await says('ready');
  await expect(fetch(`http://127.0.0.1:${port}/end`)).rejects.toThrow();
  expect(await says('id')).toMatchObject({ code: '3' });
  expect(await pidAt((await says('ready')).port)).toBeGreaterThan(0);
});

it('starts the next process while one that was asked to leave still serves and ends what it has begun, without holding it against it', async () => {
  const { dog, says, exited } = started(String(await freePort()));
  const { port } = await says('ready');
  const running = http.request({ port: Number(port), host: '127.0.0.1', method: 'POST' });
  running.write('begun'); // and answered when it is whole
  const answered = new Promise<number>((resolve, reject) => {
    running.once('error', reject).once('response', async response => {
      let text = '';
      for await (const chunk of response) text += String(chunk);
      resolve(Number(text));
    });
  });
  const pid = await pidAt(port);
  process.kill(pid, 'SIGTERM');
  expect(await says('id')).toMatchObject({ msg: 'a process leaves, the next one starts', id: String(pid) });
  expect(await pidAt(port)).toBe(pid);
  await nextAt(port, pid);
  running.end();
  expect(await answered).toBe(pid);
  expect(await says('process')).toMatchObject({ ready: true, port }); // and no word of a process that has ended
  dog.kill('SIGTERM');
  expect(await exited).toBe(0);
});

it('leaves nobody behind when it is killed itself', async () => {
  const { dog, says } = started();
  const { port } = await says('ready');
  const pid = await pidAt(port);
  dog.kill('SIGKILL');
  while (isAlive(pid)) await new Promise(resolve => setImmediate(resolve)); // the test's own time limit ends it
});

it('stops with its parent, and the process with it', async () => {
  const { dog, says, exited } = started();
  const pid = await pidAt((await says('ready')).port);
  dog.stdin.end();
  expect(await exited).toBe(0);
  expect(isAlive(pid)).toBe(false);
});

it('ends as the process does when that cannot start', async () => {
  const { dog, exited } = watch('gateway/main.ts', '--supergraph', 'nowhere.graphql');
  let words = '';
  dog.stderr.on('data', chunk => (words += String(chunk)));
  expect(await exited).toBe(1);
  expect(words).toContain('There is no supergraph at nowhere.graphql');
});
