/** CPU of all processes of a stack: gateway, subgraphs and PostgreSQL, without the one that measures. Linux only. */
import fs from 'node:fs';

const TICK_US = 10_000;

interface Entry {
  readonly parent: number;
  readonly ticks: number;
}

function read(pid: string): Entry | null {
  try {
    // the name in brackets may hold spaces
    const fields = fs.readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
    return { parent: Number(fields[1]), ticks: Number(fields[11]) + Number(fields[12]) };
  } catch {
    return null; // it has ended meanwhile
  }
}

/** @returns microseconds so far, of all processes that descend from this one */
export function cpuOfStack(): number {
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
  let ticks = 0;
  for (const [pid, entry] of all) if (isOurs(pid)) ticks += entry.ticks;
  return ticks * TICK_US;
}
