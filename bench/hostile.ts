/** What others feel while somebody attacks: the latency of a well-behaved client, the memory of the gateway, and how attacks are answered. */
import { type ChildProcess, fork } from 'node:child_process';
import path from 'node:path';
import type { Answers } from './gateway/attacker';
import { withFleet } from './gateway/fleet';
import { bodiesOf, CASES } from './gateway/graph';
import { type Asking, ask, percentile } from './gateway/load';
import type { Measured } from './gateway/processes';
import type { Row } from './main';

const RUN = path.join(__dirname, '..', 'kernel', 'run.js');
const ATTACKER = path.join(__dirname, 'gateway', 'attacker.ts');
const SECONDS = 6;
/** The well-behaved client asks so often, whatever happens. */
const EVERY_MS = 10;

interface Felt {
  readonly p50: number;
  readonly p99: number;
  /** Bytes more than before. */
  readonly grown: number;
  readonly answers: Answers;
}

export const measureHostile = (): Promise<Row[]> =>
  withFleet(async ({ gateways: { ours, stock }, asking }) => {
    const attacks = await listAttacks();
    const quiet = { ours: await feel(ours, asking, null), stock: await feel(stock, asking, null) };
    const rows: Row[] = [];
    for (const attack of [null, ...attacks]) {
      const one = attack ? await feel(ours, asking, attack) : quiet.ours;
      const other = attack ? await feel(stock, asking, attack) : quiet.stock;
      const row = (what: string, value: number, peer: number) =>
        rows.push({
          name: `${attack ?? 'nobody attacks'}: ${what}`,
          ours: round(value),
          peer: round(peer),
          ratio: round(peer / value),
          answers: attack ? told(one.answers) : '',
        });
      row('p50 ms of others', one.p50, other.p50);
      row('p99 ms of others', one.p99, other.p99);
      row('MB grown', Math.max(0.1, one.grown / 2 ** 20), Math.max(0.1, other.grown / 2 ** 20));
    }
    return rows;
  });

async function feel(gateway: Measured, asking: Asking, attack: string | null): Promise<Felt> {
  const bodies = bodiesOf(CASES[0]!);
  for (const body of bodies) await ask(gateway.url, body, asking);
  const before = await gateway.memory();
  const attacker = attack ? await startAttacker() : null;
  attacker?.send({ url: gateway.url, token: asking.token, attack });
  const latencies: number[] = [];
  const asked: Promise<void>[] = [];
  const end = performance.now() + SECONDS * 1_000;
  for (let nth = 0; performance.now() < end; nth++) {
    const began = performance.now();
    const answered = ask(gateway.url, bodies[nth % bodies.length]!, asking);
    asked.push(answered.then(() => void latencies.push(performance.now() - began)));
    await new Promise(resolve => setTimeout(resolve, EVERY_MS));
  }
  await Promise.all(asked);
  const grown = (await gateway.memory()) - before;
  const answers = attacker ? await stopAttacker(attacker) : {};
  return { p50: percentile(latencies, 0.5), p99: percentile(latencies, 0.99), grown, answers };
}

async function startAttacker(): Promise<ChildProcess> {
  const child = fork(RUN, [ATTACKER]);
  await new Promise(resolve => child.once('message', resolve));
  return child;
}

async function listAttacks(): Promise<readonly string[]> {
  const child = fork(RUN, [ATTACKER]);
  const { attacks } = await new Promise<{ attacks: string[] }>(resolve => child.once('message', resolve as never));
  child.disconnect();
  return attacks;
}

async function stopAttacker(child: ChildProcess): Promise<Answers> {
  const answers = new Promise<Answers>(resolve => child.once('message', resolve as never));
  child.send('stop');
  const all = await answers;
  child.disconnect();
  return all;
}

const told = (answers: Answers): string =>
  Object.entries(answers)
    .map(([what, count]) => `${count} × ${what}`)
    .join(', ');

const round = (value: number): number => Number(value.toPrecision(3));
