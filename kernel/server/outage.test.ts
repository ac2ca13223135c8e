/** PostgreSQL goes away and comes back while a subgraph runs. */
import WebSocket from 'ws';
import { person, startTestSubgraph, type TestSubgraph } from '../../tests/setup/subgraph';
import { bells, createBells } from '../testing/bells';
import { type Line, startLine } from '../testing/line';

const STREAM = 'subscription { bellRang { cursor } }';

describe('a subgraph whose PostgreSQL is gone', () => {
  let subgraph: TestSubgraph;
  let line: Line;
  const before = process.env.TEST_DATABASE_URL;

  beforeAll(async () => {
    line = await startLine(new URL(before!));
    subgraph = await startTestSubgraph(bells, url => {
      url.hostname = '127.0.0.1';
      url.port = String(line.port);
    });
    await createBells(subgraph);
  });
  afterAll(async () => {
    await subgraph.stop();
    await line.close();
  });

  const cast = (tone: string) =>
    subgraph
      .as(person(), 'en')
      .query('mutation ($tone: String!) { castBell(tone: $tone, idempotencyKey: $tone) { bell { id } } }', { tone });

  /** How the subgraph closes a socket that brings such a token. */
  const closedWith = (principal: string): Promise<number> => {
    const socket = new WebSocket(`${subgraph.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
    socket.once('open', () => socket.send(JSON.stringify({ type: 'connection_init', payload: { principal } })));
    return new Promise(resolve => void socket.once('close', resolve));
  };

  test('answers with a reference and nothing of its inside, says that it is not ready, and recovers by itself', async () => {
    expect((await cast('before')).errors).toBeUndefined();
    line.cut();
    const gone = await cast('during');
    expect(gone.errors?.[0]?.extensions).toMatchObject({ code: 'INTERNAL', retryable: true });
    expect(gone.errors?.[0]?.extensions.reference).toMatch(/^[0-9a-f]{12}$/);
    expect(JSON.stringify(gone)).not.toMatch(/postgres|ECONN|SELECT|127\.0\.0\.1|stack/i);
    expect((await fetch(`${subgraph.url}/health/ready`)).status).toBe(503);
    await expect(subgraph.as(person()).subscribe(STREAM).next()).rejects.toMatchObject({ code: 1013 });
    expect(await closedWith('wrong')).toBe(4403);
    await line.mend();
    for (let tries = 0; (await fetch(`${subgraph.url}/health/ready`)).status !== 200; tries++)
      expect(tries).toBeLessThan(100);
    expect((await cast('during')).errors).toBeUndefined();
    const tones = (await subgraph.published('bell.cast')).map(({ payload }) => payload.tone);
    expect(tones).toEqual(['before', 'during']);
  });
});

describe('a subgraph whose PostgreSQL did not write for a while', () => {
  let subgraph: TestSubgraph;

  beforeAll(async () => {
    subgraph = await startTestSubgraph(bells);
    await createBells(subgraph);
  });
  afterAll(() => subgraph.stop());

  const cast = (tone: string) =>
    subgraph
      .as(person(), 'en')
      .query('mutation ($tone: String!) { castBell(tone: $tone, idempotencyKey: $tone) { bell { id } } }', { tone });
  /** As an operator, or a failover, does it: only connections that are made from now on are told. */
  const mayWrite = async (may: boolean) => {
    const [{ database }] = (await subgraph.sql('SELECT current_database() AS database')) as [{ database: string }];
    const change = may ? 'RESET default_transaction_read_only' : 'SET default_transaction_read_only = on';
    await subgraph.sql(`ALTER ROLE catalogue_app IN DATABASE ${database} ${change}`);
  };
  const cutOff = () =>
    subgraph.sql(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'catalogue_app' AND datname = current_database()`,
    );

  test('writes again with its next request, and publishes, although connections were made meanwhile', async () => {
    expect((await cast('before')).errors).toBeUndefined();
    await subgraph.published();
    await mayWrite(false);
    await cutOff();
    // each of its loops, and as many requests as there are connections, has one that does not write
    const during = await Promise.all(Array.from({ length: 10 }, (_, i) => cast(`during ${i}`)));
    expect(during.every(({ errors }) => errors?.[0]?.extensions.retryable)).toBe(true);
    // reading goes on meanwhile, by statements that came so often that they are prepared, the end of a session too
    const { bell } = ((await subgraph.sql(`SELECT id AS bell FROM catalogue.bell`)) as [{ bell: string }])[0];
    const read = () => subgraph.as(person()).query('query ($bell: ID!) { bell(id: $bell) { id } }', { bell });
    for (let i = 0; i < 5; i += 1) {
      for (const { errors } of await Promise.all(Array.from({ length: 10 }, read))) expect(errors).toBeUndefined();
    }
    await mayWrite(true);
    // one that does not write goes with each try, so that a pool of them is gone after as many
    for (let tries = 0; (await cast('after')).errors; tries += 1) expect(tries).toBeLessThan(10);
    expect((await subgraph.published('bell.cast')).map(({ payload }) => payload.tone)).toEqual(['before', 'after']);
  });
});
