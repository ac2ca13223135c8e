/** The whole platform as processes of this machine: PostgreSQL, what lies outside, five subgraphs, the gateway. */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { POPULATIONS, SUBGRAPHS, type SubgraphName, setting } from '../kernel/config';
import { migrate } from '../kernel/database/migrate';
import { Child, lateness } from './children';
import { MUSTERSTADT, PERSONAS, type Persona, type Place } from './demo/facts';
import { startPostgres } from './postgres';
import { demandWritable, makeFolder } from './postgres.places';
import { StartError } from './start-error';

export interface StackOptions {
  /** Folder of the embedded database, stored documents and logs. */
  readonly dataDir: string;
  /** A PostgreSQL to use instead of the embedded one. */
  readonly databaseUrl?: string;
  /** First of the ports 4000, 4001 …; free ports when not given. */
  readonly basePort?: number;
  readonly place?: Place;
  /** Folder with real data to import first. */
  readonly importFrom?: string;
  /** False trades safety against power loss for speed. */
  readonly durable?: boolean;
  /** Processes of each kind, as docs/how-to/run-two-of-each.md has them; 1 when not given. */
  readonly copies?: number;
  /** Settings that count in place of the usual ones, such as those of the environment. */
  readonly env?: Readonly<Record<string, string>>;
  readonly tell?: (line: string) => void;
  /** Ends a start in its middle: it fails once all that it has started has ended. */
  readonly signal?: AbortSignal;
}

export interface Stack {
  readonly graphUrl: string;
  readonly gatewayUrl: string;
  /** The OpenID provider of staff and machines. */
  readonly issuer: string;
  readonly paymentProviderUrl: string;
  readonly lineOfBusinessUrl: string;
  readonly mailUrl: string;
  /** Which of what lies outside is simulated: openid, payment, register, mail. */
  readonly simulators: readonly string[];
  readonly databaseUrl: string;
  readonly env: Readonly<Record<string, string>>;
  readonly child: (name: SubgraphName | 'gateway' | 'services', copy?: number) => Child;
  /** Where each process of a kind listens. */
  readonly addresses: (name: SubgraphName | 'gateway') => readonly string[];
  stop(): Promise<void>;
}

interface Ports {
  readonly gateway: number;
  readonly subgraphs: Readonly<Record<SubgraphName, number>>;
  readonly openid: number;
  readonly provider: number;
  readonly business: number;
  readonly smtp: number;
  readonly mail: number;
  readonly postgres: number;
}

const HIGHEST_PORT = 65_535;
const OFFSETS = [0, 1, 2, 3, 4, 5, 10, 11, 12, 13, 14, 15];

/**
 * @param base 4000 gives 4000 for the gateway, 4001–4005 for the subgraphs, 4010–4015 for what lies outside
 * @param given settings, some of which name a port
 */
export async function portsFrom(base: number | undefined, given: Readonly<Record<string, string>>): Promise<Ports> {
  const highest = HIGHEST_PORT - OFFSETS.at(-1)!;
  if (base !== undefined && base > highest)
    throw new StartError(`GATEWAY_PORT is malformed (the others follow it, so it is at most ${highest}).`);
  const numbers = base === undefined ? await freePorts(OFFSETS.length) : OFFSETS.map(n => base + n);
  const [gateway = 0, ...others] = numbers;
  const [openid = 0, provider = 0, business = 0, smtp = 0, mail = 0, postgres = 0] = others.slice(SUBGRAPHS.length);
  return {
    gateway,
    subgraphs: Object.fromEntries(
      SUBGRAPHS.map((name, i) => [name, Number(given[`${name.toUpperCase()}_PORT`] ?? others[i])]),
    ) as Ports['subgraphs'],
    openid,
    provider,
    business,
    smtp,
    mail: Number(given.MAIL_SINK_HTTP ?? mail),
    postgres,
  };
}

async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from(
      { length: count },
      () =>
        new Promise<net.Server>((resolve, reject) => {
          const server = net
            .createServer()
            .once('error', reject)
            .listen(0, '127.0.0.1', () => resolve(server));
        }),
    ),
  );
  const ports = servers.map(server => (server.address() as net.AddressInfo).port);
  await Promise.all(servers.map(server => new Promise(resolve => server.close(resolve))));
  return ports;
}

