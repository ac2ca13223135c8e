/**
 * Two processes of every kind on one database: a part of the story across them, under load, while each of them is
 * restarted in turn. Nobody's request fails, nothing is done twice, and nothing is missing.
 */
import { createHash, randomUUID } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { type Client, createClient } from 'graphql-ws';
import pg from 'pg';
import WebSocket from 'ws';
import { MUSTERSTADT, PERSONAS, TRADE_REGISTRATION } from '../dev/demo/facts';
import type { Step } from '../dev/demo/play';
import { eventually, Player } from '../dev/demo/player';
import { Story } from '../dev/demo/story';
import { type Stack, startStack } from '../dev/stack';
import { SUBGRAPHS } from '../kernel/config';
import { migrate } from '../kernel/database/migrate';
import { type Balancer, startBalancer } from './setup/balancer';

jest.setTimeout(240_000);

const [, JONAS, MAX] = PERSONAS;
/** Processes that are restarted together, one of each kind at most; the other one of their kind serves meanwhile. */
const RESTARTS = [
  [
    ['gateway', 0],
    ['catalogue', 0],
  ],
  [
    ['identity', 0],
    ['messaging', 1],
  ],
  [
    ['applications', 0],
    ['payment', 1],
  ],
  [
    ['gateway', 1],
    ['catalogue', 1],
  ],
  [
    ['identity', 1],
    ['messaging', 0],
  ],
  [
    ['applications', 1],
    ['payment', 0],
  ],
] as const;
/** From here on both streams of the story have a cursor to come back with. */
const RESTARTED_FROM = 'Story17';

/** What a client does that follows Retry-After and knows two addresses: it goes to the other one. */
class LoadClient {
  answered = 0;
  movedOn = 0;
  readonly failures: string[] = [];

  constructor(
    private readonly gateways: readonly string[],
    private readonly token: string | null,
  ) {}

  // biome-ignore lint/suspicious/noExplicitAny: answers of several shapes
  async ask(first: number, query: string, variables: object = {}): Promise<any> {
    for (let tries = 0; tries < 40; tries++) {
      const gateway = this.gateways[(first + tries) % this.gateways.length]!;
      let response: Response;
      try {
        response = await fetch(`${gateway}/graphql`, {
          method: 'POST',
          headers: {
            'content-type': 'application/json',
            ...(this.token && { authorization: `Bearer ${this.token}` }),
          },
          body: JSON.stringify({ query, variables }),
        });
      } catch (error) {
        const { code } = (error as { cause: { code?: string } }).cause;
        if (code !== 'ECONNREFUSED') this.failures.push(`${code}: ${query.slice(0, 40)}`);
        await wait(50);
        continue;
      }
      // biome-ignore lint/suspicious/noExplicitAny: answers of several shapes
      const answer = (await response.json()) as any;
      if (response.status === 503 && response.headers.has('retry-after')) {
        this.movedOn += 1;
        continue;
      }
      if (response.ok && !answer.errors) this.answered += 1;
      else this.failures.push(`${response.status} ${JSON.stringify(answer.errors)}: ${query.slice(0, 40)}`);
      return answer;
    }
    throw new Error('Nobody answers.');
  }
}

interface Heard {
  readonly cursor: string;
  readonly kind: string;
  readonly applicationId: string;
}

/** Hears a stream at one gateway, comes back with its cursor, and keeps each event as often as it came. */
class Ear {
  private client: Client | undefined;
  private closed = false;

  constructor(
    private readonly gateways: readonly string[],
    private at: number,
    private readonly token: string,
    private readonly authorityId: string,
    /** What it has heard before: it goes on after that. */
    readonly heard: Heard[] = [],
  ) {
    this.open();
  }

  private open(): void {
    if (this.closed) return;
    const client = createClient({
      url: `${this.gateways[this.at]!.replace('http', 'ws')}/graphql`,
      webSocketImpl: WebSocket,
      retryAttempts: 0,
      connectionParams: { authorization: `Bearer ${this.token}` },
    });
    this.client = client;
    const again = () => {
      void Promise.resolve(client.dispose()).catch(() => {});
      this.at = (this.at + 1) % this.gateways.length;
      setTimeout(() => this.open(), 50);
    };
    client.subscribe<{ inboxChanged: Heard }>(
      {
        query: `subscription ($authorityId: ID!, $after: String) {
          inboxChanged(authorityId: $authorityId, after: $after) { cursor kind applicationId } }`,
        variables: { authorityId: this.authorityId, after: this.heard.at(-1)?.cursor ?? null },
      },
      { next: ({ data }) => void (data && this.heard.push(data.inboxChanged)), error: again, complete: again },
    );
  }

  close(): void {
    this.closed = true;
    this.client?.terminate();
  }
}

let stack: Stack;
let dataDir: string;
let database: pg.Client;
const balancers: Balancer[] = [];

