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
