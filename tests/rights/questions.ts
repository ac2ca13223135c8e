/** All that can be asked of each subgraph about a thing, read from its schema: root fields and entity references, all fields of both. */
import fs from 'node:fs';
import path from 'node:path';
import {
  buildASTSchema,
  type ConstDirectiveNode,
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNamedType,
  isInterfaceType,
  isNonNullType,
  isObjectType,
  isUnionType,
  parse,
  valueFromASTUntyped,
} from 'graphql';
import { SUBGRAPHS, type SubgraphName } from '../../kernel/config';
import { foreignVariables } from '../hostile/matrix';
import { type Root, roots, UNKNOWN_ID, withValue } from '../hostile/shapes';
import { kindAt, type Stock } from '../hostile/stock';
import type { Things } from './things';

/** Each type is asked by reference as well, so that more would only repeat. */
const DEPTH = 4;

/** One operation to one subgraph, about a thing of Klara's and about one that does not exist. */
export interface Question {
  readonly name: string;
  readonly kind: 'query' | 'mutation' | 'subscription' | 'reference';
  readonly to: SubgraphName;
  readonly query: string;
  readonly foreign: Record<string, unknown>;
  /** Null where nothing is named. */
  readonly unknown: Record<string, unknown> | null;
  /** The type of the thing when its existence is asked for by reference; null for roots. */
  readonly type: string | null;
}

export interface Reference {
  readonly subgraph: SubgraphName;
  readonly type: string;
  /** Names of the key's fields, such as `id`. */
  readonly key: readonly string[];
  readonly query: string;
}

/** What a coordinate demands before any rights table is asked. */
export interface Demand {
  readonly authenticated: boolean;
  readonly scopes: readonly (readonly string[])[] | null;
}

interface Source {
  readonly name: SubgraphName;
  readonly schema: GraphQLSchema;
}

const sources: readonly Source[] = SUBGRAPHS.map(name => {
  const file = path.join(__dirname, '..', '..', 'schema', `${name}.graphql`);
  const document = parse(fs.readFileSync(file, 'utf8'));
  return { name, schema: buildASTSchema(document, { assumeValid: true, assumeValidSDL: true }) };
});

/** `Type.field` of the whole graph → what the schema demands of it. */
export const demands: ReadonlyMap<string, Demand> = new Map(
  sources.flatMap(({ schema }) =>
    Object.values(schema.getTypeMap())
      .filter(isObjectType)
      .filter(({ name }) => !name.startsWith('_'))
      .flatMap(type => Object.values(type.getFields()).map(field => [`${type.name}.${field.name}`, demandOf(field)])),
  ),
);

function demandOf({ astNode }: GraphQLField<unknown, unknown>): Demand {
  const directives: readonly ConstDirectiveNode[] = astNode?.directives ?? [];
  const scoped = directives.find(({ name }) => name.value === 'requiresScopes');
  const value = scoped?.arguments?.find(({ name }) => name.value === 'scopes')?.value;
  return {
    authenticated: directives.some(({ name }) => name.value === 'authenticated'),
    scopes: value ? (valueFromASTUntyped(value) as string[][]) : null,
  };
}

/** Giving a mandate needs the other's account to exist, forwarding the other authority. */
const LEFT_OUT = ['grantMandate', 'forwardApplication input.authorityId'];

/** Root fields by each of the ids they take, or once when they take none; and for queries all entity references. */
export function questionsOf(kind: 'query' | 'mutation' | 'subscription', stock: Stock, things: Things): Question[] {
  const asked = roots.filter(root => root.kind === kind).flatMap(root => byId(root, stock));
  return kind === 'query' ? [...asked, ...byReference(things)] : asked;
}

function byId(root: Root, stock: Stock): Question[] {
  const { subgraph: to, selection } = rootSelection(root.kind, root.name);
  const variables = root.args.map(({ name, type }) => `$${name}: ${type}`).join(', ');
  const given = root.args.map(({ name }) => `${name}: $${name}`).join(', ');
  const query = `${root.kind} ${variables && `(${variables})`} { ${root.name}${given && `(${given})`} ${selection} }`;
  const made = (name: string, foreign: Question['foreign'], unknown: Question['unknown']): Question => ({
    ...{ name, kind: root.kind, to, query, foreign, unknown, type: null },
  });
  const filled = foreignVariables(root, stock);
  const leaves = root.leaves.filter(({ type, path: at }) => type === 'ID' && kindAt(root.name, at) !== null);
  if (leaves.length === 0) return [made(root.name, filled, null)];
  return leaves
    .filter(({ path: at }) => !LEFT_OUT.includes(root.name) && !LEFT_OUT.includes(`${root.name} ${at}`))
    .map(({ path: at }) => {
      const thing = kindAt(root.name, at)!;
      return made(
        `${root.name} ${at}`,
        withValue(filled, at, stock[thing]),
        root.name === 'authority' ? null : withValue(filled, at, UNKNOWN_ID),
      );
    });
}

