/** What a subgraph has given up is listed and replayed by a command, in order and once. */
import { execFile } from 'node:child_process';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';
import { newId } from '../kernel/ids';
import { bells } from '../kernel/testing/bells';
import { startTestSubgraph, type TestSubgraph } from '../tests/setup/subgraph';

const NAME = 'Klara Muster';
const handled: string[] = [];
let broken = true;
let subgraph: TestSubgraph;

beforeAll(async () => {
  subgraph = await startTestSubgraph({
    ...bells,
    reactions: {
      async 'one.came'(_tx, { payload }) {
        if (broken && payload.breaks) throw new TypeError(`${NAME} is not a function`);
        handled.push(String(payload.name));
      },
    },
  });
});
afterAll(() => subgraph.stop());

/** The command as an operator calls it; null for its code when it ended well. */
async function command(...args: string[]): Promise<{ code: number | null; said: string }> {
  const all = ['kernel/run.js', 'subgraphs/dead-letters.ts', ...args];
  try {
    const { stdout } = await promisify(execFile)(process.execPath, all, {
      cwd: path.join(__dirname, '..'),
      env: { ...process.env },
    });
    return { code: null, said: stdout };
  } catch (error) {
    const { code, stderr } = error as { code: number; stderr: string };
    return { code, said: stderr };
  }
}

const health = async () =>
  (await (await fetch(`${subgraph.url}/health/ready`)).json()) as { deadLetters: number; waiting: number };

async function until(what: () => Promise<boolean>): Promise<void> {
  for (const last = Date.now() + 30_000; !(await what()); await wait(50))
    if (Date.now() > last) throw new Error('It did not come about.');
}

test('given up it is counted and listed without a word about anybody, and replayed before what waits behind it', async () => {
  const [key, other] = [newId(), newId()];
  const events = [
    { name: 'first', key, breaks: true },
    { name: 'second', key },
    { name: 'elsewhere', key: other },
  ].map(({ key: one, ...rest }) => ({ type: 'one.came', key: one, payload: { ...rest, of: NAME } }));
  await subgraph.publishAll('identity', events);
  expect(handled).toEqual(['elsewhere']);
  expect(await health()).toEqual({ ready: true, deadLetters: 1, waiting: 1 });

  const { said } = await command('list');
  expect(said).toMatch(
    /^catalogue:1 {2}one\.came {2}TypeError {2}8 attempts {2}\S+Z {2}1 behind it\n1 dead letters\n$/,
  );

  // replayed before it is mended it comes back, with all its attempts, and the one behind it waits on
  expect((await command('replay', 'catalogue:1')).code).toBeNull();
  await until(async () => (await health()).deadLetters === 1);
  expect(handled).toEqual(['elsewhere']);

  broken = false;
  expect((await command('replay')).said).toContain('1 events are tried again');
  await until(async () => (await health()).waiting === 0);
  expect(await health()).toEqual({ ready: true, deadLetters: 0, waiting: 0 });
  expect(handled).toEqual(['elsewhere', 'first', 'second']);

  expect((await command('replay')).said).toContain('0 events');
  await subgraph.publish('identity', 'one.came', key, { name: 'third' });
  expect(handled).toEqual(['elsewhere', 'first', 'second', 'third']);
});

test.each([[[]], [['list', 'catalogue:1']], [['replay', 'catalogue:x']], [['replay', "x'; --:1"]], [['other']]])(
  'of %j it says how it is called',
  async args => {
    expect(await command(...args)).toEqual({
      code: 2,
      said: expect.stringMatching(/^dead-letters: npm run dead-letters/),
    });
  },
);

test('an id that is none is refused, and nothing is replayed', async () => {
  expect(await command('replay', 'catalogue:999')).toEqual({
    code: 2,
    said: 'dead-letters: There is no dead letter catalogue:999.\n',
  });
});
