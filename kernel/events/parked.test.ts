/** One event that fails holds up those of its key and nobody else; what passes waits for ever, the rest is given up and seen. */
import { setTimeout as wait } from 'node:timers/promises';
import { startTestSubgraph, type TestSubgraph } from '../../tests/setup/subgraph';
import { graphError } from '../errors';
import { newId } from '../ids';
import { refuseCommon } from '../refusal';
import { type Subgraph, startSubgraph } from '../server/subgraph.server';
import { bells } from '../testing/bells';
import { ATTEMPTS } from './parked';
import type { StoredEvent } from './stream';

let subgraph: TestSubgraph;
/** Name of an event → what its reaction throws. */
const failing = new Map<string, () => unknown>();
const tried: string[] = [];

const nameOf = ({ payload }: StoredEvent) => String(payload.name);

const manifest: Subgraph = {
  ...bells,
  reactions: {
    async 'one.came'(tx, event) {
      const name = nameOf(event);
      tried.push(name);
      // what was written before a failure is taken back
      await tx.query('INSERT INTO handled (name, key) VALUES ($1, $2)', [name, event.key]);
      const error = failing.get(name)?.();
      if (typeof error === 'string') await tx.query(`SELECT raise_state($1)`, [error]);
      else if (error) throw error;
    },
  },
  together: {
    async 'crowd.came'(tx, events) {
      for (const event of events) {
        await tx.query('INSERT INTO handled (name, key) VALUES ($1, $2)', [nameOf(event), event.key]);
        if (failing.has(nameOf(event))) throw new Error('one of them');
      }
    },
  },
};

beforeAll(async () => {
  subgraph = await startTestSubgraph(manifest);
  await subgraph.sql(
    `CREATE TABLE catalogue.handled (nth bigint GENERATED ALWAYS AS IDENTITY, name text PRIMARY KEY, key uuid NOT NULL);
     GRANT INSERT, SELECT ON catalogue.handled TO catalogue_app;
     CREATE FUNCTION catalogue.raise_state(state text) RETURNS void LANGUAGE plpgsql AS
       $$ BEGIN RAISE EXCEPTION 'words' USING ERRCODE = state; END $$`,
  );
});
afterAll(() => subgraph.stop());
beforeEach(() => {
  failing.clear();
  tried.length = 0;
});

const [a, b, c] = [newId(), newId(), newId()];

const publish = (events: readonly (readonly [name: string, key: string])[], type = 'one.came') =>
  subgraph.publishAll(
    'identity',
    events.map(([name, key]) => ({ type, key, payload: { name } })),
  );

async function handled(...keys: string[]): Promise<string[]> {
  const found = await subgraph.sql<{ name: string }>(
    'SELECT name FROM catalogue.handled WHERE key = ANY($1) ORDER BY nth',
    [keys],
  );
  return found.map(({ name }) => name);
}

async function until(what: () => Promise<boolean>): Promise<void> {
  for (const last = Date.now() + 40_000; !(await what()); ) {
    if (Date.now() > last) throw new Error('It did not come about.');
    await wait(25);
  }
}

const deadLetters = () =>
  subgraph.sql<{ type: string; key: string; attempts: number; reason: string }>(
    'SELECT type, key, attempts, reason FROM catalogue.dead_letter ORDER BY position',
  );

test.each<[string, () => unknown]>([
  ['of the connection', () => '08006'],
  ['of a database that is read-only', () => '25006'],
  ['of a disk that is full', () => '53100'],
  ['of a lock', () => '55P03'],
  ['of a shutdown', () => '57P01'],
  ['of the system', () => '58030'],
  ['of a socket', () => Object.assign(new Error('read'), { code: 'ECONNRESET' })],
  ['of an ask that nobody answered', () => refuseCommon('TRY_AGAIN')],
  ['of a subgraph that is not there', () => graphError('SUBGRAPH_UNAVAILABLE')],
])('a failure %s is no attempt, and is tried until it has passed', async (_, error) => {
  const key = newId();
  const [first, second, other] = [newId(), newId(), newId()];
  failing.set(first, error);
  const published = publish([
    [first, key],
    [second, key],
    [other, newId()],
  ]);
  await until(async () => tried.filter(name => name === first).length > 3);
  expect(await handled(key)).toEqual([]); // the second waits behind the first
  expect(tried).toContain(other);
  const [parked] = await subgraph.sql('SELECT attempts, waits FROM catalogue.parked_event ORDER BY position LIMIT 1');
  expect(parked).toMatchObject({ attempts: 0 });
  failing.clear();
  await published;
  expect(await handled(key)).toEqual([first, second]);
  expect(await deadLetters()).toEqual([]);
});

test('one that fails by itself is given up, and those of its key wait, each in its turn, while all others go on', async () => {
  failing.set('a1', () => '22P02');
  await publish([
    ['a1', a],
    ['b1', b],
    ['a2', a],
    ['c1', c],
  ]);
  expect(tried.filter(name => name === 'a1')).toHaveLength(ATTEMPTS);
  expect(await deadLetters()).toEqual([{ type: 'one.came', key: a, attempts: ATTEMPTS, reason: '22P02' }]);
  await publish([
    ['a3', a],
    ['b2', b],
  ]);
  expect(await handled(a)).toEqual([]);
  expect(await handled(b, c)).toEqual(['b1', 'c1', 'b2']);
});

test('all of it stays so over a restart, and the stream is not handled again', async () => {
  const other = await startSubgraph(manifest, { port: 0 });
  try {
    await publish([
      ['a4', a],
      ['c2', c],
    ]);
    expect(await handled(a)).toEqual([]);
    expect(await handled(c)).toEqual(['c1', 'c2']);
    expect(tried).toEqual(['c2']);
  } finally {
    await other.stop();
  }
});

test('of a crowd the one that fails is parked with those of its key, and the others are handled once', async () => {
  const [d, e] = [newId(), newId()];
  failing.set('d1', () => true);
  const published = publish(
    [
      ['e1', e],
      ['d1', d],
      ['d2', d],
      ['e2', e],
    ],
    'crowd.came',
  );
  await until(async () => (await handled(e)).length === 2);
  expect(await handled(d)).toEqual([]);
  failing.clear();
  await published;
  expect(await handled(d)).toEqual(['d1', 'd2']);
});

test('two processes, many keys, and failures of both kinds: each event once, in the order of its key', async () => {
  const other = await startSubgraph(manifest, { port: 0 });
  try {
    const keys = Array.from({ length: 6 }, newId);
    const events = Array.from({ length: 60 }, (_, nth) => [`m${nth}`, keys[nth % 6]!] as const);
    for (const [name] of events) {
      let left = Math.random() < 0.3 ? 1 + Math.floor(Math.random() * 3) : 0;
      failing.set(name, () => (left-- > 0 ? (Math.random() < 0.5 ? '55P03' : new Error('by itself')) : undefined));
    }
    for (let from = 0; from < 60; from += 20) await publish(events.slice(from, from + 20));
    for (const key of keys) {
      expect(await handled(key)).toEqual(events.filter(event => event[1] === key).map(([name]) => name));
    }
    expect(await deadLetters()).toHaveLength(1);
  } finally {
    await other.stop();
  }
});
