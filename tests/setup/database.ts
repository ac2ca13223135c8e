/** A database of a test file's own, copied from the migrated template. */
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { startPostgres } from '../../dev/postgres';
import { migrate } from '../../kernel/database/migrate';

const TEMPLATE = 'test_template';

async function asOwner(work: (client: pg.Client) => Promise<unknown>): Promise<void> {
  const client = new pg.Client({ connectionString: process.env.TEST_DATABASE_URL });
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}

/** Sets DATABASE_URL for this process. */
export async function createTestDatabase(): Promise<{ url: string; drop(): Promise<void> }> {
  const name = `test_${randomBytes(6).toString('hex')}`;
  // two workers that copy the template at once would trip over each other
  await asOwner(async client => {
    await client.query(`SELECT pg_advisory_lock(hashtext('copy the template'))`);
    await client.query(`CREATE DATABASE ${name} TEMPLATE ${TEMPLATE}`);
  });
  const url = new URL(process.env.TEST_DATABASE_URL!);
  url.pathname = `/${name}`;
  process.env.DATABASE_URL = url.href;
  return { url: url.href, drop: () => asOwner(client => client.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`)) };
}

/** Makes the migrated template, and nothing of an earlier run stays. */
export async function makeTemplate(url: string): Promise<void> {
  const owner = new URL(url);
  const client = new pg.Client({ connectionString: owner.href });
  await client.connect();
  const { rows } = await client.query<{ datname: string }>(
    `SELECT datname FROM pg_database WHERE datname LIKE 'test\\_%'`,
  );
  for (const { datname } of rows) await client.query(`DROP DATABASE "${datname}" WITH (FORCE)`);
  await client.query(`CREATE DATABASE ${TEMPLATE}`);
  await client.end();
  owner.pathname = `/${TEMPLATE}`;
  await migrate(owner.href);
}

export interface OwnPostgres {
  readonly url: URL;
  /** Ends it at once, as a crash of the machine would, and starts it again at the same address. */
  crash(down?: () => Promise<void>): Promise<void>;
  stop(): Promise<void>;
}

/** A PostgreSQL of a test file's own, which may crash; from then on {@link createTestDatabase} makes databases there. */
export async function startOwnPostgres(): Promise<OwnPostgres> {
  const before = process.env.TEST_DATABASE_URL;
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'test-postgres-'));
  let postgres = await startPostgres(folder, { quiet: true });
  const { url, port } = postgres;
  process.env.TEST_DATABASE_URL = url;
  await makeTemplate(url);
  return {
    url: new URL(url),
    async crash(down = async () => {}) {
      const { stop } = postgres;
      await stop('immediate');
      await down();
      postgres = await startPostgres(folder, { quiet: true, port });
    },
    async stop() {
      await postgres.stop();
      fs.rmSync(folder, { recursive: true, force: true });
      process.env.TEST_DATABASE_URL = before;
    },
  };
}
