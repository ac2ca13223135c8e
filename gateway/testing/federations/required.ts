/** `@requires`: fields that need what other subgraphs tell, by chains, fragments, interfaces and arguments. */
import { byKey, type Federation, neverAsked, type Row, sub } from './federation';

/** Sees to it that what is required was sent. */
const sent = (value: unknown): unknown => {
  if (value === undefined) throw new Error('Something required was not sent.');
  return value;
};
const addresses = {
  c1: { __typename: 'Home', id: 'h1', city: 'Bonn' },
  c2: { __typename: 'Work', id: 'w1', city: 'Köln' },
} as const;
const listings = [
  { no: 'n1', edition: { isbn: '1', book: { catalogId: 'c1', pages: 10 }, shelf: { __typename: 'Room', room: 7 } } },
  {
    no: 'n2',
    edition: { isbn: '2', book: { catalogId: 'c2', pages: 20 }, shelf: { __typename: 'Cellar', depth: -1 } },
  },
];
const below = (value: unknown, ...names: readonly string[]): unknown =>
  names.reduce<unknown>((one, name) => (one as Row | undefined)?.[name], value);
const byIsbn = (key: Row) =>
  listings.find(one => one.no === key.no || one.edition.isbn === below(key, 'edition', 'isbn'));
const posts = [{ id: 'p1' }, { id: 'p2' }];
const comments = ['x', 'y', 'z'].flatMap((one, index) =>
  posts.map(({ id }) => ({ id: `${id}${one}`, by: `a${index}`, post: id })),
);
const commentsOf = ({ id }: Row, { limit }: { limit: number }) =>
  comments.filter(one => one.post === id).slice(0, limit);