const byReference = (things: Things): Question[] =>
  references.flatMap(({ subgraph: to, type, query }) =>
    (things[type] ?? []).map(key => ({
      ...{ name: `${to}: ${type} by reference`, kind: 'reference' as const, to, query, type },
      foreign: { of: [{ __typename: type, ...key }] },
      unknown: { of: [{ __typename: type, ...key, ...('id' in key && { id: UNKNOWN_ID }) }] },
    })),
  );

/** The subgraph that answers a root field, and the field with everything below it selected. */
function rootSelection(kind: 'query' | 'mutation' | 'subscription', field: string) {
  for (const { name, schema } of sources) {
    const type = {
      query: schema.getQueryType(),
      mutation: schema.getMutationType(),
      subscription: schema.getSubscriptionType(),
    };
    const found = type[kind]?.getFields()[field];
    if (found) return { subgraph: name, selection: selectionOf(schema, found.type, []) };
  }
  throw new Error(`No subgraph answers ${kind} ${field}.`);
}

export const references: readonly Reference[] = sources.flatMap(({ name, schema }) =>
  Object.values(schema.getTypeMap())
    .filter(isObjectType)
    .flatMap(type => {
      const key = keyOf(type.astNode?.directives ?? []);
      if (!key) return [];
      const selection = selectionOf(schema, type, []);
      const query = `query ($of: [_Any!]!) { _entities(representations: $of) { ... on ${type.name} ${selection} } }`;
      return [{ subgraph: name, type: type.name, key, query }];
    }),
);

function keyOf(directives: readonly ConstDirectiveNode[]): string[] | null {
  for (const directive of directives.filter(({ name }) => name.value === 'key')) {
    const given = Object.fromEntries(
      (directive.arguments ?? []).map(({ name, value }) => [name.value, valueFromASTUntyped(value)]),
    );
    if (given.resolvable !== false) return String(given.fields).split(' ');
  }
  return null;
}

/** All fields, down to types that are on the way already; a list's nodes whole, its edges as far as they point there. */
function selectionOf(schema: GraphQLSchema, output: GraphQLOutputType, above: readonly string[]): string {
  const type = getNamedType(output);
  if (isInterfaceType(type) || isUnionType(type)) {
    const some = schema.getPossibleTypes(type).map(one => `... on ${one.name} ${selectionOf(schema, one, above)}`);
    return `{ __typename ${some.join(' ')} }`;
  }
  if (!isObjectType(type)) return '';
  if (above.includes(type.name) || above.length > DEPTH) return '{ __typename }';
  const below = type.name.endsWith('Edge') ? [...above, getNamedType(type.getFields().node!.type).name] : above;
  const fields = Object.values(type.getFields()).map(field => {
    const args = field.args.filter(({ type: of, defaultValue }) => isNonNullType(of) && defaultValue === undefined);
    const given = args.map(({ name, type: of }) => `${name}: ${literal(of)}`).join(', ');
    return `${field.name}${given && `(${given})`} ${selectionOf(schema, field.type, [...below, type.name])}`;
  });
  return `{ __typename ${fields.join(' ')} }`;
}

const LITERALS: Record<string, string> = {
  Ars: '"010995999001"',
  LeikaKey: '"99050012104000"',
  Int: '1',
  Boolean: 'true',
};

function literal(type: GraphQLInputType): string {
  const found = LITERALS[getNamedType(type).name];
  if (!found) throw new Error(`There is no value for a ${type} here yet.`);
  return found;
}

/**
 * Every `Type.field` that an answer holds, with whether it was null there; by `__typename`.
 * @param own the asker's own account, which may hang on a thing of Klara's and is left out
 */
export function coordinatesIn(
  data: unknown,
  tell: (coordinate: string, isNull: boolean) => void,
  own: string | null = null,
): void {
  if (Array.isArray(data)) for (const one of data) coordinatesIn(one, tell, own);
  else if (data !== null && typeof data === 'object') {
    const { __typename: type, ...fields } = data as Record<string, unknown>;
    if (own !== null && fields.id === own) return;
    for (const [name, value] of Object.entries(fields)) {
      if (typeof type === 'string') tell(`${type}.${name}`, value === null);
      coordinatesIn(value, tell, own);
    }
  }
}
