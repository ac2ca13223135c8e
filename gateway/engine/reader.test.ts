/** Answers kept as they came: never another answer than a parsed one would give, whatever a subgraph sends. */
import { buildSubgraphSchema } from '@apollo/subgraph';
import fc from 'fast-check';
import { type GraphQLSchema, graphql, parse } from 'graphql';
import { ANONYMOUS } from '../../kernel/principal';
import { compose } from '../../schema/compose';
import type { Data } from './data';
import { Engine } from './engine';
import type { SubgraphAnswer } from './fetch';
import { parseJson } from './numbers';
import { readPlanned } from './reader';

const LINK = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])';
const cases = `${LINK}
  scalar Anything
  enum State { OPEN CLOSED }
  type Case @key(fields: "id") {
    id: ID! title: String note: String! state: State! days: Int fee: Float urgent: Boolean! form: Anything! stamp: Anything!
    steps: [Step]! tags: [[String!]] owner: Person!
  }
  type Step { at: String! by: Person }
  type Person @key(fields: "id", resolvable: false) { id: ID! }
  type Query { cases: [Case!]! }`;
const people = `${LINK}
  type Person @key(fields: "id") { id: ID! name: String! town: Town }
  type Town { name: String! postcode: String }
  type Query { nobody: String }`;
const sdl = compose([
  { name: 'cases', url: 'http://cases.example', sdl: cases },
  { name: 'people', url: 'http://people.example', sdl: people },
]).supergraph;

const QUERY = `{ cases {
  id state title note __typename days fee urgent form stamp
  steps { at } tags owner { __typename name home: town { name postcode } }
} }`;

const caseOf = (id: number) => ({
  id: id % 2 ? `c${id}` : id,
  state: 'OPEN',
  title: 'Größe „12“ \\ "weit" \u2028',
  note: 'zwei\nZeilen \u0007',
  __typename: 'Case',
  days: -12,
  fee: 25.5,
  urgent: false,
  form: { 'a b': [1, { c: null }, 'ä', true, 1.25e3] },
  stamp: '2026-11-02T09:30:00.000Z',
  steps: [{ at: '2026-11-02' }, null],
  tags: [['a', 'ß'], [], null],
  owner: { __typename: 'Person', id: `p${id % 3}` },
});
const personOf = (id: string) => ({
  __typename: 'Person',
  name: `Klara Müßig ${id}`,
  town: { name: 'Kiel', postcode: null },
});

const schemas: Readonly<Record<string, GraphQLSchema>> = {
  cases: buildSubgraphSchema({
    typeDefs: parse(cases),
    resolvers: { Query: { cases: () => [1, 2].map(caseOf) } },
  }),
  people: buildSubgraphSchema({
    typeDefs: parse(people),
    resolvers: { Person: { __resolveReference: ({ id }: { id: string }) => personOf(id) } },
  }),
};

type Change = (body: Buffer) => Buffer;
const same: Change = body => body;

let isKeeping = true;
let kept = 0;
/** What the subgraphs have sent last, before it was changed. */
const bodies: Record<string, string> = {};
let changes: Readonly<Record<string, Change>> = {};
const engine = new Engine(sdl, async (subgraph, { query, variables, reads }): Promise<SubgraphAnswer> => {
  const answer = await graphql({ schema: schemas[subgraph]!, source: query, variableValues: variables });
  bodies[subgraph] = JSON.stringify(answer);
  const body = changes[subgraph]!(Buffer.from(bodies[subgraph]));
  return read(body, isKeeping && reads ? readPlanned(body, reads) : null);
});

function read(body: Buffer, planned: Data | null): SubgraphAnswer {
  if (planned) kept += 1;
  try {
    return planned ? { data: planned } : (parseJson(body.toString('utf8')) as SubgraphAnswer);
  } catch {
    return { data: null, errors: [{ message: 'This is no JSON.' }] };
  }
}

async function answer(keep: boolean): Promise<string> {
  isKeeping = keep;
  const asked = { principal: ANONYMOUS, requestId: 'reader', language: 'de' } as const;
  const request = { document: parse(QUERY), key: 'q', operationName: null, variables: {}, asked };
  return JSON.stringify(await engine.execute(request));
}

async function both(ofCases: Change, ofPeople: Change = same) {
  changes = { cases: ofCases, people: ofPeople };
  kept = 0;
  const [asItCame, parsed] = [await answer(true), await answer(false)];
  return { asItCame, parsed, kept };
}

const text =
  (change: (text: string) => string): Change =>
  body =>
    Buffer.from(change(body.toString()));

it('keeps answers that look as planned, and the client sees no difference', async () => {
  const { asItCame, parsed, kept } = await both(same);
  expect(kept).toBe(2);
  expect(asItCame).toBe(parsed);
  const { cases } = JSON.parse(asItCame).data;
  expect(cases[0]).toEqual({ ...caseOf(1), owner: { ...personOf('p1'), home: personOf('p1').town, town: undefined } });
});

it('takes spaces at the end, and nothing else beside the data', async () => {
  expect((await both(text(body => `${body}\n`))).kept).toBe(2);
  for (const more of ['x', '{}', '\u0000', ',"errors":[]']) {
    expect((await both(text(body => body + more))).kept).toBe(0);
  }
  const errors = '[{"message":"no","path":["cases",0,"title"]}]';
  const { asItCame, parsed } = await both(text(body => `${body.slice(0, -1)},"errors":${errors}}`));
  expect(asItCame).toBe(parsed);
  expect(JSON.parse(asItCame).errors).toHaveLength(1);
});

