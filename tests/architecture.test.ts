/** Holds the import walls of the tree: who may know whom. */
import fs from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { SUBGRAPHS } from '../kernel/config';

const ROOT = path.join(__dirname, '..');
const FOLDERS = ['kernel', 'gateway', 'subgraphs', 'schema', 'migrations'];

function filesBelow(folder: string): string[] {
  return fs
    .readdirSync(path.join(ROOT, folder), { withFileTypes: true, recursive: true })
    .filter(entry => entry.isFile() && entry.name.endsWith('.ts'))
    .map(entry => path.relative(ROOT, path.join(entry.parentPath, entry.name)));
}

/** Every import, require and dynamic import of a file: a path below the root, or a package's name. */
function importsOf(file: string): string[] {
  const text = fs.readFileSync(path.join(ROOT, file), 'utf8');
  return ts
    .preProcessFile(text, true, true)
    .importedFiles.map(({ fileName }) =>
      fileName.startsWith('.')
        ? path.relative(ROOT, path.resolve(ROOT, path.dirname(file), fileName))
        : `npm:${fileName}`,
    );
}

const isTest = (file: string) => /\.test\.ts$|\/testing\/|[/.]testing\.ts$/.test(file);

/** What the walls say of one import; null when it is fine. */
function breach(from: string, to: string): string | null {
  const [area, name] = from.split('/');
  const within = (...allowed: string[]) => allowed.some(one => to === one || to.startsWith(`${one}/`));
  if (to.startsWith('npm:')) {
    if (/^npm:@apollo\/(gateway|composition|query-planner|federation-internals)/.test(to)) {
      return from === 'schema/compose.ts' || from.startsWith('gateway/engine/')
        ? null
        : 'only schema/compose.ts and gateway/engine know Apollo’s planner and composer';
    }
    return null;
  }
  if (area === 'kernel') return within('kernel') ? null : 'the kernel imports packages only';
  if (area === 'gateway')
    return within('gateway', 'kernel', 'schema') ? null : 'the gateway imports kernel and schema only';
  if (area === 'schema' && name !== 'print.ts')
    return within('schema', 'kernel') ? null : 'schema imports the kernel only';
  if (area === 'migrations') return within('kernel') ? null : 'migrations import the kernel only';
  // what lies in subgraphs/ itself are commands
  if (area === 'subgraphs' && !name!.endsWith('.ts')) {
    if (!within('kernel', 'schema/events', 'schema/channels', 'schema/privacy', `subgraphs/${name}`)) {
      return 'a subgraph imports the kernel, the shared names of events, channels and parts, and itself';
    }
    return layerBreach(from, to);
  }
  return null;
}

const LAYERS = ['states', 'entity', 'loaders', 'service', 'resolver'];
const roleOf = (file: string) => /\.(\w+)(\.ts)?$/.exec(file.replace(/\.ts$/, ''))?.[1] ?? '';

/** Inside a feature: resolver → service → states and entity, never back. Channels and providers see only their contract. */
function layerBreach(from: string, to: string): string | null {
  const adapter = /^subgraphs\/\w+\/(channels|providers)\/(?!index|channel\.ts|provider\.ts)[\w-]+\.ts$/.exec(from);
  if (adapter && !isTest(from)) {
    const folder = path.dirname(from);
    const allowed =
      to.startsWith('kernel/') || to.startsWith('schema/') || [`${folder}/channel`, `${folder}/provider`].includes(to);
    if (!allowed) return 'an adapter sees only its contract and the kernel';
  }
  if (path.dirname(from) !== path.dirname(to)) return null;
  const [a, b] = [LAYERS.indexOf(roleOf(from)), LAYERS.indexOf(roleOf(to))];
  return a >= 0 && b >= 0 && b > a && roleOf(to) === 'resolver' ? 'inside a feature nobody imports the resolver' : null;
}

describe('the import walls', () => {
  const files = FOLDERS.flatMap(filesBelow).filter(file => !isTest(file));

  test('hold in every file', () => {
    expect(files.length).toBeGreaterThan(50);
    const breaches = files.flatMap(file =>
      importsOf(file).flatMap(target => {
        const why = breach(file, target);
        return why ? [`${file} imports ${target}: ${why}`] : [];
      }),
    );
    expect(breaches).toEqual([]);
  });

  test.each([
    ['kernel/page.ts', 'subgraphs/payment/subgraph'],
    ['subgraphs/payment/fees/fee.service.ts', 'subgraphs/catalogue/areas/area.entity'],
    ['subgraphs/payment/fees/fee.service.ts', 'gateway/server'],
    ['subgraphs/payment/fees/fee.service.ts', 'subgraphs/payment/fees/fee.resolver'],
    ['subgraphs/payment/providers/xbezahldienste.ts', 'subgraphs/payment/fees/fee.service'],
    ['gateway/server.ts', 'subgraphs/identity/subgraph'],
    ['gateway/server.ts', 'npm:@apollo/query-planner'],
  ])('would refuse %s importing %s', (from, to) => {
    expect(breach(from, to)).not.toBeNull();
  });

  test('leave `process.env` to kernel/config.ts', () => {
    const readers = files.filter(
      file =>
        !['kernel/config.ts', 'kernel/server/process.ts'].includes(file) &&
        /process\.env\b/.test(fs.readFileSync(path.join(ROOT, file), 'utf8')),
    );
    // the engine switches Apollo's telemetry off before it loads
    expect(readers.filter(file => !file.startsWith('gateway/engine/'))).toEqual([]);
  });

  test('let nobody outside be called but through `outside`, which holds no transaction meanwhile', () => {
    const calling = files
      .filter(file => /^(kernel|subgraphs\/\w+)\//.test(file))
      .filter(file => /\bfetch\(|\.sendMail\(/.test(fs.readFileSync(path.join(ROOT, file), 'utf8')));
    expect(calling.length).toBeGreaterThan(5);
    expect(calling.filter(file => !fs.readFileSync(path.join(ROOT, file), 'utf8').includes('outside('))).toEqual([]);
  });

  test('each file says in its first line what lives in it', () => {
    const silent = files
      .filter(file => !file.startsWith('migrations/'))
      .filter(file => !/^(#!.*\n)?\/\*\*/.test(fs.readFileSync(path.join(ROOT, file), 'utf8')));
    expect(silent).toEqual([]);
  });

  test('each subgraph has its manifest', () => {
    for (const name of SUBGRAPHS) expect(files).toContain(`subgraphs/${name}/subgraph.ts`);
  });
});
