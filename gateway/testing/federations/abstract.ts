/** Interfaces and unions that several subgraphs share, each knowing a part of them. */
import { byKey, type Federation, neverAsked, type Row, sub } from './federation';

const items = [
  { __typename: 'Form', id: 'i1', code: 'F-1', by: 'p1', pages: 3, house: { __typename: 'Press', id: 'h1' } },
  { __typename: 'Leaflet', id: 'i2', code: 'L-1', by: 'p2', folds: 2, house: { __typename: 'Own', mail: 'us@amt' } },
];
const item = byKey(items);
const reviews = [
  { id: 1, item: 'i1', text: 'Good' },
  { id: 2, item: 'i2', text: 'Thin' },
];
const accounts = [
  { __typename: 'Citizen', id: 'c1' },
  { __typename: 'Clerk', id: 'k1' },
];

export const ABSTRACT: Readonly<Record<string, Federation>> = {
  'an interface whose types are told by many subgraphs': {
    subgraphs: {
      items: sub(
        `type Query { items: [Item] like(id: ID!): [Like] }
        interface Item { id: ID! code: String by: Person } interface Like { id: ID! code: String }
        type Form implements Item & Like @key(fields: "id") { id: ID! code: String by: Person @provides(fields: "mail") }
        type Leaflet implements Item & Like @key(fields: "id") { id: ID! code: String by: Person @provides(fields: "mail") }
        type Person @key(fields: "id") { id: ID! mail: String @external }`,
        {
          Query: { items: () => items, like: (_: unknown, { id }: Row) => items.filter(one => one.id !== id) },
          Form: { __resolveReference: item, by: ({ by }: Row) => ({ id: by, mail: `${by}@amt` }) },
          Leaflet: { __resolveReference: item, by: ({ by }: Row) => ({ id: by, mail: `${by}@amt` }) },
        },
      ),
      people: sub('type Person @key(fields: "id") { id: ID! mail: String @shareable made: Int }', {
        Person: { __resolveReference: ({ id }: Row) => ({ id, made: 2 }), mail: neverAsked },
      }),
      forms: sub(
        'type Form @key(fields: "id") { id: ID! pages: Int delivery(zip: String): Delivery house: House } type Delivery @shareable { days: Int to: String } union House = Press | Own type Press @key(fields: "id", resolvable: false) { id: ID! } type Own @shareable { mail: String }',
        { Form: { __resolveReference: item, delivery: (_: unknown, { zip }: Row) => ({ days: 1, to: zip }) } },
      ),
      leaflets: sub(
        'type Leaflet @key(fields: "id") { id: ID! folds: Int delivery(zip: String): Delivery house: House } type Delivery @shareable { days: Int to: String } union House = Press | Own type Press @key(fields: "id", resolvable: false) { id: ID! } type Own @shareable { mail: String }',
        { Leaflet: { __resolveReference: item, delivery: (_: unknown, { zip }: Row) => ({ days: 2, to: zip }) } },
      ),
      presses: sub('type Press @key(fields: "id") { id: ID! name: String }', {
        Press: { __resolveReference: ({ id }: Row) => ({ id, name: `press ${id}` }) },
      }),
      reviews: sub(
        `interface Item { id: ID! reviews: [Review!]! } type Review { id: Int! text: String item: Item }
        type Form implements Item @key(fields: "id") { id: ID! reviews: [Review!]! count: Int }
        type Leaflet implements Item @key(fields: "id") { id: ID! reviews: [Review!]! count: Int }`,
        (() => {
          const of = { reviews: ({ id }: Row) => reviews.filter(one => one.item === id), count: () => 1 };
          return {
            Form: of,
            Leaflet: of,
            Review: { item: ({ item: id }: Row) => ({ __typename: id === 'i1' ? 'Form' : 'Leaflet', id }) },
          };
        })(),
      ),
    },
    answers: {
      '{ items { id reviews { text } } }': {
        items: [
          { id: 'i1', reviews: [{ text: 'Good' }] },
          { id: 'i2', reviews: [{ text: 'Thin' }] },
        ],
      },
      '{ items { code ... on Item { code } ... on Form { code } ... on Like { __typename type: __typename } } }': {
        items: [
          { code: 'F-1', __typename: 'Form', type: 'Form' },
          { code: 'L-1', __typename: 'Leaflet', type: 'Leaflet' },
        ],
      },
      '{ items { author: by { mail made } ... on Leaflet { folds } } }': {
        items: [{ author: { mail: 'p1@amt', made: 2 } }, { author: { mail: 'p2@amt', made: 2 }, folds: 2 }],
      },
      '{ form: like(id: "i2") { id ... on Form { delivery(zip: "1") { days to } } } leaflet: like(id: "i1") { code ... on Leaflet { delivery(zip: "2") { to } } } }':
        {
          form: [{ id: 'i1', delivery: { days: 1, to: '1' } }],
          leaflet: [{ code: 'L-1', delivery: { to: '2' } }],
        },
      '{ items { reviews { id item { code ... on Leaflet { folds } ... on Form { count } } } } }': {
        items: [
          { reviews: [{ id: 1, item: { code: 'F-1', count: 1 } }] },
          { reviews: [{ id: 2, item: { code: 'L-1', folds: 2 } }] },
        ],
      },
      '{ items { ... on Form { house { ...H } } ... on Leaflet { house { ...H } } } } fragment H on House { ... on Press { id name } ... on Own { mail } }':
        { items: [{ house: { id: 'h1', name: 'press h1' } }, { house: { mail: 'us@amt' } }] },
      'query ($yes: Boolean!) { items { id reviews { item { id ... on Form @include(if: $yes) { pages ... on Form @skip(if: $yes) { code } } ... on Leaflet { code } } } } }':
        {
          items: [
            { id: 'i1', reviews: [{ item: { id: 'i1', pages: 3 } }] },
            { id: 'i2', reviews: [{ item: { id: 'i2', code: 'L-1' } }] },
          ],
        },
      'query ($yes: Boolean!) { items { ... on Form @skip(if: $yes) { pages } ... on Form { code } ... on Leaflet @include(if: $yes) { folds } } }':
        { items: [{ code: 'F-1' }, { folds: 2 }] },
    },
    variables: { yes: true },
  },
  'members of a union whose fields are of different types': {
    subgraphs: {
      a: sub('type Query { citizens: [Citizen] } type Citizen @key(fields: "id") { id: ID name: String }', {
        Query: { citizens: () => [{ id: 'c1', name: 'Ann' }] },
        Citizen: { __resolveReference: ({ id }: Row) => ({ id, name: 'Ann' }) },
      }),
      b: sub(
        `type Query { accounts: [Account!]! } union Account = Citizen | Clerk
        type Citizen @key(fields: "id") { id: ID! alike: [Account!]! }
        type Clerk { id: ID name: String alike: [Account!]! }`,
        {
          Query: { accounts: () => accounts },
          Citizen: { alike: () => accounts },
          Clerk: { name: () => 'Kim', alike: () => accounts },
        },
      ),
    },
    answers: {
      '{ citizens { id name } accounts { ... on Citizen { id name alike { ... on Citizen { name } ... on Clerk { id name } } } ... on Clerk { id name } } }':
        {
          citizens: [{ id: 'c1', name: 'Ann' }],
          accounts: [
            { id: 'c1', name: 'Ann', alike: [{ name: 'Ann' }, { id: 'k1', name: 'Kim' }] },
            { id: 'k1', name: 'Kim' },
          ],
        },
      '{ accounts { ... on Clerk { alike { ... on Citizen { alike { ... on Clerk { name } ... on Citizen { name } } } } } } }':
        {
          accounts: [{}, { alike: [{ alike: [{ name: 'Ann' }, { name: 'Kim' }] }, {}] }],
        },
    },
  },
  'an interface that leads to itself': {
    subgraphs: {
      a: sub(
        'type Query { thing: Thing } interface Thing { same: Thing } type Form implements Thing @key(fields: "id") { id: ID! same: Thing price: Int }',
        {
          Query: { thing: () => ({ __typename: 'Form', id: '1' }) },
          Form: {
            __resolveReference: (sent: Row) => ({ ...sent, price: 5 }),
            same: () => ({ __typename: 'Form', id: '2' }),
            price: () => 5,
          },
        },
      ),
      b: sub('interface Thing { id: ID! } type Form implements Thing @key(fields: "id") { id: ID! label: String }', {
        Form: { label: ({ id }: Row) => `label ${id}` },
      }),
    },
    answers: {
      '{ thing { same { same { __typename ... on Form { id label price } } ... on Form { label } } } }': {
        thing: { same: { same: { __typename: 'Form', id: '2', label: 'label 2', price: 5 }, label: 'label 2' } },
      },
    },
  },
  'ids that each subgraph knows of other types': {
    subgraphs: {
      a: sub(
        `type Query { node(id: ID!): Node @shareable account(id: ID!): Account } interface Node { id: ID! }
        type Account implements Node @key(fields: "id") { id: ID! name: String! }
        type Chat implements Node @key(fields: "id") { id: ID! @external account: Account! }`,
        {
          Query: {
            node: (_: unknown, { id }: Row) =>
              id === 'a1' ? { __typename: 'Account', id, name: 'Ann' } : { __typename: 'Chat', id: 'never' },
            account: (_: unknown, { id }: Row) => ({ id, name: 'Ann' }),
          },
          Account: { __resolveReference: ({ id }: Row) => ({ id, name: 'Ann' }) },
          Chat: { account: () => ({ id: 'a1', name: 'Ann' }) },
        },
      ),
      b: sub(
        `type Query { node(id: ID!): Node @shareable chat(id: ID!): Chat } interface Node { id: ID! }
        type Account implements Node @key(fields: "id") { id: ID! @external chats: [Chat!]! }
        type Chat implements Node @key(fields: "id") { id: ID! text: String! }`,
        {
          Query: {
            node: (_: unknown, { id }: Row) =>
              id === 'c1' ? { __typename: 'Chat', id, text: 'Hi' } : { __typename: 'Account', id: 'never' },
            chat: (_: unknown, { id }: Row) => ({ id, text: 'Hi' }),
          },
          Account: { chats: () => [{ id: 'c1', text: 'Hi' }] },
          Chat: { __resolveReference: ({ id }: Row) => ({ id, text: 'Hi' }) },
        },
      ),
    },
    answers: {
      '{ one: node(id: "a1") { __typename } two: node(id: "c1") { __typename } }': {
        one: { __typename: 'Account' },
        two: { __typename: 'Chat' },
      },
      '{ one: node(id: "a1") { ... on Account { id name } } two: node(id: "c1") { ... on Chat { id text } } }': {
        one: { id: 'a1', name: 'Ann' },
        two: { id: 'c1', text: 'Hi' },
      },
      '{ one: node(id: "a1") { __typename ... on Chat { id } } two: node(id: "c1") { ... on Account { id } } }': {
        one: { __typename: 'Account' },
        two: {},
      },
      '{ chat(id: "c1") { id text account { id } } account(id: "a1") { name chats { id } } }': {
        chat: { id: 'c1', text: 'Hi', account: { id: 'a1' } },
        account: { name: 'Ann', chats: [{ id: 'c1' }] },
      },
    },
    failures: {
      '{ node(id: "a1") { id } }': undefined,
      '{ one: node(id: "a1") { id ... on Chat { id } } two: node(id: "c1") { __typename } }': undefined,
    },
  },
  'nodes by their id over several subgraphs': {
    subgraphs: {
      node: sub(
        'type Query { one: Node } interface Node { id: ID! } type Form implements Node @key(fields: "id") { id: ID! } type Fee implements Node @key(fields: "id") { id: ID! }',
        {
          Query: { one: () => ({ __typename: 'Form', id: 'f1' }) },
        },
      ),
      more: sub(
        'type Query { two: Node } interface Node { id: ID! } type Form implements Node @key(fields: "id") { id: ID! } type Fee implements Node @key(fields: "id") { id: ID! }',
        {
          Query: { two: () => ({ __typename: 'Fee', id: 'g1' }) },
        },
      ),
      types: sub(
        'type Form @key(fields: "id") { id: ID! name: String! } type Fee @key(fields: "id") { id: ID! cents: Int! }',
        {
          Form: { name: ({ id }: Row) => `form ${id}` },
          Fee: { cents: () => 500 },
        },
      ),
    },
    answers: {
      '{ one { ...N } two { ...N } } fragment N on Node { __typename ... on Form { name id } ... on Fee { id cents } }':
        {
          one: { __typename: 'Form', name: 'form f1', id: 'f1' },
          two: { __typename: 'Fee', id: 'g1', cents: 500 },
        },
    },
  },
  'a union of which each subgraph knows other members': {
    subgraphs: {
      a: sub(
        `type Query { media: Media @shareable film: Media onlyA: Place both: Place @shareable }
        union Media = Book | Film type Book @key(fields: "id") { id: ID! title: String @shareable }
        type Film @key(fields: "id") { id: ID! title: String @shareable }
        type Place @key(fields: "id") { id: ID! box: Box @shareable } type Box @shareable { media: [Act!]! }
        union Act = Common | ActA type Common @shareable { label: String } type ActA { a: String of(who: String): String deep: Deep } type Deep { n: Int }`,
        {
          Query: {
            media: () => ({ __typename: 'Book', id: 'm1', title: 'One' }),
            film: () => ({ __typename: 'Film', id: 'm2', title: 'Two' }),
            onlyA: () => ({
              id: '1',
              box: {
                media: [
                  { __typename: 'Common', label: 'x' },
                  { __typename: 'ActA', a: 'A' },
                ],
              },
            }),
            both: () => ({ id: '1', box: { media: [{ __typename: 'Common', label: 'x' }] } }),
          },
          Book: { __resolveReference: ({ id }: Row) => ({ id, title: 'One' }) },
          ActA: { of: (_: unknown, { who }: Row) => `of ${who}`, deep: () => ({ n: 1 }) },
        },
      ),
      b: sub(
        `type Query { media: Media @shareable book: Media song: Media onlyB: Place both: Place @shareable }
        union Media = Book | Song type Book @key(fields: "id") { id: ID! title: String @shareable length: Int }
        type Song @key(fields: "id") { id: ID! title: String @shareable }
        type Place @key(fields: "id") { id: ID! box: Box @shareable other: Box } type Box @shareable { media: [Act!]! }
        union Act = Common | ActB type Common @shareable { label: String } type ActB { b: String }`,
        {
          Query: {
            media: () => ({ __typename: 'Book', id: 'm1', title: 'One', length: 3 }),
            book: () => ({ __typename: 'Book', id: 'm1', title: 'One', length: 3 }),
            song: () => ({ __typename: 'Song', id: 'm3', title: 'Three' }),
            onlyB: () => ({ id: '1', box: { media: [{ __typename: 'ActB', b: 'B' }] } }),
            both: () => ({ id: '1', box: { media: [{ __typename: 'Common', label: 'x' }] } }),
          },
          Book: { __resolveReference: ({ id }: Row) => ({ id, title: 'One', length: 3 }) },
          Place: {
            __resolveReference: ({ id }: Row) => ({ id, box: { media: [{ __typename: 'ActB', b: 'B' }] } }),
            other: () => ({ media: [{ __typename: 'ActB', b: 'other' }] }),
          },
        },
      ),
    },
    answers: {
      '{ media { __typename ... on Book { title length } ... on Film { title } ... on Song { title } } }': {
        media: { __typename: 'Book', title: 'One', length: 3 },
      },
      '{ media { ... on Film { title } } book { ... on Song { id } __typename } }': {
        media: {},
        book: { __typename: 'Book' },
      },
      '{ film { __typename ... on Song { title } ... on Film { title } } song { ... on Film { id } ... on Song { title } } }':
        {
          film: { __typename: 'Film', title: 'Two' },
          song: { title: 'Three' },
        },
      // a shared field may only lead to what all who share it know there; of the others nothing is asked
      '{ onlyA { box { media { __typename ... on Common { label } ... on ActA { a } ... on ActB { b } } } other { media { ... on ActB { b } ... on ActA { a } } } } }':
        {
          onlyA: {
            box: {
              media: [
                { __typename: 'Common', label: 'x' },
                { __typename: 'ActA', a: null },
              ],
            },
            other: { media: [{ b: 'other' }] },
          },
        },
      '{ onlyA { box { media { __typename ... on ActB { b } } } } onlyB { box { media { ... on ActA { a } ... on ActB { b } } } } }':
        {
          onlyA: { box: { media: [{ __typename: 'Common' }, { __typename: 'ActA' }] } },
          onlyB: { box: { media: [{ b: null }] } },
        },
      'query ($who: String, $no: Boolean!) { onlyA { box { media { ... on ActB { b } ...A } } } } fragment A on ActA { x: of(who: $who) deep { m: n __typename ...D } a @include(if: $no) } fragment D on Deep { n }':
        { onlyA: { box: { media: [{}, { x: null, deep: null }] } } },
      '{ both { box { media { __typename ... on ActA { a } ... on ActB { b } ... on Common { label } } } } }': {
        both: { box: { media: [{ __typename: 'Common', label: 'x' }] } },
      },
    },
    variables: { who: 'me', no: false },
  },
  'a union of which one subgraph knows more, which alone leads there': {
    subgraphs: {
      a: sub(
        `type Query { response: Response } type Response @shareable { actions: [Action!]! message: String }
        union Action = Alpha | Beta type Alpha @shareable { id: ID! value: String } type Beta { id: ID! name: String }`,
        {
          Query: {
            response: () => ({
              message: 'hello',
              actions: [
                { __typename: 'Alpha', id: '1', value: 'x' },
                { __typename: 'Beta', id: '2', name: 'y' },
              ],
            }),
          },
        },
      ),
      b: sub(
        `type Query { second: Response } type Response @shareable { actions: [Action!]! message: String }
        union Action = Alpha type Alpha @shareable { id: ID! value: String }`,
        { Query: { second: () => ({ message: 'ho', actions: [{ __typename: 'Alpha', id: '3', value: 'z' }] }) } },
      ),
    },
    answers: {
      '{ response { message actions { __typename ... on Alpha { id value } ... on Beta { id name } } } second { actions { ... on Beta { name } ... on Alpha { id } } } }':
        {
          response: {
            message: 'hello',
            actions: [
              { __typename: 'Alpha', id: '1', value: 'x' },
              { __typename: 'Beta', id: '2', name: 'y' },
            ],
          },
          second: { actions: [{ id: '3' }] },
        },
    },
  },
  'interfaces and unions of which other types implement what another subgraph asks': {
    subgraphs: {
      a: sub(
        `type Query { nodes: [Node] things: [Thing] } interface Node { id: ID! } union Thing = Oven | Mixer
        type Oven implements Node @key(fields: "id") { id: ID! } type Mixer implements Node @key(fields: "id") { id: ID! }`,
        {
          Query: {
            nodes: () => [
              { __typename: 'Oven', id: 'o' },
              { __typename: 'Mixer', id: 'm' },
            ],
            things: () => [
              { __typename: 'Mixer', id: 'm' },
              { __typename: 'Oven', id: 'o' },
            ],
          },
        },
      ),
      b: sub(
        `type Query { ovens: [Warm] } interface Warm { id: ID! warranty: Int } type Oven implements Warm @key(fields: "id") { id: ID! warranty: Int }`,
        {
          Query: { ovens: () => [{ __typename: 'Oven', id: 'o', warranty: 1 }] },
          Oven: { __resolveReference: ({ id }: Row) => ({ id, warranty: 1 }) },
        },
      ),
    },
    answers: {
      '{ nodes { id ... on Warm { warranty } } things { ... on Warm { warranty } ... on Node { id } } }': {
        nodes: [{ id: 'o', warranty: 1 }, { id: 'm' }],
        things: [{ id: 'm' }, { warranty: 1, id: 'o' }],
      },
      '{ nodes { ... on Oven { warranty } __typename } ovens { ... on Node { id } warranty } }': {
        nodes: [{ warranty: 1, __typename: 'Oven' }, { __typename: 'Mixer' }],
        ovens: [{ id: 'o', warranty: 1 }],
      },
    },
  },
  'names of types, asked for everywhere': {
    subgraphs: {
      a: sub(
        `type Query { union: Product interface: Node } union Product = Oven | Pan interface Node { id: ID! }
        type Oven implements Node @key(fields: "id") { id: ID! } type Pan implements Node { id: ID! size: Int }`,
        {
          Query: {
            union: () => ({ __typename: 'Pan', id: 'p', size: 5 }),
            interface: () => ({ __typename: 'Oven', id: 'o' }),
          },
        },
      ),
      b: sub('type Oven @key(fields: "id") { id: ID! heat: Int }', { Oven: { heat: () => 200 } }),
    },
    answers: {
      '{ __typename again: __typename union { __typename t: __typename ... on Pan { size p: __typename } } interface { t: __typename ... on Oven { heat o: __typename } } }':
        {
          __typename: 'Query',
          again: 'Query',
          union: { __typename: 'Pan', t: 'Pan', size: 5, p: 'Pan' },
          interface: { t: 'Oven', heat: 200, o: 'Oven' },
        },
      '{ ...Q } fragment Q on Query { __typename }': { __typename: 'Query' },
    },
  },
};
