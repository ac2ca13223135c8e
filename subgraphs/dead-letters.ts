/**
 * Events that a subgraph has given up: `npm run dead-letters -- list`, and `npm run dead-letters -- replay [ID …]` hands
 * them to their reactions again, all of them or those named, each before what waits behind it.
 */
import { parseArgs } from 'node:util';
import pg from 'pg';
import { SUBGRAPHS, type SubgraphName, setting } from '../kernel/config';
import { startProblem } from '../kernel/server/process';

const USAGE = 'npm run dead-letters -- list | replay [ID …], with the ids that list shows, such as messaging:1234';

interface DeadLetter {
  readonly id: string;
  readonly type: string;
  readonly reason: string;
  readonly attempts: number;
  readonly failedAt: Date;
  /** Later events of its key. */
  readonly behind: number;
}

async function lettersOf(client: pg.Client): Promise<DeadLetter[]> {
  const parts = SUBGRAPHS.map(
    name => `SELECT '${name}:' || position AS id, type, coalesce(reason, 'UNKNOWN') AS reason, attempts,
      failed_at AS "failedAt", (SELECT count(*)::int FROM ${name}.parked_event AS one WHERE one.key = dead_letter.key) AS behind
      FROM ${name}.dead_letter`,
  );
  const { rows } = await client.query<DeadLetter>(
    `SELECT * FROM (${parts.join(' UNION ALL ')}) AS letter ORDER BY "failedAt", id`,
  );
  return rows;
}

async function list(client: pg.Client): Promise<void> {
  const letters = await lettersOf(client);
  for (const { id, type, reason, attempts, failedAt, behind } of letters) {
    const fields = [id, type, reason, `${attempts} attempts`, failedAt.toISOString(), `${behind} behind it`];
    process.stdout.write(`${fields.join('  ')}\n`);
  }
  process.stdout.write(`${letters.length} dead letters\n`);
}

/** From the letters to those that wait, at the head of their key; the running subgraph does the rest, as it always does. */
async function replay(client: pg.Client, ids: readonly string[]): Promise<void> {
  const letters = await lettersOf(client);
  const unknown = ids.filter(id => !letters.some(letter => letter.id === id));
  if (unknown.length > 0) throw new Error(`There is no dead letter ${unknown.join(', ')}.`);
  const wanted = ids.length > 0 ? ids : letters.map(({ id }) => id);
  await client.query('BEGIN');
  for (const id of wanted) {
    const [name, position] = id.split(':') as [SubgraphName, string];
    await client.query(
      `WITH letter AS (
         DELETE FROM ${name}.dead_letter AS dead USING events.event WHERE dead.position = $1 AND event.position = $1
         RETURNING dead.position, event.key, dead.type, dead.reason
       ) INSERT INTO ${name}.parked_event (position, key, type, attempts, waits, reason, next_attempt_at)
         SELECT position, key, type, 0, 0, reason, clock_timestamp() FROM letter`,
      [position],
    );
  }
  await client.query('COMMIT');
  process.stdout.write(`${wanted.length} events are tried again; list shows what fails once more.\n`);
}

async function main(): Promise<void> {
  const { positionals } = parseArgs({ allowPositionals: true });
  const [command, ...ids] = positionals;
  const well = ids.every(id => /^(\w+):\d{1,18}$/.test(id) && SUBGRAPHS.includes(id.split(':')[0] as SubgraphName));
  if (!well || (command !== 'replay' && (command !== 'list' || ids.length > 0))) throw new Error(USAGE);
  const client = new pg.Client({ connectionString: setting('DATABASE_URL') });
  await client.connect();
  try {
    await (command === 'list' ? list(client) : replay(client, [...new Set(ids)]));
  } finally {
    await client.end();
  }
}

main().catch(error => {
  process.stderr.write(`dead-letters: ${startProblem(error)}\n`);
  process.exitCode = 2;
});
