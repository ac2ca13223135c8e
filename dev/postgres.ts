/** Starts a real PostgreSQL from npm binaries, as root or as an ordinary user, and never leaves it running alone. */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { setting } from '../kernel/config';
import { type Account, accountFor, type Binaries, binariesFor, placeFor } from './postgres.places';
import { runningPostgres, stopRunning } from './postgres.running';
import { StartError } from './start-error';

export { StartError } from './start-error';

export interface StartOptions {
  /** TCP port on 127.0.0.1; any free one when not given. */
  readonly port?: number;
  /** False trades safety against power loss for speed: for tests. Default true. */
  readonly durable?: boolean;
  /** True writes only fatal messages to `postgres.log` in the folder: for tests that provoke errors. Default false. */
  readonly quiet?: boolean;
}

export interface Postgres {
  /** Connection string of the owner (superuser `postgres`), with its password. */
  readonly url: string;
  readonly port: number;
  /** True when this start made the database. */
  readonly firstStart: boolean;
  /**
   * Disconnects everybody and waits until the server has ended; harmless to repeat.
   * @param how `immediate` ends it as a crash does: nobody is told, and the next start recovers
   */
  stop(how?: 'fast' | 'immediate'): Promise<void>;
}

/** Of one try; slow machines get the time of the setting. */
const startMs = () => Number(setting('START_TIMEOUT_MS'));
const STOP_MS = 10_000;
const IN_USE_MS = 500;

/**
 * A watcher holds the read end of a pipe whose write end only the caller has: when the caller is gone, however it went,
 * the pipe closes and PostgreSQL gets SIGINT (fast shutdown). A line on the pipe means that PostgreSQL has ended.
 * The watcher is a grandchild, because PostgreSQL takes any unknown child of its own for a crashed backend.
 */
const UNDER_WATCH =
  'exec 3<&0 </dev/null; ( { read -r _ <&3 || kill -INT $$; } >/dev/null 2>&1 & ); exec 3<&-; exec "$@"';

/** What the server does, not what it refuses: errors quote personal data, and the process that made one logs its SQLSTATE. */
const LOGGING = [
  'log_min_messages=log',
  'log_min_error_statement=panic',
  'log_error_verbosity=terse',
  'log_statement=none',
];
const FAST = ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off'];

/**
 * Starts the database kept in `dir`, making it first when there is none.
 * An orphan of an earlier run that still holds the folder is stopped.
 * @throws StartError with one sentence for the user
 */
export async function startPostgres(dir: string, options: StartOptions = {}): Promise<Postgres> {
  const account = accountFor(path.resolve(dir));
  const binaries = binariesFor(account);
  // The real path, so that whoever comes by another one recognises the server by its command line.
  const home = fs.realpathSync(placeFor(path.resolve(dir), account));
  const data = path.join(home, 'data');

  await makeWay(dir, data);
  const firstStart = !fs.existsSync(path.join(data, 'PG_VERSION'));
  if (firstStart) await createDatabase(home, data, binaries, account);
  const password = fs.readFileSync(path.join(home, 'password'), 'utf8').trim();

  const deadline = Date.now() + startMs();
  for (;;) {
    const port = options.port ?? (await freePort());
    const outcome = await launch(home, data, port, options, binaries, account);
    if (typeof outcome !== 'string') {
      const url = `postgres://postgres:${password}@127.0.0.1:${port}/postgres`;
      return { url, port, firstStart, stop: how => stop(outcome, how) };
    }
    const portTaken = /could not create any TCP\/IP sockets|Address already in use/.test(outcome);
    if (portTaken && options.port !== undefined) {
      throw new StartError(`Port ${port} is taken; PostgreSQL cannot listen on it.`);
    }
    // Backends of a killed server let go of its memory within moments; a free port may be lost to somebody else.
    const passing = portTaken || /shared memory block.*still in use/.test(outcome);
    if (!passing || Date.now() > deadline)
      throw new StartError(`PostgreSQL in ${dir} did not start: ${reason(outcome)}`);
    await delay(50);
  }
}

/**
 * Sees to it that nobody holds the data. A server about to end (stopped or killed this moment) still looks alive,
 * so one that is in use gets a moment before we believe it.
 */
async function makeWay(dir: string, data: string): Promise<void> {
  const start = Date.now();
  for (;;) {
    const running = runningPostgres(data);
    if (!running) return;
    if (running.heldBy === null) return stopRunning(running.pid, STOP_MS);
    if (Date.now() - start > (running.stopping ? STOP_MS : IN_USE_MS)) {
      throw new StartError(
        `The database in ${dir} is in use by another process (pid ${running.heldBy}); stop that first.`,
      );
    }
    await delay(20);
  }
}