/** @throws Error in one sentence when a port is taken or may not be used, before anything is started. */
async function demandFree(ports: readonly number[]): Promise<void> {
  for (const port of ports) {
    const code = await new Promise<string | null>(resolve => {
      const server = net
        .createServer()
        .once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message))
        .listen(port, '127.0.0.1', () => server.close(() => resolve(null)));
    });
    const others = 'choose others with GATEWAY_PORT=5000 npm start';
    if (code === 'EADDRINUSE') throw new StartError(`Port ${port} is taken: stop what uses it, or ${others}.`);
    if (code) throw new StartError(`Port ${port} cannot be used (${code}): ${others}.`);
  }
}

const at = (port: number): string => `http://localhost:${port}`;

/** Where front ends are served while they are built: Vite, and most others. */
const FRONT_ENDS = ['http://localhost:5173', 'http://localhost:3000'];

export function environmentOf(
  ports: Ports,
  place: Place,
  dataDir: string,
  databaseUrl: string,
): Record<string, string> {
  const env: Record<string, string> = {
    DATABASE_URL: databaseUrl,
    DATA_DIR: dataDir,
    GATEWAY_PORT: String(ports.gateway),
    GATEWAY_URL: at(ports.gateway),
    GATEWAY_PUBLIC_URL: at(ports.gateway),
    GATEWAY_ORIGINS: [at(ports.gateway), ...FRONT_ENDS].join(),
    ...Object.fromEntries(POPULATIONS.map(one => [`${one.toUpperCase()}_ISSUER`, `${at(ports.openid)}/${one}`])),
    OPENID_SIMULATOR_URL: at(ports.openid),
    PAYMENT_PROVIDER_URL: at(ports.provider),
    HANDOVER_SYSTEMS: JSON.stringify([
      { name: 'gewerberegister', url: `${at(ports.business)}/handovers`, leikaKeys: ['99050012104000'] },
    ]),
    SMTP_URL: `smtp://localhost:${ports.smtp}`,
    MAIL_SINK_HTTP: String(ports.mail),
    RETURN_URLS: [
      `${at(ports.gateway)}/graphql`,
      `${at(ports.gateway)}/case`,
      `https://${place.portalHost}/back`,
      `https://${place.portalHost}/paid`,
      ...FRONT_ENDS,
    ].join(),
    PLAYGROUND_PERSONAS: JSON.stringify(
      (PERSONAS as readonly Persona[]).map(({ subject, name, population, about, means }) => ({
        subject,
        name,
        population,
        about,
        ...(means === 'PASSWORD' && { level: 'BASIC' }),
      })),
    ),
  };
  for (const name of SUBGRAPHS) {
    const port = ports.subgraphs[name];
    env[`${name.toUpperCase()}_PORT`] = String(port);
    env[`${name.toUpperCase()}_URL`] = at(port);
    env[`${name.toUpperCase()}_PUBLIC_URL`] = at(port);
  }
  return env;
}

const REPLICATED = ['gateway', ...SUBGRAPHS] as const;
type Replicated = (typeof REPLICATED)[number];
type Copies = Readonly<Record<Replicated, readonly number[]>>;

/** @returns the ports of every process of each kind */
async function portsOfCopies({ gateway, subgraphs }: Ports, copies: number): Promise<Copies> {
  const more = await freePorts((copies - 1) * REPLICATED.length);
  const first = { ...subgraphs, gateway };
  return Object.fromEntries(
    REPLICATED.map(name => [name, [first[name], ...more.splice(0, copies - 1)]]),
  ) as unknown as Copies;
}

const addressesOf = (ports: readonly number[]): string[] => ports.map(at);

/** What the stack has made itself, whatever is set. */
const MADE_HERE = ['DATABASE_URL', 'DATA_DIR', 'GATEWAY_PORT'];

/**
 * What is given from outside counts. Only the playground's own addresses are added to lists that leave them out.
 * @param usual see {@link environmentOf}
 */
export function withGiven(
  usual: Record<string, string>,
  given: Readonly<Record<string, string>>,
): Record<string, string> {
  const env = { ...usual };
  for (const [name, value] of Object.entries(given)) if (!MADE_HERE.includes(name)) env[name] = value;
  const own = env.GATEWAY_PUBLIC_URL!;
  const add = (name: string, address: string) => {
    const list = env[name]!.split(',').map(one => one.trim());
    if (!list.includes(address)) env[name] = [...list, address].join();
  };
  add('GATEWAY_ORIGINS', new URL(own).origin);
  add('RETURN_URLS', `${own}/graphql`);
  return env;
}

