/** The launcher of the embedded PostgreSQL: what it promises when runs before it ended badly. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { Client } from 'pg';
import { StartError, startPostgres } from './postgres';

let dir: string;
const holders: ChildProcess[] = [];

beforeAll(async () => {
  dir = fs.mkdtempSync(path.join(os.tmpdir(), 'postgres-test-'));
  fs.chmodSync(dir, 0o755);
  await (await start()).stop();
});
afterEach(() => {
  for (const holder of holders.splice(0)) holder.kill('SIGKILL');
});
afterAll(() => fs.rmSync(dir, { recursive: true, force: true }));

const start = (port?: number) => startPostgres(dir, { durable: false, quiet: true, port });

async function query(url: string, sql: string): Promise<unknown> {
  const client = new Client(url);
  await client.connect();
  try {
    return Object.values((await client.query(sql)).rows[0] ?? {})[0];
  } finally {
    await client.end();
  }
}

/** Another process that starts the database of `dir` and holds it. */
async function holder(): Promise<{ process: ChildProcess; url: string }> {
  const program = `require('./dev/postgres').startPostgres(${JSON.stringify(dir)}, { durable: false }).then(
    started => { console.log(started.url); setInterval(() => {}, 1000); })`;
  const child = spawn(process.execPath, ['-r', '@swc-node/register', '-e', program], {
    cwd: path.join(__dirname, '..'),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  holders.push(child);
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  return { process: child, url: line.toString().trim() };
}

const pidOfServer = () => Number.parseInt(fs.readFileSync(path.join(dir, 'data', 'postmaster.pid'), 'utf8'), 10);

describe('embedded PostgreSQL', () => {
  it('keeps what was written from one start to the next', async () => {
    const first = await start();
    await query(first.url, 'CREATE TABLE kept (it int)');
    await first.stop();
    await first.stop(); // harmless to repeat

    const second = await start();
    expect(second.firstStart).toBe(false);
    expect(await query(second.url, "SELECT to_regclass('kept') IS NOT NULL")).toBe(true);
    expect(await query(second.url, 'SHOW max_connections')).toBe('300');
    await second.stop();
  });

  it('refuses a folder that a living process uses', async () => {
    const other = await holder();
    await expect(start()).rejects.toThrow(
      new StartError(
        `The database in ${dir} is in use by another process (pid ${other.process.pid}); stop that first.`,
      ),
    );
    const link = `${dir}-link`;
    fs.symlinkSync(dir, link);
    await expect(startPostgres(link)).rejects.toThrow('is in use by another process'); // by whatever path
    fs.unlinkSync(link);
    expect(await query(other.url, 'SELECT 1')).toBe(1);
  });

  it('ends with the process that started it, even when that is killed, and can start again at once', async () => {
    const other = await holder();
    const client = new Client(other.url);
    await client.connect();
    const disconnected = new Promise<void>(resolve => client.on('error', () => resolve()));
    other.process.kill('SIGKILL');
    await disconnected; // the server told its client goodbye: nobody had to start anything for that

    const again = await start();
    expect(await query(again.url, 'SELECT 1')).toBe(1);
    await again.stop();
  });

  it('starts after the server itself was killed', async () => {
    const other = await holder();
    process.kill(pidOfServer(), 'SIGKILL');
    const again = await start();
    expect(await query(again.url, 'SELECT 1')).toBe(1);
    await again.stop();
    expect(other.process.exitCode).toBeNull(); // losing the database does not crash who started it
  });

  it('is not held up by a leftover pid file that names another program', async () => {
    fs.writeFileSync(
      path.join(dir, 'data', 'postmaster.pid'),
      `${process.pid}\n${dir}/data\n1\n5432\n\n127.0.0.1\n1 1\nready\n`,
    );
    const again = await start();
    expect(pidOfServer()).not.toBe(process.pid);
    await again.stop();
  });

  it('says in one sentence that the port is taken', async () => {
    const server = net.createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as net.AddressInfo;
    await expect(start(port)).rejects.toThrow(new StartError(`Port ${port} is taken; PostgreSQL cannot listen on it.`));
    server.close();
  });

  it('makes the database anew when the first start was interrupted', async () => {
    const other = path.join(dir, 'interrupted');
    fs.mkdirSync(path.join(other, 'data.unfinished'), { recursive: true });
    fs.writeFileSync(path.join(other, 'data.unfinished', 'PG_VERSION'), '18\n');
    const started = await startPostgres(other, { durable: false, quiet: true });
    expect(started.firstStart).toBe(true);
    await started.stop();
  });
});
