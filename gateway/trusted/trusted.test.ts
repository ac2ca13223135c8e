/** Trusted documents: registered by the command, found by their hash on every way in, and nothing else where only these are. */
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { buildSchema } from 'graphql';
import { logger } from '../../kernel/log';
import { keyOf } from '../documents';
import { readWritten, whenWritten } from '../replace';
import { until } from '../testing/listening';
import { startWorld, type World } from '../testing/world';
import { register, written } from './register';
import { type Texts, TrustedDocuments } from './trusted';

const TITLES = 'query Titles {\n  services {\n    title\n  }\n}';
const AREA = 'query Area($ars: Ars!) {\n  area(ars: $ars)\n}';
const LIVE = 'subscription Live {\n  inboxChanged {\n    kind\n  }\n}';
const STRANGE = '{ services { legalBasis } }';
const textsOf = (...texts: string[]): Texts => Object.fromEntries(texts.map(text => [keyOf(text), text]));
const persisted = (text: string) => ({ persistedQuery: { version: 1, sha256Hash: keyOf(text) } });

const folder = mkdtempSync(path.join(os.tmpdir(), 'trusted-'));
const file = (name: string, content: string): string => {
  writeFileSync(path.join(folder, name), content);
  return path.join(folder, name);
};
let world: World | undefined;
afterEach(async () => {
  delete process.env.TRUSTED_DOCUMENTS;
  await world?.stop();
  world = undefined;
});
afterAll(() => rmSync(folder, { recursive: true }));

const start = async (only: boolean): Promise<World> => {
  process.env.TRUSTED_DOCUMENTS = only ? 'only' : 'any';
  world = await startWorld({ trusted: textsOf(TITLES, AREA, LIVE) });
  return world;
};

