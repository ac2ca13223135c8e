/** Work is limited, not time: a process that could not work is no reason to refuse anything. */
import { execFileSync } from 'node:child_process';
import { parse } from 'graphql';
import { ANONYMOUS } from '../../kernel/principal';
import { compose } from '../../schema/compose';
import { Starved, TooMuchWork, within } from './deadline';
import { Planning } from './planning';
import { readSupergraph } from './supergraph';

const LIMIT_MS = 200;
const frozen = new Int32Array(new SharedArrayBuffer(4));
/** The thread gets no CPU, as on a machine that is busy. */
const starve = (milliseconds: number) => void Atomics.wait(frozen, 0, 0, milliseconds);
/** The whole process sleeps, as a virtual machine does. */
const pause = (seconds: number) =>
  execFileSync('sh', ['-c', `kill -STOP $PPID; sleep ${seconds}; kill -CONT $PPID`], { stdio: 'ignore' });
const forEver = (): never => {
  for (;;);
};

it('ends what works without end, soon', () => {
  const before = performance.now();
  expect(() => within(LIMIT_MS, forEver)).toThrow(TooMuchWork);
  expect(performance.now() - before).toBeGreaterThanOrEqual(LIMIT_MS / 2);
});

it.each([
  ['the thread starves', () => starve(2 * LIMIT_MS)],
  ['the process sleeps', () => pause((2 * LIMIT_MS) / 1000)],
])('begins anew when %s, and tells what it found', (_, lose) => {
  let attempts = 0;
  const found = within(LIMIT_MS, () => {
    attempts += 1;
    if (attempts === 1) lose();
    return attempts;
  });
  expect(found).toBe(2);
});

it('gives up when the thread never can work, and does not call that too much work', () => {
  const give = () =>
    within(LIMIT_MS, () => {
      for (;;) starve(50);
    });
  expect(give).toThrow(Starved);
});

it('passes on what the work throws', () => {
  expect(() =>
    within(LIMIT_MS, () => {
      throw new RangeError('no');
    }),
  ).toThrow(RangeError);
});

describe('planning', () => {
  const sdl = 'type Query { hello: String }';
  const { supergraph } = compose([{ name: 'a', url: 'http://a', sdl }]);
  const ask = (planning: Planning, text: string) => planning.planOf(parse(text), null, text, ANONYMOUS).step;
  /** A planner to which something happens each time, before it begins. */
  const planningWith = (happen: () => void): Planning => {
    const read = readSupergraph(supergraph);
    const { planner } = read;
    const buildQueryPlan: typeof planner.buildQueryPlan = (...args) => {
      happen();
      return planner.buildQueryPlan(...args);
    };
    return new Planning({ ...read, planner: { ...planner, buildQueryPlan } as typeof planner });
  };

  it('goes on after the process slept, and refuses nothing', () => {
    let sleeps = 1;
    const planning = planningWith(() => {
      if (sleeps-- > 0) pause(1.2);
    });
    expect(ask(planning, '{ hello }')).toMatchObject({ kind: 'fetch', subgraph: 'a' });
  });

  it('remembers no refusal but that of work', () => {
    let happens: () => void = () => {
      for (;;) starve(50);
    };
    const planning = planningWith(() => happens());
    expect(() => ask(planning, '{ hello }')).toThrow(Starved);
    happens = () => {};
    expect(ask(planning, '{ hello }')).toMatchObject({ kind: 'fetch' });

    happens = forEver;
    expect(() => ask(planning, '{ a: hello }')).toThrow(
      expect.objectContaining({ extensions: expect.objectContaining({ code: 'QUERY_TOO_COMPLEX' }) }),
    );
    happens = () => {};
    expect(() => ask(planning, '{ a: hello }')).toThrow(/zu umfangreich/);
  }, 30_000);
});
