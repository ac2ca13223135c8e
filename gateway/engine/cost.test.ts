/** What operations cost: by the sizes of their lists, variables included. */
import { buildSchema, parse } from 'graphql';
import { Cost } from './cost';

const schema = buildSchema(`
  type Query {
    plain: String tags: [String] one: Thing many: [Thing!]! grid: [[Thing]] any: Any node: Node
    page(first: Int = 20, after: String): Page! ends(first: Int, last: Int): [Thing] open(first: Int): Page
  }
  type Mutation { write: Thing }
  type Subscription { live: Thing }
  interface Node { parts(first: Int = 3): [Thing] }
  union Any = Thing | Page
  type Thing implements Node { name: String parts(first: Int = 3): [Thing] page(first: Int = 20): Page one: Thing }
  type Page { nodes: [Thing!]! edges: [Edge!]! info: Info! total: Int }
  type Edge { node: Thing! }
  type Info { more: Boolean }
`);
const cost = (text: string, variables: Record<string, unknown> = {}, name: string | null = null) =>
  new Cost(schema, parse(text), name).of(variables);

it.each([
  ['{ plain tags __typename }', 0],
  ['{ __schema { types { fields { name } } } }', 0],
  ['{ one { name one { name } } }', 2],
  ['mutation { write { one { name } } }', 2],
  ['subscription { live { name } }', 1],
  ['{ many { name } }', 10],
  ['{ many { one { name } } }', 20],
  ['{ grid { name } }', 100],
  // a page is one object, with a list of as many as it has
  ['{ page { nodes { name } info { more } total } }', 1 + 20 + 1],
  ['{ page(first: 50) { nodes { one { name } } } }', 1 + 50 * 2],
  ['{ page(first: 50) { edges { node { name } } } }', 1 + 50 * 2],
  ['{ page(first: 100) { nodes { page(first: 100) { nodes { name } } } } }', 1 + 100 * (1 + 1 + 100)],
  ['{ page(first: null) { nodes { name } } }', 1 + 20],
  ['{ open { nodes { name } } }', 1 + 10],
  ['{ ends(first: 5) { name } }', 5],
  ['{ ends(last: 7) { name } }', 7],
  ['{ ends(first: 5, last: 7) { name } }', 12],
  ['{ ends { name } }', 10],
  ['{ ends(first: -5) { name } }', 0],
  ['{ node { parts { name } } }', 1 + 3],
  // the size of a page holds through fragments, and once for each place they are spread
  ['{ page(first: 7) { ...P } } fragment P on Page { nodes { name } ... { edges { __typename } } }', 1 + 7 + 7],
  ['{ a: one { ...T } b: one { ...T } } fragment T on Thing { parts { name } }', 2 * (1 + 3)],
  ['{ any { ... on Thing { parts { name } } ... on Page { nodes { name } } } }', 1 + 3 + 10],
])('%s costs %i', (text, expected) => {
  expect(cost(text)).toBe(expected);
});

it('depends on variables, on their defaults, and on that of the argument', () => {
  const page = 'query ($n: Int) { page(first: $n) { nodes { name } } }';
  expect(cost(page, { n: 100 })).toBe(101);
  expect(cost(page)).toBe(21);
  const preset = 'query ($n: Int = 1) { page(first: $n) { nodes { name } } }';
  expect([cost(preset), cost(preset, { n: 9 })]).toEqual([2, 10]);
  // null is no small number: whoever answers takes its own default
  expect(cost(preset, { n: null })).toBe(21);
  expect(cost(page, JSON.parse('{"__proto__": {"n": 0}}'))).toBe(21);
  const two = 'query ($a: Int, $b: Int) { page(first: $a) { nodes { page(first: $b) { nodes { name } } } } }';
  expect(cost(two, { a: 10, b: 10 })).toBe(1 + 10 * (1 + 1 + 10));
});

it('is that of the operation that is asked', () => {
  const both = 'query A { one { name } } query B { many { name } }';
  expect([cost(both, {}, 'A'), cost(both, {}, 'B')]).toEqual([1, 10]);
});

it('stays a number, whatever is nested', () => {
  const nested = `{ ${'page(first: 2147483647) { nodes { '.repeat(5)} name ${'} }'.repeat(5)} }`;
  expect(cost(nested)).toBe(Number.MAX_SAFE_INTEGER);
});