beforeAll(async () => {
  dataDir = fs.mkdtempSync(path.join(os.tmpdir(), 'two-of-each-'));
  const names = ['gateway', 'identity', 'applications', 'payment'] as const;
  const [gateway, identity, applications, payment] = await Promise.all(names.map(startBalancer));
  balancers.push(gateway!, identity!, applications!, payment!);
  stack = await startStack({
    dataDir,
    durable: false,
    copies: 2,
    env: {
      GATEWAY_PUBLIC_URL: gateway!.url,
      GATEWAY_ORIGINS: gateway!.url,
      IDENTITY_PUBLIC_URL: identity!.url,
      APPLICATIONS_PUBLIC_URL: applications!.url,
      PAYMENT_PUBLIC_URL: payment!.url,
      RETURN_URLS: `${gateway!.url}/graphql,https://${MUSTERSTADT.portalHost}/back,https://${MUSTERSTADT.portalHost}/paid`,
      SUBGRAPH_TIMEOUT_MS: '10000',
    },
  });
  for (const [i, name] of names.entries()) balancers[i]!.stand(stack.addresses(name));
  database = new pg.Client({ connectionString: stack.databaseUrl });
  await database.connect();
});
afterAll(async () => {
  await database?.end();
  await stack?.stop();
  for (const balancer of balancers) await balancer.close();
  fs.rmSync(dataDir, { recursive: true, force: true });
});

test('the story goes on while every process is restarted in turn under load: 0 failed, nothing twice, nothing missing', async () => {
  const gateways = stack.addresses('gateway');
  const balanced = { ...stack, gatewayUrl: balancers[0]!.url, graphUrl: `${balancers[0]!.url}/graphql` };
  const returnUrl = `${balanced.gatewayUrl}/graphql`;
  const jonas = await Player.signIn(balanced, JONAS, { minimumTrustLevel: 'SUBSTANTIAL', method: 'EID', returnUrl });
  const max = await Player.signIn(balanced, MAX, { method: 'STAFF_SIGN_ON', returnUrl });
  const { session } = await max.do('Story00Desk');
  const tokenOf = async ({ browser }: Player) => (await browser.cookie('session', balanced.gatewayUrl))!;
  const maxToken = await tokenOf(max);
  const authorityId = session.staffMember.authority.id as string;
  const ears = [0, 1].map(at => new Ear(gateways, at, maxToken, authorityId));

  const reader = new LoadClient(gateways, null);
  const writer = new LoadClient(gateways, await tokenOf(jonas));
  const drafts: string[] = [];
  let over = false;
  const read = async () => {
    for (let i = 0; !over; i++) {
      await reader.ask(i, '{ services(first: 3) { nodes { leikaKey title } } }');
      await wait(20);
    }
  };
  /** The same key at both gateways in the same moment. */
  const write = async () => {
    while (!over) {
      const input = { leikaKey: TRADE_REGISTRATION, ars: MUSTERSTADT.municipalityArs, idempotencyKey: randomUUID() };
      const query = `mutation ($input: CreateDraftInput!) { createDraft(input: $input) { application { id } refusal { code } } }`;
      const answers = await Promise.all([0, 1].map(first => writer.ask(first, query, { input })));
      const ids = answers.map(({ data }) => data?.createDraft?.application?.id ?? JSON.stringify(data));
      if (ids[0] !== ids[1]) writer.failures.push(`one key made ${ids.join(' and ')}`);
      drafts.push(ids[0]);
      await wait(100);
    }
  };
  const load = Promise.all([read(), read(), write()]);

  const plan = RESTARTS.map(pair => [...pair]);
  let starting: Promise<unknown> = Promise.resolve();
  let begun = false;
  /** Waits until the ones before are up again; what is restarted now comes up while the story goes on. */
  const restartNext = async () => {
    const pair = plan.shift();
    if (!pair) return;
    await starting;
    await Promise.all(pair.map(([name, copy]) => stack.child(name, copy).stop()));
    starting = Promise.all(pair.map(([name, copy]) => stack.child(name, copy).start()));
    starting.catch(() => {});
  };
  let steps: Step[] = [];
  try {
    steps = await new Story(balanced, MUSTERSTADT, step => {
      begun ||= step.name === RESTARTED_FROM;
      return begun && restartNext();
    }).play();
    while (plan.length > 0) await restartNext();
    await starting;
  } finally {
    over = true;
    await load;
  }

  expect(steps.at(-1)?.name).toBe('elsewhere');
  expect([...reader.failures, ...writer.failures]).toEqual([]);
  expect(reader.answered).toBeGreaterThan(50);
  expect(reader.movedOn + writer.movedOn).toBeGreaterThan(0);

  // nothing twice: one row for each key
  const { rows: made } = await database.query(
    `SELECT id FROM applications.application WHERE state = 'DRAFT' AND id = ANY($1)`,
    [drafts],
  );
  expect(made).toHaveLength(new Set(drafts).size);
  expect(new Set(drafts).size).toBe(drafts.length);
  const { rows: counted } = await database.query(
    `SELECT count(*)::int AS count FROM applications.idempotency_key WHERE action = 'createDraft' AND result = ANY($1)`,
    [drafts],
  );
  expect(counted[0].count).toBe(drafts.length);

  // nothing missing: what was emitted has gapless positions, and was handled
  for (;;) {
    const left = await Promise.all(
      SUBGRAPHS.map(name => database.query(`SELECT count(*)::int AS n FROM ${name}.outbox`)),
    );
    if (left.every(({ rows }) => rows[0].n === 0)) break;
    await wait(50);
  }
  const { rows: positions } = await database.query(
    `SELECT count(*)::int AS count, max(position)::int AS last, count(DISTINCT position)::int AS different FROM events.event`,
  );
  expect([positions[0].count, positions[0].different]).toEqual([positions[0].last, positions[0].last]);
  for (const name of SUBGRAPHS) {
    const { rows } = await database.query(`SELECT type FROM ${name}.dead_letter`);
    expect(rows).toEqual([]);
  }
  const { rows: receipts } = await database.query(
    `SELECT count(*)::int AS count FROM events.event WHERE type = 'application.submitted'`,
  );
  const { rows: mails } = await database.query(
    `SELECT type, key, count(*)::int AS count FROM events.event
     WHERE type IN ('application.submitted', 'application.decided', 'payment.settled') GROUP BY type, key HAVING count(*) > 1`,
  );
  expect(receipts[0].count).toBe(1);
  expect(mails).toEqual([]);

  // both gateways have told all that there is, each event once, although streams broke at every restart
  const begin = ears[0]!.heard[0]!;
  ears.push(new Ear(gateways, 0, maxToken, authorityId, [begin]));
  const told = () => ears.map(({ heard }) => heard.map(({ cursor }) => cursor));
  const isEqual = () => new Set(told().map(String)).size === 1;
  await eventually(async () => isEqual(), Boolean, 'all have heard the same').catch(() => {});
  const [first, second, replayed] = told();
  expect(first!.length).toBeGreaterThan(5);
  expect(second).toEqual(first);
  expect(replayed).toEqual(first);
  expect(new Set(first).size).toBe(first!.length);
  for (const ear of ears) ear.close();
});

