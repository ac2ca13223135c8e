/** How entities are found: several keys, nested ones, keys of one direction, and what is moved or hidden. */
import { byKey, type Federation, neverAsked, type Row, sub } from './federation';

const offices = [
  { id: 'o1', code: 'a', area: { one: '1', two: '2', three: '3' }, name: 'Town hall', desk: { n: 7 } },
  { id: 'o2', code: 'b', area: { one: '4', two: '5', three: '6' }, name: 'Library', desk: { n: 8 } },
  { id: 'o3', code: 'c', area: { one: '7', two: '8', three: '9' }, name: 'Archive', desk: { n: 9 } },
];
const [townHall] = offices;
const office = byKey(offices);

export const KEYS: Readonly<Record<string, Federation>> = {
  'keys of which each subgraph answers to another': {
    subgraphs: {
      a: sub(
        `type Office @key(fields: "id") @key(fields: "code", resolvable: false)
          @key(fields: "area { one two }", resolvable: false) @key(fields: "id area { two three }", resolvable: false)
        { id: ID! code: ID! area: Area! name: String! } type Area { one: ID! two: ID! three: ID! }`,
        { Office: { __resolveReference: office } },
      ),
      b: sub(
        `type Query { town: Town } type Town @key(fields: "id") { id: ID! offices: [Office!]! }
        type Office @key(fields: "area { one two }", resolvable: false) @key(fields: "id area { two three }")
          @key(fields: "code", resolvable: false) @key(fields: "id", resolvable: false)
        { id: ID! code: ID! area: Area! name: String! @external sign: String! @requires(fields: "name") }
        type Area { one: ID! two: ID! three: ID! }`,
        {
          Query: { town: () => ({ id: 't', offices: [{ ...townHall, name: undefined }] }) },
          Office: {
            __resolveReference: ({ id, area, name }: Row) =>
              id && (area as Row).three && { ...office({ id }), area, name },
            sign: ({ name }: Row) => `sign of ${name}`,
          },
        },
      ),
    },
    answers: {
      '{ town { id offices { id name sign } } }': {
        town: { id: 't', offices: [{ id: 'o1', name: 'Town hall', sign: 'sign of Town hall' }] },
      },
    },
  },
  'an entity that is lost on the way to its fields': {
    subgraphs: {
      a: sub('type Query { boxes: [Box] } type Box { office: Office } type Office @key(fields: "code") { code: ID! }', {
        Query: { boxes: () => offices.map(({ code }) => ({ office: { code } })) },
      }),
      b: sub('type Office @key(fields: "id") @key(fields: "code") { id: ID! code: ID! }', {
        Office: { __resolveReference: (sent: Row) => (sent.code === 'c' ? null : office(sent)) },
      }),
      c: sub('type Office @key(fields: "id") { id: ID! head: Head } type Head { name: String }', {
        Office: {
          __resolveReference: ({ id }: Row) => {
            if (id === undefined || id === null) throw new Error('nobody');
            return { id, head: { name: `head of ${id}` } };
          },
        },
      }),
    },
    answers: {
      '{ boxes { office { code head { name } } } }': {
        boxes: [
          { office: { code: 'a', head: { name: 'head of o1' } } },
          { office: { code: 'b', head: { name: 'head of o2' } } },
          { office: { code: 'c', head: null } },
        ],
      },
    },
  },
  'lists of entities whose keys have lists and entities in them': {
    subgraphs: {
      places: sub(
        'type Query { top: Places } type Places @shareable { places: [Place!]! } type Place @key(fields: "id") { id: ID! }',
        {
          Query: { top: () => ({ places: [{ id: '1' }, { id: '2' }] }) },
        },
      ),
      kinds: sub(
        'type Place @key(fields: "id") @key(fields: "id kind") { id: ID! kind: String @shareable kindOf: Kind @shareable } type Kind @key(fields: "id tag") { id: ID! tag: String @shareable }',
        {
          Place: {
            __resolveReference: ({ id }: Row) => ({ id, kind: `kind ${id}` }),
            kindOf: ({ id }: Row) => ({ id: `k${id}`, tag: `tag ${id}` }),
          },
        },
      ),
      lists: sub(
        `type Places @key(fields: "places { id kind }") { places: [Place!]! @shareable first: Place chosen: Place @shareable }
        type Place @key(fields: "id kind") { id: ID! kind: String @shareable }`,
        {
          Places: {
            first: ({ places }: { places: Row[] }) => places[0],
            chosen: ({ places }: { places: Row[] }) => places[1],
          },
        },
      ),
      prices: sub(
        `type Places @key(fields: "places { id kind kindOf { id tag } } chosen { id }") { places: [Place!]! @shareable chosen: Place @shareable dearest: Int }
        type Place @key(fields: "id kind kindOf { id tag }") { id: ID! kind: String @shareable kindOf: Kind @shareable rent: Int }
        type Kind @key(fields: "id tag") { id: ID! tag: String @shareable }`,
        {
          Places: {
            dearest: ({ places, chosen }: { places: Row[]; chosen: Row }) => places.length * 100 + Number(chosen.id),
          },
          Place: { rent: ({ id }: Row) => Number(id) * 10 },
        },
      ),
    },
    answers: {
      '{ top { places { id rent kindOf { tag } } } }': {
        top: {
          places: [
            { id: '1', rent: 10, kindOf: { tag: 'tag 1' } },
            { id: '2', rent: 20, kindOf: { tag: 'tag 2' } },
          ],
        },
      },
      '{ top { first { id } chosen { id rent } dearest } }': {
        top: { first: { id: '1' }, chosen: { id: '2', rent: 20 }, dearest: 202 },
      },
    },
  },
  'values that hang on an entity above them': {
    subgraphs: {
      a: sub(
        'type Query { offices: [Office] } type Office @key(fields: "id") { id: ID! desk: Desk @shareable } type Desk { n: Int }',
        { Query: { offices: () => offices.slice(0, 2) } },
      ),
      b: sub('type Office @key(fields: "id") { id: ID! desk: Desk @shareable } type Desk { free: Boolean }', {
        Office: { desk: ({ id }: Row) => ({ free: id === 'o2' }) },
      }),
      c: sub(
        'type Office @key(fields: "id") { id: ID! desk: Desk @shareable } type Desk { clerk: Clerk } type Clerk { id: ID! name: String @shareable }',
        {
          Office: { desk: ({ id }: Row) => ({ clerk: { id: `c${id}`, name: `clerk ${id}` } }) },
        },
      ),
    },
    answers: {
      '{ offices { desk { n free clerk { name } } } }': {
        offices: [
          { desk: { n: 7, free: false, clerk: { name: 'clerk o1' } } },
          { desk: { n: 8, free: true, clerk: { name: 'clerk o2' } } },
        ],
      },
    },
  },
  'a root and its values that three share': {
    subgraphs: {
      names: sub(
        'type Query { office: Office @shareable offices: [Office] @shareable } type Office @shareable { id: ID! name: Name } type Name { id: ID! short: String }',
        {
          Query: {
            office: () => ({ id: '1', name: { id: 'n', short: 'TH' } }),
            offices: () => [{ id: '1', name: { id: 'n', short: 'TH' } }],
          },
        },
      ),
      sizes: sub(
        'type Query { office: Office @shareable offices: [Office] @shareable } type Office @shareable { id: ID! size: Size } type Size { id: ID! desks: Int }',
        {
          Query: {
            office: () => ({ id: '1', size: { id: 's', desks: 3 } }),
            offices: () => [{ id: '1', size: { id: 's', desks: 3 } }],
          },
        },
      ),
      hours: sub(
        'type Query { office: Office @shareable offices: [Office] @shareable } type Office @shareable { id: ID! hours: Hours } type Hours { id: ID! opens: String }',
        {
          Query: {
            office: () => ({ id: '1', hours: { id: 'h', opens: '8:00' } }),
            offices: () => [{ id: '1', hours: { id: 'h', opens: '8:00' } }],
          },
        },
      ),
    },
    answers: {
      '{ office { id name { id short } hours { id opens } size { id desks } } }': {
        office: {
          id: '1',
          name: { id: 'n', short: 'TH' },
          hours: { id: 'h', opens: '8:00' },
          size: { id: 's', desks: 3 },
        },
      },
      '{ offices { hours { opens } id name { short } size { desks } } }': {
        offices: [{ hours: { opens: '8:00' }, id: '1', name: { short: 'TH' }, size: { desks: 3 } }],
      },
    },
  },
  'extensions of the first federation, found by either key': {
    subgraphs: {
      a: {
        sdl: `type Query { reader: Reader clerk: Reader @provides(fields: "name") } extend type Reader @key(fields: "id") { id: ID! @external name: String @external score: Int }`,
        resolvers: {
          Query: { reader: () => ({ id: '1', score: 5 }), clerk: () => ({ id: '2', name: 'told', score: 6 }) },
          Reader: { __resolveReference: ({ id }: Row) => ({ id, score: 5 }) },
        },
      },
      b: {
        sdl: `type Query { everybody: [Reader] } type Reader @key(fields: "id") { id: ID! name: String nick: String }`,
        resolvers: {
          Query: { everybody: () => [{ id: '1', name: 'Ann', nick: 'A' }] },
          Reader: { __resolveReference: ({ id }: Row) => ({ id, name: `name ${id}`, nick: `nick ${id}` }) },
        },
      },
    },
    answers: {
      '{ reader { id name score } }': { reader: { id: '1', name: 'name 1', score: 5 } },
      '{ clerk { name nick } }': { clerk: { name: 'told', nick: 'nick 2' } },
      '{ everybody { nick score } }': { everybody: [{ nick: 'A', score: 5 }] },
    },
  },
  'extensions of the second federation': {
    subgraphs: {
      a: sub('type Query { reader: Reader } type Reader @extends @key(fields: "id") { id: ID! @external score: Int }', {
        Query: { reader: () => ({ id: '1', score: 5 }) },
      }),
      b: sub('extend type Reader @key(fields: "id") { id: ID! name: String @shareable }', {
        Reader: { __resolveReference: ({ id }: Row) => ({ id, name: `name ${id}` }) },
      }),
    },
    answers: { '{ reader { score name } }': { reader: { score: 5, name: 'name 1' } } },
  },
  'fields that moved to another subgraph, and one whose former subgraph is gone': {
    subgraphs: {
      a: sub('type Query { feed: [Post] } type Post @key(fields: "id") { id: ID! date: String @override(from: "b") }', {
        Query: { feed: () => [{ id: 'p1' }] },
        Post: { date: ({ id }: Row) => `a ${id}` },
      }),
      b: sub(
        'type Query { posts: [Post] } type Post @key(fields: "id") { id: ID! date: String text: String @override(from: "nobody") }',
        { Query: { posts: () => [{ id: 'p2' }] }, Post: { date: neverAsked, text: ({ id }: Row) => `text ${id}` } },
      ),
    },
    answers: {
      '{ feed { date text } posts { date text } }': {
        feed: [{ date: 'a p1', text: 'text p1' }],
        posts: [{ date: 'a p2', text: 'text p2' }],
      },
    },
  },
  'what is inaccessible and still used for joins': {
    subgraphs: {
      a: sub(
        `type Query { posts(first: Int @inaccessible, last: Int): [Post] secret: String @inaccessible }
        type Post @key(fields: "id") { id: ID! @inaccessible title: String }`,
        { Query: { posts: () => [{ id: 'p', title: 'Hello' }] } },
      ),
      b: sub(
        'type Post @key(fields: "id") { id: ID! length: Int note: Note @inaccessible } type Note @inaccessible { text: String }',
        {
          Post: { length: ({ id }: Row) => String(id).length },
        },
      ),
    },
    answers: {
      '{ posts { title length } }': { posts: [{ title: 'Hello', length: 1 }] },
      '{ __type(name: "Post") { fields { name } } note: __type(name: "Note") { name } }': {
        __type: { fields: [{ name: 'title' }, { name: 'length' }] },
        note: null,
      },
    },
  },
  'input types and enums of which only what all know is left': {
    subgraphs: {
      a: sub(
        `type Query { users(filter: Filter): [User] ofKind(kind: Kind!): [User] } type User @key(fields: "id") { id: ID! kind: Kind @shareable }
        input Filter { first: Int! extra: Int } enum Kind { CITIZEN GHOST @inaccessible }`,
        {
          Query: {
            users: (_: unknown, { filter }: { filter?: Row }) => [
              { id: `u${filter?.first ?? ''}${'extra' in (filter ?? {}) ? 'x' : ''}`, kind: 'CITIZEN' },
            ],
            ofKind: (_: unknown, { kind }: Row) => [{ id: 'u9', kind }],
          },
        },
      ),
      b: sub(
        `type Query { usersOfB(filter: Filter): [User] } type User @key(fields: "id") { id: ID! kind: Kind @shareable }
        input Filter { first: Int! } enum Kind { CITIZEN GHOST }`,
        {
          Query: {
            usersOfB: () => [
              { id: 'u1', kind: 'CITIZEN' },
              { id: 'u2', kind: 'GHOST' },
            ],
          },
          User: { __resolveReference: (sent: Row) => sent },
        },
      ),
    },
    answers: {
      '{ users(filter: { first: 3 }) { id kind } }': { users: [{ id: 'u3', kind: 'CITIZEN' }] },
      'query ($filter: Filter) { users(filter: $filter) { id } }': { users: [{ id: 'u7' }] },
      '{ usersOfB { id kind } }': {
        usersOfB: [
          { id: 'u1', kind: 'CITIZEN' },
          { id: 'u2', kind: null },
        ],
      },
      '{ ofKind(kind: CITIZEN) { kind } }': { ofKind: [{ kind: 'CITIZEN' }] },
      '{ __type(name: "Kind") { enumValues { name } } filter: __type(name: "Filter") { inputFields { name } } }': {
        __type: { enumValues: [{ name: 'CITIZEN' }] },
        filter: { inputFields: [{ name: 'first' }] },
      },
    },
    variables: { filter: { first: 7 } },
  },
  'conditions in variables on what is fetched elsewhere': {
    subgraphs: {
      a: sub('type Query { office: Office } type Office @key(fields: "id") { id: ID! name: String price: Int }', {
        Query: { office: () => ({ id: 'o1', name: 'Town hall', price: 12 }) },
        Office: { __resolveReference: (sent: Row) => ({ ...sent, price: 12 }) },
      }),
      b: sub(
        'type Office @key(fields: "id") { id: ID! price: Int @external dear: Boolean @requires(fields: "price") }',
        { Office: { dear: ({ price }: Row) => Number(price) > 10 } },
      ),
      c: sub(
        `type Office @key(fields: "id") { id: ID! dear: Boolean @external
          included: Boolean @requires(fields: "dear") skipped: Boolean @requires(fields: "dear") never: Boolean @requires(fields: "dear") }`,
        { Office: { included: ({ dear }: Row) => dear, skipped: ({ dear }: Row) => dear, never: neverAsked } },
      ),
    },
    answers: {
      'query ($yes: Boolean!) { office { price included @include(if: $yes) } }': {
        office: { price: 12, included: true },
      },
      'query ($yes: Boolean!) { office { price never @skip(if: $yes) } }': { office: { price: 12 } },
      'query ($no: Boolean!) { office { price never @include(if: $no) } }': { office: { price: 12 } },
      'query ($no: Boolean!) { office { price skipped @skip(if: $no) } }': { office: { price: 12, skipped: true } },
      'query ($unset: Boolean = true) { office { name dear @include(if: $unset) never @skip(if: $unset) } }': {
        office: { name: 'Town hall', dear: true },
      },
      'query ($yes: Boolean!, $no: Boolean!) { office { ... on Office @include(if: $yes) { id never @skip(if: $yes) } ... @skip(if: $no) { name } } }':
        { office: { id: 'o1', name: 'Town hall' } },
    },
    variables: { yes: true, no: false },
  },
  'mutations whose joins see what they did': {
    subgraphs: (() => {
      let total = 0;
      return {
        a: sub(
          'type Query { total: Int } type Mutation { add(n: Int!): Cart! remove: Int } type Cart @key(fields: "id") { id: ID! total: Int! }',
          {
            Query: { total: () => total },
            Mutation: {
              add: (_: unknown, { n }: { n: number }) => {
                total += n;
                return { id: 'c', total };
              },
              remove: () => {
                total = 0;
                return total;
              },
            },
            Cart: { __resolveReference: ({ id }: Row) => ({ id, total }) },
          },
        ),
        b: sub(
          'type Mutation { twice: Int } type Cart @key(fields: "id") { id: ID! total: Int! @external dear: Boolean! @requires(fields: "total") }',
          {
            Mutation: {
              twice: () => {
                total *= 2;
                return total;
              },
            },
            Cart: { dear: ({ total }: { total: number }) => total > 4 },
          },
        ),
      };
    })(),
    answers: {
      'mutation { remove one: add(n: 3) { dear total } two: add(n: 2) { dear } twice three: add(n: 1) { total dear } }':
        {
          remove: 0,
          one: { dear: false, total: 3 },
          two: { dear: true },
          twice: 10,
          three: { total: 11, dear: true },
        },
    },
  },
  'directives of clients that reach the subgraphs': {
    subgraphs: {
      a: sub(`directive @seen(by: By! = ALL) on FIELD enum By { ALL FEW } type Query { a: String }`, {
        Query: { a: () => 'a' },
      }),
      b: sub(`directive @seen(by: By! = ALL) on FIELD enum By { ALL FEW } type Query { b: String }`, {
        Query: { b: () => 'b' },
      }),
    },
    answers: { '{ a @seen b @seen }': { a: 'a', b: 'b' }, '{ a @seen(by: FEW) b }': { a: 'a', b: 'b' } },
  },
};