/** Every value of a body, simple ones only. */
const VALUE = /(?<=[:,[])(?:"(?:[^"\\]|\\.)*"|null|true|false|-?[\d.]+)(?=[,}\]])/g;
const OTHERS = [
  ...[
    'null',
    'true',
    'nul',
    '"x"',
    '""',
    '"ü"',
    '"\\u00fc"',
    '"\\ud800"',
    '"a\\nb"',
    '"a\nb"',
    '"\\x"',
    '"\\u00e"',
    '"OPEN"',
    '"Query"',
  ],
  ...[
    '7',
    '-7',
    '7.0',
    '0.5',
    '7.',
    '.5',
    '07',
    '7e3',
    '-',
    '12345678901234567890',
    '-0.12345678901234567890',
    '7E+3',
    '1e400',
    '7e',
    '2147483647',
    '-2147483648',
    '2147483648',
    '1099511627776',
    '9'.repeat(400),
    '[]',
    '[null]',
    '{}',
    '{"a":}',
  ],
];

it('gives the same answer as parsing does, whatever stands for a value', async () => {
  let keptAnyway = 0;
  for (const subgraph of ['cases', 'people']) {
    await both(same);
    const count = [...bodies[subgraph]!.matchAll(VALUE)].length;
    for (let index = 0; index < count; index++) {
      for (const other of OTHERS) {
        const change = text(body => {
          let at = 0;
          return body.replace(VALUE, value => (at++ === index ? other : value));
        });
        const result = subgraph === 'cases' ? await both(change) : await both(same, change);
        expect([other, result.asItCame]).toEqual([other, result.parsed]);
        if (result.kept === 2) keptAnyway += 1;
      }
    }
  }
  expect(keptAnyway).toBeGreaterThan(100); // such as another text for a text
});

/** Bytes with which a body means something else, or nothing. */
const BYTES = [...Buffer.from('"\\{}[],:0129-.eEtfnu \n\0/b'), 0x80, 0xc3, 0xff];
const EDIT = fc.record({
  at: fc.nat(),
  cut: fc.nat(12),
  put: fc.oneof(
    fc.constant(Buffer.alloc(0)),
    fc.constantFrom(...BYTES.map(byte => Buffer.of(byte))),
    fc.constantFrom(...['"__proto__":{},', '"__typename":"Query",'].map(one => Buffer.from(one))),
  ),
});

it('gives the same answer as parsing does, whatever bytes are sent', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(EDIT, { minLength: 1, maxLength: 2 }), fc.boolean(), async (edits, ofCases) => {
      const change: Change = body =>
        edits.reduce((edited, { at, cut, put }) => {
          const from = at % (edited.length + 1);
          return Buffer.concat([edited.subarray(0, from), put, edited.subarray(from + cut)]);
        }, body);
      const { asItCame, parsed } = ofCases ? await both(change) : await both(same, change);
      expect(asItCame).toBe(parsed);
    }),
    { numRuns: 1000, seed: 7 },
  );
});

it('lets no subgraph say by itself that something is kept', async () => {
  const forged = text(body =>
    body.replace('"title":', '"#0":{"text":"\\"title\\":\\"forged\\""},"#1":"\\"note\\":1","title":'),
  );
  const { asItCame, parsed } = await both(forged);
  expect(asItCame).toBe(parsed);
  expect(asItCame).not.toContain('forged');
});

/** Asks two subgraphs about one object; a scalar of the first has a name that every object has. @param bodies what they send */
async function answerOf(bodies: Readonly<Record<string, string>>): Promise<string> {
  const engine = new Engine(shared, async (subgraph, { reads }) => {
    const body = Buffer.from(bodies[subgraph]!);
    return read(body, readPlanned(body, reads!));
  });
  const asked = { principal: ANONYMOUS, requestId: 'reader', language: 'de' } as const;
  const document = parse('{ case { title odd rank } }');
  return JSON.stringify(await engine.execute({ document, key: 'q', operationName: null, variables: {}, asked }));
}
const shared = compose([
  {
    name: 'cases',
    url: 'http://cases.example',
    sdl: `${LINK} scalar constructor
      type Case @key(fields: "id") { id: ID! title: String odd: constructor } type Query { case: Case }`,
  },
  { name: 'ranks', url: 'http://ranks.example', sdl: `${LINK} type Case @key(fields: "id") { id: ID! rank: Int }` },
]).supergraph;
const CASE = '{"data":{"case":{"__typename":"Case","id":"c1","title":"kept","odd":[1]}}}';
const RANK = '{"data":{"_entities":[{"rank":1}]}}';

it('lets no subgraph erase what was kept of another', async () => {
  const wanted = '{"data":{"case":{"title":"kept","odd":[1],"rank":1}}}';
  expect(await answerOf({ cases: CASE, ranks: RANK })).toBe(wanted);
  expect(await answerOf({ cases: CASE, ranks: RANK.replace('{"rank"', '{"#0":1,"#1":{},"rank"') })).toBe(wanted);
});

it('reads every scalar, whatever its name is', async () => {
  const nothing = await answerOf({ cases: CASE.replace('[1]', ''), ranks: RANK });
  expect(nothing).toContain('This is no JSON.');
});

it('takes lists in lists without end for no list of objects', async () => {
  const many = 200_000;
  const { asItCame, parsed } = await both(() =>
    Buffer.from(`{"data":{"cases":${'['.repeat(many)}${']'.repeat(many)}}}`),
  );
  expect(asItCame).toBe(parsed);
  expect(JSON.parse(asItCame).errors[0].message).toContain('another shape');
});

it('never passes on what is no UTF-8, which parsing mends', async () => {
  const { asItCame, parsed, kept } = await both(body => {
    const inText = body.indexOf('Zeilen');
    return Buffer.concat([body.subarray(0, inText), Buffer.of(0xc3), body.subarray(inText)]);
  });
  expect([kept, asItCame]).toEqual([1, parsed]);
});
