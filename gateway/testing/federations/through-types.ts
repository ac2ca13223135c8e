/** What is asked through one type of an interface or union is not what is asked through another. */
import { type Federation, neverAsked, type Row, sub } from './federation';

const letters = [
  { __typename: 'Letter', id: 'l1', cents: 85 },
  { __typename: 'Letter', id: 'l2', cents: 100 },
  { __typename: 'Letter', id: 'l3', cents: 85 },
];

const deps = [
  { __typename: 'Aqua', id: 'a' },
  { __typename: 'Rept', id: 'r' },
];
const depOf = (id: string) => ({
  photo: () => ({ id }),
  photos: () => [{ id }],
  cover: () => ({ id }),
  twin: () => deps.find(one => one.id !== id),
});
const photo = {
  thumb: ({ id }: Row, { w }: { w?: number }) => `${id}:${w ?? null}`,
  size: ({ id }: Row) => `size of ${id}`,
  frame: (_: unknown, { n }: Row) => ({ n }),
};

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
  'one response path, and other things asked at its end through each type': {
    subgraphs: {
      zoo: sub(
        `type Query { dep: Dep deps: [Dep!]! group: [[Either]] item: Stock } type Subscription { arrived: Dep } union Either = Aqua | Rept
        interface Dep { id: ID! photo: Photo photos: [Photo!]! twin: Dep }
        type Aqua implements Dep @key(fields: "id") { id: ID! photo: Photo @provides(fields: "title") photos: [Photo!]! twin: Dep cover: Photo }
        type Rept implements Dep @key(fields: "id") { id: ID! photo: Photo photos: [Photo!]! twin: Dep cover: Plate }
        type Photo @key(fields: "id") { id: ID! title: String @external } type Plate @key(fields: "id") { id: ID! }
        interface Stock @key(fields: "id") { id: ID! } type Toy implements Stock @key(fields: "id") { id: ID! } type Game implements Stock @key(fields: "id") { id: ID! }`,
        {
          Query: {
            dep: () => deps[1],
            deps: () => deps,
            group: () => [[deps[0], null], [deps[1]]],
            item: () => ({ __typename: 'Game', id: 'g' }),
          },
          Subscription: { arrived: () => deps[1] },
          Aqua: depOf('a'),
          Rept: depOf('r'),
          Photo: { title: () => 'provided' },
        },
      ),
      photos: sub(
        `type Photo @key(fields: "id") { id: ID! title: String @shareable thumb(w: Int, cut: Cut): String size: String frame(n: Int): Frame }
        type Plate @key(fields: "id") { id: ID! thumb(w: Int, cut: Cut): String }
        input Cut { x: Int y: Int } type Frame { n: Int inner(n: Int): Frame }
        type Stock @key(fields: "id") @interfaceObject { id: ID! photo: Photo }`,
        {
          Photo: { ...photo, __resolveReference: ({ id }: Row) => ({ id, title: 'own' }) },
          Plate: { ...photo },
          Frame: { inner: (_: unknown, { n }: Row) => ({ n }) },
          Stock: { photo: () => ({ id: 's' }) },
        },
      ),
    },
    answers: {
      '{ deps { ... on Aqua { photo { thumb(w: 10) } } ... on Rept { photo { thumb(w: 20) } } } }': {
        deps: [{ photo: { thumb: 'a:10' } }, { photo: { thumb: 'r:20' } }],
      },
      'subscription { arrived { ... on Aqua { photo { thumb(w: 10) } } ... on Rept { photo { thumb(w: 20) } } } }': {
        arrived: { photo: { thumb: 'r:20' } },
      },
      // variables, a list, one name for two fields, and the schema's own name for another one
      'query ($ten: Int, $twenty: Int) { deps { ... on Aqua { photos { x: thumb(w: $ten) size: title } } ... on Rept { photos { x: thumb(w: $twenty) size } } } }':
        {
          deps: [{ photos: [{ x: 'a:10', size: 'own' }] }, { photos: [{ x: 'r:20', size: 'size of r' }] }],
        },
      // deeper, one field with other arguments on the way
      '{ dep { ... on Aqua { photo { frame(n: 1) { inner(n: 2) { n } } } } ... on Rept { photo { frame(n: 3) { inner(n: 4) { n n2: n } n } } } } }':
        { dep: { photo: { frame: { inner: { n: 4, n2: 4 }, n: 3 } } } },
      // conditions, and fragments in fragments
      'query ($yes: Boolean!, $no: Boolean!) { deps { ...A ...R } } fragment A on Aqua { photo { ...T @include(if: $yes) thumb(w: 5) @skip(if: $yes) } } fragment T on Photo { thumb(w: 10) } fragment R on Dep { ... on Rept { photo { thumb(w: 20) @skip(if: $no) } } }':
        { deps: [{ photo: { thumb: 'a:10' } }, { photo: { thumb: 'r:20' } }] },
      // the same in another order is the same
      '{ deps { photo { thumb(cut: { x: 1, y: 2 }, w: 3) } ... on Rept { photo { thumb(w: 3, cut: { y: 2, x: 1 }) } } ... on Aqua { cover { thumb(w: 1) } } ... on Rept { cover { thumb(w: 2) } } } }':
        {
          deps: [
            { photo: { thumb: 'a:3' }, cover: { thumb: 'a:1' } },
            { photo: { thumb: 'r:3' }, cover: { thumb: 'r:2' } },
          ],
        },
      '{ deps { id twin { ... on Aqua { photo { thumb(w: 1) } } ... on Rept { photo { thumb(w: 2) } } } } }': {
        deps: [
          { id: 'a', twin: { photo: { thumb: 'r:2' } } },
          { id: 'r', twin: { photo: { thumb: 'a:1' } } },
        ],
      },
      '{ group { __typename ... on Aqua { photo { title thumb } } ... on Rept { photo { title: size thumb(w: 2) } } } }':
        {
          group: [
            [{ __typename: 'Aqua', photo: { title: 'provided', thumb: 'a:null' } }, null],
            [{ __typename: 'Rept', photo: { title: 'size of r', thumb: 'r:2' } }],
          ],
        },
      '{ item { ... on Toy { photo { thumb(w: 1) } } ... on Game { photo { thumb(w: 2) } } } }': {
        item: { photo: { thumb: 's:2' } },
      },
      // names such as those that are made up for planning
      '{ deps { a_thumb_meaning0: id ... on Aqua { photo { thumb(w: 1) } } ... on Rept { photo { thumb(w: 2) } x__alias_0: id } } }':
        {
          deps: [
            { a_thumb_meaning0: 'a', photo: { thumb: 'a:1' } },
            { a_thumb_meaning0: 'r', photo: { thumb: 'r:2' }, x__alias_0: 'r' },
          ],
        },
    },
    variables: { ten: 10, twenty: 20, yes: true, no: false },
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
