/** Three small subgraphs behind a real gateway, for its tests: services, cases about them, and people. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Client, createClient } from 'graphql-ws';
import type { JWTPayload } from 'jose';
import WebSocket from 'ws';
import { subgraphConfig } from '../../kernel/config';
import { graphError, notFound } from '../../kernel/errors';
import { type Asker, type Envelope, verifyPrincipal } from '../../kernel/principal';
import { pushIterator } from '../../kernel/push-iterator';
import { TrustLevel } from '../../kernel/trust';
import { compose } from '../../schema/compose';
import type { GatewayOptions, RunningGateway } from '../server';
import { startGateway } from '../server';
import { startIssuer, type TestIssuer } from './issuer';
import { type Answer, type StaticSubgraph, startStaticSubgraph } from './static-subgraph';

const LINK =
  'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@shareable", "@authenticated", "@requiresScopes", "@tag"])';

export const SDL = {
  catalogue: `${LINK}
    scalar Ars
    "A service (Leistung)."
    type Service @key(fields: "leikaKey") @tag(name: "public") { leikaKey: ID! @tag(name: "shared") title: String! @tag(name: "shared") legalBasis: String
      "What it says to those of these rights." words: String @tag(name: "shared")
      "Whom it knows." seenBy: String }
    type Services @tag(name: "public") { nodes: [Service!] }
    type Query { page(first: Int = 20): Services @tag(name: "public") services: [Service!] @tag(name: "public") service(leikaKey: ID!): Service @tag(name: "public") area(ars: Ars!): String }`,
  identity: `${LINK}
    type Account @key(fields: "id") { id: ID! displayName: String }
    type Query { whoAmI: String account(id: ID!): Account @authenticated }
    type Mutation { startSignIn(returnUrl: String!): String }`,
  applications: `${LINK}
    type Service @key(fields: "leikaKey", resolvable: false) { leikaKey: ID! @tag(name: "shared") }
    type Account @key(fields: "id", resolvable: false) { id: ID! }
    type Application @key(fields: "id") @authenticated { id: ID! @tag(name: "shared") state: String! @tag(name: "shared") service: Service @tag(name: "shared") applicant: Account notes: [String!] @requiresScopes(scopes: [["staff:read"]]) pages(first: Int = 20): Pages }
    type Pages { nodes: [Page!] }
    type Page { title: String }
    type ApplicationEvent { cursor: String! @tag(name: "shared") kind: String! @tag(name: "shared") application: Application @tag(name: "shared")
      "Whom the stream is of." seenBy: String }
    type Query { application(id: ID!): Application inbox: [Application!] }
    type Mutation { submit(id: ID!): Application }
    type Subscription { inboxChanged(after: String): ApplicationEvent! @tag(name: "shared") ticks: Int @tag(name: "public") }`,
} as const;

export interface InboxEvent {
  readonly position: number;
  readonly kind: string;
  readonly applicationId: string;
}

/** As a subgraph's feed does, it hands on whatever there is. */
const MOST_EVENTS = 1_000_000;

/** The events of the inbox, kept outside the subgraph as its database would. */
export class EventLog {
  private readonly events: InboxEvent[] = [];
  private readonly readers = new Set<(event: InboxEvent) => void>();
  private waiting: (() => void)[] = [];
  /** Staff whose streams are refused from their next event on. */
  readonly forbidden = new Set<string>();
  /** Staff whose sockets are closed with 4403 as soon as they are opened. */
  readonly barred = new Set<string>();
  /** Whose sockets were asked for, in order. */
  readonly asked: string[] = [];

  get head(): number {
    return this.events.length;
  }

  add(kind: string, applicationId: string): void {
    const event = { position: this.events.length + 1, kind, applicationId };
    this.events.push(event);
    for (const reader of this.readers) reader(event);
  }

  /** Resolves when so many read. */
  async read(count = 1): Promise<void> {
    while (this.readers.size < count) await new Promise<void>(resolve => this.waiting.push(resolve));
  }

