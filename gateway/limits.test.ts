/** What an operation may cost, and that what people really ask stays within it. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { buildSchema, type GraphQLError, getIntrospectionQuery, parse, print, separateOperations } from 'graphql';
import { logger } from '../kernel/log';
import { checkDocument, readDocument } from './documents';
import { formatErrors } from './errors';

const schema = buildSchema(`
  scalar Ars
  type Query { a: Query s: String area(ars: Ars, in: In): String }
  input In { ars: Ars list: [Ars!] first: Int kind: Kind }
  enum Kind { ONE }
  type Subscription { live: String }
`);

function check(text: string): readonly GraphQLError[] {
  try {
    return checkDocument(schema, readDocument(text), true);
  } catch (error) {
    return [error as GraphQLError];
  }
}
const limitOf = (text: string): unknown =>
  check(text).find(({ extensions }) => extensions.code === 'QUERY_TOO_COMPLEX')?.extensions.limit;
const times = (count: number, make: (i: number) => string): string =>
  Array.from({ length: count }, (_, i) => make(i)).join(' ');
const nested = (depth: number): string => `{ ${'a { '.repeat(depth - 1)} s ${'} '.repeat(depth)}`;

describe('an operation', () => {
  it.each([
    ['depth', nested(15), nested(16)],
    ['aliases', `{ a { ${times(30, i => `a${i}: s`)} } }`, `{ a { ${times(31, i => `a${i}: s`)} } }`],
    ['aliases', `{ a { ${times(30, i => `a${i}: __typename`)} } }`, `{ a { ${times(31, i => `a${i}: __typename`)} } }`],
    ['rootFields', `{ ${times(20, () => 's')} }`, `{ ${times(21, () => 's')} }`],
    ['directives', `{ s ${times(8, () => '@skip(if: false)')} }`, `{ s ${times(9, () => '@skip(if: false)')} }`],
    [
      'tokens',
      `{ area(in: { list: [${times(1980, () => '"1"')}] }) }`,
      `{ area(in: { list: [${times(2000, () => '"1"')}] }) }`,
    ],
  ])('may have so many %s and no more', (limit, allowed, refused) => {
    expect(limitOf(allowed)).toBeUndefined();
    expect(limitOf(refused)).toBe(limit);
  });

  it('cannot hide its size in fragments', () => {
    const spread = (last: string) =>
      times(25, i => `fragment F${i} on Query { a { ${i === 24 ? last : `...F${i + 1} ...F${i + 1}`} } }`);
    expect(limitOf(`{ ...F0 } ${spread('s')}`)).toBe('depth');
    const flat = times(25, i => `fragment F${i} on Query { ${i === 24 ? 's' : `...F${i + 1} ...F${i + 1}`} }`);
    expect(limitOf(`{ a { ...F0 } } ${flat}`)).toBe('fields');
    expect(limitOf(`{ ...F } fragment F on Query { ${times(21, () => 's')} }`)).toBe('rootFields');
    expect(limitOf(`{ ...F ...F } fragment F on Query { ${times(16, i => `a${i}: s`)} }`)).toBe('aliases');
  });

  it('that is hostile is refused within 50 ms', () => {
    const hostile = [
      `{ ...F0 } ${times(25, i => `fragment F${i} on Query { ${i === 24 ? 's' : `...F${i + 1} ...F${i + 1}`} }`)}`,
      `{ ${times(1000, i => `a${i}: __typename`)} }`,
      `{ s ${times(500, () => '@aa')} }`,
      `{ ...F } fragment F on Query { ...F }`,
      `{ a { ${times(450, () => 'a { s }')} } }`,
      `{ ${times(20, () => `a { ${times(20, () => 'a { s }')} }`)} }`,
    ];
    for (const text of hostile) {
      const before = process.cpuUsage();
      expect(check(text).length).toBeGreaterThan(0);
      expect(process.cpuUsage(before).user / 1000).toBeLessThan(50);
    }
  });

  it.each([
    ['scalars', '{ a { _ } }', 's'],
    ['objects', '{ a { _ } }', 'a { s }'],
    ['objects in fragments that are never used', '{ s } fragment F on Query { _ }', 'a { s }'],
    ['objects in fragments', '{ a { ...F } } fragment F on Query { _ }', '...on Query { a { s } }'],
  ])('has no more than a hundred %s of one name at one place', (_, text, one) => {
    const many = (count: number) =>
      text.replace(
        '_',
        times(count, () => one),
      );
    expect([limitOf(many(101)), limitOf(many(200))]).toEqual(['alike', 'alike']);
    expect(limitOf(many(100))).not.toBe('alike');
  });

  it('has no more of them beneath those that become one', () => {
    expect(limitOf(`{ ${times(21, () => `a { ${times(5, () => 'a { s }')} }`)} }`)).toBe('alike');
    const fragments = times(101, i => `fragment F${i} on Query { a { s } }`);
    expect(limitOf(`{ a { ${times(101, i => `...F${i}`)} } } ${fragments}`)).toBe('alike');
  });

  it('gets five errors at most', () => {
    expect(check(`{ ${times(10, i => `unknown${i}`)} }`).length).toBeLessThanOrEqual(6);
  });
});

describe('what people ask', () => {
  it('the introspection of every tool passes', () => {
    for (const options of [
      {},
      { inputValueDeprecation: true, oneOf: true, schemaDescription: true, specifiedByUrl: true },
    ]) {
      expect(check(getIntrospectionQuery(options))).toEqual([]);
    }
  });

  it('every story of the playground passes', () => {
    const api = buildSchema(STORY_TYPES_ARE_NOT_NEEDED);
    const stories = parse(readFileSync(path.join(__dirname, 'playground', 'stories.graphql'), 'utf8'));
    const operations = Object.entries(separateOperations(stories));
    expect(operations.length).toBeGreaterThanOrEqual(30);
    for (const [, document] of operations) {
      const errors = checkDocument(api, readDocument(print(document)), false);
      expect(errors.filter(({ extensions }) => extensions.code === 'QUERY_TOO_COMPLEX')).toEqual([]);
    }
  });
});

// the limits do not look at types
const STORY_TYPES_ARE_NOT_NEEDED = 'type Query { s: String }';

describe('literals of our own scalars', () => {
  it('are BAD_INPUT with their place', () => {
    const fieldOf = (text: string) => check(text).map(({ extensions }) => `${extensions.code} ${extensions.field}`);
    expect(fieldOf('{ area(ars: "01x") }')).toEqual(['BAD_INPUT ars']);
    expect(fieldOf('{ area(in: { ars: "9" }) }')).toEqual(['BAD_INPUT in.ars']);
    expect(fieldOf('{ area(in: { list: ["01", "9"] }) }')).toEqual(['BAD_INPUT in.list']);
    expect(fieldOf('query($a: Ars = "9") { area(ars: $a) }')).toEqual(['BAD_INPUT a']);
    expect(fieldOf('{ area(ars: { a: 1 }) }')).toEqual(['BAD_INPUT ars']);
    expect(fieldOf('{ area(ars: ["01"]) }')).toEqual(['BAD_INPUT ars']);
    expect(fieldOf('{ area(in: { list: ["01"] }) }')).toEqual([]);
    expect(fieldOf('{ area(ars: "010515163001") }')).toEqual([]);
  });
});

describe('literals that graphql-js finds wrong', () => {
  it.each([
    ['{ area(in: { first: "x" }) }', 'in.first'],
    ['{ area(in: { first: 99999999999 }) }', 'in.first'],
    ['{ area(in: { kind: NONE }) }', 'in.kind'],
    ['{ area(in: { other: 1 }) }', 'in.other'],
    ['{ area(in: "text") }', 'in'],
    ['query ($in: In = { first: true }) { area(in: $in) }', 'in.first'],
  ])('are BAD_INPUT with their place: %s', (text, field) => {
    const shown = formatErrors(check(text), {}, logger('test')).map(({ extensions }) => extensions);
    expect(shown).toMatchObject([{ code: 'BAD_INPUT', field }]);
  });
});

describe('@skip and @include on the root of a subscription', () => {
  it.each([
    'subscription { live @skip(if: true) }',
    'subscription($x: Boolean!) { live @include(if: $x) }',
    'subscription($x: Boolean!) { ... @skip(if: $x) { live } }',
    'subscription($x: Boolean!) { ...S } fragment S on Subscription { ... { live @skip(if: $x) } }',
  ])('are refused in clear words: %s', text => {
    expect(check(text)[0]?.message).toBe('@skip and @include are not allowed on the root field of a subscription.');
  });
});
