/** Commands that are given nothing useful: one line that says so, and a code that is not 0. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';

const KILL_AFTER_MS = 30_000;

const NOBODY = 65_534;

/** @param user of the process, where the test may choose one */
async function run(command: readonly string[], env: Record<string, string> = {}, user?: number) {
  const child = spawn(process.execPath, ['kernel/run.js', ...command], {
    cwd: path.join(__dirname, '..'),
    env: { PATH: process.env.PATH, ...env },
    timeout: KILL_AFTER_MS,
    killSignal: 'SIGKILL',
    ...(user !== undefined && process.getuid?.() === 0 && { uid: user, gid: user }),
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', part => {
    stdout += part;
  });
  child.stderr.on('data', part => {
    stderr += part;
  });
  const [code] = await once(child, 'close');
  return { code, stdout, stderr };
}

it.each([
  ['migrate without a database', ['kernel/database/main.ts'], 1, /^migrate: DATABASE_URL is not set .*\n$/],
  ['demo with an unknown flag', ['dev/demo/main.ts', '--nope'], 2, /^demo: Unknown option '--nope'\. Usage: .*\n$/],
  ['bench without a name', ['bench/main.ts'], 1, /^Which benchmark\? One of: gateway, .*\n$/],
])('%s', async (_, command, code, line) => {
  expect(await run(command)).toEqual({ code, stdout: '', stderr: expect.stringMatching(line) });
});

it('demo tells its flags', async () => {
  expect(await run(['dev/demo/main.ts', '--help'])).toEqual({
    code: 0,
    stdout: expect.stringMatching(/^npm run demo .*--variant story\|.*\n$/),
    stderr: '',
  });
});

describe('start', () => {
  it('that is stopped in its middle ends when its database has ended, so that it can begin again at once', async () => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'start-'));
    fs.chmodSync(folder, 0o755); // so that it holds the database itself, whoever runs it
    const held = path.join(folder, 'postgres', 'data', 'postmaster.pid');
    const child = spawn(process.execPath, ['kernel/run.js', 'dev/start.ts'], {
      cwd: path.join(__dirname, '..'),
      env: { PATH: process.env.PATH, DATA_DIR: folder, GATEWAY_PORT: '5330' },
      timeout: 120_000,
      killSignal: 'SIGKILL',
    });
    let told = '';
    child.stdout.on('data', part => {
      told += part;
      if (/demo data/.test(told)) child.kill('SIGINT');
    });
    try {
      const [code] = await once(child, 'exit');
      expect([code, told.includes('Stopping'), fs.existsSync(held)]).toEqual([0, true, false]);
    } finally {
      fs.rmSync(folder, { recursive: true, force: true });
    }
  }, 130_000);

  it.each([
    ['GATEWAY_PORT', '65530', /^GATEWAY_PORT is malformed .*65520.*\n$/],
    ['START_TIMEOUT_MS', 'soon', /^START_TIMEOUT_MS is malformed .*\n$/],
  ])('with %s=%s says so before it starts anything', async (name, value, line) => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'start-'));
    try {
      const env = { DATA_DIR: folder, GATEWAY_PORT: '5330', [name]: value };
      expect(await run(['dev/start.ts'], env)).toEqual({ code: 1, stdout: '', stderr: expect.stringMatching(line) });
    } finally {
      fs.rmSync(folder, { recursive: true, force: true });
    }
  });

  it('where no folder can be made', async () => {
    expect(await run(['dev/start.ts'], { DATA_DIR: '/proc/x' })).toEqual({
      code: 1,
      stdout: '',
      stderr: expect.stringMatching(
        /^The data folder \S+ cannot be made \(E\w+\): set DATA_DIR to a folder of your own\.\n$/,
      ),
    });
  });

  it.each<[string, (dir: string) => string, RegExp]>([
    [
      'that cannot be written',
      dir => dir,
      /^\S+ may not be read or written by this user: change its rights, or set DATA_DIR to a folder of your own\.\n$/,
    ],
    [
      'that is a file',
      dir => path.join(dir, 'file'),
      /^The data folder \S+file cannot be made \(E\w+\): set DATA_DIR to a folder of your own\.\n$/,
    ],
    [
      'below a file',
      dir => path.join(dir, 'file', 'data'),
      /^The data folder \S+ cannot be made \(E\w+\): set DATA_DIR to a folder of your own\.\n$/,
    ],
  ])('with a data folder %s', async (_, place, line) => {
    const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'start-test-'));
    fs.writeFileSync(path.join(dir, 'file'), '');
    fs.chmodSync(dir, 0o555);
    try {
      const said = await run(['dev/start.ts'], { DATA_DIR: place(dir) }, NOBODY);
      expect(said).toEqual({ code: 1, stdout: '', stderr: expect.stringMatching(line) });
    } finally {
      fs.chmodSync(dir, 0o755);
      fs.rmSync(dir, { recursive: true });
    }
  });

  it.each([
    [
      'where nothing listens',
      'postgres://x:y@127.0.0.1:1/z',
      /^Nothing answers at 127\.0\.0\.1:1: is PostgreSQL running\?\n$/,
    ],
    [
      'of a host that nobody knows',
      'postgres://x:y@nobody.invalid/z',
      /^Nobody knows the host nobody\.invalid: is its name in DATABASE_URL right\?\n$/,
    ],
  ])('with a database %s', async (_, DATABASE_URL, line) => {
    const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'start-test-'));
    const said = await run(['dev/start.ts'], { DATA_DIR: dir, DATABASE_URL, GATEWAY_PORT: '5140' });
    fs.rmSync(dir, { recursive: true });
    expect(said).toMatchObject({ code: 1, stderr: expect.stringMatching(line) });
  });

  it('at a port that is taken', async () => {
    const inTheWay = net.createServer().listen(0, '127.0.0.1');
    await once(inTheWay, 'listening');
    const { port } = inTheWay.address() as net.AddressInfo;
    const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'start-test-'));
    const said = await run(['dev/start.ts'], { DATA_DIR: dir, GATEWAY_PORT: String(port) });
    expect(said).toEqual({ code: 1, stdout: '', stderr: expect.stringContaining(`Port ${port} is taken`) });
    inTheWay.close();
    fs.rmSync(dir, { recursive: true });
  });
});
