/** Statements that come again are planned once a connection, and a migration in between fails nobody. */
import { startTestSubgraph, type TestSubgraph } from '../../tests/setup/subgraph';
import { serviceOf } from '../principal';
import { bells } from '../testing/bells';
import type { Database } from './database';
import { Reads } from './reads';
import { Statements } from './statements';

let subgraph: TestSubgraph;
let db: Database;
const who = serviceOf(bells.name);
beforeAll(async () => {
  subgraph = await startTestSubgraph({
    ...bells,
    background(running) {
      ({ db } = running);
      return async () => {};
    },
  });
  await subgraph.sql(`CREATE TABLE ${bells.name}.thing (id int PRIMARY KEY); GRANT SELECT, INSERT ON ${bells.name}.thing TO ${bells.name}_app;
    INSERT INTO ${bells.name}.thing VALUES (1)`);
});
afterAll(() => subgraph.stop());

const READ = 'SELECT * FROM thing WHERE id = $1';
const addColumn = (name: string) =>
  subgraph.sql(`ALTER TABLE ${bells.name}.thing ADD COLUMN ${name} int NOT NULL DEFAULT 7`);

test('a text gets its name when it comes for the third time, and keeps it', () => {
  const statements = new Statements();
  const named = [1, 2, 3, 4].map(() => statements.named('SELECT 1'));
  expect(named.map(one => typeof one)).toEqual(['string', 'string', 'object', 'object']);
  expect(named[3]).toEqual(named[2]);
});

test('names are bounded, and so is what is remembered of texts', () => {
  const statements = new Statements();
  let names = 0;
  for (let n = 0; n < 10_000; n += 1)
    for (let time = 0; time < 3; time += 1) if (typeof statements.named(`SELECT ${n}`) === 'object') names += 1;
  expect(names).toBe(300);
});

test('a connection keeps the plan of what comes again', async () => {
  const prepared = await db.tx(who, async tx => {
    for (let time = 0; time < 4; time += 1) await tx.query(READ, [1]);
    return tx.query('SELECT statement FROM pg_prepared_statements WHERE statement = $1', [READ]);
  });
  expect(prepared).toHaveLength(1);
});

test('a column that a migration adds fails neither who reads nor who writes', async () => {
  const reads = () => {
    const session = new Reads(db, who);
    return session.read(tx => tx.query(READ, [1])).finally(() => session.close());
  };
  const writes = () => db.tx(who, tx => tx.query(READ, [1]));
  for (let time = 0; time < 5; time += 1) await Promise.all([reads(), writes()]);
  await addColumn('one');
  expect(await reads()).toEqual([{ id: 1, one: 7 }]);
  for (let time = 0; time < 5; time += 1) await writes();
  await addColumn('two');
  expect(await writes()).toEqual([{ id: 1, one: 7, two: 7 }]);
});

test('those who read beside the one that fails are answered too', async () => {
  const warm = new Reads(db, who);
  for (let time = 0; time < 5; time += 1) await warm.read(tx => tx.query(READ, [1]));
  await warm.close();
  await addColumn('three');
  const session = new Reads(db, who);
  const answers = await Promise.all(
    [1, 1, 1].map(id =>
      session.read(async tx => [await tx.query(READ, [id]), await tx.query('SELECT $1::int AS n', [id])]),
    ),
  );
  await session.close();
  expect(answers).toEqual([1, 1, 1].map(() => [[{ id: 1, one: 7, two: 7, three: 7 }], [{ n: 1 }]]));
});