  acknowledge(asked: Envelope | null): Record<string, unknown> | false {
    const staffMember = staffMemberOf(asked);
    this.asked.push(staffMember);
    return this.barred.has(staffMember) ? false : { cursor: String(this.head) };
  }

  stream(after: number, asked: Envelope | null): AsyncGenerator<InboxEvent> {
    return pushIterator<InboxEvent>(({ push, end }) => {
      const read = (event: InboxEvent) => {
        if (this.forbidden.has(staffMemberOf(asked))) end(graphError('FORBIDDEN'));
        else push(event);
      };
      for (const event of this.events.slice(after)) read(event);
      this.readers.add(read);
      for (const resolve of this.waiting.splice(0)) resolve();
      return () => this.readers.delete(read);
    }, MOST_EVENTS);
  }
}

const staffMemberOf = (asked: Envelope | null): string =>
  asked?.principal.kind === 'staff' ? asked.principal.staffMemberId : '';

/** Everything of the asker. */
const seenBy = (_: unknown, __: unknown, asked: Envelope | null): string =>
  JSON.stringify([asked?.principal, asked?.language]);

/** What of the asker all others of the same rights have too. */
const words = (_: unknown, __: unknown, asked: Envelope | null): string => {
  const { principal, language } = asked ?? {};
  if (principal?.kind !== 'staff') return JSON.stringify([principal, language]);
  const { authorityId, departmentId, scopes } = principal;
  return JSON.stringify([authorityId, departmentId, scopes, language]);
};

/** What identity knows of the subjects of tokens. */
export class People {
  readonly principals = new Map<string, Asker>([
    [
      'klara',
      {
        kind: 'person',
        sessionId: 's-klara',
        accountId: 'klara',
        actingFor: 'klara',
        services: null,
        readOnly: false,
        trustLevel: TrustLevel.SUBSTANTIAL,
      },
    ],
    [
      'max',
      {
        kind: 'staff',
        sessionId: 's-max',
        staffMemberId: 'max',
        authorityId: 'a1',
        departmentId: null,
        scopes: ['staff:read'],
      },
    ],
  ]);
  /** Milliseconds until the rights of a subject change by the clock alone. */
  readonly changesInMs = new Map<string, number>();
  asked = 0;
  private readonly streams = new Set<ServerResponse>();
  private waiting: (() => void)[] = [];

  readonly answer: Answer = async (request, response, body) => {
    if (!request.url?.startsWith('/internal/')) return false;
    const isStream = request.url === '/internal/revocations';
    if (!(await isFromGateway(request, isStream ? undefined : body))) {
      response.statusCode = 401;
      response.end('{"error":"UNAUTHENTICATED"}');
    } else if (isStream) {
      response.write('{}\n');
      this.streams.add(response);
      response.once('close', () => this.streams.delete(response));
      for (const resolve of this.waiting.splice(0)) resolve();
    } else {
      this.asked += 1;
      const { claims } = JSON.parse(body) as { claims: { sub: string } };
      const principal = this.principals.get(claims.sub);
      response.statusCode = principal ? 200 : 401;
      const changesInMs = this.changesInMs.get(claims.sub) ?? null;
      response.end(JSON.stringify(principal ? { principal, changesInMs } : { error: 'UNAUTHENTICATED' }));
    }
    return true;
  };

  /** Resolves when the gateway listens. */
  async heard(): Promise<void> {
    if (this.streams.size === 0) await new Promise<void>(resolve => this.waiting.push(resolve));
  }

  revoke(revocation: Record<string, string>): void {
    for (const stream of this.streams) stream.write(`${JSON.stringify(revocation)}\n`);
  }
}

async function isFromGateway(request: IncomingMessage, body: string | undefined): Promise<boolean> {
  const token = request.headers.authorization?.slice('Bearer '.length) ?? '';
  const { accepted } = subgraphConfig('identity');
  return verifyPrincipal(token, 'gateway', 'identity', accepted, body).then(
    ({ principal }) => principal.kind === 'anonymous',
    () => false,
  );
}