export const REQUIRED: Readonly<Record<string, Federation>> = {
  'a requirement below an interface': {
    subgraphs: {
      a: sub(
        `type Query { citizen: Citizen citizens: [Citizen] } type Citizen @key(fields: "id") { id: ID! address: Address @external
          city: String @requires(fields: "address { __typename ... on Home { city } ... on Work { city } }") place: String @requires(fields: "address { id }") }
        interface Address { id: ID! } type Home implements Address @key(fields: "id") { id: ID! city: String @external }
        type Work implements Address @key(fields: "id") { id: ID! city: String @external }`,
        {
          Query: { citizen: () => ({ id: 'c1' }), citizens: () => [{ id: 'c1' }, { id: 'c2' }] },
          Citizen: {
            city: ({ address }: Row) => sent((address as Row).city),
            place: ({ address }: Row) => `at ${sent((address as Row).id)}`,
          },
        },
      ),
      b: sub(
        `type Citizen @key(fields: "id") { id: ID! address: Address } interface Address { id: ID! }
        type Home implements Address @key(fields: "id") { id: ID! city: String flat: Int } type Work implements Address @key(fields: "id") { id: ID! city: String }`,
        {
          Citizen: { address: ({ id }: Row) => addresses[id as 'c1'] },
          Home: { flat: () => 4, __resolveReference: byKey(Object.values(addresses)) },
          Work: { __resolveReference: byKey(Object.values(addresses)) },
        },
      ),
    },
    answers: {
      '{ citizens { city place } }': {
        citizens: [
          { city: 'Bonn', place: 'at h1' },
          { city: 'Köln', place: 'at w1' },
        ],
      },
      '{ citizen { city address { __typename ... on Home { flat } } } }': {
        citizen: { city: 'Bonn', address: { __typename: 'Home', flat: 4 } },
      },
      '{ citizens { place address { ... on Work { id c: city } } } }': {
        citizens: [
          { place: 'at h1', address: {} },
          { place: 'at w1', address: { id: 'w1', c: 'Köln' } },
        ],
      },
    },
  },
  'a requirement below a field that is in a key': {
    subgraphs: {
      library: sub(
        `type Query { books: [BookListing!]! one: BookListing! } type Subscription { lent: BookListing }
        type BookListing @key(fields: "edition { isbn }") @key(fields: "no") { no: ID! edition: Edition! @shareable editions: [Edition!]! }
        type Edition @shareable { isbn: ID! book: Book shelf: Shelf } type Book @shareable { catalogId(prefix: String): ID! pages: Int }
        union Shelf = Room | Cellar type Room @shareable { room: Int } type Cellar @shareable { depth: Int }`,
        {
          Query: { books: () => listings, one: () => listings[0] },
          Subscription: { lent: () => listings[1] },
          BookListing: { __resolveReference: byIsbn, editions: ({ edition }: Row) => [edition, edition] },
          Book: { catalogId: ({ catalogId }: Row, { prefix }: Row) => `${prefix ?? ''}${catalogId}` },
        },
      ),
      recommender: sub(
        `type Query { best: [BookListing!]! }
        type BookListing @key(fields: "edition { isbn }") @key(fields: "no", resolvable: false) { no: ID! @external edition: Edition! @shareable editions: [Edition!]! @external
          isRecommended: Boolean! @requires(fields: "edition { book { catalogId } }") weight: Int @requires(fields: "edition { book { pages } }")
          label: String @requires(fields: "edition { book { catalogId(prefix: \\"x-\\") } } no") place: String @requires(fields: "edition { shelf { ... on Room { room } ... on Cellar { depth } } }")
          all: String @requires(fields: "editions { isbn book { pages } }") own: String }
        type Edition { isbn: ID! @shareable book: Book @external shelf: Shelf @external } type Book { catalogId(prefix: String): ID! @external pages: Int @external }
        union Shelf = Room | Cellar type Room { room: Int @external } type Cellar { depth: Int @external }`,
        {
          Query: { best: () => [{ edition: { isbn: '2' } }] },
          Edition: { book: neverAsked, shelf: neverAsked },
          BookListing: {
            isRecommended: ({ edition }: Row) => sent(below(edition, 'book', 'catalogId')) === 'c1',
            weight: ({ edition }: Row) => Number(sent(below(edition, 'book', 'pages'))) * 2,
            label: ({ edition, no }: Row) => `${sent(no)} ${sent(below(edition, 'book', 'catalogId'))}`,
            place: ({ edition }: Row) =>
              `${sent(below(edition, 'shelf', 'room') ?? below(edition, 'shelf', 'depth'))} of ${sent(below(edition, 'isbn'))}`,
            all: ({ editions }: Row) =>
              (editions as Row[]).map(one => `${sent(one.isbn)}:${sent(below(one, 'book', 'pages'))}`).join(),
            own: ({ edition }: Row) => `own ${sent(below(edition, 'isbn'))}`,
          },
        },
      ),
    },
    answers: {
      '{ books { isRecommended } }': { books: [{ isRecommended: true }, { isRecommended: false }] },
      '{ books { edition { book { catalogId } } isRecommended } }': {
        books: [
          { edition: { book: { catalogId: 'c1' } }, isRecommended: true },
          { edition: { book: { catalogId: 'c2' } }, isRecommended: false },
        ],
      },
      'subscription { lent { isRecommended edition { book { catalogId } } } }': {
        lent: { isRecommended: false, edition: { book: { catalogId: 'c2' } } },
      },
      // two that share a part of the way, one with arguments, and the client's own
      '{ books { weight isRecommended label edition { book { catalogId(prefix: "y-") c: catalogId } isbn } own } }': {
        books: [
          {
            weight: 20,
            isRecommended: true,
            label: 'n1 x-c1',
            edition: { book: { catalogId: 'y-c1', c: 'c1' }, isbn: '1' },
            own: 'own 1',
          },
          {
            weight: 40,
            isRecommended: false,
            label: 'n2 x-c2',
            edition: { book: { catalogId: 'y-c2', c: 'c2' }, isbn: '2' },
            own: 'own 2',
          },
        ],
      },
      '{ books { p: place all edition { catalogId: isbn } } }': {
        books: [
          { p: '7 of 1', all: '1:10,1:10', edition: { catalogId: '1' } },
          { p: '-1 of 2', all: '2:20,2:20', edition: { catalogId: '2' } },
        ],
      },
      '{ best { ...F } one { ...F } } fragment F on BookListing { weight edition { isbn } label }': {
        best: [{ weight: 40, edition: { isbn: '2' }, label: 'n2 x-c2' }],
        one: { weight: 20, edition: { isbn: '1' }, label: 'n1 x-c1' },
      },
    },
  },
  'a moved field that requires one that moved too': {
    subgraphs: {
      a: sub(
        'type Query { users: [User] } type User @key(fields: "id") { id: ID! nick: String short: String called: String @shareable }',
        {
          Query: { users: () => [{ id: '1', nick: 'old', short: 'old', called: 'a calls' }] },
          User: { __resolveReference: ({ id }: Row) => ({ id, nick: 'old', short: 'old', called: 'a calls' }) },
        },
      ),
      b: sub(
        `type User @key(fields: "id") { id: ID! nick: String @override(from: "a") long: String
          short: String @override(from: "a") @requires(fields: "called") called: String @external }`,
        {
          User: {
            nick: () => 'new',
            long: () => 'a very long name',
            short: ({ called }: Row) => `short of ${sent(called)}`,
          },
        },
      ),
      c: sub(
        `type Query { cusers: [User] } type User @key(fields: "id") { id: ID! nick: String @external short: String @external both: String @requires(fields: "nick short") }`,
        {
          Query: { cusers: () => [{ id: '2' }] },
          User: { both: ({ nick, short }: Row) => `${sent(nick)} and ${sent(short)}` },
        },
      ),
    },
    answers: {
      '{ users { nick short } }': { users: [{ nick: 'new', short: 'short of a calls' }] },
      '{ cusers { both long } }': { cusers: [{ both: 'new and short of a calls', long: 'a very long name' }] },
      '{ users { both short } }': { users: [{ both: 'new and short of a calls', short: 'short of a calls' }] },
    },
  },
  'a requirement in a circle': {
    subgraphs: {
      a: sub(
        `type Query { feed: [Post] } type Post @key(fields: "id") { id: ID! novice: Boolean! @external expert: Boolean! @requires(fields: "novice") }
        type Author @key(fields: "id") { id: ID! years: Int! }`,
        {
          Query: { feed: () => posts },
          Post: { expert: ({ novice }: Row) => !sent(novice) },
          Author: { years: ({ id }: Row) => (id === 'a1' ? 1 : 20) },
        },
      ),
      b: sub(
        `type Post @key(fields: "id") { id: ID! author: Author! novice: Boolean! @requires(fields: "author { years }") }
        type Author @key(fields: "id") { id: ID! years: Int! @external }`,
        {
          Post: {
            author: ({ id }: Row) => ({ id: id === 'p1' ? 'a1' : 'a2' }),
            novice: ({ author }: Row) => Number(sent((author as Row).years)) < 5,
          },
        },
      ),
    },
    answers: {
      '{ feed { novice } }': { feed: [{ novice: true }, { novice: false }] },
      '{ feed { expert } }': { feed: [{ expert: false }, { expert: true }] },
      '{ feed { expert novice author { years } } }': {
        feed: [
          { expert: false, novice: true, author: { years: 1 } },
          { expert: true, novice: false, author: { years: 20 } },
        ],
      },
    },
  },
  'a requirement with arguments on a list that its own subgraph has': {
    subgraphs: {
      a: sub(
        `type Query { feed: [Post] } type Post @key(fields: "id") { id: ID! comments(limit: Int!): [Comment] @external }
        type Comment @key(fields: "id") { id: ID! by: ID others: [Post] @external spam: Boolean @requires(fields: "others { comments(limit: 2) { id } }") }`,
        {
          Query: { feed: () => posts },
          Comment: {
            __resolveReference: (given: Row) => ({ ...comments.find(one => one.id === given.id), ...given }),
            spam: ({ others }: Row) =>
              (sent(others) as { comments: Row[] }[]).every(one => one.comments.length === 2 && one.comments[0]!.id),
          },
        },
      ),
      d: sub(
        `type Post @key(fields: "id") { id: ID! author: Author @requires(fields: "comments(limit: 3) { by }") comments(limit: Int!): [Comment] }
        type Comment @key(fields: "id") { id: ID! by: ID @external others: [Post] } type Author { id: ID! }`,
        {
          Post: {
            __resolveReference: (given: Row) => ({ id: given.id, sent: given.comments }),
            author: ({ sent: given }: Row) => {
              const list = sent(given) as Row[];
              if (list.length !== 3) throw new Error(`3 comments are required, not ${list.length}.`);
              return { id: sent(list[2]!.by) };
            },
            comments: (post: Row, args: { limit: number }) => commentsOf(post, args).map(({ id }) => ({ id })),
          },
          Comment: { others: () => [posts[1]] },
        },
      ),
    },
    answers: {
      '{ feed { author { id } } }': { feed: [{ author: { id: 'a2' } }, { author: { id: 'a2' } }] },
      '{ feed { author { id } comments(limit: 1) { id } } }': {
        feed: [
          { author: { id: 'a2' }, comments: [{ id: 'p1x' }] },
          { author: { id: 'a2' }, comments: [{ id: 'p2x' }] },
        ],
      },
      '{ feed { comments(limit: 2) { spam by } } }': {
        feed: [
          {
            comments: [
              { spam: true, by: 'a0' },
              { spam: true, by: 'a1' },
            ],
          },
          {
            comments: [
              { spam: true, by: 'a0' },
              { spam: true, by: 'a1' },
            ],
          },
        ],
      },
      'query ($limit: Int = 1) { feed { author { id } ...A ...B } } fragment A on Post { comments(limit: $limit) { id } } fragment B on Post { comments(limit: $limit) { by } }':
        {
          feed: [
            { author: { id: 'a2' }, comments: [{ id: 'p1x', by: 'a0' }] },
            { author: { id: 'a2' }, comments: [{ id: 'p2x', by: 'a0' }] },
          ],
        },
    },
  },
  'several requirements with other arguments, one of them below a value': {
    subgraphs: {
      a: sub(
        `type Product @key(fields: "id") { id: ID! price(in: String!): Int @external weight: Int @external group: Group @external
          ship: Int @requires(fields: "price(in: \\"USD\\") weight") shipEuro: Int @requires(fields: "price(in: \\"EUR\\") weight")
          dear: Boolean @requires(fields: "group { average(in: \\"USD\\") }") }
        type Group @external { average(in: String!): Int }`,
        {
          Product: {
            ship: ({ price, weight }: Row) => Number(sent(price)) + Number(sent(weight)),
            shipEuro: ({ price, weight }: Row) => Number(sent(price)) + Number(sent(weight)),
            dear: ({ group }: Row) => Number(sent((group as Row).average)) > 15,
          },
        },
      ),
      b: sub(
        `type Query { products: [Product] } type Product @key(fields: "id") { id: ID! name: String price(in: String!): Int weight: Int group: Group }
        type Group { average(in: String!): Int }`,
        {
          Query: { products: () => [{ id: 'p1', name: 'Table', weight: 1, group: {} }] },
          Product: {
            __resolveReference: ({ id }: Row) => ({ id, name: 'Table', weight: 1, group: {} }),
            price: (_: unknown, args: Row) => (args.in === 'EUR' ? 20 : 10),
          },
          Group: { average: (_: unknown, args: Row) => (args.in === 'EUR' ? 40 : 20) },
        },
      ),
    },
    answers: {
      '{ products { id name ship shipEuro dear } }': {
        products: [{ id: 'p1', name: 'Table', ship: 11, shipEuro: 21, dear: true }],
      },
      '{ products { shipEuro price(in: "USD") group { average(in: "EUR") } dear } }': {
        products: [{ shipEuro: 21, price: 10, group: { average: 40 }, dear: true }],
      },
    },
  },
  'a chain of requirements that comes back to where it began': {
    subgraphs: {
      freight: sub(
        `type Query { cheapest: Product } type Product @key(fields: "id") { id: ID! weight: Int @external freight: Int @requires(fields: "weight") heavy: Boolean @requires(fields: "weight") }`,
        {
          Query: { cheapest: () => ({ id: 'p1' }) },
          Product: {
            freight: ({ weight }: Row) => Number(sent(weight)) * 2,
            heavy: ({ weight }: Row) => Number(sent(weight)) > 5,
          },
        },
      ),
      shop: sub('type Query { product: Product } type Product @key(fields: "id") { id: ID! weight: Int }', {
        Query: { product: () => ({ id: 'p1', weight: 7 }) },
        Product: { weight: () => 7 },
      }),
      offers: sub(
        `type Product @key(fields: "id") { id: ID! freight: Int @external heavy: Boolean @external offer: Offer @requires(fields: "freight heavy") free: Boolean @requires(fields: "heavy") }
        type Offer { text: String product: Product }`,
        {
          Product: {
            offer: ({ freight, heavy, id }: Row) => ({ text: `${sent(freight)} ${sent(heavy)}`, product: { id } }),
            free: ({ heavy }: Row) => !sent(heavy),
          },
        },
      ),
    },
    answers: {
      '{ product { offer { text } } }': { product: { offer: { text: '14 true' } } },
      '{ cheapest { freight heavy } }': { cheapest: { freight: 14, heavy: true } },
      '{ cheapest { offer { text } } }': { cheapest: { offer: { text: '14 true' } } },
      '{ cheapest { offer { text product { freight offer { text } } } free } product { free } }': {
        cheapest: { offer: { text: '14 true', product: { freight: 14, offer: { text: '14 true' } } }, free: false },
        product: { free: false },
      },
    },
  },
  'a chain that comes back through a field of an interface, and a name that is provided elsewhere': {
    subgraphs: {
      freight: sub(
        `type Query { cheapest: Product item: Item maker: Maker @provides(fields: "weight") } interface Item { id: ID! freight: Int }
        type Maker @key(fields: "id") { id: ID! weight: Int @external }
        type Product implements Item @key(fields: "id") { id: ID! weight: Int @external freight: Int @requires(fields: "weight") }`,
        {
          Query: {
            cheapest: () => ({ id: 'p1' }),
            item: () => ({ __typename: 'Product', id: 'p1' }),
            maker: () => ({ id: 'm1', weight: 80 }),
          },
          Product: { freight: ({ weight }: Row) => Number(sent(weight)) * 2 },
        },
      ),
      shop: sub(
        'type Product @key(fields: "id") { id: ID! weight: Int } type Maker @key(fields: "id") { id: ID! weight: Int @shareable }',
        { Product: { weight: () => 7 } },
      ),
      offers: sub(
        'type Product @key(fields: "id") { id: ID! freight: Int @external offer: String @requires(fields: "freight") }',
        { Product: { offer: ({ freight }: Row) => `${sent(freight)} cents` } },
      ),
    },
    answers: {
      '{ item { freight } cheapest { freight } maker { weight } }': {
        item: { freight: 14 },
        cheapest: { freight: 14 },
        maker: { weight: 80 },
      },
    },
    // the interface keeps its field where it is: refused, and not answered wrongly
    failures: {
      '{ item { ... on Product { offer } } cheapest { offer } }': undefined,
      '{ cheapest { offer } }': undefined,
    },
  },
};
