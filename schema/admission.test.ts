/** Partners that are admitted, and hostile ones that are not: those that composition takes, and those it refuses itself. */
import { spawnSync } from 'node:child_process';
import fs, { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { composeServices } from '@apollo/composition';
import { operationFromDocument, Supergraph } from '@apollo/federation-internals';
import { QueryPlanner } from '@apollo/query-planner';
import { parse } from 'graphql';
import { SUBGRAPHS } from '../kernel/config';
import { reasonsAgainst } from './admission';
import { compose, type SubgraphSdl } from './compose';

const own: SubgraphSdl[] = SUBGRAPHS.map(name => ({
  name,
  url: `http://${name}/graphql`,
  sdl: fs.readFileSync(path.join(__dirname, `${name}.graphql`), 'utf8'),
}));
const before = compose(own).supergraph;

const VERSION = 'https://specs.apollo.dev/federation/v2.9';
const link = (imports: string) => `extend schema @link(url: "${VERSION}", import: [${imports}])`;
const QUERY = 'type Query { holsteinPermits: [HolsteinPermit!] }';
const PERMIT = 'type HolsteinPermit @key(fields: "id") { id: ID! title: String }';

const withPartner = (sdl: string, name = 'holstein') =>
  compose([...own, { name, url: 'http://x/graphql', sdl }]).supergraph;

interface Verdict {
  readonly by: 'nobody' | 'composition' | 'admission';
  readonly reasons: readonly string[];
}

/** Hints are let through here, which `compose` refuses, so that only errors of composition keep a partner from the gate. */
function judged(sdl: string, name = 'holstein'): Verdict {
  const services = [...own, { name, url: 'http://x/graphql', sdl }].map(one => ({ ...one, typeDefs: parse(one.sdl) }));
  const { errors = [], supergraphSdl } = composeServices(services);
  if (!supergraphSdl) return { by: 'composition', reasons: errors.map(({ message }) => message) };
  const reasons = reasonsAgainst(before, supergraphSdl, name);
  return { by: reasons.length > 0 ? 'admission' : 'nobody', reasons };
}
const ADMITTED: Verdict = { by: 'nobody', reasons: [] };

const GOOD = `${link('"@key", "@tag", "@authenticated", "@requiresScopes"')}
  scalar LeikaKey
  scalar Ars
  scalar DateTime
  type Service @key(fields: "leikaKey") { leikaKey: LeikaKey! holsteinPermits(first: Int = 20): [HolsteinPermit!] @tag(name: "public") }
  type Area @key(fields: "ars") { ars: Ars! holsteinOffices: [HolsteinOffice!] }
  type Authority @key(fields: "id", resolvable: false) { id: ID! }
  "A permit of the partner (Genehmigung)."
  type HolsteinPermit @key(fields: "id") { id: ID! title: String kind: HolsteinKind since: DateTime notes: String @requiresScopes(scopes: [["staff:read"]]) service: Service }
  type HolsteinOffice { name: String! authority: Authority }
  enum HolsteinKind { FULL PART }
  input HolsteinFilter { kind: HolsteinKind }
  type Query { holsteinPermits(filter: HolsteinFilter): [HolsteinPermit!] @tag(name: "public") }
  type Subscription { holsteinPermitChanged(after: String): HolsteinPermit @authenticated }`;

it('a partner that adds what is its own, and fields to what may be extended, is admitted', () => {
  expect(judged(GOOD)).toEqual(ADMITTED);
  const renamed = GOOD.replaceAll('Holstein', 'SchleswigFlensburg').replaceAll('holstein', 'schleswigFlensburg');
  expect(judged(renamed, 'schleswig-flensburg')).toEqual(ADMITTED);
});

it('one that is admitted is asked by the key alone, and plans of ours stay as they were', () => {
  const after = withPartner(GOOD);
  const planned = (supergraph: string, query: string) => {
    const built = Supergraph.build(supergraph, { supportedFeatures: null });
    return new QueryPlanner(built).buildQueryPlan(operationFromDocument(built.apiSchema(), parse(query)));
  };
  const mine = '{ service(leikaKey: "99050012104000") { leikaKey programme leikaType } }';
  expect(planned(after, mine)).toEqual(planned(before, mine));
  const theirs = JSON.stringify(planned(after, mine.replace('programme', 'programme holsteinPermits { title }')));
  const [, asked] = /"serviceName":"holstein".*?"requires":(\[.*?\]\}\])/.exec(theirs) ?? [];
  expect([...asked!.matchAll(/"name":"(\w+)"/g)].map(([, name]) => name)).toEqual(['__typename', 'leikaKey']);
});

