/** The kernel as a subgraph sees it, through GraphQL on real PostgreSQL. */

import { eventually } from '../../dev/demo/player';
import {
  ANONYMOUS,
  type Answer,
  person,
  staff,
  startTestSubgraph,
  type TestSubgraph,
} from '../../tests/setup/subgraph';
import { ask } from '../ask';
import { Context } from '../context';
import { newId } from '../ids';
import type { Page } from '../page';
import { type Bell, bells, createBells, reactedTo } from '../testing/bells';

describe('a subgraph process', () => {
  let subgraph: TestSubgraph;
  const klara = person();

  beforeAll(async () => {
    subgraph = await startTestSubgraph(bells);
    await createBells(subgraph);
  });
  afterAll(() => subgraph.stop());

  const cast = (tone: string, idempotencyKey = newId()) =>
    subgraph
      .as(klara)
      .query(
        'mutation ($tone: String!, $key: String!) { castBell(tone: $tone, idempotencyKey: $key) { bell { id version tone same { id } } refusal { code message retryable } } }',
        { tone, key: idempotencyKey },
      );

  test('refuses a request that does not come with the gateway’s signature over its body', async () => {
    const response = await fetch(`${subgraph.url}/graphql`, { method: 'POST', body: '{"query":"{__typename}"}' });
    expect(response.status).toBe(401);
  });

  test('says in JSON that there is nothing at an unknown address', async () => {
    for (const address of ['/', '/graphql', '/<script>', '/health']) {
      const response = await fetch(subgraph.url + address);
      expect([response.status, await response.json()]).toEqual([
        404,
        { errors: [{ message: 'There is nothing at this address.' }] },
      ]);
    }
  });

  test('answers a repeated write with the same thing, also when both arrive at once', async () => {
    const [one, two] = await Promise.all([cast('a', 'same'), cast('a', 'same')]);
    expect(one.data.castBell.bell.id).toBe(two.data.castBell.bell.id);
    expect(one.data.castBell.bell.same.id).toBe(one.data.castBell.bell.id);
    const [count] = await subgraph.sql(`SELECT count(*)::int FROM catalogue.bell WHERE tone = 'a'`);
    expect(count).toEqual({ count: 1 });
    expect((await cast('b', 'same')).data.castBell.refusal).toMatchObject({ code: 'IDEMPOTENCY_MISMATCH' });
  });

  test('rolls back a refusal and gives it as data in the asker’s language', async () => {
    const { data } = await cast('loud', 'again');
    expect(data.castBell).toEqual({ bell: null, refusal: { code: 'TOO_LOUD', message: 'Zu laut.', retryable: false } });
    expect((await cast('c', 'again')).data.castBell.bell.tone).toBe('c');
  });

  test('refuses a stale version with the stored thing', async () => {
    const { id } = (await cast('d')).data.castBell.bell;
    const retune = (tone: string) =>
      subgraph
        .as(klara)
        .query(
          `mutation ($id: ID!, $tone: String!) { retune(id: $id, tone: $tone, expectedVersion: 1) { bell { version tone } refusal { code } } }`,
          { id, tone },
        );
    const both = await Promise.all([retune('d1'), retune('d2')]);
    const [won, lost] = both.map(({ data }) => data.retune).sort(a => (a.refusal === null ? -1 : 1));
    expect(won).toMatchObject({ bell: { version: 2 }, refusal: null });
    expect(lost).toEqual({ bell: { version: 2, tone: won.bell.tone }, refusal: { code: 'VERSION_CONFLICT' } });
  });

  test('pages by signed cursors and refuses one that is forged or of another list', async () => {
    for (const tone of ['p', 'q', 'r']) await cast(tone);
    const max = subgraph.as(staff());
    const list =
      'query ($first: Int!, $after: String) { bells(first: $first, after: $after) { nodes { id tone } pageInfo { hasNextPage endCursor } } }';
    const seen: string[] = [];
    let after: string | null = null;
    do {
      const { data }: Answer<{ bells: Page<Bell> }> = await max.query(list, { first: 2, after });
      seen.push(...data.bells.nodes.map(bell => bell.id));
      after = data.bells.pageInfo.hasNextPage ? data.bells.pageInfo.endCursor : null;
    } while (after);
    const stored = await subgraph.sql<{ id: string }>('SELECT id FROM catalogue.bell ORDER BY cast_at, id');
    expect(seen).toEqual(stored.map(({ id }) => id));
    const { errors } = await max.query(list, { first: 2, after: 'bm9uc2Vuc2U' });
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'BAD_INPUT', field: 'after' });
    expect((await max.query(list, { first: 101 })).errors?.[0]?.extensions).toMatchObject({
      code: 'BAD_INPUT',
      field: 'first',
    });
  });

  test('needs the same number of SQL statements for two and for many rows', async () => {
    const list = '{ bells(first: 100) { nodes { id same { tone } } } }';
    const few = await subgraph.as(staff()).query('{ bells(first: 2) { nodes { id same { tone } } } }');
    const many = await subgraph.as(staff()).query(list);
    expect(many.data.bells.nodes.length).toBeGreaterThan(few.data.bells.nodes.length);
    expect(many.statements).toBe(few.statements);
    expect(many.statements).toBeGreaterThan(0);
  });

  test('enforces @authenticated and @requiresScopes itself', async () => {
    const nobody = await subgraph.as(ANONYMOUS).query('{ bells { nodes { id } } }');
    expect(nobody.errors?.[0]?.extensions.code).toBe('UNAUTHENTICATED');
    const citizen = await subgraph.as(klara).query('{ bells { nodes { id } } }');
    expect(citizen).toMatchObject({ data: { bells: null }, errors: [{ extensions: { code: 'FORBIDDEN' } }] });
  });

  test('names the field of a malformed id, day and missing thing, and hides the rest', async () => {
    const codes = async (query: string, variables = {}) =>
      (await subgraph.as(staff()).query(query, variables)).errors?.[0]?.extensions;
    expect(await codes('{ bell(id: "1") { id } }')).toMatchObject({ code: 'BAD_INPUT', field: 'id' });
    expect(
      await codes('query ($on: Date) { bells(castOn: $on) { nodes { id } } }', { on: '2026-02-30' }),
    ).toMatchObject({
      code: 'BAD_INPUT',
      field: 'on',
    });
    const tone = 'mutation ($tone: String!) { castBell(tone: $tone, idempotencyKey: "k") { bell { id } } }';
    for (const unstorable of ['a\u0000b', 'half \ud83d']) {
      expect(await codes(tone, { tone: unstorable })).toMatchObject({ code: 'BAD_INPUT', field: 'tone' });
    }
    expect(await codes(`{ bell(id: "${newId()}") { id } }`)).toMatchObject({ code: 'NOT_FOUND' });
    const fault = await subgraph.as(staff(), 'en').query('{ crack }');
    expect(fault.errors?.[0]?.extensions).toMatchObject({ code: 'INTERNAL', retryable: true });
    expect(JSON.stringify(fault)).not.toContain('secret');
    expect(fault.errors?.[0]?.message).toContain(String(fault.errors?.[0]?.extensions.reference));
  });

  test('asks the graph as itself on behalf of the asker, and says that it can be tried again', async () => {
    subgraph.answerAsk('word', (variables, asked) => ({ word: `${asked.principal.kind} ${variables.n}` }));
    expect((await subgraph.as(klara).query('{ echo }')).data.echo).toBe('service 1');
    subgraph.answerAsk('word', () => {
      throw new Error('down');
    });
    const { errors } = await subgraph.as(klara).query('{ echo }');
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'SUBGRAPH_UNAVAILABLE', retryable: true });
  });

  describe('while somebody else is asked', () => {
    const OPEN = `SELECT count(*)::int AS count FROM pg_stat_activity
      WHERE datname = current_database() AND application_name = 'catalogue' AND state <> 'idle' AND xact_start IS NOT NULL`;
    const nothingOpen = () =>
      eventually(
        () => subgraph.sql<{ count: number }>(OPEN),
        ([open]) => open!.count === 0,
        'no transaction is open',
      );

    test.each([
      [false, 'before'],
      [true, 'before and meanwhile'],
    ])('no transaction is held (reads meanwhile: %s), whatever was read %s', async readsMeanwhile => {
      const { id } = (await cast('quiet')).data.castBell.bell;
      subgraph.answerAsk('word', async () => {
        await nothingOpen();
        return { word: 'heard' };
      });
      const { data } = await subgraph
        .as(klara)
        .query(
          'query ($id: ID!, $readsMeanwhile: Boolean!) { bell(id: $id) { echoed(readsMeanwhile: $readsMeanwhile) same { id } } }',
          { id, readsMeanwhile },
        );
      expect(data.bell).toEqual({ echoed: 'quiet heard', same: { id } });
    });

    test('what asks from within a transaction is a fault, reading or writing, and nobody is asked', async () => {
      let asked = 0;
      subgraph.answerAsk('word', () => {
        asked += 1;
        return { word: 'heard' };
      });
      const { db, stream } = subgraph.running;
      const ctx = new Context(db, stream, { principal: klara, requestId: newId(), language: 'de' });
      const word = () => ask('catalogue', 'word', { n: 1 }, ctx.envelope);
      await expect(ctx.write(word)).rejects.toThrow('from within a transaction');
      await expect(ctx.read(word)).rejects.toThrow('from within a transaction');
      await ctx.close();
      expect(asked).toBe(0);
      await ctx.serve(word);
      expect(asked).toBe(1);
    });
  });

  test('replays a live stream from a cursor and goes on without a gap', async () => {
    const watch = 'subscription ($after: String) { bellRang(after: $after) { cursor bellId } }';
    const first = subgraph.as(klara).subscribe(watch);
    const pending = first.next();
    let cursor: string;
    // the stream begins when it is ready: cast until it says something
    for (;;) {
      await cast('ring');
      const heard = await Promise.race([pending, new Promise<null>(resolve => setTimeout(() => resolve(null), 100))]);
      if (heard) {
        cursor = heard.data.bellRang.cursor;
        break;
      }
    }
    first.close();
    const missed = [(await cast('m1')).data.castBell.bell.id, (await cast('m2')).data.castBell.bell.id];
    await cast('secret');
    await subgraph.published();
    const second = subgraph.as(klara).subscribe(watch, { after: cursor });
    const heard: string[] = [];
    while (!missed.every(id => heard.includes(id))) heard.push((await second.next()).data.bellRang.bellId);
    const last = (await cast('m3')).data.castBell.bell.id;
    expect((await second.next()).data.bellRang.bellId).toBe(last);
    second.close();
    const bad = subgraph.as(klara).subscribe(watch, { after: 'x' });
    await expect(bad.next()).rejects.toMatchObject([{ extensions: { code: 'BAD_INPUT', field: 'after' } }]);
    bad.close();
  });

  test('begins a live stream where it stood when the gateway’s client asked for it', async () => {
    const watch = 'subscription { bellRang { bellId } }';
    const always = subgraph.as(klara).subscribe(watch);
    const heard = async () => (await always.next()).data.bellRang.bellId;
    const first = heard();
    let isHeard = false;
    void first.then(() => {
      isHeard = true;
    });
    for (; !isHeard; await new Promise(resolve => setTimeout(resolve, 50))) await cast('ring');
    const before = (await cast('before')).data.castBell.bell.id;
    for (let id = await heard(); id !== before; id = await heard());
    const askedAt = performance.now();
    const meanwhile = (await cast('meanwhile')).data.castBell.bell.id;
    expect(await heard()).toBe(meanwhile);
    const askedMsAgo = () => ({ askedMsAgo: performance.now() - askedAt });
    const late = subgraph.as(klara).subscribe(watch, {}, askedMsAgo);
    const told = (await late.next().finally(late.close).finally(always.close)).data.bellRang.bellId;
    expect(told).toBe(meanwhile);
  });

  test('publishes events gaplessly in commit order and reacts to those of others once', async () => {
    const events = await subgraph.published();
    const positions = events.map(({ position }) => position);
    expect(positions).toEqual(positions.map((_, i) => positions[0]! + i));
    const key = newId();
    await subgraph.publish('identity', 'other.happened', key, {});
    expect(reactedTo).toEqual([key]);
  });

  test('resolves references through the same rights, in one batch', async () => {
    const [{ id } = { id: '' }] = await subgraph.sql<{ id: string }>('SELECT id FROM catalogue.bell LIMIT 1');
    const { data } = await subgraph
      .as(klara)
      .query('query ($r: [_Any!]!) { _entities(representations: $r) { ... on Bell { id } } }', {
        r: [
          { __typename: 'Bell', id },
          { __typename: 'Bell', id: newId() },
        ],
      });
    expect(data._entities).toEqual([{ id }, null]);
  });
});
