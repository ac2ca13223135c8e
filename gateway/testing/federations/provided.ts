/** `@provides`: what a subgraph tells of entities that belong to another one, at some of its fields only. */
import { type Federation, neverAsked, type Row, sub } from './federation';

export const PROVIDED: Readonly<Record<string, Federation>> = {
  'provided fields of an interface and of its types': {
    subgraphs: {
      a: sub(
        `type Query { animals: [Animal] @shareable } interface Animal { id: ID! } type Dog implements Animal @key(fields: "id") { id: ID! }
        type Cat implements Animal @key(fields: "id") { id: ID! }`,
        { Query: { animals: neverAsked } },
      ),
      b: sub(
        `type Query { animals: [Animal] @shareable @provides(fields: "... on Dog { name } ... on Cat { name age }") } interface Animal { id: ID! name: String }
        type Dog implements Animal @key(fields: "id") { id: ID! name: String @external age: Int }
        type Cat implements Animal @key(fields: "id") { id: ID! name: String @external age: Int @external }`,
        {
          Query: {
            animals: () => [
              { __typename: 'Dog', id: 'd', name: 'Rex' },
              { __typename: 'Cat', id: 'c', name: 'Tom', age: 5 },
            ],
          },
          Dog: { age: () => 8 },
        },
      ),
      c: sub(
        `interface Animal { id: ID! name: String } type Dog implements Animal @key(fields: "id") { id: ID! name: String @shareable }
        type Cat implements Animal @key(fields: "id") { id: ID! name: String @shareable age: Int @shareable }`,
        { Dog: { name: neverAsked }, Cat: { name: neverAsked, age: neverAsked } },
      ),
    },
    answers: {
      '{ animals { name } }': { animals: [{ name: 'Rex' }, { name: 'Tom' }] },
      '{ animals { id name ... on Cat { age } ... on Dog { age } } }': {
        animals: [
          { id: 'd', name: 'Rex', age: 8 },
          { id: 'c', name: 'Tom', age: 5 },
        ],
      },
    },
  },
  'provided fields of members of a union': {
    subgraphs: {
      a: sub(
        'type Query { media: [Media] @shareable } union Media = Book | Film type Book @key(fields: "id") { id: ID! } type Film @key(fields: "id") { id: ID! }',
        {
          Query: {
            media: () => [
              { __typename: 'Book', id: 'b' },
              { __typename: 'Film', id: 'f' },
            ],
          },
        },
      ),
      b: sub(
        `type Query { media: [Media] @shareable @provides(fields: "... on Book { title }") } union Media = Book | Film
        type Book @key(fields: "id") { id: ID! title: String @external } type Film @key(fields: "id") { id: ID! title: String @external owner: String @requires(fields: "title") }`,
        {
          Query: {
            media: () => [
              { __typename: 'Book', id: 'b', title: 'told' },
              { __typename: 'Film', id: 'f', title: 'not told' },
            ],
          },
          Film: { owner: ({ title }: Row) => `owner of ${title}` },
        },
      ),
      c: sub(
        'type Book @key(fields: "id") { id: ID! title: String @shareable } type Film @key(fields: "id") { id: ID! title: String @shareable }',
        {
          Book: { title: neverAsked },
          Film: { title: ({ id }: Row) => `asked ${id}` },
        },
      ),
    },
    answers: {
      '{ media { ... on Book { title } ... on Film { title } } }': { media: [{ title: 'told' }, { title: 'asked f' }] },
      '{ media { __typename ... on Film { owner } ... on Book { id } } }': {
        media: [
          { __typename: 'Book', id: 'b' },
          { __typename: 'Film', owner: 'owner of asked f' },
        ],
      },
    },
  },
  'provided fields below provided ones': {
    subgraphs: {
      products: sub(
        `type Query { products: [Product] @provides(fields: "categories { name } main { ... on Group { label } }") }
        type Product @key(fields: "id") { id: ID! categories: [Category] main: Main } union Main = Category | Group
        type Category @key(fields: "id") { id: ID! name: String @external } type Group @key(fields: "id") { id: ID! label: String @external }`,
        {
          Query: {
            products: () => [
              {
                id: 'p',
                categories: [{ id: 'c1', name: 'told' }],
                main: { __typename: 'Group', id: 'g', label: 'told too' },
              },
            ],
          },
        },
      ),
      categories: sub(
        'type Category @key(fields: "id") { id: ID! name: String @shareable parent: Category } type Group @key(fields: "id") { id: ID! label: String @shareable size: Int }',
        {
          Category: {
            name: ({ id }: Row) => {
              if (id === 'c1') throw new Error('This was told already.');
              return `asked ${id}`;
            },
            parent: () => ({ id: 'c0' }),
          },
          Group: { label: neverAsked, size: () => 3 },
        },
      ),
    },
    answers: {
      '{ products { id categories { id name parent { name } } main { ... on Group { label size } ... on Category { parent { id } } } } }':
        {
          products: [
            {
              id: 'p',
              categories: [{ id: 'c1', name: 'told', parent: { name: 'asked c0' } }],
              main: { label: 'told too', size: 3 },
            },
          ],
        },
    },
  },
  'no more of what is provided than is asked': {
    subgraphs: {
      a: sub(
        'type Person @key(fields: "id") { id: ID! name: String! @shareable born: Int! @shareable extra: String! }',
        {
          Person: { name: neverAsked, born: neverAsked, extra: ({ id }: Row) => `extra ${id}` },
        },
      ),
      b: sub(
        `type Query { person: Person @provides(fields: "name born") } type Person @key(fields: "id") { id: ID! name: String! @external born: Int! @external }`,
        { Query: { person: () => ({ id: '1', name: 'Ann' }) }, Person: { born: neverAsked } },
      ),
    },
    answers: {
      '{ person { id n: name } }': { person: { id: '1', n: 'Ann' } },
      '{ person { ... { name } ... on Person { extra } ... @skip(if: true) { born } } }': {
        person: { name: 'Ann', extra: 'extra 1' },
      },
    },
  },
  'external fields of the first federation that nothing uses': {
    subgraphs: {
      products: {
        sdl: 'type Query { product: Product } extend type Product @key(fields: "id") { id: ID! @external price: Int @external name: String }',
        resolvers: {
          Query: { product: () => ({ id: 'p', price: -1, name: 'Table' }) },
        },
      },
      prices: {
        sdl: 'type Product @key(fields: "id") { id: ID! price: Int }',
        resolvers: { Product: { __resolveReference: ({ id }: Row) => ({ id, price: 30 }) } },
      },
    },
    answers: { '{ product { id name price } }': { product: { id: 'p', name: 'Table', price: 30 } } },
  },
};
