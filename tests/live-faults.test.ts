/**
 * A client that comes back with its last cursor misses nothing, whatever fails: the union of what it is told over all
 * drops and restarts of clients, gateway, subgraphs and database is what it may see, in the order of each thing, and
 * never without its object. Faults follow from a seed, which a failure tells: LIVE_FAULTS_SEED=… plays them again.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { createClient } from 'graphql-ws';
import pg from 'pg';
import WebSocket from 'ws';
import { type RunningGateway, startGateway } from '../gateway/server';
import { newId } from '../kernel/ids';
import { federatedSchema } from '../kernel/server/schema';
import { type RunningSubgraph, type Subgraph, startSubgraph } from '../kernel/server/subgraph.server';
import { type Line, startLine } from '../kernel/testing/line';
import { compose } from '../schema/compose';
import { isSecret, notes, ROOMS, TABLES, things } from './faults/things';
import { createTestDatabase, type OwnPostgres, startOwnPostgres } from './setup/database';

const FAULTS = Number(process.env.LIVE_FAULTS ?? 220);
const SEED = Number(process.env.LIVE_FAULTS_SEED ?? Math.floor(Math.random() * 2 ** 31));
const SETTLED_WITHIN_MS = 40_000;

/** mulberry32. */
let state = SEED;
function random(): number {
  state = (state + 0x6d2b79f5) | 0;
  let t = Math.imul(state ^ (state >>> 15), 1 | state);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
}
const oneOf = <T>(all: readonly T[]): T => all[Math.floor(random() * all.length)]!;
const between = (least: number, most: number): number => least + Math.floor(random() * (most - least));

let postgres: OwnPostgres;
let database: Awaited<ReturnType<typeof createTestDatabase>>;
let owner: pg.Pool;
let toDatabase: Line;
const toSubgraph = new Map<string, Line>();
let toGateway: Line;
const running = new Map<string, { manifest: Subgraph; port: number; server: RunningSubgraph }>();
let supergraph: string;
let gateway: RunningGateway;
const clients: Client[] = [];

interface Told {
  readonly n: number;
  readonly cursor: string;
  readonly thing: { readonly id: string; readonly note: string | null } | null;
}

/** As a front end does it: it keeps the last cursor, and comes back with it whenever its stream is over. */
class Client {
  readonly told: Told[] = [];
  readonly faulty: unknown[] = [];
  private cursor: string | null = null;
  private socket: WebSocket | null = null;
  private over = false;
  private readonly running: Promise<void>;

  constructor(private readonly selection: string) {
    this.running = this.run();
  }

  drop(): void {
    this.socket?.terminate();
  }

  async stop(): Promise<void> {
    this.over = true;
    this.drop();
    await this.running;
  }

  private async run(): Promise<void> {
    while (!this.over) {
      await this.listen().catch(() => {});
      await wait(20);
    }
  }

  private listen(): Promise<void> {
    const keep = (socket: WebSocket) => {
      this.socket = socket;
    };
    const client = createClient({
      url: `ws://127.0.0.1:${toGateway.port}/graphql`,
      webSocketImpl: class extends WebSocket {
        constructor(address: string, protocols?: string | string[]) {
          super(address, protocols, { handshakeTimeout: 2_000 });
          keep(this);
        }
      },
      retryAttempts: 0,
      connectionAckWaitTimeout: 2_000,
      keepAlive: 500,
    });
    const query = `subscription ($after: String) { thingChanged(after: $after) { cursor n ${this.selection} } }`;
    return new Promise<void>((resolve, reject) => {
      client.subscribe<{ thingChanged: Told | null }>(
        { query, variables: { after: this.cursor } },
        {
          next: ({ data, errors }) => {
            const event = data?.thingChanged;
            if (errors || !event) return void this.faulty.push({ errors, data });
            this.told.push(event);
            this.cursor = event.cursor;
          },
          error: reject,
          complete: resolve,
        },
      );
    }).finally(() => client.dispose());
  }
}

async function start(manifest: Subgraph, port = 0): Promise<void> {
  for (;;) {
    try {
      const server = await startSubgraph(manifest, { port });
      running.set(manifest.name, { manifest, port: server.port, server });
      return;
    } catch {
      await wait(50); // its database is away
    }
  }
}

async function restart(name: string): Promise<void> {
  const { manifest, port, server } = running.get(name)!;
  await server.stop();
  await start(manifest, port);
}

/** Each number once, in its transaction with its event, however often that has to be tried. */
async function write(n: number, id: string): Promise<void> {
  for (;;) {
    try {
      await owner.query(
        `WITH made AS (INSERT INTO catalogue.change VALUES ($1) ON CONFLICT DO NOTHING RETURNING n),
           changed AS (INSERT INTO catalogue.thing SELECT $2, n FROM made ON CONFLICT (id) DO UPDATE SET n = excluded.n)
         INSERT INTO catalogue.outbox (type, key, payload, occurred_at)
         SELECT 'thing.changed', $2, jsonb_build_object('n', n), now() FROM made`,
        [n, id],
      );
      return;
    } catch {
      await wait(30);
    }
  }
}

async function sql(text: string, values: unknown[] = []): Promise<void> {
  for (;;) {
    try {
      await owner.query(text, values);
      return;
    } catch {
      await wait(30);
    }
  }
}

async function briefly(line: Line): Promise<void> {
  await wait(between(10, 120));
  await line.mend();
}

