/** Finds the PostgreSQL that holds a data folder, and tells an orphan of an earlier run from one in use. */
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { StartError } from './start-error';

export interface Running {
  readonly pid: number;
  /** The process that started it and still lives; null for an orphan. */
  readonly heldBy: number | null;
  /** True while it shuts down. */
  readonly stopping: boolean;
}

/** @param data the real path  @returns null when nobody holds the folder; a postmaster.pid that names another program is taken away */
export function runningPostgres(data: string): Running | null {
  const pidFile = path.join(data, 'postmaster.pid');
  let lines: string[];
  try {
    lines = fs.readFileSync(pidFile, 'utf8').split('\n');
  } catch {
    return null;
  }
  const pid = Number.parseInt(lines[0] ?? '', 10);
  const found = Number.isInteger(pid) && pid > 0 ? look(pid) : null;
  if (!found?.command.includes(`-D ${data} `)) {
    // After a reboot the number may belong to another program, and PostgreSQL would refuse to start.
    fs.rmSync(pidFile, { force: true });
    return null;
  }
  const starter = Number(/held-by-(\d+)/.exec(found.command)?.[1] ?? 0);
  return {
    pid,
    heldBy: starter > 0 && found.parent === starter ? starter : null,
    stopping: lines[7]?.trim() === 'stopping',
  };
}

/** Asks it to end fast, and insists after `patience` milliseconds. */
export async function stopRunning(pid: number, patience: number): Promise<void> {
  for (const signal of ['SIGINT', 'SIGQUIT'] as const) {
    try {
      process.kill(pid, signal);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ESRCH') return;
      throw new StartError(`PostgreSQL of an earlier run (pid ${pid}) belongs to another user; stop it first.`);
    }
    for (const until = Date.now() + patience; Date.now() < until; await delay(10)) if (!look(pid)) return;
  }
  throw new StartError(`PostgreSQL of an earlier run (pid ${pid}) does not end; stop it first.`);
}

/** Parent and command line of a live process; null when there is none (or only its remains). */
function look(pid: number): { parent: number; command: string } | null {
  if (fs.existsSync('/proc/self/stat')) {
    try {
      const stat = fs.readFileSync(`/proc/${pid}/stat`, 'utf8');
      const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' '); // the name before may hold anything
      if (state === 'Z' || state === 'X') return null;
      return { parent: Number(parent), command: fs.readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ') };
    } catch {
      return null;
    }
  }
  const { stdout, status } = spawnSync('ps', ['-ww', '-o', 'ppid=,command=', '-p', String(pid)], { encoding: 'utf8' });
  const match = status === 0 ? /^\s*(\d+)\s+(.*)/s.exec(stdout) : null;
  return match ? { parent: Number(match[1]), command: match[2] ?? '' } : null;
}
