/** From decorated classes to a federated schema: type-graphql builds it, @apollo/subgraph completes it, guards wrap it. */
import 'reflect-metadata';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { getDocumentNodeFromSchema } from '@graphql-tools/utils';
import { concatAST, type DefinitionNode, type DocumentNode, type GraphQLSchema, Kind, parse, print } from 'graphql';
import { type BuildSchemaOptions, buildSchema, createResolversMap, type NonEmptyArray } from 'type-graphql';
import type { Context } from '../context';
import '../graph/trust.type';
import { SCALARS } from '../graph/scalars';
import { guard } from './guards';

/** Type name → how its key becomes the object. Judged like every other path: null for what the asker may not see. */
export type References = Record<string, (reference: never, ctx: Context) => unknown>;

export interface SchemaParts {
  // biome-ignore lint/complexity/noBannedTypes: type-graphql's own type
  readonly resolvers: NonEmptyArray<Function>;
  readonly references: References;
  /** Extra SDL: tags of enums and the like, which decorators do not reach. */
  readonly sdl?: string;
  /** Types that only an interface or union leads to. */
  // biome-ignore lint/complexity/noBannedTypes: type-graphql's own type
  readonly orphans?: Function[];
}

const IMPORTS = [
  '@key',
  '@shareable',
  '@external',
  '@requires',
  '@provides',
  '@tag',
  '@authenticated',
  '@requiresScopes',
];

// type-graphql insists on a pubSub although every subscription brings its own `subscribe`
const NO_PUBSUB: BuildSchemaOptions['pubSub'] = {
  publish() {},
  subscribe(): never {
    throw new Error('Subscriptions bring their own subscribe.');
  },
};

/** type-graphql has no place for the descriptions of the three root types. */
const ROOTS: Readonly<Record<string, string>> = {
  Query: 'All reads.',
  Mutation: 'All writes; each takes one input and answers with the object or a refusal.',
  Subscription: 'All live feeds; each event carries a cursor to resume from.',
};

function describeRoot(definition: DefinitionNode): DefinitionNode {
  if (definition.kind !== Kind.OBJECT_TYPE_DEFINITION) return definition;
  const description = ROOTS[definition.name.value];
  return description ? { ...definition, description: { kind: Kind.STRING, value: description } } : definition;
}

export async function federatedSchema(parts: SchemaParts): Promise<{ schema: GraphQLSchema; sdl: string }> {
  const built = await buildSchema({
    resolvers: parts.resolvers,
    ...(parts.orphans && { orphanedTypes: parts.orphans }),
    validate: false,
    pubSub: NO_PUBSUB,
    scalarsMap: [],
    skipCheck: true,
  });
  const body = getDocumentNodeFromSchema(built);
  const text = `${print(body)}\n${parts.sdl ?? ''}`;
  const imports = IMPORTS.filter(name => name === '@tag' || new RegExp(`${name}\\b`).test(text));
  const types: DocumentNode = {
    kind: Kind.DOCUMENT,
    definitions: body.definitions
      .filter(({ kind }) => kind !== Kind.SCHEMA_DEFINITION && kind !== Kind.DIRECTIVE_DEFINITION)
      .map(describeRoot),
  };
  const scalars = SCALARS.filter(({ name }) => built.getType(name)).map(
    ({ name }) => `extend scalar ${name} @tag(name: "public")`,
  );
  const link = parse(
    [
      `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ${JSON.stringify(imports)})`,
      ...scalars,
      parts.sdl ?? '',
    ].join('\n'),
  );
  const typeDefs = concatAST([link, types]);
  const resolvers = createResolversMap(built) as Record<string, Record<string, unknown>>;
  for (const [name, resolve] of Object.entries(parts.references)) {
    resolvers[name] = { ...resolvers[name], __resolveReference: resolve };
  }
  const schema = buildSubgraphSchema([{ typeDefs, resolvers: resolvers as never }]);
  guard(schema, typeDefs);
  return { schema, sdl: `${print(typeDefs)}\n` };
}
