/** Before all tests: a PostgreSQL (embedded, or DATABASE_URL) with one migrated template database. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { startPostgres } from '../../dev/postgres';
import { makeTemplate } from './database';

export default async function globalSetup(): Promise<void> {
  process.env.NODE_ENV = 'test';
  process.env.LOG_LEVEL ??= 'silent';
  process.env.SUBGRAPH_TIMEOUT_MS ??= '10000'; // a machine that runs tests is busy; the tests of deadlines set their own
  if (!process.env.TEST_DATABASE_URL) {
    // a folder of its own for each run, so that two runs never meet
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'test-postgres-'));
    const postgres = await startPostgres(folder, { durable: false });
    process.env.TEST_DATABASE_URL = postgres.url;
    (globalThis as { stopTestPostgres?: () => Promise<void> }).stopTestPostgres = async () => {
      await postgres.stop();
      fs.rmSync(folder, { recursive: true, force: true });
    };
  }
  await makeTemplate(process.env.TEST_DATABASE_URL);
}