const SERVICES = [
  { leikaKey: '99050012104000', title: 'Gewerbe anmelden', legalBasis: '§ 14 GewO' },
  { leikaKey: '99115005060000', title: 'Wohnsitz anmelden', legalBasis: null },
];
const APPLICATIONS = [
  { id: 'p1', state: 'RECEIVED', service: { leikaKey: '99050012104000' }, applicant: { id: 'klara' } },
  { id: 'p2', state: 'DECIDED', service: { leikaKey: '99115005060000' }, applicant: { id: 'unknown' } },
];
const byId = (id: string) => APPLICATIONS.find(one => one.id === id) ?? null;

type Named = 'catalogue' | 'identity' | 'applications';

export interface World {
  readonly gateway: RunningGateway;
  readonly issuer: TestIssuer;
  readonly people: People;
  readonly log: EventLog;
  readonly subgraphs: Record<Named, StaticSubgraph>;
  readonly url: string;
  ask(query: string, more?: Ask): Promise<Answered>;
  /** A graphql-ws client; closes with the world. */
  socket(token?: string | null, headers?: Record<string, string>, params?: Record<string, unknown>): Client;
  kill(name: Named): Promise<void>;
  /** Starts a killed subgraph again at its old port. */
  revive(name: Named): Promise<void>;
  token(subject: string, claims?: JWTPayload): Promise<string>;
  stop(): Promise<void>;
}

export interface Ask {
  readonly variables?: Record<string, unknown>;
  readonly token?: string;
  readonly headers?: Record<string, string>;
  readonly operationName?: string;
}

export interface Answered {
  readonly status: number;
  readonly headers: Headers;
  readonly data?: Record<string, unknown> | null;
  readonly errors?: { message: string; path?: (string | number)[]; extensions: Record<string, unknown> }[];
}

/** Overrides answers of a subgraph, to make it fail. */
export type Faults = Partial<Record<Named, Answer>>;

