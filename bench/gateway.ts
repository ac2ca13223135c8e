/** Our gateway beside its peers, in one run: CPU per request, latency when saturated, and cost over work. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { type Fleet, withFleet } from './gateway/fleet';
import { bodiesOf, CASES, type Case, DIFFERENT, HOPS, inboxOf } from './gateway/graph';
import { type Asking, ask, cpuPerRequest, latency, load, type Sample } from './gateway/load';
import { fillCores, type Measured } from './gateway/processes';
import type { Row } from './main';

const FOLDER = path.join(__dirname, 'gateway');
/** So many, or so long, of each case with each gateway before anything is measured, until the compiler has done its work. */
const WARM_REQUESTS = 60_000;
const WARM_MS = 7_000;
/** Again before each case, for what has grown cold since. */
const AGAIN_MS = 1_000;
const ROUND_MS = 250;
const ROUNDS = 16;
/** All cases again, so that what else happens in a minute meets each of them. */
const TURNS = 3;
const ENTITIES = [1, 10, 50, 200];

type Peer = 'stock' | 'hive' | 'proxy';
type Gateways = Readonly<Record<'ours' | Peer, Measured>>;
type Samples = Record<keyof Gateways, Sample[]>;

const PEER_NAMES: Record<Peer, string> = {
  stock: 'Apollo Server with Apollo Gateway',
  hive: 'Hive Gateway, native planner',
  proxy: 'raw proxy',
};

export const measureGateway = (): Promise<Row[]> =>
  withFleet(async fleet => {
    const { asking } = fleet;
    const gateways = await withProxy(fleet);
    for (const one of CASES)
      for (const gateway of Object.values(gateways)) await load(gateway, inTurn(one), asking, WARM_MS, WARM_REQUESTS);
    const stopFilling = fillCores();
    try {
      return [
        ...(await compareCases(gateways, asking)),
        ...(await compareEntities(gateways, asking)),
        ...(await compareCold(gateways, asking)),
      ];
    } finally {
      stopFilling();
    }
  });

/** The raw proxy has answers that all gateways agree on. */
async function withProxy({ gateways, asking, folder, start }: Fleet): Promise<Gateways> {
  const answers = await sameAnswers(Object.values(gateways), asking);
  const whole = path.join(folder, 'answers.json');
  writeFileSync(whole, JSON.stringify(answers));
  const { url } = await start(path.join(FOLDER, 'whole.ts'), [whole]);
  return { ...gateways, proxy: await start(path.join(FOLDER, 'proxy.ts'), [url]) };
}

/** @returns what all answer to each request. @throws Error when two differ: then there is nothing to compare */
async function sameAnswers(gateways: readonly Measured[], asking: Asking): Promise<[string, string][]> {
  const answers: [string, string][] = [];
  for (const one of [...CASES, ...ENTITIES.map(first => inboxOf(first))]) {
    for (const body of bodiesOf(one)) {
      const all = await Promise.all(gateways.map(({ url }) => ask(url, body, asking)));
      const parsed = all.map(text => JSON.parse(text) as { data?: unknown; errors?: unknown });
      if (parsed.some(({ data, errors }) => errors !== undefined || !isDeepStrictEqual(data, parsed[0]?.data)))
        throw new Error(`The answers to ${one.name} differ: ${all.map(text => text.slice(0, 300)).join('\n')}`);
      answers.push([body, all[0]!]);
    }
  }
  return answers;
}

/** Interleaved in short rounds, so that what else the machine does meets all alike. */
async function measure<K extends keyof Gateways>(
  gateways: Pick<Gateways, K>,
  bodies: () => string,
  asking: Asking,
): Promise<Record<K, Sample[]>> {
  const names = Object.keys(gateways) as K[];
  const samples = Object.fromEntries(names.map(name => [name, [] as Sample[]])) as Record<K, Sample[]>;
  for (const name of names) await load(gateways[name], bodies, asking, AGAIN_MS);
  for (let round = 0; round < ROUNDS; round++)
    for (const name of names) samples[name].push(await load(gateways[name], bodies, asking, ROUND_MS));
  return samples;
}

async function compareCases(gateways: Gateways, asking: Asking): Promise<Row[]> {
  const names = Object.keys(gateways) as (keyof Gateways)[];
  const samples = CASES.map(() => Object.fromEntries(names.map(name => [name, []])) as unknown as Samples);
  for (let turn = 0; turn < TURNS; turn++)
    for (const [nth, one] of CASES.entries()) {
      const measured = await measure(gateways, inTurn(one), asking);
      for (const name of names) samples[nth]![name].push(...measured[name]);
    }
  return CASES.flatMap((one, nth) => rowsOf(one, samples[nth]!));
}

function rowsOf(one: Case, { ours, ...peers }: Samples): Row[] {
  return (Object.keys(peers) as Peer[]).flatMap(peer => {
    const against = (what: string, of: (samples: readonly Sample[]) => number) =>
      row(`${one.name}: ${what}, ${PEER_NAMES[peer]}`, of(ours), of(peers[peer]));
    return [
      against('CPU µs', samples => cpuPerRequest(samples)),
      against('CPU µs (median of rounds)', samples => cpuPerRequest(samples, 0.5)),
      against('p50 ms', samples => latency(samples, 0.5)),
      against('p99 ms', samples => latency(samples, 0.99)),
    ];
  });
}

async function compareEntities({ ours, stock }: Gateways, asking: Asking): Promise<Row[]> {
  const rows: Row[] = [];
  for (const first of ENTITIES) {
    const samples = await measure({ ours, stock }, inTurn(inboxOf(first)), asking);
    rows.push(
      row(
        `${first} entities with three joins: CPU µs, ${PEER_NAMES.stock}`,
        cpuPerRequest(samples.ours),
        cpuPerRequest(samples.stock),
      ),
    );
  }
  return rows;
}

/** Each text is new, so that it is parsed, checked and planned; warm, the same operation is case c. */
async function compareCold({ ours, stock, hive }: Gateways, asking: Asking): Promise<Row[]> {
  let count = 0;
  const fresh = () => {
    count += 1;
    const query = HOPS.query.replace('subject', `subject a${count}: unread`);
    return JSON.stringify({ query, variables: HOPS.variables(count % DIFFERENT) });
  };
  const { ours: our, ...peers } = await measure({ ours, stock, hive }, fresh, asking);
  return (['stock', 'hive'] as const).map(peer =>
    row(
      `c with a text that is new each time: CPU µs, ${PEER_NAMES[peer]}`,
      cpuPerRequest(our),
      cpuPerRequest(peers[peer]),
    ),
  );
}

function inTurn(one: Case): () => string {
  const bodies = bodiesOf(one);
  let nth = 0;
  return () => bodies[nth++ % bodies.length]!;
}

/** `ratio` says how many times less ours needs. */
const row = (name: string, ours: number, peer: number): Row => ({
  name,
  ours: round(ours),
  peer: round(peer),
  ratio: round(peer / ours),
});

const round = (value: number): number => Number(value.toPrecision(3));
