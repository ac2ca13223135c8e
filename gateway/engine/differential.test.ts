/**
 * The engine against the truth and against Apollo's own gateway: made-up operations over subgraphs that work, are slow,
 * fail or lie. DIFFERENTIAL_SEED makes up others, DIFFERENTIAL_RUNS says how many in all.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { OperationTypeNode, parse } from 'graphql';
import { FAULTS, type Fault } from '../testing/distortion';
import { type Asked, type Difference, judge } from '../testing/judge';
import { MadeUpSupergraph, type Scene } from '../testing/made';
import { type Choose, OperationMaker } from '../testing/operations';
import { SUPERGRAPHS } from '../testing/supergraphs';
import { hash } from '../testing/universe';

const RUNS = Number(process.env.DIFFERENTIAL_RUNS ?? 5200);
const SEED = Number(process.env.DIFFERENTIAL_SEED ?? 1);
const LONGEST_MS = 300_000;

const OWN = ['catalogue', 'identity', 'applications', 'messaging', 'payment'];
const schemaFile = (name: string) => readFileSync(path.join(__dirname, '../../schema', `${name}.graphql`), 'utf8');
const own = () =>
  new MadeUpSupergraph(Object.fromEntries(OWN.map(name => [name, schemaFile(name)])), schemaFile('supergraph'));

const CASES: readonly [string, () => MadeUpSupergraph][] = [
  ['our own supergraph', own],
  ...Object.entries(SUPERGRAPHS).map(([name, sdls]): [string, () => MadeUpSupergraph] => [
    name,
    () => new MadeUpSupergraph(sdls),
  ]),
];
const RUNS_EACH = Math.ceil(RUNS / CASES.length);

/** The share of operations that may differ as listed: the list must hide no fault. */
const MOST: Readonly<Record<Difference, number>> = {
  'stock wrong': 0.03,
  'not compared': 0,
  refused: 0.001,
  misshapen: 0.09,
  missing: 0.08,
  entities: 0.08,
  misplaced: 0.004,
  kept: 0,
  misnamed: 0.003,
  unasked: 0.002,
};
/** What Apollo's planner is known to get wrong, and what is made up of nothing else. */
const MOST_OF: Readonly<Record<string, Partial<Record<Difference, number>>>> = {
  'requires with arguments': { 'stock wrong': 0.24 },
  'nullability traps': { missing: 0.15 },
  'interface objects': { 'stock wrong': 0.11, refused: 0.03 },
  'one path through several types': { 'stock wrong': 0.06 },
  'interface objects that require': { 'stock wrong': 0.075, kept: 0.01 },
  'interface objects that require, told of by a third': { 'not compared': 0.62, refused: 0.06, kept: 0.01 },
};

describe.each(CASES)('%s', (name, make) => {
  const counted = new Map<string, number>();
  let judged = 0;

  it(
    'answers made-up operations right, and like Apollo when subgraphs fail or lie',
    async () => {
      const made = make();
      const property = fc.asyncProperty(fc.noBias(fc.nat()), async number => {
        const choose = choices(number);
        const asked = ask(made, choose);
        fc.pre(made.validate(asked.document).length === 0);
        const scene = { seed: choose(1_000_000), faults: faultsOf(made, choose) };
        const verdict = await judge(made, asked, scene);
        if (verdict.kind === 'wrong') throw new Error(explain(asked, scene, verdict));
        judged += 1;
        for (const one of verdict.kind === 'equal' ? ['equal'] : verdict.differences) {
          counted.set(one, (counted.get(one) ?? 0) + 1);
        }
      });
      await fc.assert(property, { numRuns: RUNS_EACH, seed: SEED, endOnFailure: true });
      expect(made.refused).toEqual([]);
      const shares = [...counted].map(([what, count]) => `${count} ${what}`).join(', ');
      expect(made.keptAnswers).toBeGreaterThan(0);
      process.stdout.write(
        `${name}: DIFFERENTIAL_SEED=${SEED}, ${judged} operations, ${made.keptAnswers} answers kept in part: ${shares}\n`,
      );
    },
    LONGEST_MS,
  );

  it('differs as listed no more often than known', () => {
    expect(judged).toBeGreaterThanOrEqual(RUNS_EACH);
    for (const [difference, share] of Object.entries({ ...MOST, ...MOST_OF[name] })) {
      const most = share * judged;
      const count = counted.get(difference) ?? 0;
      if (count > most + 3 * Math.sqrt(most)) throw new Error(`${count} of ${judged} operations: ${difference}`);
    }
  });
});

/** A smaller number is no smaller operation: a failure is told as it is, not made smaller. */
function choices(number: number): Choose {
  let made = 0;
  return below => hash(`${number} ${made++}`) % below;
}

function ask(made: MadeUpSupergraph, choose: Choose): Asked {
  const { api, keys } = made;
  const maker = new OperationMaker(choose, api, [...keys, 'name', 'title', 'weight'], choose(6) === 0);
  const kinds = [OperationTypeNode.MUTATION, OperationTypeNode.SUBSCRIPTION].filter(kind => api.getRootType(kind));
  const { text, variables } = maker.make(kinds[choose(6)] ?? OperationTypeNode.QUERY);
  return { document: parse(text, { noLocation: true }), text, variables };
}

function faultsOf({ subgraphs }: MadeUpSupergraph, choose: Choose): ReadonlyMap<string, Fault> {
  const one = (): [string, Fault] => [subgraphs[choose(subgraphs.length)]!, FAULTS[1 + choose(FAULTS.length - 1)]!];
  return new Map([one(), ...(choose(2) === 0 ? [] : [one()])]);
}

function explain(
  { text, variables }: Asked,
  { seed, faults }: Scene,
  verdict: { readonly what: string; readonly expected: string; readonly got: string },
): string {
  return [
    `${verdict.what} differ; universe ${seed}, ${JSON.stringify([...faults])}`,
    text,
    JSON.stringify(variables),
    `expected ${verdict.expected}`,
    `got      ${verdict.got}`,
  ].join('\n');
}