async function post(body: unknown, headers: Record<string, string> = {}, at = '/graphql') {
  const response = await fetch(`${world!.url}${at}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
  return resultOf(response);
}
async function get(search: Record<string, string>, headers: Record<string, string> = {}) {
  return resultOf(await fetch(`${world!.url}/graphql?${new URLSearchParams(search)}`, { headers }));
}
async function resultOf(response: Response) {
  const { data, errors } = (await response.json()) as {
    data?: Record<string, unknown>;
    errors?: { extensions: Record<string, unknown> }[];
  };
  return { status: response.status, data, code: errors?.[0]?.extensions.code };
}
const REFUSED = { status: 400, data: undefined, code: 'PERSISTED_QUERY_NOT_IN_LIST' };
const MALFORMED = { ...REFUSED, code: 'BAD_REQUEST' };
const ANSWERED = { status: 200, code: undefined };
const SSE = { accept: 'text/event-stream' };
const MULTIPART = { accept: 'multipart/mixed;subscriptionSpec=1.0' };

describe('a registered document', () => {
  it('is found by its hash, whichever way it is named and wherever it is asked', async () => {
    await start(false);
    for (const named of [
      { extensions: persisted(TITLES) },
      { documentId: keyOf(TITLES) },
      { documentId: `sha256:${keyOf(TITLES)}` },
    ]) {
      expect(await post(named)).toMatchObject({ ...ANSWERED, data: { services: [{}, {}] } });
      expect(await post(named, {}, '/public/graphql')).toMatchObject(ANSWERED);
    }
    const area = { documentId: keyOf(AREA), variables: { ars: '01' } };
    expect(await post(area)).toMatchObject({ ...ANSWERED, data: { area: '01' } });
    expect(await get({ documentId: keyOf(AREA), variables: '{"ars":"02"}' })).toMatchObject({ data: { area: '02' } });
    expect(await get({ extensions: JSON.stringify(persisted(TITLES)) })).toMatchObject(ANSWERED);
    const world_ = world!;
    const client = world_.socket(await world_.token('max'));
    const { value } = await client.iterate({ query: '', extensions: persisted(TITLES) }).next();
    expect(value).toMatchObject({ data: { services: [{}, {}] } });
  });

  it.each([SSE, MULTIPART])('is streamed by its hash: %p', async ({ accept }) => {
    const { url, log, token } = await start(true);
    const response = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept, authorization: `Bearer ${await token('max')}` },
      body: JSON.stringify({ documentId: keyOf(LIVE) }),
    });
    await log.read();
    log.add('A', 'p1');
    let heard = '';
    for await (const chunk of response.body!) {
      heard += Buffer.from(chunk).toString();
      if (heard.includes('"kind":"A"')) break;
    }
    expect(response.status).toBe(200);
  });

  it('takes the fast lane by its hash', async () => {
    const { gateway } = await start(true);
    await post({ extensions: persisted(TITLES) });
    const prepared = jest.spyOn(gateway.engine, 'prepare');
    for (const named of [{ extensions: persisted(TITLES) }, { documentId: keyOf(TITLES) }, { query: TITLES }])
      expect(await post(named)).toMatchObject({ ...ANSWERED, data: { services: [{}, {}] } });
    expect(prepared).toHaveBeenCalledTimes(3);
    prepared.mockRestore();
  });
});

it('a malformed persisted query is refused on every way, whatever it comes with', async () => {
  const { socket, token } = await start(false);
  const client = socket(await token('max'));
  const hash = keyOf(TITLES);
  for (const persistedQuery of [
    { version: 1, sha256Hash: [hash] },
    { version: 1, sha256Hash: 1 },
    { version: 1 },
    { version: '1', sha256Hash: hash },
    { version: 2, sha256Hash: hash },
    { sha256Hash: hash },
    hash,
    [],
    false,
  ]) {
    const extensions = { persistedQuery };
    for (const named of [{}, { query: TITLES }, { documentId: hash }] as Record<string, string>[]) {
      for (const stream of [{}, SSE, MULTIPART])
        expect(await post({ ...named, extensions }, stream)).toEqual(MALFORMED);
      expect(await get({ ...named, extensions: JSON.stringify(extensions) })).toEqual(MALFORMED);
    }
    await expect(client.iterate({ query: TITLES, extensions }).next()).rejects.toMatchObject([
      { extensions: { code: 'BAD_REQUEST' } },
    ]);
  }
  const other = { query: TITLES, extensions: persisted(AREA) };
  for (const stream of [{}, SSE, MULTIPART]) expect(await post(other, stream)).toEqual(MALFORMED);
});

describe('where only registered documents are answered', () => {
  it('their text is one too', async () => {
    await start(true);
    expect(await post({ query: TITLES })).toMatchObject(ANSWERED);
    expect(await post({ query: TITLES, extensions: persisted(TITLES) })).toMatchObject(ANSWERED);
    expect(await get({ query: TITLES })).toMatchObject(ANSWERED);
  });

  it('every other text and hash is refused, over HTTP, GET, streams and sockets', async () => {
    const { socket, token, subgraphs } = await start(true);
    for (const body of [
      { query: STRANGE },
      { query: `${TITLES} ` },
      { query: '{ __typename }' },
      { query: '{ broken' },
      { query: STRANGE, extensions: persisted(STRANGE) },
      { query: STRANGE, documentId: keyOf(TITLES) },
      { extensions: persisted(STRANGE) },
      { documentId: keyOf(STRANGE) },
      { documentId: '__proto__' },
      { documentId: 1 },
    ]) {
      expect(await post(body)).toEqual(REFUSED);
      expect(await post(body, {}, '/public/graphql')).toEqual(REFUSED);
      for (const stream of [SSE, MULTIPART]) expect(await post(body, stream)).toEqual(REFUSED);
    }
    expect(await get({ query: STRANGE })).toEqual(REFUSED);
    expect(await get({ query: STRANGE }, SSE)).toEqual(REFUSED);
    expect(await get({ documentId: keyOf(STRANGE) })).toEqual(REFUSED);
    const client = socket(await token('max'));
    for (const query of [STRANGE, 'subscription { ticks }'])
      await expect(client.iterate({ query }).next()).rejects.toMatchObject([
        { extensions: { code: 'PERSISTED_QUERY_NOT_IN_LIST' } },
      ]);
    expect(Object.values(subgraphs).flatMap(({ requests }) => requests.map(({ body }) => body))).toEqual([]);
  });

  it('nothing is smuggled past the list by parameters that are read in two ways', async () => {
    const { url } = await start(true);
    const strange = encodeURIComponent(STRANGE);
    const trusted = encodeURIComponent(TITLES);
    for (const search of [
      `${'a&'.repeat(1_001)}query=${strange}`,
      `query=${trusted}&query=${strange}`,
      `query=${strange}&query=${trusted}`,
      `query%5B%5D=${strange}`,
      `documentId=${keyOf(TITLES)}&query=${strange}`,
    ]) {
      for (const headers of [{}, SSE] as Record<string, string>[]) {
        const response = await fetch(`${url}/graphql?${search}`, { headers });
        expect(response.status).toBeGreaterThanOrEqual(400);
        expect(await response.text()).not.toContain('GewO');
      }
    }
  });

  it('a document that is taken from the list is refused from then on, on the fast lane too', async () => {
    const { gateway } = await start(true);
    for (let i = 0; i < 2; i++) expect(await post({ query: TITLES })).toMatchObject(ANSWERED);
    gateway.trusted.replace(textsOf(AREA));
    for (const named of [{ query: TITLES }, { documentId: keyOf(TITLES) }]) expect(await post(named)).toEqual(REFUSED);
  });

  it('a hash that was kept with its text answers nothing after that, however it is written', async () => {
    const { gateway } = await start(true);
    for (const at of ['/graphql', '/public/graphql'])
      expect(await post({ query: TITLES, extensions: persisted(TITLES) }, {}, at)).toMatchObject(ANSWERED);
    gateway.trusted.replace(textsOf(AREA));
    const hash = keyOf(TITLES);
    for (const at of ['/graphql', '/public/graphql']) {
      expect(await post({ extensions: persisted(TITLES) }, {}, at)).toEqual(REFUSED);
      for (const [version, sha256Hash] of [
        [1, [hash]],
        ['1', hash],
        [[1], hash],
      ])
        expect(await post({ extensions: { persistedQuery: { version, sha256Hash } } }, {}, at)).toEqual(MALFORMED);
    }
  });
});

describe('the list', () => {
  it('is believed only where each text has its hash', () => {
    expect(() => new TrustedDocuments(true, { [keyOf(TITLES)]: STRANGE })).toThrow('is not the hash of its document');
  });

  it('is read again when its file is written, also when it was not there; a broken one is not used', async () => {
    const { gateway } = await start(true);
    const list = path.join(folder, 'list.json');
    const refused: string[] = [];
    const stop = whenWritten(
      readWritten(list),
      { ...logger('test'), error: message => void refused.push(message) },
      {
        take: text => gateway.trusted.replace(JSON.parse(text) as Texts),
        taken: 'taken',
        refused: 'refused',
      },
    );
    try {
      writeFileSync(list, written(textsOf(STRANGE)));
      await until(() => gateway.trusted.allows(keyOf(STRANGE)));
      writeFileSync(list, '{');
      await until(() => refused.length > 0);
      expect(gateway.trusted.allows(keyOf(STRANGE))).toBe(true);
    } finally {
      stop();
    }
  });
});

describe('npm run operations', () => {
  const run = (...args: string[]) =>
    promisify(execFile)(process.execPath, ['kernel/run.js', 'gateway/trusted/register.main.ts', ...args], {
      cwd: path.join(__dirname, '..', '..'),
      env: { ...process.env, NODE_OPTIONS: '' },
    });
  const desk = () => file('desk.graphql', 'query Topics { lifeTopics { ...Topic } }');
  const fragments = () => file('fragments.graphql', 'fragment Topic on LifeTopic { code name }');

  it('adds each operation with its fragments, and says its hash', async () => {
    const to = path.join(folder, 'operations.json');
    await run('--to', to, desk(), fragments());
    const { stdout } = await run(
      '--to',
      to,
      file('more.graphql', 'query Kinds { __typename } query Other { __typename }'),
    );
    const texts = JSON.parse(readFileSync(to, 'utf8')) as Texts;
    expect(Object.values(texts).sort()).toEqual([
      'query Kinds {\n  __typename\n}',
      'query Other {\n  __typename\n}',
      'query Topics {\n  lifeTopics {\n    ...Topic\n  }\n}\n\nfragment Topic on LifeTopic {\n  code\n  name\n}',
    ]);
    expect(new TrustedDocuments(true, texts).textOf({ documentId: stdout.split(' ')[0] })).toContain('query Kinds');
  });

  it('writes nothing of a file with a mistake, and says all of them', async () => {
    const to = path.join(folder, 'none.json');
    const wrong = file('wrong.graphql', 'query A { unknown } query B { area(ars: "x") { name } }');
    const { stderr } = await run('--to', to, wrong, desk(), fragments()).catch(error => error as { stderr: string });
    expect(stderr).toContain('A: Cannot query field "unknown"');
    expect(stderr).toContain('B: ');
    expect(() => readFileSync(to)).toThrow();
  });

  const schema = buildSchema('type Query { a: Query s: String }');
  it.each([
    ['{ s }', 'needs a name'],
    ['query A { s } query A { s }', 'two of the name A'],
    ['type A { s: String }', 'Only operations and fragments'],
    [`query A { ${'a { '.repeat(15)} s ${'}'.repeat(15)} }`, 'too'],
  ])('refuses %s', (text, problem) => {
    expect(() => register([file('one.graphql', text)], schema)).toThrow(new RegExp(`${problem}|umfangreich`));
  });

  it('refuses what costs too much as it is', () => {
    const list = buildSchema('type Query { all: [Thing] } type Thing { s: String }');
    const all = file('all.graphql', 'query All { all { s } }');
    expect(() => register([all], list, 9)).toThrow('All: it costs too much');
    expect(register([all], list, 10).hashes.size).toBe(1);
  });

  it('takes what graphql-codegen has written, when its hashes are SHA-256', () => {
    const texts = textsOf('query A { s }');
    expect(register([file('persisted.json', written(texts))], schema).texts).toEqual(texts);
    const sha1 = file('sha1.json', '{"0a":"query A { s }"}');
    expect(() => register([sha1], schema)).toThrow('is not the SHA-256');
  });
});
