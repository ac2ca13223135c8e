/** Whatever happens to the database: one connection of a process listens, and the process comes back by itself. */
import { setTimeout as wait } from 'node:timers/promises';
import { type OwnPostgres, startOwnPostgres } from '../../tests/setup/database';
import { person, startTestSubgraph, type TestSubgraph } from '../../tests/setup/subgraph';
import { bells, createBells } from '../testing/bells';
import { type Line, startLine } from '../testing/line';

const LONG_ENOUGH_MS = 1_300; // for more than one attempt to connect

let postgres: OwnPostgres;
let line: Line;
let subgraph: TestSubgraph;
beforeAll(async () => {
  postgres = await startOwnPostgres();
  line = await startLine(postgres.url);
  subgraph = await startTestSubgraph(bells, url => {
    url.port = String(line.port);
  });
  await createBells(subgraph);
});
afterAll(async () => {
  await subgraph.stop();
  await line.close();
  await postgres.stop();
});

const OUTAGES: Readonly<Record<string, () => Promise<void>>> = {
  async terminated() {
    await subgraph.sql(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'catalogue%'`,
    );
  },
  async dropped() {
    line.drop();
  },
  async refused() {
    await line.refuse();
    await wait(LONG_ENOUGH_MS);
  },
  async cut() {
    line.cut();
    await wait(LONG_ENOUGH_MS);
  },
  async late() {
    line.drop();
    line.delay(150);
    await wait(LONG_ENOUGH_MS);
  },
  async silent() {
    line.silence();
    await wait(300);
    line.drop();
    await wait(LONG_ENOUGH_MS);
  },
  async crashed() {
    await postgres.crash(() => wait(LONG_ENOUGH_MS));
  },
};

/** How many connections of the process there are, seen from the database itself. */
async function backends(name: string): Promise<number> {
  const [found] = await subgraph.sql<{ count: number }>(
    `SELECT count(*)::int FROM pg_stat_activity WHERE application_name = $1`,
    [name],
  );
  return found!.count;
}

/** Until the subgraph writes, publishes and hears its own event. */
async function comesBack(tone: string): Promise<void> {
  for (let tries = 0; ; tries += 1) {
    const { errors } = await subgraph
      .as(person())
      .query('mutation ($tone: String!) { castBell(tone: $tone, idempotencyKey: $tone) { bell { id } } }', { tone });
    if (!errors) break;
    expect(tries).toBeLessThan(200);
    await wait(50);
  }
  const heard = await subgraph.published('bell.cast');
  await subgraph.running.reached(heard.at(-1)!.position);
  expect(heard.at(-1)!.payload.tone).toBe(tone);
}

test('after twenty outages of all kinds one connection listens, and all is as before', async () => {
  const kinds = Object.keys(OUTAGES);
  for (let nth = 0; nth < 20; nth += 1) {
    await OUTAGES[kinds[nth % kinds.length]!]!();
    await line.mend();
    await comesBack(`after outage ${nth}`);
  }
  const counted: number[] = [];
  const settled = Array.from({ length: 10 }, () => 1);
  for (const until = Date.now() + 20_000; Date.now() < until && counted.slice(-10).join() !== settled.join(); ) {
    counted.push(await backends('catalogue events'));
    await wait(150);
  }
  expect(counted.slice(-10)).toEqual(settled);
  expect(await backends('catalogue')).toBeLessThanOrEqual(10);
}, 180_000);

test('a statement that is not answered in time takes its connection with it: nobody gets one with an open transaction', async () => {
  const { source } = subgraph.running.db;
  const runner = source.createQueryRunner();
  await runner.connect();
  await runner.query('BEGIN');
  const [{ pid }] = await runner.query('SELECT pg_backend_pid() AS pid');
  line.silence();
  const late = runner.query({ text: 'SELECT 1', query_timeout: 100 } as never);
  await expect(late).rejects.toThrow('Query read timeout');
  await runner.release();
  await line.mend();
  const pids = await Promise.all(Array.from({ length: 10 }, () => source.query('SELECT pg_backend_pid() AS pid')));
  expect(pids.map(([one]) => one.pid)).not.toContain(pid);
});

test('a crowd of notifications is one reason to read on, and at most one more while reading', async () => {
  const spy = jest.spyOn(subgraph.running.db.source.manager, 'query');
  await subgraph.sql(`SELECT pg_notify('events', nth::text) FROM generate_series(1, 100) AS nth`);
  await comesBack('after many notifications');
  const read = spy.mock.calls.filter(([statement]) => (statement as { name?: string }).name === 'events-catch-up');
  spy.mockRestore();
  expect(read.length).toBeLessThan(20);
});
