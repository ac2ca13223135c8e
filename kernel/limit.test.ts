/** A time-out that strikes says which limit it was: the platform's own signals, and those of the database by their words. */
import fs from 'node:fs';
import path from 'node:path';
import { createTestDatabase } from '../tests/setup/database';
import { Database } from './database/database';
import { willPass } from './failure';
import { limitOf, timeLimit } from './limit';
import { serviceOf } from './principal';

const ROOT = path.join(__dirname, '..');

test('a signal of time gives a fetch its name and value, and counts as a failure that passes', async () => {
  const server = (await import('node:http')).createServer(() => {}).listen(0, '127.0.0.1');
  await new Promise(resolve => server.once('listening', resolve));
  const { port } = server.address() as { port: number };
  const failed = await fetch(`http://127.0.0.1:${port}`, { signal: timeLimit('ASK_TIMEOUT_MS', 50) }).catch(
    error => error,
  );
  server.closeAllConnections();
  server.close();
  expect([limitOf(failed), willPass(failed)]).toEqual(['ASK_TIMEOUT_MS=50', true]);
});

test.each<[string, unknown, string | undefined]>([
  ['wrapped', { cause: { driverError: new Error('Query read timeout') } }, 'query_timeout=25000'],
  ['of the pool', new Error('timeout exceeded when trying to connect'), 'connection_timeout=5000'],
  ['of undici', new Error('Connect Timeout Error (attempted address: a:1, timeout: 5000ms)'), 'connect_timeout=5000'],
  ['that is none', new Error('duplicate key'), undefined],
  ['of somebody who cancelled', new Error('canceling statement due to user request'), undefined],
  ['that is no error', 'timeout', undefined],
])('one %s is known by its words', (_, error, limit) => expect(limitOf(error)).toBe(limit));

test('PostgreSQL’s own are named: a statement and a lock', async () => {
  const database = await createTestDatabase();
  const db = await Database.connect('catalogue', []);
  const struck = (sql: string) =>
    db
      .tx(serviceOf('catalogue'), tx => tx.query(sql))
      .then(
        () => null,
        (error: unknown) => limitOf(error),
      );
  try {
    expect(await struck(`SET LOCAL statement_timeout = 50; SELECT pg_sleep(5)`)).toBe('statement_timeout=20000');
    await db.tx(serviceOf('catalogue'), async tx => {
      await tx.query('LOCK TABLE outbox');
      expect(await struck(`SET LOCAL lock_timeout = 50; LOCK TABLE outbox`)).toBe('lock_timeout=8000');
    });
  } finally {
    await db.close();
    await database.drop();
  }
});

test('no signal of time is without a name', () => {
  const files = ['kernel', 'gateway', 'subgraphs'].flatMap(folder =>
    fs
      .readdirSync(path.join(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .filter(file => file.endsWith('.ts') && !/\.test\.ts$|testing/.test(file))
      .map(file => path.join(folder, file)),
  );
  const nameless = files.filter(file =>
    fs.readFileSync(path.join(ROOT, file), 'utf8').includes('AbortSignal.timeout('),
  );
  expect(nameless.filter(file => !['kernel/limit.ts', 'kernel/events/listener.ts'].includes(file))).toEqual([]);
});
