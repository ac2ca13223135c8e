/** Where a live stream begins, and that it waits while the database cannot say what is in an event. */
import WebSocket from 'ws';
import { person, startTestSubgraph, type TestSubgraph } from '../tests/setup/subgraph';
import { subgraphConfig } from './config';
import { newId } from './ids';
import { readCursor } from './page';
import { signPrincipal } from './principal';
import { bells, createBells } from './testing/bells';
import { type Line, startLine } from './testing/line';

let line: Line;
let subgraph: TestSubgraph;
beforeAll(async () => {
  line = await startLine(new URL(process.env.TEST_DATABASE_URL!));
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

const cast = async (tone: string): Promise<number> => {
  await subgraph
    .as(person())
    .query('mutation ($tone: String!) { castBell(tone: $tone, idempotencyKey: $tone) { bell { id } } }', { tone });
  const { position } = (await subgraph.published('bell.cast')).at(-1)!;
  for (const { stream } = subgraph.running; (await stream.positionBefore(0)) < position; )
    await new Promise(resolve => setTimeout(resolve, 10));
  return position;
};

test('a stream whose first message came late begins where it was asked for', async () => {
  const { secret } = subgraphConfig('catalogue');
  const principal = await signPrincipal(
    { principal: person(), language: 'de', requestId: newId() },
    'gateway',
    'catalogue',
    secret,
  );
  const socket = new WebSocket(`${subgraph.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
  await new Promise(resolve => void socket.once('open', resolve));
  const position = await cast('meanwhile'); // asked for before it, though the subgraph hears so after it
  const said = new Promise<string>(resolve => void socket.once('message', data => resolve(String(data))));
  socket.send(JSON.stringify({ type: 'connection_init', payload: { principal, askedMsAgo: 0 } }));
  const { payload } = JSON.parse(await said) as { payload: { cursor: string } };
  socket.close();
  expect(Number(readCursor('catalogue', 'event', payload.cursor)[0])).toBeLessThan(position);
});

test('a reader far behind waits while the database is away, and goes on without a gap', async () => {
  const before = await cast('one');
  for (let nth = 0; nth < 3; nth += 1) await cast(`more ${nth}`);
  const cursor = (await subgraph
    .as(person())
    .subscribe('subscription { bellRang { cursor } }', {}, () => ({
      askedMsAgo: 60_000,
    }))
    .next()) as unknown as { data: { bellRang: { cursor: string } } };
  line.cut();
  const events = subgraph
    .as(person())
    .subscribe<{ bellRang: { cursor: string } }>(
      'subscription ($after: String) { bellRang(after: $after) { cursor } }',
      { after: cursor.data.bellRang.cursor },
      () => ({ askedMsAgo: 0 }),
    );
  const first = events.next();
  await new Promise(resolve => setTimeout(resolve, 300));
  await line.mend();
  const [start] = readCursor('catalogue', 'event', cursor.data.bellRang.cursor);
  expect(readCursor('catalogue', 'event', (await first).data.bellRang.cursor)).toEqual([Number(start) + 1]);
  expect(before).toBeGreaterThan(0);
  events.close();
});
