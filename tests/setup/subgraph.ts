/** Test harness of one subgraph: really running on real PostgreSQL, asked as the gateway would ask it. */
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { createClient } from 'graphql-ws';
import pg from 'pg';
import WebSocket from 'ws';
import { subgraphConfig } from '../../kernel/config';
import { newId } from '../../kernel/ids';
import {
  ANONYMOUS,
  type Envelope,
  type Person,
  type Principal,
  type Staff,
  signPrincipal,
  verifyPrincipal,
} from '../../kernel/principal';
import { type RunningSubgraph, type Subgraph, startSubgraph } from '../../kernel/server/subgraph.server';
import { TrustLevel } from '../../kernel/trust';
import { createTestDatabase } from './database';

export interface Answer<T = Record<string, never>> {
  data: T;
  errors?: { message: string; path?: (string | number)[]; extensions: Record<string, unknown> & { code: string } }[];
  /** SQL statements the subgraph needed. */
  statements: number;
}

type AskAnswer = (variables: Record<string, unknown>, asked: Envelope) => unknown;

export interface TestSubgraph {
  readonly running: RunningSubgraph;
  readonly url: string;
  /** One operation as somebody. `T` is the shape of data. */
  as(
    principal: Principal,
    language?: 'de' | 'en',
  ): {
    // biome-ignore lint/suspicious/noExplicitAny: tests read answers of many shapes
    query<T = any>(query: string, variables?: Record<string, unknown>): Promise<Answer<T>>;
    /** @param more what the gateway says when it connects, besides who asks */
    // biome-ignore lint/suspicious/noExplicitAny: tests read answers of many shapes
    subscribe<T = any>(query: string, variables?: Record<string, unknown>, more?: () => object): LiveAnswers<T>;
  };
  /** What the rest of the graph answers to an ask of this subgraph, by the ask's name; throw to be unavailable. */
  answerAsk(name: string, answer: AskAnswer): void;
  /** An event of another subgraph; resolves when the reactions have handled it. */
  publish(source: string, type: string, key: string, payload: object): Promise<void>;
  /** Several that become known at one moment. */
  publishAll(source: string, events: readonly { type: string; key: string; payload: object }[]): Promise<void>;
  /** All events this subgraph has published, in order, once its outbox is empty. */
  published(
    type?: string,
  ): Promise<{ type: string; key: string; payload: Record<string, unknown>; position: number }[]>;
  /** SQL as the owner, past all row security. */
  sql<T = Record<string, unknown>>(text: string, values?: unknown[]): Promise<T[]>;
  stop(): Promise<void>;
}

export interface LiveAnswers<T> {
  /** The next message; rejects when the stream ends with an error or after 10 s without one. */
  next(): Promise<Answer<T>>;
  close(): void;
}

