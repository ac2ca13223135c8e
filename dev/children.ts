/** Processes of the development stack: started together, watched, and never left behind. */
import { type ChildProcess, spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import readline from 'node:readline';

const ROOT = path.join(__dirname, '..');
const START_MS = 60_000;
const STOP_MS = 12_000;

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
    const { name, command, env, watched } = this.spec;
    const runner = watched ? 'watch.js' : 'run.js';
    const child = spawn(process.execPath, [path.join(ROOT, 'kernel', runner), ...command], {
      cwd: ROOT,
      env: { ...process.env, ...env, STOP_WITH_PARENT: 'true' },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    this.process = child;
    fs.mkdirSync(this.logFolder, { recursive: true });
    const log = fs.createWriteStream(path.join(this.logFolder, `${name}.log`), { flags: 'a' });
    child.stdin?.on('error', () => {});
    return new Promise((resolve, reject) => {
      let words = '';
      const late = setTimeout(() => reject(new Error(`${name} is not ready after ${START_MS / 1000} s.`)), START_MS);
      child.stderr!.on('data', chunk => {
        words = `${words}${chunk}`.slice(-2_000);
        log.write(chunk);
      });
      readline.createInterface({ input: child.stdout! }).on('line', line => {
        log.write(`${line}\n`);
        if (line.startsWith('{"ready":true')) {
          clearTimeout(late);
          resolve();
        } else if (line.includes('"level":"error"')) this.complain(complaint(name, line));
      });
      child.once('exit', (code, signal) => {
        clearTimeout(late);
        log.end();
        const last = words.trim().split('\n').find(Boolean) ?? `${name} ended with ${signal ?? code}`;
        reject(new Error(last));
        if (!this.expected) this.complain(`${name} has ended (${signal ?? code})`);
      });
    });
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
      const force = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
      child.once('exit', () => {
        clearTimeout(force);
        resolve();
      });
      child.kill(signal);
    });
  }
}

function complaint(name: string, line: string): string {
  try {
    const { msg, event, reference, error } = JSON.parse(line) as Record<string, string>;
    return [name, msg, event, error, reference && `reference ${reference}`].filter(Boolean).join(': ');
  } catch {
    return `${name}: ${line}`;
  }
}
