/** The short way for one key finds and writes the same as the general way. */
import type { QueryPlanSelectionNode } from '@apollo/query-planner';
import fc from 'fast-check';
import { buildSchema } from 'graphql';
import type { Data } from './data';
import { compileRequires } from './representations';

const schema = buildSchema(
  'interface I { id: ID } type A implements I { id: ID } type B implements I { id: ID } type Query { i: I }',
);
const requires = (type: string): QueryPlanSelectionNode => ({
  kind: 'InlineFragment',
  typeCondition: type,
  selections: [
    { kind: 'Field', name: '__typename' },
    { kind: 'Field', name: 'id' },
  ],
});

const value = fc.oneof(
  fc.constantFrom<unknown>('1', 1, 'json 1', '"1"', true, 'true', null, 'null', '', '"', [1], { a: 1 }, '\ud800'),
  fc.string(),
  fc.integer(),
);
const object = fc.record(
  { __typename: fc.constantFrom<unknown>('A', 'B', 'C', '', null, 7), id: value, constructor: fc.string() },
  { requiredKeys: [] },
);

it.each(['A', 'I'])('asks for the same as the general way does, by a key of %s', type => {
  const short = compileRequires(schema, [requires(type)], new Map(), null);
  const general = compileRequires(schema, [requires(type), requires(type)], new Map(), null);
  fc.assert(
    fc.property(fc.array(object), objects => {
      const [one, other] = [short, general].map(represent => represent(objects as Data[]));
      expect(one).toEqual(other);
      expect(JSON.parse(one!.text)).toEqual(JSON.parse(JSON.stringify(one!.sent)));
    }),
    { numRuns: 1000 },
  );
});

it('knows a key by its real name', () => {
  const represent = compileRequires(schema, [requires('A')], new Map([['id', 'number']]), null);
  expect(represent([{ __typename: 'A', id: 'x' }]).text).toBe('[{"__typename":"A","number":"x"}]');
});

describe('what is required below a field', () => {
  const selections: QueryPlanSelectionNode[] = [
    { kind: 'Field', name: '__typename' },
    {
      kind: 'Field',
      name: 'edition',
      selections: [
        { kind: 'Field', name: 'isbn' },
        {
          kind: 'InlineFragment',
          typeCondition: 'I',
          selections: [{ kind: 'Field', name: 'book', selections: [{ kind: 'Field', name: 'no' }] }],
        },
      ],
    },
  ];
  const represent = compileRequires(
    schema,
    [{ kind: 'InlineFragment', typeCondition: 'A', selections }],
    new Map(),
    null,
  );
  const listing = (edition: unknown) => ({ __typename: 'A', edition });
  const B = { __typename: 'B', isbn: '1' };

  it.each([
    ['all', listing({ ...B, book: { no: 7 } }), { isbn: '1', book: { no: 7 } }],
    ['null', listing(null), null],
    ['null on the way', listing({ ...B, book: null }), { isbn: '1', book: null }],
    ['a list', listing([{ ...B, book: { no: 7 } }, null]), [{ isbn: '1', book: { no: 7 } }, null]],
    ['another type', listing({ __typename: 'C', isbn: '1' }), { isbn: '1' }],
  ])('is sent with the key: %s', (_, object, edition) => {
    expect(represent([object]).sent).toEqual([{ __typename: 'A', edition }]);
  });

  it.each([
    ['itself', listing({ ...B })],
    ['of an element', listing([{ ...B, book: { no: 7 } }, { ...B }])],
    ['at its end', listing({ ...B, book: {} })],
  ])('is not sent where it is missing: %s', (_, object) => {
    expect(represent([object]).sent).toEqual([]);
  });
});
