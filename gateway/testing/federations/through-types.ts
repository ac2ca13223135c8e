/** What is asked through one type of an interface or union is not what is asked through another. */
import { type Federation, neverAsked, type Row, sub } from './federation';

const letters = [
  { __typename: 'Letter', id: 'l1', cents: 85 },
  { __typename: 'Letter', id: 'l2', cents: 100 },
  { __typename: 'Letter', id: 'l3', cents: 85 },
];

export const THROUGH_TYPES: Readonly<Record<string, Federation>> = {
  'a type that narrows a field of its interface': {
    subgraphs: {
      post: sub(
        `type Query { item: Item items: [Item!]! } interface Item { twin: Item twins: [Item!]! }
        type Letter implements Item @key(fields: "id") { id: ID! twin: Letter @provides(fields: "cents") twins: [Letter!]! cents: Int @external }`,
        {
          Query: { item: () => letters[0], items: () => letters },
          Letter: {
            twin: ({ id, cents }: Row) => letters.find(one => one.cents === cents && one.id !== id),
            twins: ({ id, cents }: Row) => letters.filter(one => one.cents === cents && one.id !== id),
          },
        },
      ),
      prices: sub('type Letter @key(fields: "id") { id: ID! cents: Int @shareable }', {
        Letter: { __resolveReference: ({ id }: Row) => letters.find(one => one.id === id) },
      }),
    },
    answers: {
      '{ item { twin { __typename twin { __typename } ... on Letter { id } } ... on Letter { id twin { cents } } } }': {
        item: { twin: { __typename: 'Letter', twin: { __typename: 'Letter' }, id: 'l3', cents: 85 }, id: 'l1' },
      },
      '{ items { ... on Letter { twins { id } } twins { __typename ... on Letter { cents } } } }': {
        items: [
          { twins: [{ id: 'l3', __typename: 'Letter', cents: 85 }] },
          { twins: [] },
          { twins: [{ id: 'l1', __typename: 'Letter', cents: 85 }] },
        ],
      },
    },
  },
  'what is asked through one type, and of other subgraphs through another': {
    subgraphs: {
      reviews: sub(
        `type Query { reviews: [Review!]! best: Best } union Review = Short | Long
        type Short { of: Product stars: Int } type Long { of: Product! same: [Long!] } type Best { review: Review }
        type Product @key(fields: "id") { id: ID! }`,
        {
          Query: {
            reviews: () => [
              { __typename: 'Short', of: { id: 'p1' }, stars: 3 },
              { __typename: 'Long', of: { id: 'p2' }, same: [{ of: { id: 'p3' } }] },
            ],
            best: () => ({ review: { __typename: 'Short', of: { id: 'p1' } } }),
          },
        },
      ),
      names: sub(
        'type Product @key(fields: "id") { id: ID! name: String maker: Maker code: ID } type Maker @key(fields: "id") { id: ID! }',
        {
          Product: {
            __resolveReference: ({ id }: Row) => ({ id, name: `name of ${id}`, maker: { id: 'm' }, code: `c-${id}` }),
          },
        },
      ),
      prices: sub(
        'type Product @key(fields: "id") { id: ID! cents: Int! code: ID @external due: Int! @requires(fields: "code") } type Maker @key(fields: "id") { id: ID! town: String }',
        {
          Product: {
            __resolveReference: ({ id, code }: Row) => {
              if (id === 'p1') throw new Error('The price of p1 was not asked.');
              return { id, cents: 5, code };
            },
            due: ({ id, code }: Row) => (code === `c-${id}` ? 7 : null),
          },
          Maker: { town: () => 'Ulm' },
        },
      ),
    },
    answers: {
      '{ reviews { ... on Short { of { name } } ... on Long { of { cents } } } }': {
        reviews: [{ of: { name: 'name of p1' } }, { of: { cents: 5 } }],
      },
      '{ best { review { ... on Short { of { name } } ... on Long { of { cents } } } } }': {
        best: { review: { of: { name: 'name of p1' } } },
      },
      // a name that is asked of short reviews too, and what leads on from there
      '{ reviews { ... on Short { stars of { id maker { town } } } ... on Long { of { cents maker { id } } same { of { cents } } } } }':
        {
          reviews: [
            { stars: 3, of: { id: 'p1', maker: { town: 'Ulm' } } },
            { of: { cents: 5, maker: { id: 'm' } }, same: [{ of: { cents: 5 } }] },
          ],
        },
      // a code that is asked of the one and required for the other
      '{ reviews { ... on Short { of { code } } ... on Long { of { due } } } }': {
        reviews: [{ of: { code: 'c-p1' } }, { of: { due: 7 } }],
      },
    },
  },
  'an interface that no type implements': {
    subgraphs: {
      a: sub(
        'type Query { thing: Thing form: Form } interface Thing @key(fields: "id") { id: ID! } type Form { n: Int }',
        {
          Query: { form: () => ({ n: 1 }), thing: neverAsked },
        },
      ),
      b: sub(
        'type Query { b: Thing } type Thing @key(fields: "id", resolvable: false) @interfaceObject { id: ID! size: Int }',
        {
          Query: { b: () => ({ id: 't1', size: 3 }) },
        },
      ),
    },
    answers: {
      '{ b { id size } form { n } __typename }': { b: { id: 't1', size: 3 }, form: { n: 1 }, __typename: 'Query' },
    },
    failures: {
      '{ thing { size } }': undefined,
      '{ form { n } ...Q } fragment Q on Query { other: thing { size } b { id } }': undefined,
    },
  },
};