/** @param reroute changes the address at which the subgraph itself reaches the database */
export async function startTestSubgraph(subgraph: Subgraph, reroute?: (url: URL) => void): Promise<TestSubgraph> {
  const database = await createTestDatabase();
  if (reroute) {
    const url = new URL(database.url);
    reroute(url);
    process.env.DATABASE_URL = url.href;
  }
  const asks = new Map<string, AskAnswer>();
  const { secret } = subgraphConfig(subgraph.name);
  const gateway = http.createServer(async (req, res) => {
    const chunks: Buffer[] = [];
    for await (const chunk of req) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    try {
      const token = (req.headers.authorization ?? '').replace('Bearer ', '');
      const envelope = await verifyPrincipal(token, subgraph.name, 'gateway', [secret], body);
      const { name, variables } = JSON.parse(body.toString()) as { name: string; variables: Record<string, unknown> };
      const answer = asks.get(name.replace(`${subgraph.name}.`, ''));
      if (!answer) throw new Error(`No answer to the ask ${name} was given in this test.`);
      const data = await answer(variables, envelope);
      res.setHeader('content-type', 'application/json').end(JSON.stringify({ data }));
    } catch {
      res.statusCode = 503;
      res
        .setHeader('content-type', 'application/json')
        .end('{"errors":[{"extensions":{"code":"SUBGRAPH_UNAVAILABLE"}}]}');
    }
  });
  await new Promise<void>(resolve => gateway.listen(0, '127.0.0.1', resolve));
  process.env.GATEWAY_URL = `http://127.0.0.1:${(gateway.address() as AddressInfo).port}`;
  const running = await startSubgraph(subgraph, { port: 0 });
  const url = `http://127.0.0.1:${running.port}`;
  const owner = new pg.Pool({ connectionString: database.url, max: 2 });
  owner.on('error', () => {});
  const sql = async <T>(text: string, values: unknown[] = []) => (await owner.query(text, values)).rows as T[];

  const publishAll: TestSubgraph['publishAll'] = async (source, events) => {
    const [head] = await sql<{ position: string }>(
      `WITH moved AS (UPDATE events.head SET position = position + $3 RETURNING position - $3 AS before),
         stored AS (INSERT INTO events.event
           SELECT before + place, $1, event->>'type', (event->>'key')::uuid, event->'payload', now()
           FROM moved CROSS JOIN jsonb_array_elements($2) WITH ORDINALITY AS one (event, place) RETURNING position)
       SELECT max(position) AS position FROM stored`,
      [source, JSON.stringify(events), events.length],
    );
    await sql(`SELECT pg_notify('events', '')`);
    await running.reached(Number(head!.position));
  };

  const sign = (principal: Principal, language: 'de' | 'en', body?: string) =>
    signPrincipal({ principal, language, requestId: newId() }, 'gateway', subgraph.name, secret, body);

  return {
    running,
    url,
    sql,
    as: (principal, language = 'de') => ({
      async query<T>(query: string, variables: Record<string, unknown> = {}): Promise<Answer<T>> {
        const body = JSON.stringify({ query, variables });
        const response = await fetch(`${url}/graphql`, {
          method: 'POST',
          headers: {
            'content-type': 'application/json',
            authorization: `Bearer ${await sign(principal, language, body)}`,
          },
          body,
        });
        const answer = (await response.json()) as Answer<T>;
        return { ...answer, statements: Number(response.headers.get('x-sql-statements')) };
      },
      subscribe<T>(query: string, variables: Record<string, unknown> = {}, more = () => ({})): LiveAnswers<T> {
        const client = createClient({
          url: `${url.replace('http', 'ws')}/graphql`,
          webSocketImpl: WebSocket,
          retryAttempts: 0,
          connectionParams: async () => ({ principal: await sign(principal, language), ...more() }),
        });
        const iterator = client.iterate<T>({ query, variables });
        return {
          async next() {
            let timer: NodeJS.Timeout | undefined;
            const late = new Promise<never>((_, reject) => {
              timer = setTimeout(() => reject(new Error('No message within 10 s.')), 10_000);
            });
            const result = await Promise.race([iterator.next(), late]).finally(() => clearTimeout(timer));
            if (result.done) throw new Error('The stream has ended.');
            return result.value as unknown as Answer<T>;
          },
          close() {
            void iterator.return?.();
            void client.dispose();
          },
        };
      },
    }),
    answerAsk: (name, answer) => void asks.set(name, answer),
    publish: (source, type, key, payload) => publishAll(source, [{ type, key, payload }]),
    publishAll,
    async published(type) {
      for (let tries = 0; ; tries++) {
        const [left] = await sql<{ count: string }>(`SELECT count(*) FROM ${subgraph.name}.outbox`);
        if (left!.count === '0') break;
        if (tries > 200) throw new Error('The outbox is not emptied.');
        await new Promise(resolve => setTimeout(resolve, 25));
      }
      const found = await sql<{ type: string; key: string; payload: Record<string, unknown>; position: string }>(
        `SELECT type, key, payload, position FROM events.event WHERE source = $1 AND ($2::text IS NULL OR type = $2) ORDER BY position`,
        [subgraph.name, type ?? null],
      );
      return found.map(row => ({ ...row, position: Number(row.position) }));
    },
    async stop() {
      await running.stop();
      gateway.closeAllConnections();
      await new Promise(resolve => gateway.close(resolve));
      await owner.end();
      await database.drop();
    },
  };
}

export { ANONYMOUS };

/** A signed-in citizen of a fresh account. */
export const person = (given: Partial<Person> = {}): Person => {
  const accountId = given.accountId ?? newId();
  return {
    kind: 'person',
    sessionId: newId(),
    accountId,
    actingFor: accountId,
    services: null,
    readOnly: false,
    trustLevel: TrustLevel.SUBSTANTIAL,
    ...given,
  };
};

/** Somebody of an authority's staff. */
export const staff = (given: Partial<Staff> = {}): Staff => ({
  kind: 'staff',
  sessionId: newId(),
  staffMemberId: newId(),
  authorityId: newId(),
  departmentId: null,
  scopes: ['staff:read', 'staff:work', 'staff:decide'],
  ...given,
});