export async function startWorld(options: Partial<GatewayOptions> = {}, faults: Faults = {}): Promise<World> {
  const issuer = await startIssuer();
  const staffIssuer = await startIssuer();
  const people = new People();
  const log = new EventLog();
  const start: Record<Named, (port?: number) => Promise<StaticSubgraph>> = {
    catalogue: port => startStaticSubgraph({ ...catalogue(), ...at(port), ...answer(faults.catalogue) }),
    identity: port =>
      startStaticSubgraph({
        ...identity(people),
        ...at(port),
        answer: async (...args) => (await faults.identity?.(...args)) || (await people.answer(...args)),
      }),
    applications: port =>
      startStaticSubgraph({
        ...applications(log),
        ...at(port),
        ...answer(faults.applications),
        acknowledgement: asked => log.acknowledge(asked),
      }),
  };
  const subgraphs = {
    catalogue: await start.catalogue(),
    identity: await start.identity(),
    applications: await start.applications(),
  };
  for (const { name, url } of Object.values(subgraphs)) process.env[`${name.toUpperCase()}_URL`] = url;
  Object.assign(process.env, {
    CITIZEN_ISSUER: issuer.url,
    ORGANISATION_ISSUER: 'https://organisations.example',
    STAFF_ISSUER: staffIssuer.url,
    GATEWAY_ORIGINS: ['https://portal.example', `http://127.0.0.1:${options.port ?? 0}`].join(),
  });
  const { supergraph } = compose(
    Object.values(subgraphs).map(({ name, url }) => ({ name, url: `${url}/graphql`, sdl: SDL[name as Named] })),
  );
  const gateway = await startGateway({ supergraph, port: 0, ...options });
  const url = `http://127.0.0.1:${gateway.port}`;
  const clients: Client[] = [];
  if (!options.plain) await people.heard();

  return {
    gateway,
    issuer,
    people,
    log,
    subgraphs,
    url,
    token: (sub, claims = {}) => issuer.token({ sub, ...claims }),
    async ask(query, { variables, token, headers, operationName } = {}) {
      const response = await fetch(`${url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }), ...headers },
        body: JSON.stringify({ query, variables, operationName }),
      });
      const body = (await response.json()) as Pick<Answered, 'data' | 'errors'>;
      return { status: response.status, headers: response.headers, ...body };
    },
    socket(token, headers = {}, params = {}) {
      class Socket extends WebSocket {
        constructor(address: string, protocols: string) {
          super(address, protocols, { headers });
        }
      }
      const client = createClient({
        url: `${url.replace('http', 'ws')}/graphql`,
        webSocketImpl: Socket,
        retryAttempts: 0,
        connectionParams: { ...(token && { authorization: `Bearer ${token}` }), ...params },
      });
      clients.push(client);
      return client;
    },
    kill: name => subgraphs[name].kill(),
    async revive(name) {
      subgraphs[name] = await start[name](subgraphs[name].port);
    },
    async stop() {
      for (const client of clients) await Promise.resolve(client.dispose()).catch(() => {});
      await gateway.stop();
      for (const subgraph of Object.values(subgraphs)) await subgraph.kill();
      await issuer.stop();
      await staffIssuer.stop();
    },
  };

  function at(port: number | undefined) {
    return { ...(port !== undefined && { port }), signed: !options.plain };
  }
  function answer(fault: Answer | undefined) {
    return { ...(fault && { answer: fault }) };
  }
}

const catalogue = () => ({
  name: 'catalogue' as const,
  sdl: SDL.catalogue,
  resolvers: {
    Query: {
      services: () => SERVICES,
      page: () => ({ nodes: SERVICES }),
      service: (_: unknown, { leikaKey }: { leikaKey: string }) =>
        SERVICES.find(one => one.leikaKey === leikaKey) ?? null,
      area: (_: unknown, { ars }: { ars: string }) => ars,
    },
    Service: {
      words,
      seenBy,
      __resolveReference: ({ leikaKey }: { leikaKey: string }) =>
        SERVICES.find(one => one.leikaKey === leikaKey) ?? null,
    },
  },
});

const identity = (people: People) => ({
  name: 'identity' as const,
  sdl: SDL.identity,
  resolvers: {
    Query: {
      whoAmI: (_: unknown, __: unknown, asked: Envelope) => JSON.stringify(asked.principal),
      account: (_: unknown, { id }: { id: string }) => {
        if (!people.principals.has(id)) throw notFound();
        return { id };
      },
    },
    Mutation: { startSignIn: (_: unknown, { returnUrl }: { returnUrl: string }) => returnUrl },
    Account: {
      __resolveReference: ({ id }: { id: string }) => ({ id }),
      displayName: ({ id }: { id: string }, _: unknown, asked: Envelope | null) => {
        if (id === 'unknown') throw graphError('FORBIDDEN', { field: 'displayName' });
        return `${id} as seen by ${asked?.principal.kind ?? 'anybody'}`;
      },
    },
  },
});

const applications = (log: EventLog) => ({
  name: 'applications' as const,
  sdl: SDL.applications,
  resolvers: {
    Query: {
      application: (_: unknown, { id }: { id: string }) => {
        const found = byId(id);
        if (!found) throw notFound();
        return found;
      },
      inbox: () => APPLICATIONS,
    },
    Mutation: { submit: (_: unknown, { id }: { id: string }) => byId(id) },
    Application: { __resolveReference: ({ id }: { id: string }) => byId(id) },
    ApplicationEvent: { seenBy },
    Subscription: {
      ticks: {
        subscribe: (_: unknown, __: unknown, asked: Envelope | null) => log.stream(log.head, asked),
        resolve: (event: InboxEvent) => event.position,
      },
      inboxChanged: {
        subscribe: (_: unknown, { after }: { after?: string | null }, asked: Envelope | null) => {
          if (after === 'too-old') throw graphError('CURSOR_EXPIRED');
          return log.stream(after == null ? log.head : Number(after), asked);
        },
        resolve: (event: InboxEvent) => {
          if (event.kind === 'BROKEN') throw graphError('FORBIDDEN');
          return { cursor: String(event.position), kind: event.kind, application: byId(event.applicationId) };
        },
      },
    },
  },
});
