/** Processes of the development stack: started together, watched, and never left behind. */
import { type ChildProcess, spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import readline from 'node:readline';
import { setting } from '../kernel/config';
import { startProblem } from '../kernel/server/process';
import { StartError } from './start-error';

const ROOT = path.join(__dirname, '..');
const STOP_MS = 12_000;
const TOLD_EVERY_MS = 15_000;

export interface ChildSpec {
  readonly name: string;
  /** TypeScript file below the root, with its arguments. */
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Starts it again when it ends or hangs. */
  readonly watched?: boolean;
}

export class Child {
  private process: ChildProcess | undefined;
  private expected = false;

  constructor(
    readonly spec: ChildSpec,
    private readonly logFolder: string,
    /** Hears the process's own errors, and its end when nobody asked for it. */
    private readonly complain: (line: string) => void,
  ) {}

  /** Resolves once the process says that it is ready. @throws Error with its last words. */
  start(): Promise<void> {
    this.expected = false;
    fs.mkdirSync(this.logFolder, { recursive: true });
    const { name, command, env, watched } = this.spec;
    const runner = watched ? 'watch.js' : 'run.js';
    const child = spawn(process.execPath, [path.join(ROOT, 'kernel', runner), ...command], {
      cwd: ROOT,
      env: { ...process.env, ...env, STOP_WITH_PARENT: 'true' },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    this.process = child;
    const log = fs.createWriteStream(this.logFile, { flags: 'a' });
    log.on('error', error => this.complain(`${name} goes on without its log: ${startProblem(error)}`));
    child.stdin?.on('error', () => {});
    return new Promise((resolve, reject) => {
      let words = '';
      const limitMs = Number(setting('START_TIMEOUT_MS'));
      const began = Date.now();
      const waiting = setInterval(
        () => this.complain(`${name} is not ready yet after ${Math.round((Date.now() - began) / 1000)} s`),
        TOLD_EVERY_MS,
      );
      const late = setTimeout(() => {
        clearInterval(waiting);
        reject(new StartError(lateness(name, limitMs, this.logFile)));
      }, limitMs);
      child.stderr!.on('data', chunk => {
        words = `${words}${chunk}`.slice(-2_000);
        log.write(chunk);
      });
      readline.createInterface({ input: child.stdout! }).on('line', line => {
        log.write(`${line}\n`);
        if (line.startsWith('{"ready":true')) {
          clearTimeout(late);
          clearInterval(waiting);
          resolve();
        } else if (line.includes('"level":"error"')) this.complain(complaint(name, line));
      });
      child.once('exit', (code, signal) => {
        clearTimeout(late);
        clearInterval(waiting);
        log.end();
        const last = words.trim().split('\n').find(Boolean) ?? `${name} ended with ${signal ?? code}`;
        reject(new StartError(`${last} (its log: ${this.logFile})`));
        if (!this.expected) this.complain(`${name} has ended (${signal ?? code})`);
      });
    });
  }

  get logFile(): string {
    return path.join(this.logFolder, `${this.spec.name}.log`);
  }

  get pid(): number | undefined {
    return this.process?.pid;
  }

  /** Ends it without a chance to tidy up, as a crash would. */
  kill(): Promise<void> {
    return this.end('SIGKILL');
  }

  stop(): Promise<void> {
    return this.end('SIGTERM');
  }

  private end(signal: NodeJS.Signals): Promise<void> {
    this.expected = true;
    const child = this.process;
    if (!child || child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
    return new Promise(resolve => {
      const force = setTimeout(() => {
        this.complain(`${this.spec.name} has not stopped within ${STOP_MS / 1000} s and is ended`);
        child.kill('SIGKILL');
      }, STOP_MS);
      child.once('exit', () => {
        clearTimeout(force);
        resolve();
      });
      child.kill(signal);
    });
  }
}

/** Which limit has struck, where to look, and what to do. */
export const lateness = (what: string, limitMs: number, logFile: string): string =>
  `${what} is not ready after ${limitMs / 1000} s (START_TIMEOUT_MS=${limitMs}); what it does stands in ${logFile}. ` +
  `If the machine is only slow: START_TIMEOUT_MS=${limitMs * 2} npm start`;

function complaint(name: string, line: string): string {
  try {
    const { msg, event, reference, error } = JSON.parse(line) as Record<string, string>;
    return [name, msg, event, error, reference && `reference ${reference}`].filter(Boolean).join(': ');
  } catch {
    return `${name}: ${line}`;
  }
}