/** The simulators that are needed: those of whose address nobody has said another. */
export function simulatorsOf(usual: Readonly<Record<string, string>>, env: Readonly<Record<string, string>>): string[] {
  const isUsual = (name: string) => env[name] === usual[name];
  const needed = {
    openid: POPULATIONS.some(one => isUsual(`${one.toUpperCase()}_ISSUER`)),
    payment: isUsual('PAYMENT_PROVIDER_URL'),
    register: isUsual('HANDOVER_SYSTEMS'),
    mail: isUsual('SMTP_URL'),
  };
  return Object.entries(needed).flatMap(([name, isNeeded]) => (isNeeded ? [name] : []));
}

/** Starts everything, in the order of need; stops all of it when a part cannot start. */
export async function startStack(options: StackOptions): Promise<Stack> {
  const { tell = () => {}, place = MUSTERSTADT } = options;
  const dataDir = path.resolve(options.dataDir);
  setting('START_TIMEOUT_MS'); // malformed, it is told before anything is started
  makeFolder(dataDir);
  demandWritable(dataDir);
  const ports = await portsFrom(options.basePort, options.env ?? {});
  const copies = await portsOfCopies(ports, options.copies ?? 1);
  const usual = {
    ...environmentOf(ports, place, dataDir, options.databaseUrl ?? ''),
    ...Object.fromEntries(REPLICATED.map(name => [`${name.toUpperCase()}_URL`, addressesOf(copies[name]).join()])),
  };
  const env = withGiven(usual, options.env ?? {});
  const simulators = simulatorsOf(usual, env);
  if (options.basePort !== undefined) {
    const { postgres, subgraphs, gateway, ...outside } = ports;
    const used = {
      openid: [outside.openid],
      payment: [outside.provider],
      register: [outside.business],
      mail: [outside.smtp, outside.mail],
    };
    await demandFree([
      gateway,
      ...Object.values(subgraphs),
      ...Object.entries(used).flatMap(([name, some]) => (simulators.includes(name) ? some : [])),
      ...(options.databaseUrl ? [] : [postgres]),
    ]);
  }
  const stops: (() => Promise<unknown>)[] = [];
  const stop = async () => {
    for (const one of stops.splice(0).reverse()) await one();
  };
  const start = async (): Promise<Stack> => {
    let databaseUrl = options.databaseUrl;
    if (!databaseUrl) {
      tell('PostgreSQL');
      const postgres = await startPostgres(path.join(dataDir, 'postgres'), {
        port: ports.postgres,
        ...(options.durable !== undefined && { durable: options.durable }),
      });
      stops.push(() => postgres.stop());
      databaseUrl = postgres.url;
    }
    env.DATABASE_URL = databaseUrl;
    Object.assign(process.env, { DATABASE_URL: databaseUrl });
    let isTold = false;
    await migrate(databaseUrl, () => {
      if (!isTold) tell('tables of the database');
      isTold = true;
    });

    const logs = path.join(dataDir, 'logs');
    const complain = (line: string) => tell(`! ${line}`);
    const child = (name: string, ...command: string[]) => new Child({ name, command, env }, logs, complain);
    const preparation = (name: string, ...command: string[]) => {
      const one = child(name, ...command);
      stops.push(() => one.stop());
      return one;
    };
    if (options.importFrom)
      await runOnce(databaseUrl, `import ${path.resolve(options.importFrom)}`, async () => {
        tell('importing real data (once)');
        await toEnd(preparation('import', 'dev/import/main.ts', '--from', options.importFrom!), tell);
      });
    await runOnce(databaseUrl, `demo data ${place.associationArs} ${demoDataHash()}`, async () => {
      tell('demo data');
      await toEnd(preparation('seed', 'dev/seed.ts', place.associationArs), tell);
    });

    tell('five subgraphs, the gateway, and what lies outside');
    const replica = (name: Replicated, copy: number, port: number): [string, Child] => {
      const command = name === 'gateway' ? ['gateway/main.ts'] : ['subgraphs/main.ts', name];
      const own = { ...env, [`${name.toUpperCase()}_PORT`]: String(port) };
      const spec = { name: nameOf(name, copy), command, env: own, watched: name === 'gateway' };
      return [spec.name, new Child(spec, logs, complain)];
    };
    const children = new Map<string, Child>([
      ...(simulators.length > 0
        ? [['services', child('services', 'dev/services.ts', ...simulators)] satisfies [string, Child]]
        : []),
      ...REPLICATED.flatMap(name => copies[name].map((port, copy) => replica(name, copy, port))),
    ]);
    stops.push(() => Promise.all([...children.values()].map(one => one.stop())));
    await Promise.all([...children.values()].map(one => one.start()));
    const gateways = addressesOf(copies.gateway);
    await Promise.all(gateways.map(address => ready(`${address}/health/ready`, children)));
    return {
      graphUrl: `${gateways[0]}/graphql`,
      gatewayUrl: gateways[0]!,
      issuer: env.STAFF_ISSUER!,
      paymentProviderUrl: env.PAYMENT_PROVIDER_URL!,
      lineOfBusinessUrl: at(ports.business),
      mailUrl: at(ports.mail),
      simulators,
      databaseUrl,
      env,
      child: (name, copy = 0) => children.get(nameOf(name, copy))!,
      addresses: name => addressesOf(copies[name]),
      stop,
    };
  };
  const started = start();
  try {
    return await unless(options.signal, started);
  } catch (error) {
    await stop();
    // what was on its way fails without its database, and whatever it has still begun ends as well
    await Promise.race([started.catch(() => {}), delay(LAST_WAIT_MS, undefined, { ref: false })]);
    await stop();
    throw error;
  }
}

