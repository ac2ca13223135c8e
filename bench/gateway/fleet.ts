/** What the gateway benchmarks run against: four static subgraphs, our gateway and its peers, each a process of its own. */
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { startIssuer } from '../../gateway/testing/issuer';
import { compose } from '../../schema/compose';
import { BENCH_SUBGRAPHS, SDL } from './graph';
import type { Asking } from './load';
import { type Measured, startProcess } from './processes';

const PEERS = path.join(__dirname, '..', 'peers');

export interface Fleet {
  readonly gateways: Readonly<Record<'ours' | 'stock' | 'hive', Measured>>;
  readonly asking: Asking;
  /** For files; it is gone afterwards. */
  readonly folder: string;
  /** Starts one more process, which ends with the others. */
  start(file: string, args: readonly string[]): Promise<Measured>;
}

/** Starts all, measures, ends all. */
export async function withFleet<T>(measure: (fleet: Fleet) => Promise<T>): Promise<T> {
  installPeers();
  const folder = mkdtempSync(path.join(os.tmpdir(), 'bench-'));
  const issuer = await startIssuer();
  const started: Measured[] = [];
  const env: Record<string, string> = {
    CITIZEN_ISSUER: issuer.url,
    ORGANISATION_ISSUER: 'https://organisations.example',
    STAFF_ISSUER: 'https://staff.example',
    GATEWAY_ORIGINS: 'https://portal.example',
    // counted, and never reached
    RATE_PER_ACCOUNT: '1000000000',
    RATE_PER_ADDRESS: '1000000000',
  };
  for (const name of BENCH_SUBGRAPHS) env[`${name.toUpperCase()}_SECRET`] = randomBytes(24).toString('hex');
  const start = async (file: string, args: readonly string[]): Promise<Measured> => {
    const one = await startProcess(file, args, env);
    started.push(one);
    return one;
  };
  try {
    const asking = { token: await issuer.token({ exp: Math.floor(Date.now() / 1000) + 3600 }) };
    const subgraphs = [];
    for (const name of BENCH_SUBGRAPHS) {
      const { url } = await start(path.join(__dirname, 'subgraph.ts'), [name]);
      env[`${name.toUpperCase()}_URL`] = url;
      subgraphs.push({ name, url: `${url}/graphql`, sdl: SDL[name] });
    }
    const file = path.join(folder, 'supergraph.graphql');
    writeFileSync(file, compose(subgraphs).supergraph);
    const stock = await start(path.join(__dirname, 'stock.ts'), [file]);
    const hive = await start(path.join(PEERS, 'hive.mjs'), [file]);
    const main = path.join(__dirname, '..', '..', 'gateway', 'main.ts');
    const ours = await start(main, ['--supergraph', file, '--port', '0']);
    return await measure({ gateways: { ours, stock, hive }, asking, folder, start });
  } finally {
    for (const one of started) one.stop();
    await issuer.stop();
    rmSync(folder, { recursive: true });
  }
}

/** The peers are not among the packages of the platform; the first run brings them. */
function installPeers(): void {
  if (existsSync(path.join(PEERS, 'node_modules'))) return;
  console.error('Installing the peers into bench/peers, once …');
  const { status } = spawnSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--silent'], {
    cwd: PEERS,
    stdio: 'inherit',
  });
  if (status !== 0) throw new Error('The peers could not be installed.');
}
