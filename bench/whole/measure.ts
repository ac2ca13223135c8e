/** What a piece of work costs the whole platform: CPU by process, statements, commits, bytes of WAL. Linux only. */
import fs from 'node:fs';
import type pg from 'pg';
import { eventually } from '../../dev/demo/player';
import { SUBGRAPHS } from '../../kernel/config';
import type { Subgraph } from '../../kernel/server/subgraph.server';
import { type Cpu, cpuOfStack } from '../identity/cpu';

/** The types of events that each subgraph reacts to. */
const REACTED = SUBGRAPHS.map(name => {
  const { reactions, together } = (require(`../../subgraphs/${name}/subgraph`) as { default: Subgraph }).default;
  return [...Object.keys(reactions ?? {}), ...Object.keys(together ?? {})];
});

export interface Cost {
  /** Milliseconds of CPU by process: `gateway`, a subgraph, `postgres`, `services`. */
  readonly cpu: Readonly<Record<string, number>>;
  readonly statements: number;
  readonly commits: number;
  readonly walKiB: number;
  /** Milliseconds of PostgreSQL for planning, and for running. */
  readonly planMs: number;
  readonly runMs: number;
}

/** Everything PostgreSQL counted so far, without what the measuring itself asked. */
const COUNTED = `SELECT sum(calls)::float8 AS statements, sum(wal_bytes)::float8 / 1024 AS wal,
    sum(total_plan_time)::float8 AS plan, sum(total_exec_time)::float8 AS run,
    (SELECT sum(xact_commit)::float8 FROM pg_stat_database) AS commits
  FROM pg_stat_statements WHERE userid <> (SELECT oid FROM pg_roles WHERE rolname = current_user)`;

/** What a process is: by its command line. */
function nameOf(pid: number): string | null {
  try {
    const line = fs.readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
    if (/^postgres|\/postgres /.test(line)) return 'postgres';
    return /subgraphs\/main\.ts (\w+)/.exec(line)?.[1] ?? /(gateway|services)[./]/.exec(line)?.[1] ?? null;
  } catch {
    return null;
  }
}

export class Meter {
  private readonly names = new Map<number, string | null>();

  constructor(
    private readonly owner: pg.Client,
    /** The process of PostgreSQL that serves the measuring. */
    private readonly own: number,
  ) {}

  static async over(owner: pg.Client): Promise<Meter> {
    await owner.query('CREATE EXTENSION IF NOT EXISTS pg_stat_statements SCHEMA public');
    const { rows } = await owner.query('SELECT pg_backend_pid() AS pid');
    return new Meter(owner, rows[0].pid);
  }

  /** Waits until nothing follows any more: nothing waits in an outbox, for a reaction, or for its delivery. */
  async drained(): Promise<void> {
    const waiting = SUBGRAPHS.map(name => `(SELECT count(*)::int FROM ${name}.outbox)`);
    const behind = SUBGRAPHS.map(
      (name, i) => `(SELECT count(*)::int FROM events.event WHERE type = ANY($${i + 1}) AND position >
        (SELECT coalesce(min(position), 0) FROM ${name}.consumer))`,
    );
    const underway = ['messaging.message_delivery', 'applications.delivery'].map(
      table => `(SELECT count(*)::int FROM ${table} WHERE state IN ('PENDING', 'SENDING', 'RETRYING'))`,
    );
    await eventually(
      async () =>
        (await this.owner.query(`SELECT ${[...waiting, ...behind, ...underway].join(' + ')} AS left`, REACTED)).rows[0]
          .left as number,
      left => left === 0,
      'nothing follows any more',
    );
  }

  /** What the platform burns when nobody asks anything, for a second; it is taken off what is measured. */
  private idle: { readonly ms: number; readonly cpu: Record<string, number> } = { ms: 1, cpu: {} };

  async idleFor(ms: number): Promise<Record<string, number>> {
    await this.drained();
    const before = cpuOfStack();
    const began = performance.now();
    await new Promise(resolve => setTimeout(resolve, ms));
    const cpu = this.byName(before, cpuOfStack(), 1);
    this.idle = { ms: performance.now() - began, cpu };
    return cpu;
  }

  /** The cost of one of `times` pieces of work, with all that follows from them. */
  async cost(times: number, work: () => Promise<void>): Promise<Cost> {
    await this.drained();
    const before = await this.counted();
    const cpuBefore = cpuOfStack();
    const began = performance.now();
    for (let i = 0; i < times; i += 1) await work();
    await this.drained();
    const cpu = this.byName(cpuBefore, cpuOfStack(), times);
    const waited = (performance.now() - began) / times / this.idle.ms;
    for (const [name, ms] of Object.entries(this.idle.cpu)) cpu[name] = Math.max(0, (cpu[name] ?? 0) - ms * waited);
    const after = await this.counted();
    const per = (key: string) => (after[key]! - before[key]!) / times;
    return {
      cpu,
      statements: per('statements'),
      commits: per('commits'),
      walKiB: per('wal'),
      planMs: per('plan'),
      runMs: per('run'),
    };
  }

  private async counted(): Promise<Record<string, number>> {
    return (await this.owner.query(COUNTED)).rows[0];
  }

  private byName(before: Cpu, after: Cpu, times: number): Record<string, number> {
    const sums: Record<string, number> = {};
    for (const [pid, us] of after) {
      if (pid === this.own) continue;
      if (!this.names.has(pid)) this.names.set(pid, nameOf(pid));
      const name = this.names.get(pid);
      if (name) sums[name] = (sums[name] ?? 0) + (us - (before.get(pid) ?? 0)) / 1000 / times;
    }
    return sums;
  }
}

export const totalOf = (cost: Cost): number => Object.values(cost.cpu).reduce((sum, ms) => sum + ms, 0);
