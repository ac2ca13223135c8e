/** The database as migrated: entities and tables agree, and each subgraph's role is walled in its own schema. */
import pg from 'pg';
import { DataSource } from 'typeorm';
import { SUBGRAPHS, subgraphDatabaseUrl } from '../kernel/config';
import { Database, type Tx } from '../kernel/database/database';
import { migrate } from '../kernel/database/migrate';
import { newId } from '../kernel/ids';
import type { Subgraph } from '../kernel/server/subgraph.server';
import { createTestDatabase } from './setup/database';
import { staff } from './setup/subgraph';

let database: Awaited<ReturnType<typeof createTestDatabase>>;
let owner: pg.Client;

beforeAll(async () => {
  database = await createTestDatabase();
  owner = new pg.Client({ connectionString: database.url });
  await owner.connect();
});
afterAll(async () => {
  await owner.end();
  await database.drop();
});

const all = async <T extends object>(sql: string, values: unknown[] = []): Promise<T[]> =>
  (await owner.query<T>(sql, values)).rows;

test('migrating again changes nothing', async () => {
  const told: string[] = [];
  await migrate(database.url, line => told.push(line));
  expect(told).toEqual([]);
});

test('a projection that comes later holds what was told before it came', async () => {
  const [one, other, foreign] = [newId(), newId(), newId()];
  const told = [
    ['identity', one, 'Former name'],
    ['identity', other, 'Other'],
    ['identity', one, 'Present name'],
    ['messaging', foreign, 'Not its to tell'],
  ] as const;
  for (const [place, [source, key, displayName]] of told.entries()) {
    await owner.query(`INSERT INTO events.event VALUES ($1, $2, 'account.changed', $3, $4, now())`, [
      place + 1,
      source,
      key,
      { accountId: key, displayName },
    ]);
  }
  await owner.query(`DROP TABLE applications.account_name;
    DELETE FROM applications.migration WHERE name LIKE 'AccountNames%'; DELETE FROM platform.migrated`);
  await migrate(database.url);
  const names = await all('SELECT account_id, display_name, position::int FROM applications.account_name ORDER BY 3');
  expect(names).toEqual([
    { account_id: other, display_name: 'Other', position: 2 },
    { account_id: one, display_name: 'Present name', position: 3 },
  ]);
});

/** Rows as programs of the version before wrote them: what the database works out for them now is not there yet. */
async function asBefore(table: string, trigger: string, insert: string, values: unknown[]): Promise<void> {
  await owner.query(`SET app.kind = 'service'; ALTER TABLE ${table} DISABLE TRIGGER ${trigger}`);
  await owner.query(insert, values);
  await owner.query(`ALTER TABLE ${table} ENABLE TRIGGER ${trigger}`);
}

test('who was known before is recognised by the migration, and told of once', async () => {
  const [member, account, single] = [newId(), newId(), newId()];
  await owner.query(
    `INSERT INTO identity.staff_member (id, version, subject, display_name, email, authority_id, department_id, roles, active, created_at)
     VALUES ($1, 1, 'before', 'B', 'before@amt.example', $1, NULL, '{}', true, now())`,
    [member],
  );
  for (const id of [account, single]) {
    await owner.query(
      `INSERT INTO identity.account (id, version, kind, display_name, tokens_since, created_at, last_seen_on)
       VALUES ($1, 1, 'PERSON', 'B', now(), now(), now())`,
      [id],
    );
  }
  await owner.query(
    `INSERT INTO identity.verified_attribute (account_id, name, value, trust_level, method, verified_at)
     VALUES ($1, 'familyName', 'Groß', 'HIGH', 'EID', now()), ($1, 'dateOfBirth', '1990-00-00', 'HIGH', 'EID', now())`,
    [single],
  );
  const insert = (side: string, key: string) =>
    `INSERT INTO identity.${side}_person (${key}, name_key, born_on) VALUES ($1, $2, $3)`;
  await asBefore('identity.staff_person', 'work_out_name', insert('staff', 'staff_member_id'), [
    member,
    'jörg-uwe|groß',
    '1990-01-02',
  ]);
  await asBefore('identity.account_person', 'work_out_name', insert('account', 'account_id'), [
    account,
    'joerg uwe|gross',
    '1990-01-02',
  ]);
  const again = `DELETE FROM identity.migration WHERE name LIKE 'WhoIsKnownAlready%'; DELETE FROM platform.migrated`;
  for (const _ of [1, 2]) {
    await owner.query(again);
    await migrate(database.url);
  }
  const told = await all<{ payload: object }>(
    `SELECT payload FROM identity.outbox WHERE key = $1 ORDER BY payload->'certain'`,
    [member],
  );
  expect(told.map(({ payload }) => payload)).toEqual([
    { staffMemberId: member, accountId: single, same: true, certain: false },
    { staffMemberId: member, accountId: account, same: true },
  ]);
});

test('what was submitted before is folded by the migration, and what an old program writes as well', async () => {
  const [form, old, later] = [newId(), newId(), newId()];
  await owner.query(
    `SET app.kind = 'service'; INSERT INTO applications.form VALUES ('${form}', 'F', '{}', '{}', '${'0'.repeat(64)}', now())`,
  );
  const insert = `INSERT INTO applications.application (id, version, state, leika_key, ars, service_title, area_name, account_id,
    online_service_version_id, form_id, required_trust_level, required_documents, prepayment_required, search_text, created_at, changed_at)
    VALUES ($1, 1, 'DRAFT', '99050012104000', '01', 'T', 'A', $1, $1, $2, 'LOW', '[]', false, 'jörg-uwe müller, groß', now(), now())`;
  await asBefore('applications.application', 'fold_search_text', insert, [old, form]);
  await owner.query(insert, [later, form]);
  await owner.query(
    `DELETE FROM applications.migration WHERE name LIKE 'FoldWhatIsStored%'; DELETE FROM platform.migrated`,
  );
  await migrate(database.url);
  const searched = 'jorg uwe muller, gross jorguwe';
  expect(await all(`SELECT searched FROM applications.application WHERE id = ANY($1)`, [[old, later]])).toEqual([
    { searched },
    { searched },
  ]);
});