/** Kind of fault → what it does, and how often among a hundred. */
const KINDS: Readonly<Record<string, readonly [share: number, () => Promise<void>]>> = {
  'backends terminated': [
    10,
    () => sql(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename LIKE '%\\_app' AND random() < 0.7`),
  ],
  'database dropped': [10, async () => toDatabase.drop()],
  'database refused': [
    6,
    async () => {
      await toDatabase.refuse();
      await briefly(toDatabase);
    },
  ],
  'database cut': [
    5,
    async () => {
      toDatabase.cut();
      await briefly(toDatabase);
    },
  ],
  'database late': [
    5,
    async () => {
      toDatabase.delay(between(5, 40));
      await briefly(toDatabase);
    },
  ],
  'database silent': [
    4,
    async () => {
      toDatabase.silence();
      await briefly(toDatabase);
    },
  ],
  'disk full': [
    18,
    async () => {
      const rooms = ROOMS.filter(() => random() < 0.5);
      await sql(`INSERT INTO events.full_disk SELECT unnest($1::text[]) ON CONFLICT DO NOTHING`, [rooms]);
      await wait(between(20, 200));
      await sql(`DELETE FROM events.full_disk`);
    },
  ],
  'client dropped': [14, async () => oneOf(clients).drop()],
  'gateway dropped': [5, async () => toGateway.drop()],
  'subgraph dropped': [10, async () => oneOf([...toSubgraph.values()]).drop()],
  'subgraph cut': [
    5,
    async () => {
      const line = oneOf([...toSubgraph.values()]);
      line.cut();
      await briefly(line);
    },
  ],
  'subgraph restarted': [5, () => restart(oneOf([...running.keys()]))],
  'gateway restarted': [
    2,
    async () => {
      const { port } = gateway;
      await gateway.stop();
      gateway = await startGateway({ supergraph, port });
    },
  ],
  'database crashed': [1, () => postgres.crash()],
};
const DECK = Object.entries(KINDS).flatMap(([kind, [share]]) => Array.from({ length: share }, () => kind));

beforeAll(async () => {
  postgres = await startOwnPostgres();
  database = await createTestDatabase();
  owner = new pg.Pool({ connectionString: database.url, max: 4 });
  owner.on('error', () => {});
  await owner.query(TABLES);
  toDatabase = await startLine(postgres.url);
  const url = new URL(database.url);
  url.port = String(toDatabase.port);
  process.env.DATABASE_URL = url.href;
  const sdls = [];
  for (const manifest of [things, notes]) {
    await start(manifest);
    const line = await startLine({ hostname: '127.0.0.1', port: running.get(manifest.name)!.port });
    toSubgraph.set(manifest.name, line);
    const address = `http://127.0.0.1:${line.port}`;
    process.env[`${manifest.name.toUpperCase()}_URL`] = address;
    sdls.push({ name: manifest.name, url: `${address}/graphql`, sdl: (await federatedSchema(manifest)).sdl });
  }
  ({ supergraph } = compose(sdls));
  gateway = await startGateway({ supergraph, port: 0 });
  toGateway = await startLine({ hostname: '127.0.0.1', port: gateway.port });
});

afterAll(async () => {
  await Promise.all(clients.map(client => client.stop()));
  await gateway?.stop();
  for (const { server } of running.values()) await server.stop();
  for (const line of [toGateway, toDatabase, ...toSubgraph.values()]) await line?.close();
  await owner.end();
  await database.drop();
  await postgres.stop();
});

test(`over ${FAULTS} faults (seed ${SEED}) every client is told all it may see, in order and whole`, async () => {
  const ids = Array.from({ length: 5 }, newId);
  const written: { n: number; id: string }[] = [];
  const change = async () => {
    const one = { n: written.length + 1, id: oneOf(ids) };
    written.push(one);
    await write(one.n, one.id);
  };
  for (const selection of [
    'thing { id note }',
    'thing { id note }',
    'surely { id } thing { id note }',
    'thing { id note }',
  ])
    clients.push(new Client(selection));
  // a client has a cursor to come back with from its first event on
  for (const began = Date.now(); clients.some(({ told }) => told.length === 0); await wait(50)) {
    if (Date.now() - began > SETTLED_WITHIN_MS) throw new Error('Nothing is told at all.');
    await change();
  }
  const first = Math.max(...clients.map(({ told }) => told[0]!.n));

  let injected = 0;
  const writing = (async () => {
    while (injected < FAULTS) {
      await change();
      await wait(15);
    }
  })();
  const done: string[] = [];
  for (; injected < FAULTS; injected += 1) {
    const kind = oneOf(DECK);
    done.push(kind);
    await KINDS[kind]![1]();
    await wait(between(5, 60));
  }
  await writing;
  do await change();
  while (isSecret(written.length));

  const last = written.at(-1)!.n;
  const isThere = ({ told }: Client) => told.some(({ n }) => n === last);
  for (const began = Date.now(); !clients.every(isThere) && Date.now() - began < SETTLED_WITHIN_MS; ) await wait(50);

  const visible = written.filter(({ n }) => n >= first && !isSecret(n));
  for (const { told, faulty } of clients) {
    const numbers = new Set(told.map(({ n }) => n));
    expect(visible.filter(({ n }) => !numbers.has(n))).toEqual([]); // nothing is missing
    expect(told.filter(({ n }) => isSecret(n))).toEqual([]);
    expect(faulty).toEqual([]); // nothing comes in pieces
    for (const { n, thing } of told) {
      const { id } = written[n - 1]!;
      expect([n, thing]).toEqual([n, { id, note: `note of ${id}` }]);
    }
    for (const id of ids) {
      const firsts = [...numbers].filter(n => written[n - 1]!.id === id);
      expect(firsts).toEqual([...firsts].sort((a, b) => a - b));
    }
  }
  expect(new Set(done).size).toBeGreaterThan(10);
  expect(written.length).toBeGreaterThan(FAULTS);
}, 240_000);
