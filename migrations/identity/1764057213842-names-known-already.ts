import type { MigrationInterface, QueryRunner } from 'typeorm';

/** In small transactions, so that nobody who signs in waits for it; begun again, it goes on where it was. */
export class NamesKnownAlready1764057213842 implements MigrationInterface {
  readonly transaction = false;

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`SELECT set_config('app.kind', 'service', false)`);
    try {
      for (const [table, key] of [
        ['staff_person', 'staff_member_id'],
        ['account_person', 'account_id'],
      ]) {
        await untilNone(
          runner,
          `UPDATE identity.${table} SET name_key = name_key WHERE ${key} IN (
             SELECT ${key} FROM identity.${table} WHERE joined IS NULL AND identity.name_joined(name_key) IS NOT NULL LIMIT 2000) RETURNING 1`,
        );
      }
      for (let after: string | null = '00000000-0000-0000-0000-000000000000'; after !== null; )
        after = await tell(runner, after);
    } finally {
      await runner.query(`SELECT set_config('app.kind', '', false)`);
    }
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only.');
  }
}

/** @param sql changes some rows and returns them */
async function untilNone(runner: QueryRunner, sql: string): Promise<void> {
  for (let changed = 1; changed > 0; ) {
    const [row]: { count: number }[] = await runner.query(`WITH changed AS (${sql}) SELECT count(*)::int FROM changed`);
    changed = row!.count;
  }
}

/** Whose accounts are recognised now, of the next hundred; what is told already is not told again. @returns the last of them */
async function tell(runner: QueryRunner, after: string): Promise<string | null> {
  const [row]: { last: string | null }[] = await runner.query(
    `WITH batch AS (SELECT staff_member_id FROM identity.staff_person WHERE staff_member_id > $1 ORDER BY 1 LIMIT 100),
     matching AS (SELECT own.* FROM batch, identity.accounts_of_staff(batch.staff_member_id) AS own),
     gone AS (
       DELETE FROM identity.own_account AS own USING batch WHERE own.staff_member_id = batch.staff_member_id
         AND NOT EXISTS (SELECT FROM matching WHERE matching.staff_member_id = own.staff_member_id AND matching.account_id = own.account_id)
       RETURNING own.staff_member_id, own.account_id
     ), come AS (
       INSERT INTO identity.own_account AS own (staff_member_id, account_id, certain) SELECT * FROM matching
       ON CONFLICT (staff_member_id, account_id) DO UPDATE SET certain = excluded.certain WHERE own.certain <> excluded.certain
       RETURNING staff_member_id, account_id, certain
     ), told AS (
       INSERT INTO identity.outbox (type, key, payload, occurred_at)
       SELECT 'staff.recognised', staff_member_id, jsonb_build_object('staffMemberId', staff_member_id, 'accountId', account_id, 'same', same)
         || CASE WHEN certain THEN '{}' ELSE '{"certain": false}'::jsonb END, now()
       FROM (SELECT *, true AS same FROM come UNION ALL SELECT *, true, false FROM gone) AS changed
     )
     SELECT max(staff_member_id::text) AS last FROM batch`,
    [after],
  );
  return row!.last;
}