const LAST_WAIT_MS = 5_000;

/** @throws StartError as soon as the signal says so */
async function unless<T>(signal: AbortSignal | undefined, work: Promise<T>): Promise<T> {
  if (!signal) return work;
  const done = new AbortController();
  const stopped = once(signal, 'abort', { signal: done.signal });
  stopped.catch(() => {});
  try {
    return await Promise.race([
      work,
      stopped.then(() => {
        throw new StartError('It was stopped before it was ready.');
      }),
    ]);
  } finally {
    done.abort();
  }
}

const nameOf = (name: string, copy: number): string => (copy === 0 ? name : `${name}-${copy + 1}`);

/** Runs a preparation that a database needs only once, such as an import. */
async function runOnce(databaseUrl: string, what: string, work: () => Promise<void>): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl });
  client.on('error', () => {}); // of a connection that is lost the next query tells
  await client.connect();
  try {
    await client.query('CREATE TABLE IF NOT EXISTS platform.prepared (what text PRIMARY KEY)');
    const { rowCount } = await client.query('SELECT FROM platform.prepared WHERE what = $1', [what]);
    if (rowCount) return;
    await work();
    await client.query('INSERT INTO platform.prepared VALUES ($1) ON CONFLICT DO NOTHING', [what]);
  } finally {
    await client.end();
  }
}

/** Demo data that were changed are written again. */
function demoDataHash(): string {
  const folder = path.join(__dirname, 'demo');
  const hash = createHash('sha256');
  for (const file of [...fs.readdirSync(folder)].sort()) hash.update(fs.readFileSync(path.join(folder, file)));
  return hash.digest('hex').slice(0, 16);
}

/** A process that does its work, says that it is ready, and ends. */
async function toEnd(child: Child, tell: (line: string) => void): Promise<void> {
  const began = Date.now();
  await child.start();
  await child.stop();
  tell(`${child.spec.name} done in ${((Date.now() - began) / 1000).toFixed(1)} s`);
}

/** Asks as long as a process may take to start, and says then who is not ready. */
async function ready(url: string, children: ReadonlyMap<string, Child>): Promise<void> {
  const limitMs = Number(setting('START_TIMEOUT_MS'));
  for (const until = Date.now() + limitMs; ; await new Promise(resolve => setTimeout(resolve, 50))) {
    const answer = await fetch(url, { signal: AbortSignal.timeout(limitMs) }).catch(() => null);
    if (answer?.ok) return;
    if (Date.now() < until) continue;
    const said = (await answer?.json().catch(() => null)) as { subgraphs?: Record<string, boolean> } | null;
    const late = Object.entries(said?.subgraphs ?? {}).flatMap(([name, isReady]) => (isReady ? [] : [name]));
    const [first = 'gateway', ...more] = late;
    throw new StartError(lateness([first, ...more].join(', '), limitMs, children.get(first)!.logFile));
  }
}
