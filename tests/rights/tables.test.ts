/** Every type and every mutation of the graph stands in a rights table, and the tables name nothing that is not there. */
import fs from 'node:fs';
import path from 'node:path';
import {
  buildSchema,
  extendSchema,
  type GraphQLInterfaceType,
  type GraphQLObjectType,
  type GraphQLSchema,
  isInterfaceType,
  isObjectType,
  parse,
} from 'graphql';
import { SUBGRAPHS } from '../../kernel/config';
import { RIGHTS } from '../../kernel/rights';

const schema = buildSchema(fs.readFileSync(path.join(__dirname, '..', '..', 'schema', 'api.graphql'), 'utf8'), {
  assumeValid: true,
});
for (const name of SUBGRAPHS) require(`../../subgraphs/${name}/subgraph`);

/** They only carry what stands in other tables: pages and the proof of their chain, payloads, why something was refused. */
const CARRIERS = /^(Query|Mutation|Subscription|PageInfo|ChainProof|Refusal|Problem|\w+(Connection|Edge|Payload))$/;

const described = RIGHTS.flatMap(({ entity, table }) => [entity, ...(table.with ?? [])]);
const done = RIGHTS.flatMap(({ table }) => Object.keys(table.does ?? {}));
const parts = RIGHTS.flatMap(({ table }) =>
  Object.values((table.parts ?? {}) as Record<string, { fields: readonly string[] }>).flatMap(({ fields }) => fields),
);
const printed = fs.readFileSync(path.join(__dirname, '..', '..', 'docs', 'rights.md'), 'utf8');

const typesOf = (of: GraphQLSchema) =>
  Object.values(of.getTypeMap()).filter(
    type => (isObjectType(type) || isInterfaceType(type)) && !type.name.startsWith('__') && !CARRIERS.test(type.name),
  ) as (GraphQLObjectType | GraphQLInterfaceType)[];
const mutationsOf = (of: GraphQLSchema) => Object.keys(of.getMutationType()!.getFields());

/** The part of docs/rights.md that an auditor reads about a type. */
function chapterOf(type: string): string {
  const owner = RIGHTS.find(({ entity, table }) => entity === type || table.with?.includes(type))?.entity ?? type;
  return printed.split(/^## /m).find(chapter => chapter.split('\n')[0]!.endsWith(`· ${owner}`)) ?? '';
}

/** What of a schema has no row. */
function gapsOf(of: GraphQLSchema): string[] {
  const types = typesOf(of);
  return [
    ...types.filter(({ name }) => !described.includes(name)).map(({ name }) => `type ${name}`),
    ...mutationsOf(of).flatMap(name => (done.includes(name) ? [] : [`mutation ${name}`])),
    ...types.filter(isObjectType).flatMap(type => {
      const chapter = chapterOf(type.name);
      const names = Object.keys(type.getFields());
      return names
        .filter(
          name => ![`\`${name}\``, `\`${type.name}.${name}\``, `\`${type.name}\``].some(one => chapter.includes(one)),
        )
        .map(name => `field ${type.name}.${name}`);
    }),
  ];
}

test('every type, every field and every mutation has a row', () => {
  expect(gapsOf(schema)).toEqual([]);
});

test.each([
  ['type Dossier { id: ID! }', ['type Dossier', 'field Dossier.id']],
  ['extend type Application { riskScore: Int }', ['field Application.riskScore']],
  ['extend type Mutation { sealApplication: Boolean }', ['mutation sealApplication']],
])('a planted hole is found: %s', (hole, gaps) => {
  expect(gapsOf(extendSchema(schema, parse(hole)))).toEqual(gaps);
});

test('no type stands in two tables, and the tables name nothing that is not there', () => {
  expect(described.filter((name, i) => described.indexOf(name) !== i)).toEqual([]);
  expect(described.filter(name => !typesOf(schema).some(type => type.name === name))).toEqual([]);
  expect(done.filter(name => !mutationsOf(schema).includes(name))).toEqual([]);
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
