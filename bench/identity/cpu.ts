/** CPU of all processes of a stack: gateway, subgraphs and PostgreSQL, without the one that measures. Linux only. */
import fs from 'node:fs';

interface Entry {
  readonly parent: number;
  readonly us: number;
}

function read(pid: string): Entry | null {
  try {
    // the name in brackets may hold spaces
    const parent = Number(fs.readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ')[1]);
    let ns = 0; // by the scheduler: its ticks, a hundredth of a second each, are too coarse for one look
    for (const thread of fs.readdirSync(`/proc/${pid}/task`))
      ns += Number(fs.readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[0]);
    return { parent, us: ns / 1000 };
  } catch {
    return null; // it has ended meanwhile
  }
}

/** Microseconds so far of each process that descends from this one, by its id. */
export type Cpu = ReadonlyMap<number, number>;

export function cpuOfStack(): Cpu {
  const all = new Map(
    fs
      .readdirSync('/proc')
      .filter(name => /^\d+$/.test(name))
      .flatMap(pid => {
        const entry = read(pid);
        return entry ? [[Number(pid), entry] as const] : [];
      }),
  );
  const isOurs = (pid: number): boolean => {
    for (let at = all.get(pid)?.parent; at; at = all.get(at)?.parent) if (at === process.pid) return true;
    return false;
  };
  return new Map([...all].filter(([pid]) => isOurs(pid)).map(([pid, { us }]) => [pid, us]));
}

/** @param but the process of PostgreSQL that serves whoever measures  @returns microseconds since then; a process that has ended meanwhile, as PostgreSQL's do, takes nothing away */
export function cpuSince(before: Cpu, but?: number): number {
  let us = 0;
  for (const [pid, now] of cpuOfStack()) if (pid !== but) us += now - (before.get(pid) ?? 0);
  return us;
}
