/** The graph of the gateway benchmark: four static subgraphs, and the operations that are measured. */
import type { SubgraphName } from '../../kernel/config';

const LINK = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])';

export const SDL = {
  catalogue: `${LINK}
    type Service @key(fields: "leikaKey") { leikaKey: ID! title: String! summary: String! legalBasis: [String!]! }
    type Query { service(leikaKey: ID!): Service }`,
  identity: `${LINK}
    type Account @key(fields: "id") { id: ID! displayName: String! address: Address! }
    type Address { street: String! postcode: String! city: String! }`,
  applications: `${LINK}
    type Application @key(fields: "id") {
      id: ID! reference: String! state: State! submittedAt: String! note: String
      steps: [Step!]! service: Service! applicant: Account! thread: Thread!
    }
    type Step { action: String! at: String! by: String }
    enum State { SUBMITTED RECEIVED DECIDED }
    type Service @key(fields: "leikaKey", resolvable: false) { leikaKey: ID! }
    type Account @key(fields: "id", resolvable: false) { id: ID! }
    type Thread @key(fields: "id", resolvable: false) { id: ID! }
    type Query { inbox(first: Int!, after: Int!): [Application!]! }
    type Mutation { receive(id: ID!): Application! }`,
  messaging: `${LINK}
    type Thread @key(fields: "id") { id: ID! subject: String! unread: Int! lastMessage: String application: Application! }
    type Application @key(fields: "id", resolvable: false) { id: ID! }
    type Query { thread(id: ID!): Thread }`,
} as const satisfies Partial<Record<SubgraphName, string>>;

export type BenchSubgraph = keyof typeof SDL;
export const BENCH_SUBGRAPHS = Object.keys(SDL) as BenchSubgraph[];

interface Keyed {
  readonly id: string;
}

const service = (leikaKey: string) => ({
  leikaKey,
  title: `Gewerbe anmelden, Fall ${leikaKey}`,
  summary: 'Wer ein stehendes Gewerbe beginnt, zeigt es der zuständigen Behörde an. '.repeat(2),
  legalBasis: ['§ 14 GewO', '§ 55c GewO'],
});
const account = (id: string) => ({
  id,
  displayName: `Klara Mustermann ${id}`,
  address: { street: `Rathausplatz ${id.length}`, postcode: '24937', city: 'Musterstadt' },
});
const thread = (id: string) => ({
  id,
  subject: `Ihre Anmeldung ${id}`,
  unread: 2,
  lastMessage: 'Bitte reichen Sie den Mietvertrag bis zum Ende des Monats nach. Vielen Dank!',
  application: { id: `p${id.slice(1)}` },
});
const application = (id: string) => ({
  id,
  reference: `MUS-2026-${id}`,
  state: 'RECEIVED',
  submittedAt: '2026-11-02T09:30:00.000Z',
  note: null,
  steps: ['SUBMIT', 'ROUTE', 'RECEIVE'].map(action => ({ action, at: '2026-11-02T09:30:00.000Z', by: 'staff' })),
  service: { leikaKey: `s${Number(id.slice(1)) % 10}` }, // many cases are about few services
  applicant: { id: `a${id.slice(1)}` },
  thread: { id: `t${id.slice(1)}` },
});

export const RESOLVERS: Record<BenchSubgraph, Record<string, Record<string, unknown>>> = {
  catalogue: {
    Query: { service: (_: unknown, { leikaKey }: { leikaKey: string }) => service(leikaKey) },
    Service: { __resolveReference: ({ leikaKey }: { leikaKey: string }) => service(leikaKey) },
  },
  identity: { Account: { __resolveReference: ({ id }: Keyed) => account(id) } },
  applications: {
    Query: {
      inbox: (_: unknown, { first, after }: { first: number; after: number }) =>
        Array.from({ length: first }, (_, index) => application(`p${after + index}`)),
    },
    Mutation: { receive: (_: unknown, { id }: Keyed) => application(id) },
    Application: { __resolveReference: ({ id }: Keyed) => application(id) },
  },
  messaging: {
    Query: { thread: (_: unknown, { id }: Keyed) => thread(id) },
    Thread: { __resolveReference: ({ id }: Keyed) => thread(id) },
  },
};

/** What clients send; each differs from the one before, as it does from different people. */
export interface Case {
  readonly name: string;
  readonly query: string;
  readonly variables: (nth: number) => Record<string, unknown>;
}

/** Requests of a case that differ: more than clients that ask at a time, so that a gateway cannot fetch once for several. */
export const DIFFERENT = 64;

/** Every request of a case, as bodies. */
export const bodiesOf = ({ query, variables }: Case): string[] =>
  Array.from({ length: DIFFERENT }, (_, nth) => JSON.stringify({ query, variables: variables(nth) }));

const INBOX = `query Inbox($first: Int!, $after: Int!) {
  inbox(first: $first, after: $after) {
    id reference state submittedAt note steps { action at by }
    service { title summary legalBasis }
    applicant { displayName address { street postcode city } }
    thread { subject unread lastMessage }
  }
}`;

export const inboxOf = (first: number, name = ''): Case => ({
  name,
  query: INBOX,
  variables: after => ({ first, after }),
});

export const HOPS: Case = {
  name: 'c: three sequential hops',
  query: `query Thread($id: ID!) {
    thread(id: $id) { subject unread application { reference state service { title legalBasis } } }
  }`,
  variables: nth => ({ id: `t${nth}` }),
};

export const CASES: readonly Case[] = [
  {
    name: 'a: one small fetch',
    query: 'query Service($leikaKey: ID!) { service(leikaKey: $leikaKey) { title legalBasis } }',
    variables: nth => ({ leikaKey: `s${nth}` }),
  },
  inboxOf(50, 'b: 50 applications with three joins'),
  HOPS,
  {
    name: 'd: mutation with a join',
    query: 'mutation Receive($id: ID!) { receive(id: $id) { id reference state service { title } } }',
    variables: nth => ({ id: `p${nth}` }),
  },
];
