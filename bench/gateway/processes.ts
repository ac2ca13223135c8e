/** The processes of the benchmark: started with a channel to ask them for their CPU time. */
import { type ChildProcess, fork } from 'node:child_process';
import os from 'node:os';
import path from 'node:path';
import readline from 'node:readline';

export interface Measured {
  readonly url: string;
  /** Microseconds of CPU so far, all threads. */
  cpu(): Promise<number>;
  /** Bytes that it holds now (resident set). */
  memory(): Promise<number>;
  stop(): void;
}

const RUN = path.join(__dirname, '..', '..', 'kernel', 'run.js');
const TELL = path.join(__dirname, 'tell.js');
const READY_MS = 60_000;

/** @param file TypeScript, or a module that runs as it is; it prints `{"ready":true,"port":…}` when it answers */
export async function startProcess(
  file: string,
  args: readonly string[] = [],
  env: Record<string, string> = {},
): Promise<Measured> {
  const [program, ...rest] = file.endsWith('.ts') ? [RUN, file, ...args] : [file, ...args];
  const child = fork(program!, rest, {
    execArgv: ['--require', TELL],
    env: { ...process.env, NODE_ENV: 'production', ...env },
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  const url = `http://127.0.0.1:${await portOf(child, file)}`;
  const ask = (what: 'cpu' | 'memory') =>
    new Promise<number>(resolve => {
      const hear = (said: unknown) => {
        if (typeof said !== 'number') return; // a heartbeat of the gateway
        child.off('message', hear);
        resolve(said);
      };
      child.on('message', hear);
      child.send(what);
    });
  return {
    url,
    cpu: () => ask('cpu'),
    memory: () => ask('memory'),
    stop: () => child.disconnect(),
  };
}

/**
 * Fills what measured processes leave of the cores, with the lowest priority. Cores often are two threads of one: a slow
 * gateway, whose clients wait, would have both for itself and so run up to half as fast again as one that keeps all busy.
 * @returns ends it
 */
export function fillCores(): () => void {
  const fillers = Array.from({ length: os.availableParallelism() }, () => fork(path.join(__dirname, 'filler.js')));
  const failed = () => {
    throw new Error('What fills the cores has ended, so that gateways would be measured unlike.');
  };
  for (const one of fillers) one.once('exit', failed);
  return () => {
    for (const one of fillers) one.off('exit', failed).disconnect();
  };
}

async function portOf(child: ChildProcess, file: string): Promise<number> {
  const late = setTimeout(() => child.kill(), READY_MS);
  const lines = readline.createInterface({ input: child.stdout! });
  try {
    return await new Promise<number>((resolve, reject) => {
      lines.on('line', line => {
        if (line.startsWith('{"ready":true')) resolve((JSON.parse(line) as { port: number }).port);
      });
      child.once('exit', code => reject(new Error(`${file} ended with ${code} before it was ready.`)));
    });
  } finally {
    clearTimeout(late);
    lines.close();
    child.stdout!.resume(); // what it logs is dropped unread: lines would cost whoever asks, and so change what is measured
  }
}
