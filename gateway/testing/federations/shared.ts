/** The ways in which subgraphs share types, each once. */
import { byKey, type Federation, type Row, sub } from './federation';

const products = [
  { id: 'p1', upc: 'u1', name: 'Table', price: 100, weight: 2 },
  { id: 'p2', upc: 'u2', name: 'Chair', price: 50, weight: 1 },
];
const media = [
  { __typename: 'Book', id: 'm1', title: 'One', pages: 9 },
  { __typename: 'Film', id: 'm2', title: 'Two', minutes: 90 },
];
const prices = { EUR: 1, USD: 2 } as const;
type Priced = { price: number };
const priceIn = ({ price }: Priced, { currency }: { currency: keyof typeof prices }) => price * prices[currency];

export const SHARED: Readonly<Record<string, Federation>> = {
  'an entity by its key': {
    subgraphs: {
      a: sub('type Query { product: Product } type Product @key(fields: "id") { id: ID! }', {
        Query: { product: () => products[0] },
      }),
      b: sub('type Product @key(fields: "id") { id: ID! name: String }', {
        Product: { __resolveReference: byKey(products) },
      }),
    },
    answers: {
      '{ product { name } }': { product: { name: 'Table' } },
      '{ a: product { n: name __typename } b: product { id } }': {
        a: { n: 'Table', __typename: 'Product' },
        b: { id: 'p1' },
      },
    },
  },
  'an entity over another key on the way': {
    subgraphs: {
      a: sub('type Query { products: [Product!]! } type Product @key(fields: "id") { id: ID! }', {
        Query: { products: () => products },
      }),
      b: sub('type Product @key(fields: "id") @key(fields: "upc") { id: ID! upc: ID! }', {
        Product: { __resolveReference: byKey(products) },
      }),
      c: sub('type Product @key(fields: "upc") { upc: ID! weight: Int }', {
        Product: { __resolveReference: byKey(products) },
      }),
    },
    answers: { '{ products { weight } }': { products: [{ weight: 2 }, { weight: 1 }] } },
  },
  'a compound key through a parent': {
    subgraphs: {
      a: sub(
        `type Query { places: [Place] } type Place @key(fields: "area { id } code") { area: Area! code: String! }
        type Area @key(fields: "id") { id: ID! }`,
        { Query: { places: () => [{ area: { id: '09' }, code: 'x' }, null] } },
      ),
      b: sub(
        `type Place @key(fields: "area { id } code") { area: Area! code: String! title: String }
        type Area @key(fields: "id") { id: ID! label: String }`,
        {
          Place: { __resolveReference: (sent: Row) => ({ ...sent, title: `${(sent.area as Row).id} ${sent.code}` }) },
          Area: { label: ({ id }: Row) => `area ${id}` },
        },
      ),
    },
    answers: {
      '{ places { title area { label } } }': { places: [{ title: '09 x', area: { label: 'area 09' } }, null] },
    },
  },
  'a client’s arguments beside required ones': {
    subgraphs: {
      a: sub(
        `type Query { products: [Product] } enum Currency { EUR USD }
        type Product @key(fields: "id") { id: ID! price(currency: Currency!): Int }`,
        { Query: { products: () => products }, Product: { __resolveReference: byKey(products), price: priceIn } },
      ),
      b: sub(
        `enum Currency { EUR USD } type Product @key(fields: "id") { id: ID! price(currency: Currency!): Int @external
        home: Int @requires(fields: "price(currency: EUR)") abroad: Int @requires(fields: "price(currency: USD)") }`,
        {
          Product: {
            home: ({ price }: Priced) => price + 1,
            abroad: ({ price }: Priced) => price + 2,
          },
        },
      ),
    },
    answers: {
      '{ products { home abroad price(currency: USD) } }': {
        products: [
          { home: 101, abroad: 202, price: 200 },
          { home: 51, abroad: 102, price: 100 },
        ],
      },
      '{ products { price: id home } }': {
        products: [
          { price: 'p1', home: 101 },
          { price: 'p2', home: 51 },
        ],
      },
    },
  },
  'a requirement that itself requires, there and back': {
    subgraphs: {
      a: sub(
        `type Query { products: [Product] }
        type Product @key(fields: "id") { id: ID! weight: Int cost: Int @external total: Int @requires(fields: "cost") }`,
        {
          Query: { products: () => products },
          Product: { __resolveReference: byKey(products), total: ({ cost }: { cost: number }) => cost + 1 },
        },
      ),
      b: sub(
        'type Product @key(fields: "id") { id: ID! weight: Int @external cost: Int @requires(fields: "weight") }',
        { Product: { cost: ({ weight }: { weight: number }) => weight * 10 } },
      ),
    },
    answers: {
      '{ products { total } }': { products: [{ total: 21 }, { total: 11 }] },
      '{ products { cost weight } }': {
        products: [
          { cost: 20, weight: 2 },
          { cost: 10, weight: 1 },
        ],
      },
    },
  },
  'a requirement with fragments of a union': {
    subgraphs: {
      a: sub(
        `type Query { post: Post } type Post @key(fields: "id") { id: ID! by: By } union By = Person | Bot
        type Person @shareable { name: String } type Bot @shareable { version: Int }`,
        { Query: { post: () => ({ id: '1', by: { __typename: 'Bot', version: 7 } }) } },
      ),
      b: sub(
        `type Post @key(fields: "id") { id: ID! by: By @external
          line: String @requires(fields: "by { ... on Person { name } ... on Bot { version } }") }
        union By = Person | Bot type Person @shareable { name: String } type Bot @shareable { version: Int }`,
        { Post: { line: ({ by }: { by: Row }) => `by ${by.name ?? by.version}` } },
      ),
    },
    answers: {
      '{ post { line } }': { post: { line: 'by 7' } },
      '{ post { line by { ... on Person { name } __typename } } }': {
        post: { line: 'by 7', by: { __typename: 'Bot' } },
      },
    },
  },
  'provided fields': {
    subgraphs: {
      a: sub(
        `type Query { told: Product @provides(fields: "name") asked: Product }
        type Product @key(fields: "id") { id: ID! name: String @external }`,
        { Query: { told: () => ({ id: 'p1', name: 'told' }), asked: () => ({ id: 'p1', name: 'told' }) } },
      ),
      b: sub('type Product @key(fields: "id") { id: ID! name: String @shareable }', {
        Product: { __resolveReference: byKey(products) },
      }),
    },
    answers: {
      '{ told { name } asked { name } }': { told: { name: 'told' }, asked: { name: 'Table' } },
    },
  },
  'an overridden field': {
    subgraphs: {
      a: sub('type Query { product: Product } type Product @key(fields: "id") { id: ID! name: String }', {
        Query: { product: () => products[0] },
      }),
      b: sub('type Product @key(fields: "id") { id: ID! name: String @override(from: "a") }', {
        Product: { name: () => 'from b' },
      }),
    },
    answers: { '{ product { id name } }': { product: { id: 'p1', name: 'from b' } } },
  },
  'an interface object': {
    subgraphs: {
      a: sub(
        `interface Media @key(fields: "id") { id: ID! title: String }
        type Book implements Media @key(fields: "id") { id: ID! title: String pages: Int }
        type Film implements Media @key(fields: "id") { id: ID! title: String minutes: Int }
        type Query { media: [Media] }`,
        {
          Query: { media: () => media },
          Media: { __resolveReference: byKey(media, true) },
          Book: { __resolveReference: byKey(media) },
          Film: { __resolveReference: byKey(media) },
        },
      ),
      b: sub(
        `type Media @key(fields: "id") @interfaceObject { id: ID! title: String @external stars: Int
          label: String @requires(fields: "title") } type Query { best: [Media] }`,
        {
          Query: { best: () => [{ id: 'm2' }, { id: 'm1' }] },
          Media: { stars: ({ id }: { id: string }) => id.length, label: ({ title }: Row) => `${title}!` },
        },
      ),
    },
    answers: {
      '{ media { stars ... on Book { pages label } } }': {
        media: [{ stars: 2, pages: 9, label: 'One!' }, { stars: 2 }],
      },
      '{ best { title ... on Film { minutes label } __typename } }': {
        best: [
          { title: 'Two', minutes: 90, label: 'Two!', __typename: 'Film' },
          { title: 'One', __typename: 'Book' },
        ],
      },
    },
  },
  'unions and enums of which each knows a part': {
    subgraphs: {
      a: sub(
        `type Query { things: [Thing] kind: Kind } union Thing = Cat | Dog enum Kind { ONE TWO HIDDEN @inaccessible }
        type Cat @key(fields: "id") { id: ID! lives: Int } type Dog @key(fields: "id") { id: ID! }`,
        {
          Query: {
            things: () => [{ __typename: 'Cat', id: 'c', lives: 9 }, { __typename: 'Dog', id: 'd' }, null],
            kind: () => 'HIDDEN',
          },
        },
      ),
      b: sub(
        'type Dog @key(fields: "id") { id: ID! tricks: [String!] pals: [Pal] } union Pal = Dog | Man type Man { name: String }',
        {
          Dog: {
            tricks: () => ['roll'],
            pals: () => [
              { __typename: 'Man', name: 'Max' },
              { __typename: 'Dog', id: 'e' },
            ],
          },
        },
      ),
    },
    answers: {
      '{ kind things { __typename ... on Cat { lives } ... on Dog { tricks pals { ... on Man { name } ... on Dog { id } } } } }':
        {
          kind: null,
          things: [
            { __typename: 'Cat', lives: 9 },
            { __typename: 'Dog', tricks: ['roll'], pals: [{ name: 'Max' }, { id: 'e' }] },
            null,
          ],
        },
    },
  },
  'input types of which each knows a part': {
    subgraphs: {
      a: sub('type Query { a(filter: Filter!): String } input Filter { first: Int! extra: Int }', {
        Query: { a: (_: unknown, { filter }: { filter: Row }) => `a ${filter.first}` },
      }),
      b: sub('type Query { b(filter: Filter!): String } input Filter { first: Int! }', {
        Query: { b: (_: unknown, { filter }: { filter: Row }) => `b ${filter.first}` },
      }),
    },
    answers: { '{ a(filter: { first: 1 }) b(filter: { first: 2 }) }': { a: 'a 1', b: 'b 2' } },
  },
  'keys that are null, and entities that are gone': {
    subgraphs: {
      a: sub(
        'type Query { products: [Product] } type Product @key(fields: "id") @key(fields: "upc") { id: ID upc: ID }',
        {
          Query: { products: () => [{ id: 'p1', upc: null }, null, { id: 'gone', upc: 'gone' }] },
        },
      ),
      b: sub('type Product @key(fields: "id") { id: ID name: String }', {
        Product: { __resolveReference: byKey(products) },
      }),
    },
    answers: {
      '{ products { id name } }': { products: [{ id: 'p1', name: 'Table' }, null, { id: 'gone', name: null }] },
    },
  },
  'a root that several share': {
    subgraphs: {
      a: sub('type Query { me: Me @shareable } type Me @shareable { a: Int shared: Int }', {
        Query: { me: () => ({ a: 1, shared: 3 }) },
      }),
      b: sub('type Query { me: Me @shareable } type Me @shareable { b: Int shared: Int }', {
        Query: { me: () => ({ b: 2, shared: 3 }) },
      }),
    },
    answers: { '{ me { a b shared } }': { me: { a: 1, b: 2, shared: 3 } } },
  },
  'types of the first federation': {
    subgraphs: {
      a: {
        sdl: 'type Query { user: User } extend type User @key(fields: "id") { id: ID! @external email: String }',
        resolvers: { Query: { user: () => ({ id: '1', email: 'a@b' }) } },
      },
      b: {
        sdl: 'type User @key(fields: "id") { id: ID! name: String }',
        resolvers: { User: { __resolveReference: ({ id }: Row) => ({ id, name: `user ${id}` }) } },
      },
    },
    answers: { '{ user { email name } }': { user: { email: 'a@b', name: 'user 1' } } },
  },
  'mutations one after the other': {
    subgraphs: {
      a: sub(
        'type Query { sum: Int } type Mutation { add(n: Int!): Total } type Total @key(fields: "id") { id: ID! }',
        {
          Mutation: { add: (_: unknown, { n }: { n: number }) => ({ id: String(n) }) },
        },
      ),
      b: sub('type Mutation { twice(n: Int!): Int } type Total @key(fields: "id") { id: ID! double: Int }', {
        Mutation: { twice: (_: unknown, { n }: { n: number }) => n * 2 },
        Total: { double: ({ id }: { id: string }) => Number(id) * 2 },
      }),
    },
    answers: {
      'mutation { x: add(n: 1) { double } y: twice(n: 4) z: add(n: 3) { id double } }': {
        x: { double: 2 },
        y: 8,
        z: { id: '3', double: 6 },
      },
    },
  },
};
