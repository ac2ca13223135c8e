/** Looking up who asks stays on an index when there are many: 100,000 accounts, 20,000 staff in 5,000 authorities. */
import { newId } from '../../../kernel/ids';
import { type Principal, serviceOf } from '../../../kernel/principal';
import { person, staff } from '../../../tests/setup/subgraph';
import { startTestIdentity, type TestIdentity } from '../testing/identity';
import { PERSON, STAFF } from './principal.service';

let identity: TestIdentity;
beforeAll(async () => {
  identity = await startTestIdentity();
  await identity.sql(`INSERT INTO identity.account (id, version, kind, display_name, created_at)
    SELECT gen_random_uuid(), 1, 'PERSON', 'Konto ' || n, now() FROM generate_series(1, 100000) AS n`);
  await identity.sql(`INSERT INTO identity.session (id, account_id, trust_level, method, opened_at, expires_at)
    SELECT gen_random_uuid(), id, 'HIGH', 'EID', now(), now() + interval '1 hour' FROM identity.account`);
  await identity.sql(`WITH place AS MATERIALIZED (SELECT n, gen_random_uuid() AS id FROM generate_series(0, 4999) AS n)
    INSERT INTO identity.staff_member (id, version, subject, display_name, email, authority_id, roles, active, created_at)
    SELECT gen_random_uuid(), 1, 'subject-' || nr, 'Person ' || nr, nr || '@amt.example', place.id, '{CASEWORKER}', true, now()
    FROM generate_series(1, 20000) AS nr JOIN place ON place.n = nr % 5000`);
  await identity.sql('ANALYZE identity.account, identity.session, identity.staff_member');
});
afterAll(() => identity.stop());

/** The plan of a statement as somebody, row-level security included. */
async function planOf(who: Principal, sql: string, values: unknown[]): Promise<string> {
  const rows: { 'QUERY PLAN': string }[] = await identity.running.db.tx(who, tx => tx.query(`EXPLAIN ${sql}`, values));
  return rows.map(row => row['QUERY PLAN']).join('\n');
}

const BIG = /Seq Scan on (account|session|staff_member)\b/;

test('the principal of a citizen and of staff', async () => {
  const us = serviceOf('identity');
  expect(await planOf(us, PERSON, [newId()])).toMatch(/Index Scan using session_pkey/);
  expect(await planOf(us, PERSON, [newId()])).not.toMatch(BIG);
  expect(await planOf(us, STAFF, ['subject-7', newId()])).not.toMatch(BIG);
});

test('the accounts, names and staff that somebody may see', async () => {
  const ids = Array.from({ length: 50 }, newId);
  for (const who of [person(), staff()]) {
    expect(await planOf(who, 'SELECT * FROM account WHERE id = ANY($1)', [ids])).not.toMatch(BIG);
    expect(await planOf(who, 'SELECT * FROM session WHERE id = $1', [newId()])).not.toMatch(BIG);
  }
  const listed = 'SELECT * FROM staff_member WHERE authority_id = $1 ORDER BY display_name, id LIMIT 21';
  expect(await planOf(staff(), listed, [newId()])).not.toMatch(BIG);
});

test('and the expectation can fail: without its index the same look-up reads the whole table', async () => {
  expect(await planOf(staff(), `SELECT * FROM staff_member WHERE display_name || '' = $1`, ['x'])).toMatch(BIG);
});