describe.each(SUBGRAPHS)('the schema of %s', name => {
  const manifest = () => (require(`../subgraphs/${name}/subgraph`) as { default: Subgraph }).default;

  test('has the columns of its entities, with their types and nullability, and no others', async () => {
    const db = await Database.connect(name, manifest().entities);
    const source: DataSource = db.source;
    const drift: string[] = [];
    for (const { columns, tableName } of source.entityMetadatas) {
      const stored = await all<{ name: string; type: string; nullable: boolean; generated: boolean }>(
        `SELECT a.attname AS name, format_type(a.atttypid, NULL) AS type, NOT a.attnotnull AS nullable, a.attgenerated <> '' AS generated
         FROM pg_attribute a WHERE a.attrelid = to_regclass($1) AND a.attnum > 0 AND NOT a.attisdropped`,
        [`${name}.${tableName}`],
      );
      const described = new Map(stored.map(column => [column.name, column]));
      for (const column of columns) {
        const there = described.get(column.databaseName);
        const wanted = `${source.driver.normalizeType(column)}${column.isArray ? '[]' : ''}`;
        if (!there) drift.push(`${tableName}.${column.databaseName} is no column`);
        else {
          if (there.type !== wanted)
            drift.push(`${tableName}.${column.databaseName} is ${there.type}, the entity says ${wanted}`);
          if (there.nullable !== column.isNullable)
            drift.push(
              `${tableName}.${column.databaseName}: nullable ${there.nullable}, the entity says ${column.isNullable}`,
            );
        }
        described.delete(column.databaseName);
      }
      for (const left of described.values())
        if (!left.generated) drift.push(`${tableName}.${left.name} is in no entity`);
    }
    await db.close();
    expect(drift).toEqual([]);
  });

  test('has an index for each foreign key', async () => {
    const missing = await all(
      `SELECT c.conrelid::regclass::text AS "table", c.conname AS key FROM pg_constraint c
       WHERE c.contype = 'f' AND c.connamespace = $1::regnamespace AND NOT EXISTS (
         SELECT 1 FROM pg_index i WHERE i.indrelid = c.conrelid AND (i.indkey::int2[])[0:cardinality(c.conkey) - 1] @> c.conkey)`,
      [name],
    );
    expect(missing).toEqual([]);
  });

  test('explains each of its tables', async () => {
    const silent = await all(
      `SELECT relname FROM pg_class WHERE relnamespace = $1::regnamespace AND relkind = 'r' AND relname <> 'migration'
       AND obj_description(oid) IS NULL`,
      [name],
    );
    expect(silent).toEqual([]);
  });

  test('is closed to every other role, and its role owns nothing and bypasses nothing', async () => {
    const tables = await all<{ table: string }>(
      `SELECT format('%I.%I', schemaname, tablename) AS table FROM pg_tables WHERE schemaname = ANY($1) AND schemaname <> $2`,
      [SUBGRAPHS, name],
    );
    expect(tables.length).toBeGreaterThan(10);
    const client = new pg.Client({ connectionString: subgraphDatabaseUrl(name) });
    await client.connect();
    for (const { table } of tables) {
      await expect(client.query(`SELECT 1 FROM ${table} LIMIT 1`)).rejects.toMatchObject({ code: '42501' });
    }
    await expect(
      client.query(`INSERT INTO events.event VALUES (1000000, $1, 'forged', gen_random_uuid(), '{}', now())`, [
        SUBGRAPHS.find(other => other !== name),
      ]),
    ).rejects.toMatchObject({ code: '42501' });
    await client.end();
    const [role] = await all(
      `SELECT rolsuper, rolbypassrls, rolcreatedb, rolcreaterole FROM pg_roles WHERE rolname = $1`,
      [`${name}_app`],
    );
    expect(role).toEqual({ rolsuper: false, rolbypassrls: false, rolcreatedb: false, rolcreaterole: false });
    expect(await all(`SELECT 1 FROM pg_class WHERE relowner = $1::regrole`, [`${name}_app`])).toEqual([]);
  });
});

test('reading or writing, who asks is told as it stands, whatever characters it is written with', async () => {
  const db = await Database.connect('identity', []);
  const who = { ...staff(), scopes: [`it's`, '\\', `$1'); SELECT 1; --`] };
  const told = async (tx: Tx) => {
    const [row] = await tx.query(
      `SELECT current_setting('app.kind') AS kind, current_setting('app.account') AS account,
              current_setting('app.staff') AS staff, current_setting('app.scopes') AS scopes`,
    );
    return row;
  };
  const expected = { kind: 'staff', account: '', staff: who.staffMemberId, scopes: who.scopes.join(' ') };
  expect(await db.tx(who, told)).toEqual(expected);
  const reading = await db.openRead(who);
  expect(await told(reading.tx)).toEqual(expected);
  await expect(reading.tx.query('CREATE TEMP TABLE written ()')).rejects.toThrow('read-only');
  await reading.close();
  await db.close();
});
