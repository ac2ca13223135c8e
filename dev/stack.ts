/** The whole platform as processes of this machine: PostgreSQL, what lies outside, five subgraphs, the gateway. */
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import pg from 'pg';
import { POPULATIONS, SUBGRAPHS, type SubgraphName } from '../kernel/config';
import { migrate } from '../kernel/database/migrate';
import { Child } from './children';
import { MUSTERSTADT, PERSONAS, type Persona, type Place } from './demo/facts';
import { startPostgres } from './postgres';
import { makeFolder } from './postgres.places';

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
  /** Settings that differ from the usual ones. */
  readonly env?: Readonly<Record<string, string>>;
  readonly tell?: (line: string) => void;
}

export interface Stack {
  readonly graphUrl: string;
  readonly gatewayUrl: string;
  /** The OpenID provider of staff and machines. */
  readonly issuer: string;
  readonly paymentProviderUrl: string;
  readonly lineOfBusinessUrl: string;
  readonly mailUrl: string;
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

/** @param base 4000 gives 4000 for the gateway, 4001–4005 for the subgraphs, 4010–4015 for what lies outside */
async function portsFrom(base: number | undefined): Promise<Ports> {
  const numbers =
    base === undefined ? await freePorts(12) : [0, 1, 2, 3, 4, 5, 10, 11, 12, 13, 14, 15].map(n => base + n);
  const [
    gateway,
    catalogue,
    identity,
    applications,
    messaging,
    payment,
    openid,
    provider,
    business,
    smtp,
    mail,
    postgres,
  ] = numbers as [number, number, number, number, number, number, number, number, number, number, number, number];
  return {
    gateway,
    subgraphs: { catalogue, identity, applications, messaging, payment },
    openid,
    provider,
    business,
    smtp,
    mail,
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
    if (code === 'EADDRINUSE') throw new Error(`Port ${port} is taken: stop what uses it, or ${others}.`);
    if (code) throw new Error(`Port ${port} cannot be used (${code}): ${others}.`);
  }
}

function environmentOf(ports: Ports, place: Place, dataDir: string, databaseUrl: string): Record<string, string> {
  const at = (port: number) => `http://localhost:${port}`;
  const env: Record<string, string> = {
    DATABASE_URL: databaseUrl,
    DATA_DIR: dataDir,
    GATEWAY_PORT: String(ports.gateway),
    GATEWAY_URL: at(ports.gateway),
    GATEWAY_PUBLIC_URL: at(ports.gateway),
    GATEWAY_ORIGINS: at(ports.gateway),
    ...Object.fromEntries(POPULATIONS.map(one => [`${one.toUpperCase()}_ISSUER`, `${at(ports.openid)}/${one}`])),
    PAYMENT_PROVIDER_URL: at(ports.provider),
    HANDOVER_SYSTEMS: JSON.stringify([
      { name: 'gewerberegister', url: `${at(ports.business)}/handovers`, leikaKeys: ['99050012104000'] },
    ]),
    SMTP_URL: `smtp://localhost:${ports.smtp}`,
    MAIL_SINK_HTTP: String(ports.mail),
    RETURN_URLS: [
      `${at(ports.gateway)}/graphql`,
      `https://${place.portalHost}/back`,
      `https://${place.portalHost}/paid`,
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

const addressesOf = (ports: readonly number[]): string[] => ports.map(port => `http://localhost:${port}`);

/** Starts everything, in the order of need; stops all of it when a part cannot start. */
export async function startStack(options: StackOptions): Promise<Stack> {
  const { tell = () => {}, place = MUSTERSTADT } = options;
  const dataDir = path.resolve(options.dataDir);
  makeFolder(dataDir);
  const ports = await portsFrom(options.basePort);
  if (options.basePort !== undefined) {
    const { postgres, subgraphs, ...rest } = ports;
    await demandFree([...Object.values(rest), ...Object.values(subgraphs), ...(options.databaseUrl ? [] : [postgres])]);
  }
  const stops: (() => Promise<unknown>)[] = [];
  const stop = async () => {
    for (const one of stops.splice(0).reverse()) await one();
  };
  try {
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
    const copies = await portsOfCopies(ports, options.copies ?? 1);
    const everywhere = REPLICATED.map(name => [`${name.toUpperCase()}_URL`, addressesOf(copies[name]).join()]);
    const env: Record<string, string> = {
      ...environmentOf(ports, place, dataDir, databaseUrl),
      ...Object.fromEntries(everywhere),
      ...options.env,
    };
    Object.assign(process.env, { DATABASE_URL: databaseUrl });
    await migrate(databaseUrl, line => tell(`migrated ${line}`));

    const logs = path.join(dataDir, 'logs');
    const complain = (line: string) => tell(`! ${line}`);
    const child = (name: string, ...command: string[]) => new Child({ name, command, env }, logs, complain);
    if (options.importFrom)
      await runOnce(databaseUrl, `import ${path.resolve(options.importFrom)}`, async () => {
        tell('importing real data (once)');
        await toEnd(child('import', 'dev/import/main.ts', '--from', options.importFrom!), tell);
      });
    await runOnce(databaseUrl, `demo data ${place.associationArs} ${demoDataHash()}`, async () => {
      tell('demo data');
      await toEnd(child('seed', 'dev/seed.ts', place.associationArs), tell);
    });

    tell('five subgraphs, the gateway, and what lies outside');
    const replica = (name: Replicated, copy: number, port: number): [string, Child] => {
      const command = name === 'gateway' ? ['gateway/main.ts'] : ['subgraphs/main.ts', name];
      const own = { ...env, [`${name.toUpperCase()}_PORT`]: String(port) };
      const spec = { name: nameOf(name, copy), command, env: own, watched: name === 'gateway' };
      return [spec.name, new Child(spec, logs, complain)];
    };
    const children = new Map<string, Child>([
      ['services', child('services', 'dev/services.ts')],
      ...REPLICATED.flatMap(name => copies[name].map((port, copy) => replica(name, copy, port))),
    ]);
    stops.push(() => Promise.all([...children.values()].map(one => one.stop())));
    await Promise.all([...children.values()].map(one => one.start()));
    const gateways = addressesOf(copies.gateway);
    await Promise.all(gateways.map(address => ready(`${address}/health/ready`)));
    return {
      graphUrl: `${gateways[0]}/graphql`,
      gatewayUrl: gateways[0]!,
      issuer: env.STAFF_ISSUER!,
      paymentProviderUrl: env.PAYMENT_PROVIDER_URL!,
      lineOfBusinessUrl: `http://localhost:${ports.business}`,
      mailUrl: `http://localhost:${ports.mail}`,
      databaseUrl,
      env,
      child: (name, copy = 0) => children.get(nameOf(name, copy))!,
      addresses: name => addressesOf(copies[name]),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

const nameOf = (name: string, copy: number): string => (copy === 0 ? name : `${name}-${copy + 1}`);

/** Runs a preparation that a database needs only once, such as an import. */
async function runOnce(databaseUrl: string, what: string, work: () => Promise<void>): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl });
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

async function ready(url: string): Promise<void> {
  for (let tries = 0; ; tries++) {
    const answer = await fetch(url).catch(() => null);
    if (answer?.ok) return;
    if (tries > 200) throw new Error(`The gateway is not ready: ${answer ? await answer.text() : 'no answer'}`);
    await new Promise(resolve => setTimeout(resolve, 50));
  }
}
