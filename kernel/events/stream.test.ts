/** What a process holds of the event stream: the newest of what it may read, and nothing of crowds that nobody there reacts to. */
import { startTestSubgraph, type TestSubgraph } from '../../tests/setup/subgraph';
import type { Database } from '../database/database';
import { newId } from '../ids';
import { bells } from '../testing/bells';
import { EventStream } from './stream';

let subgraph: TestSubgraph;
let db: Database;
let stream: EventStream;
beforeAll(async () => {
  subgraph = await startTestSubgraph({
    ...bells,
    reactions: { 'one.came': async () => {} },
    together: {},
    background(running) {
      ({ db, stream } = running);
      return async () => {};
    },
  });
});
afterAll(() => subgraph.stop());

const publish = (...types: string[]) =>
  subgraph.publishAll(
    'identity',
    types.map((type, nth) => ({ type, key: newId(), payload: { nth } })),
  );

/** The events of these types after a position, until there is nothing more, and where that is. */
async function readAll(from: EventStream, after: number, types: readonly string[]) {
  const stop = new AbortController();
  const positions: number[] = [];
  let upTo = after;
  const read = from.read(after, types, stop.signal, position => {
    upTo = position;
    stop.abort();
  });
  for await (const { position } of read) positions.push(position);
  return { positions, upTo };
}

test('crowds that nobody reacts to are passed over, in memory and beyond it', async () => {
  const { head: before } = await stream.positions();
  await publish('data.accessed', 'one.came', 'data.accessed', 'data.accessed');
  await publish('data.accessed', 'two.came', 'data.accessed');
  const read = await readAll(stream, before, ['one.came', 'two.came']);
  expect(read).toEqual({ positions: [before + 2, before + 6], upTo: before + 7 });
  const later = await EventStream.start(db, []);
  try {
    expect(await readAll(later, before, ['one.came', 'two.came'])).toEqual(read); // all from the database
  } finally {
    await later.stop();
  }
});

test('crowds that nobody reacts to are not even fetched', async () => {
  const spy = jest.spyOn(db.source, 'query');
  await publish('data.accessed', 'one.came', 'data.accessed');
  const answers = (await Promise.all(spy.mock.results.map(({ value }) => value))).flat() as { type?: string }[];
  spy.mockRestore();
  const types = answers.flatMap(row => row?.type ?? []);
  expect(types).toContain('one.came');
  expect(types).not.toContain('data.accessed');
});

test('what was not fetched cannot be read', async () => {
  await expect(readAll(stream, 0, ['one.came', 'data.accessed'])).rejects.toThrow('data.accessed');
  const reacting = await EventStream.start(db, ['data.accessed']);
  try {
    expect((await readAll(reacting, 0, ['data.accessed'])).positions.length).toBeGreaterThan(0);
  } finally {
    await reacting.stop();
  }
});

test('more than memory keeps is read from the database, without a gap', async () => {
  const { head: before } = await stream.positions();
  for (let round = 0; round < 5; round += 1) await publish(...Array.from({ length: 500 }, () => 'two.came'));
  const { positions, upTo } = await readAll(stream, before, ['two.came']);
  expect(positions).toEqual(Array.from({ length: 2500 }, (_, nth) => before + 1 + nth));
  expect(upTo).toBe(before + 2500);
  expect((await readAll(stream, before + 2490, ['two.came'])).positions).toHaveLength(10);
});

test('a process that is younger than a client’s question begins where the client asked, as one that was there would', async () => {
  const askedAt = performance.now();
  const { head } = await stream.positions();
  await publish('one.came');
  const later = await EventStream.start(db, []);
  try {
    const from = await later.positionBefore(performance.now() - askedAt);
    expect((await readAll(later, from, ['one.came'])).positions).toContain(head + 1);
    expect(await later.positionBefore(0)).toBe((await stream.positions()).head);
  } finally {
    await later.stop();
  }
});
