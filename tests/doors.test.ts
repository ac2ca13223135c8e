/**
 * The door of each subgraph: its entities are for whom the gateway has signed, for this subgraph, now, and for these very
 * bytes. The types are read from schema/, so that a new entity is covered by itself.
 */
import fs from 'node:fs';
import path from 'node:path';
import { Kind, parse } from 'graphql';
import { createClient } from 'graphql-ws';
import WebSocket from 'ws';
import { SUBGRAPHS, type SubgraphName, subgraphConfig } from '../kernel/config';
import { newId } from '../kernel/ids';
import { serviceOf, signPrincipal } from '../kernel/principal';
import type { Subgraph } from '../kernel/server/subgraph.server';
import { startTestSubgraph, type TestSubgraph } from './setup/subgraph';

/** Entities that the gateway may ask a subgraph for, each with a key that is well formed. */
function representationsOf(name: SubgraphName): Record<string, string>[] {
  const sdl = parse(fs.readFileSync(path.join(__dirname, '..', 'schema', `${name}.graphql`), 'utf8'));
  const found: Record<string, string>[] = [];
  for (const definition of sdl.definitions) {
    if (definition.kind !== Kind.OBJECT_TYPE_DEFINITION) continue;
    for (const { name: directive, arguments: given = [] } of definition.directives ?? []) {
      const values = new Map(given.map(({ name: { value: key }, value }) => [key, 'value' in value && value.value]));
      if (directive.value !== 'key' || values.get('resolvable') === false) continue;
      const keys = String(values.get('fields')).split(' ');
      const representation = Object.fromEntries(keys.map(key => [key, key === 'id' ? newId() : '059580004004']));
      found.push({ __typename: definition.name.value, ...representation });
    }
  }
  return found;
}

const envelope = (name: SubgraphName) => ({ principal: serviceOf(name), requestId: newId(), language: 'de' }) as const;

/** As the gateway signs, but for what is given. */
function sign(
  name: SubgraphName,
  body: string | undefined,
  given: { from?: string; to?: string; secret?: string } = {},
) {
  const { from = 'gateway', to = name, secret = subgraphConfig(name).secret } = given;
  return signPrincipal(envelope(name), from, to, secret, body);
}

function agesAgo<T>(work: () => T): T {
  const clock = jest.spyOn(Date, 'now').mockReturnValue(Date.now() - 60_000);
  try {
    return work();
  } finally {
    clock.mockRestore();
  }
}

const other = (name: SubgraphName): SubgraphName => SUBGRAPHS[(SUBGRAPHS.indexOf(name) + 1) % SUBGRAPHS.length]!;

const unsigned = (token: string): string => {
  const [, claims] = token.split('.');
  return `${Buffer.from('{"alg":"none","typ":"principal+jwt"}').toString('base64url')}.${claims}.`;
};

/** What somebody might show who is not the gateway. @param body null for a stream */
const SHOWN: Readonly<Record<string, (name: SubgraphName, body?: string) => string>> = {
  'no token': () => '',
  nonsense: () => 'a.b.c',
  'a token that nobody has signed': (name, body) => unsigned(sign(name, body)),
  'a token with the signature of another': (name, body) => {
    const [header, claims] = sign(name, body).split('.');
    return `${header}.${claims}.${sign(name, '{"query":"{ a }"}').split('.')[2]}`;
  },
  'a token without a signature': (name, body) => sign(name, body).replace(/[^.]*$/, ''),
  'a token for another subgraph': (name, body) => sign(name, body, { to: other(name) }),
  'a token that another subgraph was given': (name, body) =>
    sign(other(name), body, { secret: subgraphConfig(other(name)).secret }),
  'its own token, signed with the secret of another': (name, body) =>
    sign(name, body, { secret: subgraphConfig(other(name)).secret }),
  'a token of a subgraph in place of the gateway': (name, body) => sign(name, body, { from: name }),
  'an expired token': (name, body) => agesAgo(() => sign(name, body)),
  'the token of another body': (name, body) => sign(name, body === undefined ? '{}' : body.replace('Key', 'Lock')),
  'the token of a stream, or of a question where a stream is': (name, body) =>
    sign(name, body === undefined ? '{"query":"{ __typename }"}' : undefined),
};

describe.each(SUBGRAPHS)('%s', name => {
  let subgraph: TestSubgraph;
  const representations = representationsOf(name);
  const query = 'query Key($representations: [_Any!]!) { _entities(representations: $representations) { __typename } }';
  const body = JSON.stringify({ query, variables: { representations } });

  beforeAll(async () => {
    const { default: manifest } = require(`../subgraphs/${name}/subgraph`) as { default: Subgraph };
    subgraph = await startTestSubgraph(manifest);
  });
  afterAll(() => subgraph?.stop());

  const ask = (token: string, method = 'POST', search = '') =>
    fetch(`${subgraph.url}/graphql${search}`, {
      method,
      headers: { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) },
      ...(method === 'POST' && { body }),
    });

  it('resolves entities, and lets in who shows what the gateway has signed', async () => {
    expect(representations.length).toBeGreaterThan(3);
    const response = await ask(sign(name, body));
    expect(response.status).toBe(200);
    const { data, errors } = (await response.json()) as { data: { _entities: unknown[] }; errors?: unknown };
    expect(errors).toBeUndefined();
    expect(data._entities).toHaveLength(representations.length);
  });

  it.each(Object.entries(SHOWN))('gives nothing of any type for %s', async (_, shown) => {
    const response = await ask(shown(name, body));
    expect(response.status).toBe(401);
    expect(await response.json()).toEqual({
      errors: [{ message: 'This address answers the gateway only.', extensions: { code: 'UNAUTHENTICATED' } }],
    });
  });

  it('has no other way to ask', async () => {
    const search = `?${new URLSearchParams({ query, variables: JSON.stringify({ representations }) })}`;
    for (const token of ['', sign(name, undefined)]) expect((await ask(token, 'GET', search)).status).toBe(404);
  });

  it.each(Object.entries(SHOWN))('opens no stream for %s', async (_, shown) => {
    const client = createClient({
      url: `${subgraph.url.replace('http', 'ws')}/graphql`,
      webSocketImpl: WebSocket,
      retryAttempts: 0,
      connectionParams: { principal: shown(name) },
    });
    await expect(client.iterate({ query: '{ __typename }' }).next()).rejects.toMatchObject({ code: 4403 });
    await client.dispose();
  });
});
