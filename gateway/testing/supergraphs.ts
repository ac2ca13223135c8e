/** Small supergraphs that use every feature of federation that a plan can get wrong. */

const link = (...names: string[]) =>
  `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: [${names.map(name => `"@${name}"`).join(', ')}])`;
const ALL = link('key', 'shareable', 'external', 'requires', 'provides', 'override', 'interfaceObject', 'inaccessible');

const REQUIRING = {
  media: `${ALL}
      interface Media @key(fields: "id") { id: ID! title: String similar: [Media!] }
      type Book implements Media @key(fields: "id") { id: ID! title: String similar: [Media!] pages: Int }
      type Film implements Media @key(fields: "id") { id: ID! title: String similar: [Media!] minutes: Int! }
      type Query { media: [Media!] film: Film }`,
  ranks: `${ALL}
      type Media @key(fields: "id") @interfaceObject {
        id: ID!
        title: String @external
        rank: Int @requires(fields: "title")
        badge: String @requires(fields: "title")
        alike: [Media]
      }
      type Query { top(first: Int = 3): [Media!] }`,
};

export const SUPERGRAPHS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'requires with arguments': {
    shop: `${ALL}
      enum Currency { EUR USD }
      type Product @key(fields: "id") { id: ID! name: String price(currency: Currency = EUR, net: Boolean): Int weight: Float box: Box }
      type Box @shareable { size(unit: String! = "cm"): Int label: String }
      type Query { products: [Product!] product(id: ID!): Product }`,
    freight: `${ALL}
      enum Currency { EUR USD }
      type Product @key(fields: "id") {
        id: ID!
        price(currency: Currency = EUR, net: Boolean): Int @external
        weight: Float @external
        box: Box @external
        freight: Int @requires(fields: "price(currency: EUR) weight")
        freightAbroad: Int @requires(fields: "price(currency: USD, net: true)")
        packing: String @requires(fields: "box { size(unit: \\"in\\") label }")
        heavy: Boolean @requires(fields: "weight")
      }
      type Box @shareable { size(unit: String! = "cm"): Int label: String }
      type Query { cheapest: Product }`,
    offers: `${ALL}
      type Product @key(fields: "id") { id: ID! freight: Int @external heavy: Boolean @external offer: Offer @requires(fields: "freight heavy") rivals: [Product!]! }
      type Offer { text: String! product: Product! }
      type Query { offers(first: Int = 2): [Offer] }
      type Subscription { offered: Offer }
      type Mutation { offer(id: ID!): Offer withdraw(id: ID!): Product }`,
  },
  'provides, shareable, override': {
    posts: `${ALL}
      type Post @key(fields: "id") { id: ID! title: String! author: Person! @provides(fields: "name") stats: Stats @shareable editors: [Person!] @provides(fields: "name born") }
      type Person @key(fields: "id") { id: ID! name: String @external born: Int @external posts: [Post!]! }
      type Stats @shareable { reads: Int likes: Int }
      type Query { posts: [Post!]! me: Person @shareable }
      type Mutation { like(id: ID!): Post }`,
    people: `${ALL}
      type Person @key(fields: "id") { id: ID! name: String @shareable born: Int @shareable email: String! friends: [Person] mother: Person home: Home @shareable }
      type Home @shareable { street: String town: String @inaccessible }
      type Query { me: Person @shareable people(ids: [ID!]): [Person] }`,
    moved: `${ALL}
      type Person @key(fields: "id") { id: ID! email: String! @override(from: "people") home: Home @shareable nick: String }
      type Home @shareable { street: String flat: Flat }
      type Flat { number: Int! floor: Int }
      type Post @key(fields: "id") { id: ID! stats: Stats @shareable comments: [Comment!] }
      type Stats @shareable { reads: Int likes: Int }
      type Comment { text: String! by: Person }
      type Query { latest: [Comment!] }`,
  },
  'interface objects': {
    media: `${ALL}
      interface Media @key(fields: "id") { id: ID! title: String }
      type Book implements Media @key(fields: "id") { id: ID! title: String pages: Int }
      type Film implements Media @key(fields: "id") { id: ID! title: String minutes: Int! based: Book }
      type Query { media: [Media!] medium(id: ID!): Media book: Book }`,
    reviews: `${ALL}
      type Media @key(fields: "id") @interfaceObject { id: ID! reviews: [Review!]! score: Int }
      type Review { stars: Int! of: Media! by: String }
      type Query { best: Media latest: [Review] }
      type Subscription { reviewed(stars: Int): Review! }`,
    ranks: `${ALL}
      type Media @key(fields: "id") @interfaceObject { id: ID! rank: Int alike: [Media] }
      type Query { top(first: Int = 3): [Media!] }`,
  },
  'interface objects that require': REQUIRING,
  'interface objects that require, told of by a third': {
    ...REQUIRING,
    reviews: `${ALL}
      type Media @key(fields: "id") @interfaceObject { id: ID! score: Int praised: [Media!] }
      type Query { best: Media }`,
  },
  'one path through several types': {
    a: `${ALL}
      interface Dep { id: ID! name(as: Style): String photo: Photo shots: [Photo!] twin: Dep }
      type Aqua implements Dep @key(fields: "id") { id: ID! name(as: Style): String photo: Photo @provides(fields: "title") shots: [Photo!] twin: Dep cover: Photo }
      type Rept implements Dep @key(fields: "id") { id: ID! name(as: Style): String photo: Photo shots: [Photo!] twin: Dep cover: Plate }
      enum Style { LONG SHORT }
      type Photo @key(fields: "id") { id: ID! title: String @external }
      type Plate @key(fields: "id") { id: ID! }
      type Query { dep: Dep deps: [Dep!] mixed: [[Pic]] aqua: Aqua photos: [Photo!]! }
      union Pic = Aqua | Rept | Photo
      type Subscription { seen: Dep }`,
    b: `${ALL}
      type Photo @key(fields: "id") { id: ID! title: String @shareable thumb(w: Int, of: Cut): String wide: String size(unit: [Int!]): Int frame(n: Int): Frame of: Dep }
      type Plate @key(fields: "id") { id: ID! thumb(w: Int, of: Cut): String wide: String size(unit: [Int!]): Int frame(n: Int): Frame }
      input Cut { x: Int y: Int }
      type Frame @key(fields: "id") { id: ID! colour(dark: Boolean): String inner(n: Int): Frame }
      interface Dep { id: ID! }
      type Aqua implements Dep @key(fields: "id") { id: ID! }
      type Rept implements Dep @key(fields: "id") { id: ID! }`,
    c: `${ALL}
      type Frame @key(fields: "id") { id: ID! price(in: String = "EUR"): Int colour(dark: Boolean): String @external tint: String @requires(fields: "colour(dark: true)") }
      type Aqua @key(fields: "id") { id: ID! depth(unit: Int): Int tank: Frame }
      type Rept @key(fields: "id") { id: ID! depth(unit: Int): Int tank: Frame }`,
  },
  'nested and multiple keys': {
    a: `${ALL}
      type Office @key(fields: "org { id } code") @key(fields: "id") { id: ID! org: Org! code: String! name: String head: Clerk }
      type Org @key(fields: "id") { id: ID! label: String @shareable }
      type Clerk @key(fields: "email") { email: ID! desk: Int }
      type Query { offices: [Office!]! office(id: ID!): Office }`,
    b: `${ALL}
      type Office @key(fields: "org { id } code") { org: Org! code: String! phone: String clerks: [Clerk!] }
      type Org @key(fields: "id") { id: ID! label: String @shareable offices: [Office] }
      type Clerk @key(fields: "email") @key(fields: "badge") { email: ID! badge: Int! name: String! }
      type Query { orgs: [Org] }`,
    c: `${ALL}
      type Clerk @key(fields: "badge") { badge: Int! salary: Float deputy: Clerk room(floor: Int!): Room }
      type Room { number: String! clerks: [Clerk!]! }
      type Office @key(fields: "id") { id: ID! rooms: [[Room!]] }
      type Query { clerk(badge: Int!): Clerk rooms: [Room] }`,
  },
  'unions and lists of lists': {
    a: `${ALL}
      union Thing = Cat | Dog | Stone
      interface Named { name: String }
      interface Animal implements Named { name: String legs: Int friend: Animal }
      type Cat implements Animal & Named @key(fields: "id") { id: ID! name: String legs: Int friend: Animal lives: Int! }
      type Dog implements Animal & Named @key(fields: "id") { id: ID! name: String legs: Int friend: Animal tricks: [String!] }
      type Stone @key(fields: "id") { id: ID! weight: Float }
      type Query { things: [Thing!] grid: [[Thing]] animal(kind: Kind): Animal named: [Named] cube: [[[Cat!]!]] }
      enum Kind { CAT DOG SECRET @inaccessible }`,
    b: `${ALL}
      type Cat @key(fields: "id") { id: ID! owner: Owner toys: [[Toy!]!]! kind: Kind @shareable }
      type Dog @key(fields: "id") { id: ID! owner: Owner kind: Kind @shareable }
      type Stone @key(fields: "id") { id: ID! found: String near: [Place] }
      union Owner = Human | Zoo
      union Place = Human | Zoo | Dog
      type Human @key(fields: "id") { id: ID! name: String pets: [Pet!] }
      type Zoo @key(fields: "id") { id: ID! town: String! pets: [[Pet]!] }
      union Pet = Cat | Dog
      type Toy { label: String! of: Pet }
      enum Kind { CAT DOG SECRET @inaccessible }
      type Query { owners: [Owner!]! }`,
    c: `${ALL}
      type Human @key(fields: "id") { id: ID! age: Int! mood: Mood }
      type Zoo @key(fields: "id") { id: ID! animals: Int open: Boolean! }
      enum Mood { GOOD BAD }
      type Cat @key(fields: "id") { id: ID! mood: Mood! }
      type Query { humans: [Human] }`,
  },
  'nullability traps': {
    a: `${ALL}
      type Node @key(fields: "id") { id: ID! must: Leaf! may: Leaf next: Node! list: [Node!]! holes: [Node]! maybe: [Node!] grid: [[Node!]!]! }
      type Leaf @shareable { text: String! deep: Leaf }
      type Query { node: Node! nodes: [Node!]! perhaps: Node some: [Node] }`,
    b: `${ALL}
      type Node @key(fields: "id") { id: ID! sure: String! unsure: String pal: Node! pals: [Node!]! leaf: Leaf! }
      type Leaf @shareable { text: String! deep: Leaf }
      type Query { first: Node! any: [Node!] }
      type Subscription { changed: Node! maybeChanged: [Node] }`,
    c: `${ALL}
      type Node @key(fields: "id") { id: ID! far: Far! farther: [Far!]! }
      type Far { name: String! node: Node! }
      type Query { far: Far }`,
  },
};
