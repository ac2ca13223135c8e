/** Looking up who asks stays on an index when there are many: 100,000 accounts, 20,000 staff in 5,000 authorities. */
import { newId } from '../../../kernel/ids';
import { type Principal, serviceOf } from '../../../kernel/principal';
import { person, staff } from '../../../tests/setup/subgraph';
import { startTestIdentity, type TestIdentity } from '../testing/identity';
import { crowd, LOOKUPS, WHOLE_TABLE } from '../testing/many';
import { PERSON } from './principal.service';

let identity: TestIdentity;
beforeAll(async () => {
  identity = await startTestIdentity();
  await crowd(identity.sql, 100_000);
});
afterAll(() => identity.stop());

/** The plan of a statement as somebody, row-level security included. */
async function planOf(who: Principal, sql: string, values: unknown[]): Promise<string> {
  const rows: { 'QUERY PLAN': string }[] = await identity.running.db.tx(who, tx => tx.query(`EXPLAIN ${sql}`, values));
  return rows.map(row => row['QUERY PLAN']).join('\n');
}

test.each(LOOKUPS)('$name', async ({ as, sql, values }) => {
  const askers = as === 'service' ? [serviceOf('identity')] : [staff(), person()];
  for (const who of askers) expect(await planOf(who, sql, values())).not.toMatch(WHOLE_TABLE);
});

test('a session is found by its key', async () => {
  expect(await planOf(serviceOf('identity'), PERSON, [newId()])).toMatch(/Index Scan using session_pkey/);
});

test('and the expectation can fail: without its index the same look-up reads the whole table', async () => {
  const slow = `SELECT * FROM staff_member WHERE display_name || '' = $1`;
  expect(await planOf(staff(), slow, ['x'])).toMatch(WHOLE_TABLE);
});
