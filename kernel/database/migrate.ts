/** Brings a database to the newest schema: roles, the event stream, then the migrations of each subgraph. Forward only. */
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import pg from 'pg';
import { DataSource, type MigrationInterface } from 'typeorm';
import { rolePassword, SUBGRAPHS, type SubgraphName } from '../config';

const FOLDER = path.join(__dirname, '..', '..', 'migrations');

/** Row-level security lets a subgraph publish in its own name only. */
const EVENT_STREAM = `
CREATE SCHEMA IF NOT EXISTS events;
CREATE TABLE IF NOT EXISTS events.head (
  one boolean PRIMARY KEY DEFAULT true CHECK (one),
  position bigint NOT NULL,
  oldest bigint NOT NULL
);
COMMENT ON TABLE events.head IS 'The newest position, and the oldest one still kept. Its row lock makes positions gapless and in commit order.';
INSERT INTO events.head (position, oldest) VALUES (0, 1) ON CONFLICT DO NOTHING;
CREATE TABLE IF NOT EXISTS events.event (
  position bigint PRIMARY KEY,
  source text NOT NULL,
  type text NOT NULL,
  key uuid NOT NULL,
  payload jsonb NOT NULL,
  occurred_at timestamptz NOT NULL
);
COMMENT ON TABLE events.event IS 'The event stream: what happened, in commit order, for every subgraph.';
CREATE INDEX IF NOT EXISTS event_type_position ON events.event (type, position);
ALTER TABLE events.event ENABLE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS everybody_reads ON events.event;
DROP POLICY IF EXISTS own_name_only ON events.event;
CREATE POLICY everybody_reads ON events.event FOR SELECT USING (true);
CREATE POLICY own_name_only ON events.event FOR INSERT WITH CHECK (source || '_app' = current_user);
DROP POLICY IF EXISTS own_words_erased ON events.event;
CREATE POLICY own_words_erased ON events.event FOR UPDATE USING (source || '_app' = current_user);
CREATE INDEX IF NOT EXISTS event_key ON events.event (key, type);
`;

const roleSql = (name: SubgraphName, database: string): string => {
  const role = `${name}_app`;
  const password = rolePassword(name).replaceAll("'", "''");
  return `
DO $$ BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '${role}') THEN CREATE ROLE ${role} LOGIN; END IF;
END $$;
ALTER ROLE ${role} PASSWORD '${password}' NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS;
GRANT CONNECT ON DATABASE "${database}" TO ${role};
CREATE SCHEMA IF NOT EXISTS ${name};
GRANT USAGE ON SCHEMA ${name} TO ${role};
GRANT USAGE ON SCHEMA events TO ${role};
GRANT SELECT, INSERT, UPDATE (payload) ON events.event TO ${role};
GRANT SELECT, UPDATE ON events.head TO ${role};
`;
};

/** @returns the migration classes of a subgraph, oldest first; each file `<timestamp>-words.ts` exports one. */
export function migrationsOf(name: SubgraphName): (new () => MigrationInterface)[] {
  return filesOf(name).map(file => {
    const exported = Object.values(
      require(path.join(FOLDER, name, file)) as Record<string, new () => MigrationInterface>,
    );
    if (exported.length !== 1) throw new Error(`${name}/${file} must export exactly one migration.`);
    return exported[0]!;
  });
}

const filesOf = (name: SubgraphName): string[] =>
  fs.existsSync(path.join(FOLDER, name))
    ? fs
        .readdirSync(path.join(FOLDER, name))
        .filter(file => /^\d+-.*\.(ts|js)$/.test(file))
        .sort()
    : [];

/** What the schema is made of; when it is the stored one, there is nothing to do. */
function fingerprint(): string {
  const hash = createHash('sha256').update(EVENT_STREAM);
  for (const name of SUBGRAPHS) hash.update(name).update(rolePassword(name)).update(filesOf(name).join());
  return hash.digest('hex');
}

/**
 * @param databaseUrl as an owner who may create roles
 * @param tell called with one line for each part that was changed
 */
export async function migrate(databaseUrl: string, tell: (line: string) => void = () => {}): Promise<void> {
  const database = decodeURIComponent(new URL(databaseUrl).pathname.slice(1));
  const client = new pg.Client({ connectionString: databaseUrl });
  client.on('error', () => {}); // of a connection that is lost the next query tells
  await client.connect();
  try {
    await client.query(`SELECT pg_advisory_lock(hashtext('migrate'))`);
    await client.query(
      `CREATE SCHEMA IF NOT EXISTS platform; CREATE TABLE IF NOT EXISTS platform.migrated (fingerprint text PRIMARY KEY)`,
    );
    const wanted = fingerprint();
    const { rowCount } = await client.query(`SELECT FROM platform.migrated WHERE fingerprint = $1`, [wanted]);
    if (rowCount) return;
    await client.query(`
      REVOKE ALL ON SCHEMA public FROM PUBLIC; GRANT USAGE ON SCHEMA public TO PUBLIC;
      CREATE EXTENSION IF NOT EXISTS pg_trgm SCHEMA public; CREATE EXTENSION IF NOT EXISTS unaccent SCHEMA public;
      CREATE EXTENSION IF NOT EXISTS btree_gist SCHEMA public; CREATE EXTENSION IF NOT EXISTS btree_gin SCHEMA public;
    `);
    await client.query(EVENT_STREAM);
    for (const name of SUBGRAPHS) {
      // roles belong to the whole cluster: two databases that migrate at once would trip over each other
      await client.query(`BEGIN; SELECT pg_advisory_xact_lock(hashtext('roles')); ${roleSql(name, database)} COMMIT`);
      const source = new DataSource({
        type: 'postgres',
        url: databaseUrl,
        schema: name,
        migrations: migrationsOf(name),
        migrationsTableName: 'migration',
        extra: { options: `-c search_path=${name},public` },
      });
      await source.initialize();
      try {
        for (const { name: done } of await source.runMigrations({ transaction: 'each' })) tell(`${name}: ${done}`);
      } finally {
        await source.destroy();
      }
    }
    await client.query(`INSERT INTO platform.migrated (fingerprint) VALUES ($1)`, [wanted]);
  } finally {
    await client.end();
  }
}
