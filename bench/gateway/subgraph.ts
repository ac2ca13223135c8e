/** A static subgraph: executes each distinct request once and answers it from memory after that, so that the gateway is what is measured. */
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { execute, parse } from 'graphql';
import { subgraphConfig } from '../../kernel/config';
import { verifyPrincipal } from '../../kernel/principal';
import { PRINCIPAL } from './asker';
import { type BenchSubgraph, RESOLVERS, SDL } from './graph';

const name = process.argv[2] as BenchSubgraph;
const schema = buildSubgraphSchema([{ typeDefs: parse(SDL[name]), resolvers: RESOLVERS[name] as never }]);
const known = new Map<string, string>();

async function answer(body: string, authorization: string | undefined): Promise<string> {
  if (authorization) {
    const { principal } = await verifyPrincipal(
      authorization.slice(7),
      'gateway',
      name,
      subgraphConfig(name).accepted,
      body,
    );
    if (principal.kind !== PRINCIPAL.kind) throw new Error('This is not the principal of the benchmark.');
  }
  const { query, variables } = JSON.parse(body) as { query: string; variables?: Record<string, unknown> };
  return JSON.stringify(await execute({ schema, document: parse(query), variableValues: variables }));
}

const server = http.createServer(async (request, response) => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  if (request.url === '/internal/principal') return void response.end(JSON.stringify({ principal: PRINCIPAL }));
  if (request.url === '/internal/revocations') return void response.write('{}\n');
  const body = Buffer.concat(chunks).toString();
  let text = known.get(body);
  if (text === undefined) {
    try {
      text = await answer(body, request.headers.authorization);
    } catch {
      return void response.writeHead(401).end('{"errors":[{"message":"refused"}]}');
    }
    if (known.size < 10_000) known.set(body, text);
  }
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) });
  response.end(text);
});
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () =>
  process.stdout.write(`${JSON.stringify({ ready: true, port: (server.address() as AddressInfo).port })}\n`),
);
