/** Every type and every mutation of the graph stands in a rights table, and the tables name nothing that is not there. */
import fs from 'node:fs';
import path from 'node:path';
import { buildSchema, isInterfaceType, isObjectType } from 'graphql';
import { SUBGRAPHS } from '../../kernel/config';
import { RIGHTS } from '../../kernel/rights';

const schema = buildSchema(fs.readFileSync(path.join(__dirname, '..', '..', 'schema', 'api.graphql'), 'utf8'), {
  assumeValid: true,
});
for (const name of SUBGRAPHS) require(`../../subgraphs/${name}/subgraph`);

/** They only carry what stands in other tables: pages and the proof of their chain, payloads, why something was refused. */
const CARRIERS = /^(Query|Mutation|Subscription|PageInfo|ChainProof|Refusal|Problem|\w+(Connection|Edge|Payload))$/;

const types = Object.values(schema.getTypeMap())
  .filter(type => (isObjectType(type) || isInterfaceType(type)) && !type.name.startsWith('__'))
  .map(({ name }) => name);
const mutations = Object.keys(schema.getMutationType()!.getFields());

const described = RIGHTS.flatMap(({ entity, table }) => [entity, ...(table.with ?? [])]);
const done = RIGHTS.flatMap(({ table }) => Object.keys(table.does ?? {}));
const parts = RIGHTS.flatMap(({ table }) =>
  Object.values((table.parts ?? {}) as Record<string, { fields: readonly string[] }>).flatMap(({ fields }) => fields),
);

test('every type stands in exactly one table, or only carries what does', () => {
  expect(types.filter(name => !CARRIERS.test(name) && !described.includes(name))).toEqual([]);
  expect(described.filter((name, i) => described.indexOf(name) !== i)).toEqual([]);
  expect(described.filter(name => !types.includes(name))).toEqual([]);
});

test('every mutation stands in a table', () => {
  expect(mutations.filter(name => !done.includes(name))).toEqual([]);
  expect(done.filter(name => !mutations.includes(name))).toEqual([]);
});

test('every field that a table names is one of the schema', () => {
  const missing = parts.filter(coordinate => {
    const [typeName, field] = coordinate.split('.') as [string, string?];
    const type = schema.getType(typeName);
    return !isObjectType(type) || (field !== undefined && !(field in type.getFields()));
  });
  expect(parts.length).toBeGreaterThan(10);
  expect(missing).toEqual([]);
});
