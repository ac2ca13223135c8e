/** Reactions to events that come in crowds: together where they are neighbours, and each by itself where one of them fails. */
import { startTestSubgraph, type TestSubgraph } from '../../tests/setup/subgraph';
import { newId } from '../ids';
import { type Subgraph, startSubgraph } from '../server/subgraph.server';
import { bells } from '../testing/bells';
import type { StoredEvent } from './stream';

let subgraph: TestSubgraph;
/** Names in the order in which they were handled; those of one transaction in one list. */
let handled: string[][] = [];
/** Fails as long as it is not alone. */
let shy: string | null = null;

const nameOf = ({ payload }: StoredEvent) => String(payload.name);

const manifest: Subgraph = {
  ...bells,
  reactions: {
    'one.came': async (_tx, event) => void handled.push([nameOf(event)]),
  },
  together: {
    'crowd.came': async (tx, events) => {
      const names = events.map(nameOf);
      for (const name of names) await tx.query('INSERT INTO crowd VALUES ($1)', [name]);
      if (names.length > 1 && names.some(name => name === shy)) throw new Error('one of them is shy');
      handled.push(names);
    },
  },
};

beforeAll(async () => {
  subgraph = await startTestSubgraph(manifest);
  await subgraph.sql('CREATE TABLE catalogue.crowd (name text PRIMARY KEY)');
  await subgraph.sql('GRANT INSERT ON catalogue.crowd TO catalogue_app');
});
afterAll(() => subgraph.stop());
beforeEach(() => {
  handled = [];
  shy = null;
});

const crowd = (...names: string[]) =>
  subgraph.publishAll(
    'identity',
    names.map(name => ({
      type: name.startsWith('one') ? 'one.came' : 'crowd.came',
      key: newId(),
      payload: { name },
    })),
  );

test('neighbours share a transaction, and nobody overtakes', async () => {
  await crowd('a', 'b', 'one 1', 'one 2', 'c', 'd', 'e');
  expect(handled).toEqual([['a', 'b'], ['one 1'], ['one 2'], ['c', 'd', 'e']]);
});

test('a crowd is bounded', async () => {
  await crowd(...Array.from({ length: 250 }, () => newId()));
  expect(handled.map(({ length }) => length)).toEqual([100, 100, 50]);
});

test('where one of them fails, all are taken back and each is handled by itself, once', async () => {
  shy = 'g';
  await crowd('f', 'g', 'h');
  expect(handled).toEqual([['f'], ['g'], ['h']]);
  const stored = await subgraph.sql(`SELECT name FROM catalogue.crowd WHERE name IN ('f', 'g', 'h') ORDER BY name`);
  expect(stored).toEqual([{ name: 'f' }, { name: 'g' }, { name: 'h' }]);
  expect(await subgraph.sql('SELECT * FROM catalogue.dead_letter')).toEqual([]);
});

test('of two processes one handles them', async () => {
  const other = await startSubgraph(manifest, { port: 0 });
  try {
    for (const round of ['1', '2', '3']) await crowd(`i${round}`, `j${round}`, `one ${round}`);
    const [head] = await subgraph.sql<{ position: string }>('SELECT position FROM events.head');
    await other.reached(Number(head!.position));
  } finally {
    await other.stop();
  }
  const names = handled.flat();
  expect([...names].sort()).toEqual([...new Set(names)].sort());
  expect(names).toHaveLength(9);
});
