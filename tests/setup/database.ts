/** A database of a test file's own, copied from the migrated template. */
import { randomBytes } from 'node:crypto';
import pg from 'pg';

export const TEMPLATE = 'test_template';

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
