/** Interfaces that a subgraph knows as objects: without their types, and with fields for all of them. */
import { byKey, type Federation, type Row, sub } from './federation';

const media = [
  { __typename: 'Book', id: 'm1', title: 'One', pages: 9 },
  { __typename: 'Film', id: 'm2', title: 'Two', minutes: 90 },
];
const medium = byKey(media);

const owner = () =>
  sub(
    `interface Media @key(fields: "id") { id: ID! title: String }
    type Book implements Media @key(fields: "id") { id: ID! title: String pages: Int }
    type Film implements Media @key(fields: "id") { id: ID! title: String minutes: Int }
    type Query { media: [Media!] film: Film }`,
    {
      Query: { media: () => media, film: () => media[1] },
      Media: { __resolveReference: byKey(media, true) },
      Book: { __resolveReference: medium },
      Film: { __resolveReference: medium },
    },
  );

/** Says what is asked without what it requires. */
const told = (value: unknown): unknown => {
  if (value === undefined) throw new Error('The title was not sent.');
  return value;
};

export const INTERFACE_OBJECTS: Readonly<Record<string, Federation>> = {
  'an interface object whose fields require, reached from everywhere': {
    subgraphs: {
      media: owner(),
      ranks: sub(
        `type Media @key(fields: "id") @interfaceObject { id: ID! title: String @external
          rank: String @requires(fields: "title") badge(of: String): String @requires(fields: "title") alike: [Media!] next: Media @requires(fields: "title") }
        type Query { top: [Media!] }`,
        {
          Query: { top: () => [{ id: 'm2' }, { id: 'm1' }] },
          Media: {
            rank: ({ title }: Row) => `rank of ${told(title)}`,
            badge: ({ title }: Row, { of }: Row) => {
              if (of === 'no film' && title === 'Two') throw new Error('no film');
              return `badge of ${told(title)} ${of}`;
            },
            alike: ({ id }: Row) => [{ id: id === 'm1' ? 'm2' : 'm1' }],
            next: ({ title }: Row) => ({ id: told(title) === 'One' ? 'm2' : 'm1' }),
          },
        },
      ),
      reviews: sub(
        `type Media @key(fields: "id") @interfaceObject { id: ID! score: Int } type Query { best: Media all: [Media!] latest: [Review!] }
        type Review { text: String of: Media }`,
        {
          Query: {
            best: () => ({ id: 'm1' }),
            all: () => [{ id: 'm1' }, { id: 'm2' }],
            latest: () => [{ text: 'Good', of: { id: 'm2' } }],
          },
          Media: { score: ({ id }: Row) => (id === 'm1' ? 5 : 4) },
        },
      ),
    },
    answers: {
      '{ best { rank } }': { best: { rank: 'rank of One' } },
      '{ best { ... on Book { rank } } }': { best: { rank: 'rank of One' } },
      '{ best { ... on Film { rank } } }': { best: {} },
      '{ best { ... on Book { rank title pages } score } }': {
        best: { rank: 'rank of One', title: 'One', pages: 9, score: 5 },
      },
      '{ all { ... on Book { rank } ... on Film { badge(of: "x") minutes } __typename } }': {
        all: [
          { rank: 'rank of One', __typename: 'Book' },
          { badge: 'badge of Two x', minutes: 90, __typename: 'Film' },
        ],
      },
      '{ all { ... on Book { x: rank } ... on Film { x: title } } }': { all: [{ x: 'rank of One' }, { x: 'Two' }] },
      '{ all { ...B score } } fragment B on Book { mine: badge(of: "b") ... on Media { rank } }': {
        all: [{ mine: 'badge of One b', rank: 'rank of One', score: 5 }, { score: 4 }],
      },
      '{ all { ... on Book { badge(of: "no film") } } }': { all: [{ badge: 'badge of One no film' }, {}] },
      '{ latest { text of { ... on Film { rank minutes } } } }': {
        latest: [{ text: 'Good', of: { rank: 'rank of Two', minutes: 90 } }],
      },
      '{ best { ... on Book { next { ... on Film { rank next { ... on Book { badge(of: "n") } } } } } } }': {
        best: { next: { rank: 'rank of Two', next: { badge: 'badge of One n' } } },
      },
      'query ($of: String, $yes: Boolean!) { best { ... on Book @include(if: $yes) { badge(of: $of) } ... on Book @skip(if: $yes) { rank } } }':
        { best: { badge: 'badge of One v' } },
      '{ top { ... on Book { rank alike { ... on Film { rank title } } } } }': {
        top: [{}, { rank: 'rank of One', alike: [{ rank: 'rank of Two', title: 'Two' }] }],
      },
      '{ top { rank } media { ... on Film { rank badge(of: "y") } } film { rank score } }': {
        top: [{ rank: 'rank of Two' }, { rank: 'rank of One' }],
        media: [{}, { rank: 'rank of Two', badge: 'badge of Two y' }],
        film: { rank: 'rank of Two', score: 4 },
      },
    },
    variables: { of: 'v', yes: true },
  },
  'an interface object with entities in it': {
    subgraphs: {
      a: sub(
        `interface Node @key(fields: "id") { id: ID! } type User implements Node @key(fields: "id") { id: ID! name: String }
        type Bot implements Node @key(fields: "id") { id: ID! version: Int } type Query { nodes: [Node] user: User }`,
        {
          Query: {
            nodes: () => [
              { __typename: 'User', id: 'u1', name: 'Ann' },
              { __typename: 'Bot', id: 'b1', version: 3 },
            ],
            user: () => ({ id: 'u1', name: 'Ann' }),
          },
          Node: {
            __resolveReference: ({ id }: Row) =>
              id === 'u1' ? { __typename: 'User', id, name: 'Ann' } : { __typename: 'Bot', id, version: 3 },
          },
          User: { __resolveReference: ({ id }: Row) => ({ id, name: 'Ann' }) },
          Bot: { __resolveReference: ({ id }: Row) => ({ id, version: 3 }) },
        },
      ),
      b: sub(
        'type Node @key(fields: "id") @interfaceObject { id: ID! follows: [Node!]! note: Note } type Note { text: String by: Node } type Query { any: [Node!]! }',
        {
          Query: { any: () => [{ id: 'b1' }, { id: 'u1' }] },
          Node: {
            follows: ({ id }: Row) => [{ id: id === 'u1' ? 'b1' : 'u1' }],
            note: ({ id }: Row) => ({ text: `note of ${id}`, by: { id } }),
          },
        },
      ),
    },
    answers: {
      '{ any { id } }': { any: [{ id: 'b1' }, { id: 'u1' }] },
      '{ any { __typename id ... on User { name } ... on Bot { version } } }': {
        any: [
          { __typename: 'Bot', id: 'b1', version: 3 },
          { __typename: 'User', id: 'u1', name: 'Ann' },
        ],
      },
      '{ any { ... on Node { ... on User { follows { ... on Bot { version } } } } } }': {
        any: [{}, { follows: [{ version: 3 }] }],
      },
      '{ user { name follows { __typename note { text by { __typename ... on Bot { version } } } } } }': {
        user: {
          name: 'Ann',
          follows: [{ __typename: 'Bot', note: { text: 'note of b1', by: { __typename: 'Bot', version: 3 } } }],
        },
      },
      '{ nodes { note { text } ... on User { n: note { text } } } }': {
        nodes: [{ note: { text: 'note of u1' }, n: { text: 'note of u1' } }, { note: { text: 'note of b1' } }],
      },
    },
  },
  'an interface object of which the owner gives no types': {
    subgraphs: {
      a: sub(
        `type Query { empty: Node product: Product } interface Node @key(fields: "id") { id: ID! }
        type Product @key(fields: "id") @interfaceObject { id: ID! }`,
        { Query: { empty: () => ({ id: 'n1' }), product: () => ({ id: 'p1' }) } },
      ),
      b: sub(
        `type Query { node: Node } type Node @key(fields: "id", resolvable: false) @interfaceObject { id: ID! field: String }
        interface Product @key(fields: "id") { id: ID! } type Bread implements Product @key(fields: "id") { id: ID! }`,
        {
          Query: { node: () => ({ id: 'n1', field: 'foo' }) },
          Product: { __resolveReference: ({ id }: Row) => ({ __typename: 'Bread', id }) },
        },
      ),
    },
    answers: {
      '{ node { id field } }': { node: { id: 'n1', field: 'foo' } },
      '{ product { id } }': { product: { id: 'p1' } },
      '{ product { ... on Bread { id __typename } } }': { product: { id: 'p1', __typename: 'Bread' } },
    },
    failures: { '{ empty { id } }': { empty: null } },
  },
  'types of an interface that one subgraph knows as objects and another as none': {
    subgraphs: {
      media: sub(
        `interface Media @key(fields: "id") { id: ID! title: String } type Query { media: Media }
        type Video implements Media @key(fields: "id") { id: ID! title: String seconds: Int }
        type Article implements Media @key(fields: "id") { id: ID! title: String words: Int }`,
        (() => {
          const video = (id: unknown) => ({ __typename: 'Video', id, title: `title ${id}`, seconds: 100 });
          return {
            Query: { media: () => video('1') },
            Media: { __resolveReference: ({ id }: Row) => video(id) },
            Video: { __resolveReference: ({ id }: Row) => video(id) },
          };
        })(),
      ),
      authors: sub('extend type Video @key(fields: "id") { id: ID! author: String }', {
        Video: { author: ({ id }: Row) => `author ${id}` },
      }),
      lists: sub(
        'type Media @key(fields: "id") @interfaceObject { id: ID! } type Query { list: List } type List { name: String media: Media }',
        { Query: { list: () => ({ name: 'L', media: { id: '2' } }) } },
      ),
    },
    answers: {
      '{ media { id title ... on Video { seconds author } ... on Article { words } } list { name media { id ... on Video { seconds author } } } }':
        {
          media: { id: '1', title: 'title 1', seconds: 100, author: 'author 1' },
          list: { name: 'L', media: { id: '2', seconds: 100, author: 'author 2' } },
        },
    },
  },
};