/** @returns the running server, or the log of the one that ended at once */
async function launch(
  home: string,
  data: string,
  port: number,
  options: StartOptions,
  binaries: Binaries,
  account: Account,
): Promise<ChildProcess | string> {
  const settings = [
    'listen_addresses=127.0.0.1',
    'unix_socket_directories=',
    'max_connections=300',
    `cluster_name=held-by-${process.pid}`,
    ...LOGGING,
    ...(options.durable === false ? FAST : []),
    ...(options.quiet ? ['log_min_messages=fatal'] : []),
  ];
  const flags = ['-D', data, '-p', String(port), ...settings.flatMap(setting => ['-c', setting])];
  const logFile = path.join(home, 'postgres.log');
  fs.rmSync(logFile, { force: true });
  const log = fs.openSync(logFile, 'w', 0o600);
  if (account.switchTo) fs.fchownSync(log, account.uid, account.gid);
  const child = spawn('sh', ['-c', UNDER_WATCH, 'sh', binaries.of('postgres'), ...flags], {
    ...(account.switchTo ?? {}),
    env: environment(),
    cwd: home,
    stdio: ['pipe', log, log],
    detached: true, // a Ctrl-C in the terminal is the caller's to handle: the database goes last
  });
  fs.closeSync(log);
  child.stdin?.on('error', () => {}); // the watcher may be gone before the last line reaches it
  const ended = new Promise<void>(resolve => {
    child.once('error', () => resolve());
    child.once('exit', () => {
      child.stdin?.end('ended\n');
      resolve();
    });
  });
  if (!(await isReady(child, data, ended))) {
    const text = fs.readFileSync(logFile, 'utf8');
    const isLate = child.exitCode === null && child.signalCode === null;
    if (isLate) child.kill('SIGKILL');
    await ended;
    if (isLate)
      return `error: not ready after ${startMs() / 1000} s (START_TIMEOUT_MS=${startMs()}); its log: ${logFile}`;
    return text || 'it ended without a word.';
  }
  // Whoever forgets to stop it still ends: the pipe closes with the process, and the database follows.
  child.unref();
  (child.stdin as net.Socket | null)?.unref();
  return child;
}

/** PostgreSQL itself writes `ready` into the eighth line of postmaster.pid; pg_ctl reads it there too. */
async function isReady(child: ChildProcess, data: string, ended: Promise<void>): Promise<boolean> {
  let over = false;
  void ended.then(() => {
    over = true;
  });
  for (const until = Date.now() + startMs(); !over && Date.now() < until; ) {
    const lines = readLines(path.join(data, 'postmaster.pid'));
    if (lines[0]?.trim() === String(child.pid) && lines[7]?.trim() === 'ready') return true;
    await Promise.race([ended, delay(10)]);
  }
  return false;
}

async function stop(child: ChildProcess, how: 'fast' | 'immediate' = 'fast'): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.ref();
  const ended = new Promise<void>(resolve => child.once('exit', () => resolve()));
  child.kill(how === 'fast' ? 'SIGINT' : 'SIGQUIT');
  const patience = setTimeout(() => child.kill('SIGQUIT'), STOP_MS);
  await ended;
  clearTimeout(patience);
}

/** Made aside and renamed when complete, so that an interrupted first start leaves nothing half-made behind. */
async function createDatabase(home: string, data: string, binaries: Binaries, account: Account): Promise<void> {
  const unfinished = `${data}.unfinished`;
  fs.rmSync(unfinished, { recursive: true, force: true });
  const passwordFile = path.join(home, 'password');
  fs.rmSync(passwordFile, { force: true });
  fs.writeFileSync(passwordFile, `${randomBytes(18).toString('base64url')}\n`, { mode: 0o600 });
  if (account.switchTo) fs.chownSync(passwordFile, account.uid, account.gid);
  const args = [
    '-D',
    unfinished,
    '-U',
    'postgres',
    '--pwfile',
    passwordFile,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
  ];
  args.push('--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--no-sync', '--no-instructions');
  const child = spawn(binaries.of('initdb'), args, {
    ...(account.switchTo ?? {}),
    env: environment(),
    cwd: home,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let errors = '';
  child.stderr.on('data', (part: Buffer) => {
    errors += part.toString();
  });
  const code = await new Promise<number | null>(resolve => {
    child.once('error', () => resolve(null));
    child.once('close', resolve);
  });
  if (code !== 0) throw new StartError(`The database in ${home} could not be made: ${reason(errors)}`);
  fs.renameSync(unfinished, data);
}

/** Nothing of the caller's environment: a PGPORT or PGDATA set for another server must not reach this one. */
const environment = () => ({ PATH: process.env.PATH ?? '', LC_ALL: 'C', TZ: 'UTC' });

function readLines(file: string): string[] {
  try {
    return fs.readFileSync(file, 'utf8').split('\n');
  } catch {
    return [];
  }
}

/** The one line of a log that says why. */
function reason(log: string): string {
  const lines = log.split('\n').filter(line => line.trim() !== '');
  const line = lines.find(text => /FATAL|PANIC|error:/.test(text)) ?? lines.at(-1) ?? 'no reason given';
  return line.replace(/^.*?(FATAL|PANIC|error):\s*/, '').trim();
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = net.createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as net.AddressInfo;
      server.close(() => resolve(port));
    });
  });
}
