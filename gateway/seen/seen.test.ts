/** What operators see of the gateway: a line for each operation, numbers for Prometheus, a request id in every answer. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import readline from 'node:readline';
import { compose } from '../../schema/compose';
import { startWorld, type World } from '../testing/world';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world?.stop());

const post = (url: string, body: string, headers: Record<string, string> = {}) =>
  fetch(`${url}/graphql`, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body });
const asking = (query: string) => JSON.stringify({ query });
const metrics = async () => (await fetch(`${world.url}/metrics`)).text();

describe('the request id', () => {
  const asked: [string, string, Record<string, string>][] = [
    ['a good answer', asking('{ services { title } }'), {}],
    ['an answer with an error', asking('{ account(id: "x") { id } }'), {}],
    ['a document that is none', asking('{'), {}],
    ['a document that does not fit', asking('{ unknown }'), {}],
    ['a subscription that cannot be', asking('subscription { ticks @skip(if: true) }'), {}],
    ['a body that is no JSON', '{', {}],
    ['a body that is too large', asking('x'.repeat(300_000)), {}],
    ['a list of requests', `[${asking('{ __typename }')}]`, {}],
    ['a request without a document', '{}', {}],
    ['what another site could send', asking('{ __typename }'), { 'content-type': 'text/plain' }],
    ['an answer that nobody would take', asking('{ __typename }'), { accept: 'text/html' }],
    ['variables that are a text', '{"query":"{ __typename }","variables":"{}"}', {}],
    ['a credential that is not good', asking('{ __typename }'), { authorization: 'Bearer x' }],
  ];
  it.each(asked)('is in %s', async (_, body, headers) => {
    const response = await post(world.url, body, headers);
    const { extensions } = (await response.json()) as { extensions?: { requestId?: string } };
    expect(extensions?.requestId).toMatch(/^[\w-]{8,64}$/);
    expect(extensions?.requestId).toBe(response.headers.get('x-request-id'));
  });

  it('is that of the caller, where it is harmless', async () => {
    const own = await post(world.url, asking('{ __typename }'), { 'x-request-id': 'portal-4711' });
    expect(await own.json()).toMatchObject({ extensions: { requestId: 'portal-4711' } });
    const strange = await post(world.url, asking('{ __typename }'), { 'x-request-id': '<script>' });
    expect(JSON.stringify(await strange.json())).not.toContain('script');
  });
});

describe('/metrics', () => {
  it('counts operations by name, fetches by subgraph, and errors by code', async () => {
    await world.ask('query Titles { services { title } }');
    await world.ask('query Titles { services { title } }');
    await world.ask('query Account { account(id: "x") { id } }');
    const text = await metrics();
    expect(text).toContain('graphql_operation_seconds_count{operation="Titles",kind="query",outcome="ok"} 2');
    expect(text).toMatch(/graphql_errors_total\{code="UNAUTHENTICATED"\} \d+/);
    expect(text).toMatch(/subgraph_fetch_seconds_count\{subgraph="catalogue",outcome="answered"\} \d+/);
    expect(text).toContain('nodejs_eventloop_lag_seconds');
  });

  it('tells only so many names apart, whatever clients call their operations', async () => {
    const ask = (_: unknown, i: number) => world.ask(`query Made${i} { __typename }`);
    await Promise.all(Array.from({ length: 250 }, ask));
    const names = new Set([...(await metrics()).matchAll(/_count\{operation="(\w+)"/g)].map(([, name]) => name));
    expect(names.size).toBeLessThanOrEqual(202);
    expect(names).toContain('other');
  });

  it('is in production at a port of its own, and nowhere without one', async () => {
    const { NODE_ENV } = process.env;
    const secrets = ['CATALOGUE', 'IDENTITY', 'APPLICATIONS'].map(name => `${name}_SECRET`);
    Object.assign(process.env, { NODE_ENV: 'production', METRICS_PORT: String(await freePort()) });
    for (const name of secrets) process.env[name] = `a-secret-of-production-for-${name.toLowerCase()}`;
    const production = await startWorld();
    const own = `http://127.0.0.1:${process.env.METRICS_PORT}`;
    try {
      expect((await fetch(`${production.url}/metrics`)).status).toBe(404);
      expect(await (await fetch(`${own}/metrics`)).text()).toContain('graphql_operation_seconds');
      expect((await fetch(`${own}/graphql`)).status).toBe(404);
    } finally {
      await production.stop();
      for (const name of [...secrets, 'METRICS_PORT']) delete process.env[name];
      process.env.NODE_ENV = NODE_ENV;
    }
    await expect(fetch(`${own}/metrics`)).rejects.toThrow();
  });
});

describe('the access log', () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'seen-'));
  let gateway: ChildProcess;
  let lines: AsyncIterator<string>;
  let url: string;

  beforeAll(async () => {
    const file = path.join(folder, 'supergraph.graphql');
    const sdl = 'type Query { who(name: String): String }';
    writeFileSync(file, compose([{ name: 'a', url: 'http://127.0.0.1:1/graphql', sdl }]).supergraph);
    gateway = spawn(
      process.execPath,
      ['-r', '@swc-node/register', 'gateway/main.ts', '--plain', '--port', '0', '--supergraph', file],
      {
        cwd: path.join(__dirname, '..', '..'),
        env: { ...process.env, LOG_LEVEL: 'info', STOP_WITH_PARENT: 'true', NODE_OPTIONS: '' },
        stdio: ['pipe', 'pipe', 'inherit'],
      },
    );
    lines = readline.createInterface({ input: gateway.stdout! })[Symbol.asyncIterator]();
    url = `http://127.0.0.1:${(await next()).port}`;
  });
  afterAll(async () => {
    const gone = new Promise(resolve => gateway.once('exit', resolve));
    gateway.stdin?.end();
    await gone;
    rmSync(folder, { recursive: true });
  });

  const next = async () => JSON.parse((await lines.next()).value as string) as Record<string, unknown>;
  async function lineOf(requestId: string): Promise<Record<string, unknown>> {
    for (;;) {
      const line = await next();
      if (line.requestId === requestId && line.msg === 'operation') return line;
    }
  }

  it('names the operation and the request, and how it ended', async () => {
    await post(url, asking('query Who { __typename }'), { 'x-request-id': 'request-1' });
    const line = await lineOf('request-1');
    expect(line).toEqual({
      level: 'info',
      process: 'access',
      time: expect.any(String),
      msg: 'operation',
      requestId: 'request-1',
      operation: 'Who',
      kind: 'query',
      outcome: 'ok',
      ms: expect.any(Number),
    });
    await post(url, asking('query Down { who }'), { 'x-request-id': 'request-2' });
    expect(await lineOf('request-2')).toMatchObject({ operation: 'Down', code: 'SUBGRAPH_UNAVAILABLE' });
    await post(url, asking('{'), { 'x-request-id': 'request-3' });
    expect(await lineOf('request-3')).toMatchObject({ outcome: 'refused', code: 'GRAPHQL_PARSE_FAILED' });
  });

  it('has no more than the beginning of a name that a client has made up', async () => {
    await post(url, asking(`query ${'Erika_Mustermann_'.repeat(1_000)} { __typename }`), {
      'x-request-id': 'request-4',
    });
    expect(String((await lineOf('request-4')).operation)).toHaveLength(64);
  });

  it('stays one JSON object a line, without values, whatever is sent', async () => {
    const hostile = ['"}\n{"level":"info","msg":"operation"}', '\u001b[31m', '\u2028', '</script>', 'Erika\r\nMuster'];
    for (const [i, text] of hostile.entries()) {
      const body = JSON.stringify({
        query: 'query Q($n: String) { who(name: $n) }',
        operationName: 'Q',
        variables: { n: text },
      });
      await post(url, body, { 'x-request-id': `hostile-${i}`, 'user-agent': 'x' });
      await post(url, JSON.stringify({ query: text, operationName: text }), { 'x-request-id': `broken-${i}` });
      for (const id of [`hostile-${i}`, `broken-${i}`]) {
        const line = await lineOf(id); // every line on the way parses too
        expect(JSON.stringify(line)).not.toContain('Erika');
        expect(Object.keys(line)).not.toContain('variables');
        expect(line.operation).toBe(id.startsWith('broken') ? undefined : 'Q');
      }
    }
  });
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise(resolve => server.close(resolve));
  return port;
}
