/** Every way in which subgraphs may share types, answered from real data: by the engine, and by the gateway over HTTP. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { composeServices } from '@apollo/composition';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { type GraphQLSchema, graphql, isTypeDefinitionNode, isTypeExtensionNode, parse } from 'graphql';
import { ANONYMOUS } from '../../kernel/principal';
import { FEDERATIONS } from '../testing/federations';
import type { Federation } from '../testing/federations/federation';
import { Engine, type LivePlan } from './engine';
import type { SubgraphAnswer } from './fetch';
import { readPlanned } from './reader';

const ASKED = { principal: ANONYMOUS, requestId: 'federation', language: 'de' } as const;

describe.each(Object.entries(FEDERATIONS))('%s', (_name, federation) => {
  const schemas = schemasOf(federation);
  const engine = new Engine(composed(federation), async (name, { text, reads, ...operation }) => {
    expect(JSON.parse(text!)).toEqual(plain(operation)); // what goes over the wire is written piece by piece
    const { query, variables } = operation;
    const answer = await graphql({ schema: schemas.get(name)!, source: query, variableValues: variables });
    const planned = reads && readPlanned(Buffer.from(JSON.stringify(answer)), reads);
    return planned ? { data: planned } : plain(answer);
  });

  it.each(Object.entries(federation.answers))('%s', async (query, data) => {
    const asked = asking(query, federation);
    const answer = query.startsWith('subscription') ? await event(engine.live(asked)) : await engine.execute(asked);
    expect(plain(answer)).toEqual({ data });
  });

  /** What a subgraph pushes, joined. */
  const event = async (live: LivePlan) => {
    const { subgraph, query, variables } = live;
    const pushed = await graphql({ schema: schemas.get(subgraph)!, source: query, variableValues: variables });
    return live.join(plain(pushed), ASKED);
  };

  it('shows clients the types of its subgraphs, and nothing that only joins use', async () => {
    const { data } = await engine.execute(asking('{ __schema { types { name fields { name } } } }', federation));
    const { types } = (data as { __schema: { types: { name: string; fields: { name: string }[] | null }[] } }).__schema;
    const own = types.filter(({ name }) => !name.startsWith('__') && !STANDARD.includes(name));
    expect(own.map(({ name }) => name).sort()).toEqual(visibleTypes(federation));
    const fields = own.flatMap(({ fields }) => fields ?? []).map(({ name }) => name);
    expect(fields.filter(name => name.startsWith('_') || name.includes('__'))).toEqual([]);
  });

  for (const [query, data] of Object.entries(federation.failures ?? {})) {
    it(`${query}, with errors`, async () => {
      const answer = plain(await engine.execute(asking(query, federation)));
      expect(answer.errors?.length).toBeGreaterThan(0);
      expect(answer.data).toEqual(data);
    });
  }
});

describe('the gateway, started as anybody would', () => {
  const servers: http.Server[] = [];
  const directory = mkdtempSync(path.join(tmpdir(), 'federation-'));
  let gateway: ReturnType<typeof spawn> | undefined;
  afterAll(async () => {
    if (gateway && gateway.exitCode === null) {
      gateway.kill();
      await once(gateway, 'exit');
    }
    for (const server of servers) server.close();
    rmSync(directory, { recursive: true, force: true });
  });

  it('answers the same over HTTP, and refuses @defer', async () => {
    const federation = FEDERATIONS['a client’s arguments beside required ones']!;
    const urls = new Map<string, string>();
    for (const [name, schema] of schemasOf(federation)) urls.set(name, await serve(schema, servers));
    const file = path.join(directory, 'supergraph.graphql');
    writeFileSync(file, composed(federation, urls));
    const port = await freePort();
    gateway = spawn(
      'node',
      ['kernel/run.js', 'gateway/main.ts', '--supergraph', file, '--port', `${port}`, '--plain'],
      {
        cwd: path.join(__dirname, '../..'),
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    );
    await new Promise<void>(resolve =>
      gateway!.stdout!.on('data', text => /ready|listen/i.test(String(text)) && resolve()),
    );
    const post = async (query: string) => {
      const response = await fetch(`http://127.0.0.1:${port}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ query }),
      });
      return (await response.json()) as { data?: unknown; errors?: { message: string }[] };
    };
    for (const [query, data] of Object.entries(federation.answers)) expect((await post(query)).data).toEqual(data);
    const deferred = await post('{ products { ... @defer { home } } }');
    expect(deferred.data).toBeUndefined();
    expect(deferred.errors?.[0]?.message).toBe('Unknown directive "@defer".');
  });
});

const STANDARD = ['Int', 'Float', 'String', 'Boolean', 'ID'];

/** The names of all that its subgraphs define for clients. */
function visibleTypes({ subgraphs }: Federation): readonly string[] {
  const names = new Set<string>();
  const hidden = new Set<string>();
  for (const { sdl } of Object.values(subgraphs)) {
    for (const definition of parse(sdl).definitions) {
      if (!isTypeDefinitionNode(definition) && !isTypeExtensionNode(definition)) continue;
      const isHidden = definition.directives?.some(({ name }) => name.value === 'inaccessible');
      (isHidden ? hidden : names).add(definition.name.value);
    }
  }
  return [...names].filter(name => !hidden.has(name)).sort();
}

const plain = (answer: unknown): SubgraphAnswer => JSON.parse(JSON.stringify(answer)) as SubgraphAnswer;

const asking = (query: string, { variables = {} }: Federation) => ({
  document: parse(query),
  key: query,
  operationName: null,
  variables,
  asked: ASKED,
});

function schemasOf({ subgraphs }: Federation): ReadonlyMap<string, GraphQLSchema> {
  return new Map(
    Object.entries(subgraphs).map(([name, { sdl, resolvers }]) => [
      name,
      buildSubgraphSchema([{ typeDefs: parse(sdl), resolvers: resolvers as never }]),
    ]),
  );
}

/** @param urls of the subgraphs that are really served */
function composed({ subgraphs }: Federation, urls: ReadonlyMap<string, string> = new Map()): string {
  const services = Object.entries(subgraphs).map(([name, { sdl }]) => ({
    name,
    url: urls.get(name) ?? `http://${name}`,
    typeDefs: parse(sdl),
  }));
  const { supergraphSdl, errors = [] } = composeServices(services);
  if (!supergraphSdl) throw new Error(errors.map(String).join('\n'));
  return supergraphSdl;
}

async function serve(schema: GraphQLSchema, servers: http.Server[]): Promise<string> {
  const server = http.createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { query, variables } = JSON.parse(Buffer.concat(chunks).toString()) as {
      query: string;
      variables: Record<string, unknown>;
    };
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(await graphql({ schema, source: query, variableValues: variables })));
  });
  servers.push(server);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`;
}

async function freePort(): Promise<number> {
  const server = http.createServer();
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