const SERVICE = (fields: string, more = '') =>
  `scalar LeikaKey type Service @key(fields: "leikaKey") ${more} { leikaKey: LeikaKey! ${fields} }`;

it.each<[string, string]>([
  [
    'overrides a field',
    `${link('"@key", "@override"')} ${SERVICE('leikaType: String! @override(from: "catalogue")')} ${QUERY} ${PERMIT}`,
  ],
  [
    'overrides a field by another word for it',
    `${link('"@key", {name: "@override", as: "@docs"}')} ${SERVICE('leikaType: String! @docs(from: "catalogue")')} ${QUERY} ${PERMIT}`,
  ],
  [
    'overrides a part of the requests',
    `${link('"@key", "@override"')} ${SERVICE('leikaType: String! @override(from: "catalogue", label: "percent(1)")')} ${QUERY} ${PERMIT}`,
  ],
  [
    'takes over a case’s decision',
    `${link('"@key", "@override"')} type Application @key(fields: "id") { id: ID! reference: String @override(from: "applications") } ${QUERY} ${PERMIT}`,
  ],
  [
    'requires more than the key',
    `${link('"@key", "@external", "@requires"')} ${SERVICE('leikaType: String! @external holsteinPermits: Int @requires(fields: "leikaType")')} ${QUERY} ${PERMIT}`,
  ],
  [
    'requires what is personal',
    `${link('"@key", "@external", "@requires"')} type Account @key(fields: "id") { id: ID! displayName: String @external holsteinScore: Int @requires(fields: "displayName") } ${QUERY} ${PERMIT}`,
  ],
  [
    'requires more by another word for it',
    `${link('"@key", {name: "@external", as: "@a"}, {name: "@requires", as: "@b"}')} ${SERVICE('leikaType: String! @a holsteinPermits: Int @b(fields: "leikaType")')} ${QUERY} ${PERMIT}`,
  ],
  [
    'takes what is personal as its key',
    `${link('"@key", "@external"')} type Account @key(fields: "displayName") { displayName: String @external holsteinScore: Int } ${QUERY} ${PERMIT}`,
  ],
  [
    'takes another key',
    `${link('"@key", "@external"')} type Service @key(fields: "leikaType") { leikaType: String! @external holsteinPermits: Int } ${QUERY} ${PERMIT}`,
  ],
  [
    'extends a person’s account',
    `${link('"@key"')} type Account @key(fields: "id") { id: ID! holsteinScore: Int } ${QUERY} ${PERMIT}`,
  ],
  [
    'points at cases',
    `${link('"@key"')} type Application @key(fields: "id", resolvable: false) { id: ID! } type Query { holsteinCase: Application }`,
  ],
  [
    'hides a field',
    `${link('"@key", "@inaccessible"')} ${SERVICE('').replace('LeikaKey! ', 'LeikaKey! @inaccessible ')} ${QUERY} ${PERMIT}`,
  ],
  [
    'publishes a type',
    `${link('"@key", "@tag"')} ${SERVICE('holsteinPermits: Int', '@tag(name: "public")')} ${QUERY} ${PERMIT}`,
  ],
  [
    'guards a type',
    `${link('"@key", "@authenticated"')} ${SERVICE('holsteinPermits: Int', '@authenticated')} ${QUERY} ${PERMIT}`,
  ],
  [
    'adds a value to an enum',
    `${link('"@key"')} enum AdoptionState { ACTIVE ENDED HOLSTEIN } type Query { holsteinState: AdoptionState }`,
  ],
  [
    'adds to an interface for all its types',
    `${link('"@key", "@interfaceObject"')} type CatalogueEntry @key(fields: "id") @interfaceObject { id: ID! holsteinNote: String } ${QUERY} ${PERMIT}`,
  ],
  ['adds a mutation', `${link('"@key"')} ${QUERY} ${PERMIT} type Mutation { holsteinDecide(id: ID!): Boolean }`],
  ['adds a root field under any name', `${link('"@key"')} type Query { inspect: HolsteinPermit } ${PERMIT}`],
  ['adds a field under any name', `${link('"@key"')} ${SERVICE('permits: Int')} ${QUERY} ${PERMIT}`],
  ['adds a type under any name', `${link('"@key"')} type Query { holsteinPermit: Permit } type Permit { id: ID! }`],
  [
    'adds a type in the clothes of a feature',
    `${link('"@key"')} type Query { holsteinPermit: policy__Permit } type policy__Permit { id: ID! }`,
  ],
  [
    'shares its streams among people',
    `${link('"@key", "@tag"')} ${PERMIT} type Query { holsteinPermits: HolsteinPermit } type Subscription { holsteinChanged(after: String): HolsteinPermit @tag(name: "shared") }`,
  ],
  [
    'is a value type of ours',
    `${link('"@key", "@shareable"')} type PageInfo @shareable { hasNextPage: Boolean! endCursor: String } type Query { holsteinPage: PageInfo }`,
  ],
  [
    'brings a feature under the name of another',
    `${link('"@key", {name: "@cost", as: "@policy"}')} type Query { holsteinPermits: Int @policy(weight: 0) }`,
  ],
  [
    'brings a directive into the supergraph',
    `extend schema @link(url: "${VERSION}", import: ["@key", "@composeDirective"]) @link(url: "https://holstein.example/x/v1.0", import: ["@x"]) @composeDirective(name: "@x") directive @x on FIELD_DEFINITION type Query { holsteinPermits: Int @x }`,
  ],
  [
    'narrows an input',
    `${link('"@key"')} input InboxFilter { text: String } type Query { holsteinTry(filter: InboxFilter): Int }`,
  ],
])('one that %s is not admitted', (_, sdl) => {
  expect(judged(sdl)).toMatchObject({ by: 'admission' });
});

