/** Looking up who asks among a million accounts, 20,000 staff and 5,000 authorities. */
import type pg from 'pg';
import { newId } from '../../kernel/ids';
import { crowd, LOOKUPS, type Lookup, WHOLE_TABLE } from '../../subgraphs/identity/testing/many';
import type { Row } from '../main';

const ACCOUNTS = 1_000_000;
const TIMES = 300;

export async function measureLookups(owner: pg.Client): Promise<Row[]> {
  await crowd((text, values) => owner.query(text, values), ACCOUNTS);
  const rows: Row[] = [];
  for (const lookup of LOOKUPS) {
    await owner.query('BEGIN');
    await become(owner, lookup);
    const plan = await owner.query<{ 'QUERY PLAN': string }>(`EXPLAIN ${lookup.sql}`, lookup.values());
    const text = plan.rows.map(row => row['QUERY PLAN']).join('\n');
    const times: number[] = [];
    for (let n = 0; n < TIMES; n += 1) {
      const began = performance.now();
      await owner.query({ name: lookup.name, text: lookup.sql, values: lookup.values() });
      times.push(performance.now() - began);
    }
    await owner.query('ROLLBACK');
    times.sort((a, b) => a - b);
    rows.push({
      name: `${lookup.name}, among a million accounts: p50 ms`,
      ours: Number(times[Math.floor(TIMES / 2)]!.toPrecision(3)),
      peer: WHOLE_TABLE.test(text) ? 'READS A WHOLE TABLE' : 'on an index',
    });
  }
  return rows;
}

/** As the subgraph's own role, with row-level security. */
async function become(owner: pg.Client, { as }: Lookup): Promise<void> {
  await owner.query('SET LOCAL ROLE identity_app');
  await owner.query('SET LOCAL search_path = identity, events, public');
  await owner.query(
    `SELECT set_config('app.kind', $1, true), set_config('app.authority', $2, true),
    set_config('app.staff', $3, true), set_config('app.scopes', 'staff:read', true)`,
    [as, newId(), newId()],
  );
}
