/** The playground as it is served; a browser runs it in tests/browser. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'graphql';
import { today } from '../../kernel/clock';
import { serviceOf } from '../../kernel/principal';
import { checkDocument, keyOf, readDocument } from '../documents';
import { Planning } from '../engine/planning';
import { readSupergraph } from '../engine/supergraph';
import { startWorld, type World } from '../testing/world';
import { tabsOf } from './tabs';

const PERSONAS = [{ subject: 'klara', name: 'Klara Muster', population: 'citizen', about: 'citizen' }];
let world: World;
beforeAll(async () => {
  process.env.PLAYGROUND_PERSONAS = JSON.stringify(PERSONAS);
  world = await startWorld();
});
afterAll(async () => {
  delete process.env.PLAYGROUND_PERSONAS;
  await world?.stop();
});

const open = (path = '/graphql', headers: Record<string, string> = { accept: 'text/html,*/*;q=0.8' }) =>
  fetch(`${world.url}${path}`, { headers });

describe('the page', () => {
  it('loads from its own server only, and runs only scripts it has named', async () => {
    const response = await open();
    const html = await response.text();
    const policy = response.headers.get('content-security-policy')!;
    const nonce = /'nonce-([^']+)'/.exec(policy)![1];
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toMatch(/script-src[^;]*unsafe/);
    for (const script of html.match(/<script[^>]*>/g)!) expect(script).toContain(`nonce="${nonce}"`);
    for (const [, address] of html.matchAll(/(?:src|href)="([^"]+)"/g)) expect(address).toMatch(/^\/playground\//);
    expect((await (await open()).text()).includes(nonce!)).toBe(false);
  });

  it('finds its scripts and styles here', async () => {
    const html = await (await open()).text();
    const addresses = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, address]) => address!);
    expect(addresses.length).toBeGreaterThanOrEqual(4);
    for (const address of addresses) expect((await open(address)).status).toBe(200);
  });

  it('is for browsers: who asks for JSON gets no page', async () => {
    const response = await open('/graphql?query={__typename}', {
      accept: 'application/json',
      'apollo-require-preflight': 'true',
    });
    expect(await response.json()).toMatchObject({ data: { __typename: 'Query' } });
  });
});

describe('the menu', () => {
  it('names the people of development', async () => {
    expect(await (await open('/playground/personas')).json()).toEqual(PERSONAS);
  });

  it('takes the cookie away on sign-out, and only for the page itself', async () => {
    const signOut = (headers: Record<string, string>) =>
      fetch(`${world.url}/playground/sign-out`, { method: 'POST', headers });
    expect((await signOut({})).status).toBe(403);
    const response = await signOut({ 'x-playground': 'true' });
    expect(response.headers.get('set-cookie')).toMatch(/^session=; .*Max-Age=0/);
  });

  it('is not there in production, and neither is the page while the schema cannot be read', async () => {
    const { NODE_ENV } = process.env;
    const secrets = ['CATALOGUE', 'IDENTITY', 'APPLICATIONS'].map(name => `${name}_SECRET`);
    Object.assign(process.env, { NODE_ENV: 'production' });
    for (const name of secrets) process.env[name] = `a-secret-of-production-for-${name.toLowerCase()}`;
    const production = await startWorld();
    const status = async (path: string) =>
      (await fetch(`${production.url}${path}`, { headers: { accept: 'text/html' } })).status;
    expect([await status('/playground/personas'), await status('/graphql')]).toEqual([404, 406]);
    await production.stop();
    for (const name of secrets) delete process.env[name];
    process.env.NODE_ENV = NODE_ENV;
  });
});

describe('a tab', () => {
  it('holds an operation with its comments, the fragments it needs, and example values', () => {
    const [tab] = tabsOf(`# A file.

# ---------- the story ----------
# Nr. 1: the first
# who: Klara
# variables: {"id":"p1"}
query One($id: ID!) { a(id: $id) { ...B } }
fragment C on C { c }
fragment B on B { ...C b }
fragment D on D { d }
`);
    expect(tab).toEqual({
      query:
        '# Nr. 1: the first\n# who: Klara\nquery One($id: ID!) { a(id: $id) { ...B } }\n\nfragment B on B { ...C b }\n\nfragment C on C { c }',
      variables: '{\n  "id": "p1"\n}',
    });
  });

  it('lets what is published hold from today', () => {
    const stories = tabsOf(readFileSync(path.join(__dirname, 'stories.graphql'), 'utf8'));
    const first = stories.find(({ query }) => query.includes('mutation Story01'))!;
    expect(JSON.parse(first.variables).input.validFrom).toBe(today());
  });

  it('is valid in the graph of the platform and can be planned, and so is every ask', async () => {
    const schema = (file: string) => readFileSync(path.join(__dirname, '..', '..', 'schema', file), 'utf8');
    const supergraph = readSupergraph(schema('supergraph.graphql'));
    const planning = new Planning(supergraph);
    const stories = tabsOf(readFileSync(path.join(__dirname, 'stories.graphql'), 'utf8')).map(({ query }) => query);
    const asks = Object.values(JSON.parse(schema('asks.json')) as Record<string, string>);
    for (const text of [...stories, ...asks]) {
      const document = readDocument(text);
      expect(checkDocument(supergraph.api, document, false)).toEqual([]);
      expect(planning.planOf(document, null, keyOf(text), serviceOf('applications')).node).toBeDefined();
    }
  });

  it('there is for each step of the story', async () => {
    const html = await (await open()).text();
    const { defaultTabs } = JSON.parse(/RURU_CONFIG = (\{[\s\S]*?\n\});/.exec(html)![1]!) as {
      defaultTabs: { query: string }[];
    };
    const names = defaultTabs.map(({ query }) => /^(?:query|mutation|subscription) (\w+)/m.exec(query)![1]!);
    for (const { query } of defaultTabs) expect(() => parse(query)).not.toThrow();
    const steps = new Set(names.map(name => name.slice(0, 'Story00'.length)));
    expect([...steps]).toEqual(Array.from({ length: 30 }, (_, i) => `Story${String(i).padStart(2, '0')}`));
  });
});