it('one that resolves what others may resolve too is not admitted', () => {
  const service = (fields: string) =>
    `type Service @key(fields: "leikaKey") { leikaKey: ID! title: String @shareable ${fields} }`;
  const catalogue = {
    name: 'catalogue',
    url: 'http://c',
    sdl: `${link('"@key", "@shareable"')} ${service('')} type Query { service: Service }`,
  };
  const partner = {
    name: 'holstein',
    url: 'http://h',
    sdl: `${link('"@key", "@shareable"')} ${service('holsteinPermits: Int')}`,
  };
  const [without, together] = [compose([catalogue]), compose([catalogue, partner])];
  expect(reasonsAgainst(without.supergraph, together.supergraph, 'holstein')).toEqual([
    'Service.title: it may not resolve, require or override it.',
  ]);
});

/** These never come to the gate. */
it.each<[string, string]>([
  [
    'shares a field of ours',
    `${link('"@key", "@shareable"')} ${SERVICE('leikaType: String! @shareable')} ${QUERY} ${PERMIT}`,
  ],
  [
    'hides a type',
    `${link('"@key", "@inaccessible"')} ${SERVICE('holsteinPermits: Int', '@inaccessible')} ${QUERY} ${PERMIT}`,
  ],
  [
    'hides a type by another word for it',
    `${link('"@key", {name: "@inaccessible", as: "@docs"}')} ${SERVICE('holsteinPermits: Int', '@docs')} ${QUERY} ${PERMIT}`,
  ],
  [
    'narrows an input that needs more',
    `${link('"@key"')} input ForwardApplicationInput { idempotencyKey: String! } type Query { holsteinTry(input: ForwardApplicationInput): Int }`,
  ],
  [
    'joins a union or interface',
    `${link('"@key"')} interface CatalogueEntry @key(fields: "id") { id: ID! } type HolsteinEntry implements CatalogueEntry @key(fields: "id") { id: ID! } type Query { holsteinEntry: HolsteinEntry }`,
  ],
  [
    'takes over a root field',
    `${link('"@key", "@shareable"')} ${SERVICE('holsteinPermits: Int')} type Query { service(leikaKey: LeikaKey!): Service @shareable }`,
  ],
])('one that %s does not even compose', (_, sdl) => {
  expect(judged(sdl).by).toBe('composition');
});

it('one with the beginning of another’s name, or a name that is none, is not admitted', () => {
  expect(judged(GOOD, 'hol').by).toBe('admission');
  expect(reasonsAgainst(before, before, 'Holstein')).toHaveLength(1);
});

describe('npm run compose', () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'partners-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const run = (sdl: string) => {
    const file = path.join(folder, 'holstein.graphql');
    const out = path.join(folder, 'supergraph.graphql');
    fs.writeFileSync(file, sdl);
    fs.rmSync(out, { force: true });
    const compose = path.join(__dirname, 'compose.main.ts');
    const args = ['-r', '@swc-node/register', compose, '--out', out, `${file}=http://127.0.0.1:1/graphql`];
    const { status, stderr } = spawnSync(process.execPath, args, {
      encoding: 'utf8',
      env: { ...process.env, NODE_OPTIONS: '' },
    });
    return { status, stderr, written: fs.existsSync(out) };
  };

  it('writes a supergraph with a partner that is admitted, and none with another', () => {
    expect(run(GOOD)).toEqual({ status: 0, stderr: '', written: true });
    expect(run(`${link('"@key"')} ${SERVICE('permits: Int')} ${QUERY} ${PERMIT}`)).toEqual({
      status: 1,
      stderr: 'holstein is not admitted:\nService.permits: its fields begin with its name.\n',
      written: false,
    });
  });
});