test('a session that ends at one gateway has ended at the other, which had kept it', async () => {
  const balanced = { ...stack, gatewayUrl: balancers[0]!.url, graphUrl: `${balancers[0]!.url}/graphql` };
  const returnUrl = `${balanced.gatewayUrl}/graphql`;
  const jonas = await Player.signIn(balanced, JONAS, { minimumTrustLevel: 'SUBSTANTIAL', method: 'EID', returnUrl });
  const authorization = `Bearer ${await jonas.browser.cookie('session', balanced.gatewayUrl)}`;
  const at = async (gateway: string, query: string) => {
    const response = await fetch(`${gateway}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization },
      body: JSON.stringify({ query }),
    });
    return response.status;
  };
  const [first, second] = stack.addresses('gateway');
  const WHO = '{ session { account { id } } }';
  for (const gateway of [first!, second!]) expect(await at(gateway, WHO)).toBe(200);
  expect(await at(first!, 'mutation { endSession(input: {}) { refusal { code } } }')).toBe(200);
  const began = performance.now();
  await eventually(
    () => at(second!, WHO),
    status => status === 401,
    'the other gateway hears of it',
  );
  expect(performance.now() - began).toBeLessThan(15_000); // it would keep what it knows for thirty seconds
});

test('a query that one gateway knows by its hash is asked for again by the other, which then knows it too', async () => {
  const query = '{ services(first: 1) { nodes { leikaKey } } }';
  const persistedQuery = { version: 1, sha256Hash: createHash('sha256').update(query).digest('hex') };
  const ask = async (gateway: string, body: object) => {
    const response = await fetch(`${gateway}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ ...body, extensions: { persistedQuery } }),
    });
    return (await response.json()) as { data?: unknown; errors?: { extensions: { code: string } }[] };
  };
  const [first, second] = stack.addresses('gateway') as [string, string];
  expect((await ask(first, { query })).errors).toBeUndefined();
  expect((await ask(second, {})).errors?.[0]?.extensions.code).toBe('PERSISTED_QUERY_NOT_FOUND');
  expect((await ask(second, { query })).errors).toBeUndefined();
  expect((await ask(second, {})).errors).toBeUndefined();
});

test('two that migrate the same database at once migrate it once', async () => {
  await database.query('CREATE DATABASE migrated_by_two');
  const url = new URL(stack.databaseUrl);
  url.pathname = '/migrated_by_two';
  const done: string[] = [];
  await Promise.all([0, 1].map(() => migrate(url.href, line => done.push(line))));
  expect(done.length).toBeGreaterThan(10);
  expect(new Set(done).size).toBe(done.length);
});
