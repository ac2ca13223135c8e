/** What whole requests cost, with everything that follows from them, as the number of cases grows. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { startPostgres } from '../dev/postgres';
import { startStack } from '../dev/stack';
import { World } from '../tests/hostile/world';
import type { Row } from './main';
import { fillWithCases } from './whole/crowd';
import { type Cost, Meter, totalOf } from './whole/measure';
import { CHEAPEST, reads, writes } from './whole/operations';
import { PlainRows } from './whole/plain';

const PROCESSES = ['gateway', 'catalogue', 'identity', 'applications', 'messaging', 'payment', 'postgres'] as const;
const ROUNDS = 5;
/** The reads of a round, one after the other. */
const READS = 20;
const WRITES = 5;
const PLAIN_WRITES = 50;
/** Until the compilers have done what they will. */
const WARM_READS = 100;
const WARM_WRITES = 15;

/** @param sizes numbers of cases, each on a platform of its own */
export async function measureWhole(sizes: readonly number[]): Promise<Row[]> {
  const rows: Row[] = [];
  let smallest: Map<string, number> | undefined;
  for (const cases of sizes) {
    console.error(`${cases.toLocaleString('en')} cases …`);
    const costs = await measureAt(cases);
    const base = totalOf(costs.get(CHEAPEST)!.cost);
    const plain = totalOf(costs.get(PLAIN)!.cost);
    for (const [name, { cost, must }] of costs) {
      const ours = totalOf(cost);
      const isWrite = must?.against === 'plain';
      rows.push({
        cases,
        name,
        ours: short(ours),
        base: short(isWrite ? plain : base),
        ratio: short(ours / (isWrite ? plain : base)),
        must: must?.most ?? '',
        'to the smallest': smallest ? short(ours / smallest.get(name)!) : '',
        ...Object.fromEntries(PROCESSES.map(process => [process, short(cost.cpu[process] ?? 0)])),
        'PG plan': short(cost.planMs),
        'PG run': short(cost.runMs),
        statements: Math.round(cost.statements),
        commits: Math.round(cost.commits),
        'WAL KiB': Math.round(cost.walKiB),
      });
    }
    smallest ??= new Map([...costs].map(([name, { cost }]) => [name, totalOf(cost)]));
  }
  return rows;
}

const IDLE = 'a second in which nobody asks';
const IDLE_MS = 2_000;
const PLAIN = 'the rows of a submission by plain pg';

export interface Must {
  readonly most: number;
  /** What it is compared with: the cheapest real field, or the same rows by plain pg. */
  readonly against: 'field' | 'plain';
}

interface Measured {
  readonly cost: Cost;
  readonly must?: Must | undefined;
}

async function measureAt(cases: number): Promise<Map<string, Measured>> {
  const dataDir = fs.mkdtempSync(path.join(os.tmpdir(), 'bench-whole-'));
  await loadStatistics(dataDir);
  // counted, and never reached
  const env = { RATE_PER_ACCOUNT: '1000000000', RATE_PER_ADDRESS: '1000000000' };
  const stack = await startStack({ dataDir, env });
  const owner = new pg.Client({ connectionString: stack.databaseUrl });
  try {
    await owner.connect();
    const world = await World.open(stack);
    await fillWithCases(owner, cases, { largest: world.authorityId, department: world.departmentId });
    const meter = await Meter.over(owner);
    const plain = await PlainRows.open(stack.databaseUrl);
    const samples = new Map<string, { costs: Cost[]; must?: Must | undefined }>();
    const add = async (name: string, times: number, work: () => Promise<void>, must?: Must) => {
      const sample = samples.get(name) ?? { costs: [], must };
      sample.costs.push(await meter.cost(times, work));
      samples.set(name, sample);
    };
    const [read, write] = [await reads(world), writes(world)];
    for (const { ask } of read) for (let i = 0; i < WARM_READS; i += 1) await ask();
    for (let i = 0; i < WARM_WRITES; i += 1) await write(async (_, work) => work());
    for (let round = 0; round < ROUNDS; round += 1) {
      const idle = await meter.idleFor(IDLE_MS);
      const sample = samples.get(IDLE) ?? { costs: [] };
      const perSecond = Object.fromEntries(Object.entries(idle).map(([name, ms]) => [name, (ms * 1000) / IDLE_MS]));
      sample.costs.push({ cpu: perSecond, statements: 0, commits: 0, walKiB: 0, planMs: 0, runMs: 0 });
      samples.set(IDLE, sample);
      for (const { name, ask, must } of read) await add(name, READS, ask, must);
      for (let i = 0; i < WRITES; i += 1) await write((name, work, must) => add(name, 1, work, must));
      await add(PLAIN, PLAIN_WRITES, () => plain.write());
    }
    await plain.close();
    return new Map([...samples].map(([name, { costs, must }]) => [name, { cost: middle(costs), must }]));
  } finally {
    await owner.end();
    await stack.stop();
    fs.rmSync(dataDir, { recursive: true, force: true });
  }
}

/** Has the PostgreSQL of this folder count statements; only a start takes that up. */
async function loadStatistics(dataDir: string): Promise<void> {
  const postgres = await startPostgres(path.join(dataDir, 'postgres'));
  const owner = new pg.Client({ connectionString: postgres.url });
  await owner.connect();
  await owner.query(`ALTER SYSTEM SET shared_preload_libraries = 'pg_stat_statements'`);
  await owner.query(`ALTER SYSTEM SET pg_stat_statements.track_planning = on`);
  await owner.end();
  await postgres.stop();
}

/** The sample in the middle by its total. */
function middle(costs: readonly Cost[]): Cost {
  const sorted = [...costs].sort((a, b) => totalOf(a) - totalOf(b));
  return sorted[Math.floor(sorted.length / 2)]!;
}

const short = (value: number): number => Number(value.toPrecision(3));
