/** What can be asked at all, read from the schema that clients see, so that new fields are attacked by themselves. */
import fs from 'node:fs';
import path from 'node:path';
import {
  buildSchema,
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLNamedType,
  type GraphQLOutputType,
  getNamedType,
  getNullableType,
  isAbstractType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isObjectType,
} from 'graphql';

const schema = buildSchema(fs.readFileSync(path.join(__dirname, '..', '..', 'schema', 'api.graphql'), 'utf8'), {
  assumeValid: true,
});

export type Kind = 'query' | 'mutation' | 'subscription';

/** One place where a client can put a value, such as `input.items[0].description`. */
export interface Leaf {
  readonly path: string;
  /** Name of the scalar or enum. */
  readonly type: string;
  readonly isEnum: boolean;
  readonly required: boolean;
}

/** One root field with a question that asks it by variables. */
export interface Root {
  readonly kind: Kind;
  readonly name: string;
  readonly query: string;
  /** The same with fewer fields, for what is asked a thousand times. */
  readonly brief: string;
  readonly args: readonly GraphQLArgument[];
  readonly leaves: readonly Leaf[];
}

export const roots: readonly Root[] = (
  [
    ['query', schema.getQueryType()],
    ['mutation', schema.getMutationType()],
    ['subscription', schema.getSubscriptionType()],
  ] as const
).flatMap(([kind, type]) => Object.values(type!.getFields()).map(field => rootOf(kind, field)));

export const root = (name: string): Root => {
  const found = roots.find(one => one.name === name);
  if (!found) throw new Error(`There is no root field ${name}.`);
  return found;
};

function rootOf(kind: Kind, field: GraphQLField<unknown, unknown>): Root {
  const variables = field.args.map(arg => `$${arg.name}: ${arg.type}`).join(', ');
  const given = field.args.map(({ name }) => `${name}: $${name}`).join(', ');
  const asking = (levels: number) =>
    `${kind} ${variables && `(${variables})`} { ${field.name}${given && `(${given})`} ${selectionOf(field.type, levels)} }`;
  return {
    kind,
    name: field.name,
    query: asking(kind === 'subscription' ? 1 : 2),
    brief: asking(0),
    args: field.args,
    leaves: field.args.flatMap(arg => leavesOf(arg.name, arg.type)),
  };
}

/** All plain fields, and some levels of what they lead to; never a field that needs an argument. */
function selectionOf(output: GraphQLOutputType, levels: number): string {
  const type: GraphQLNamedType = getNamedType(output);
  if (isAbstractType(type)) return '{ __typename ... on CatalogueEntry { id version state } }';
  if (!isObjectType(type)) return '';
  const fields = Object.values(type.getFields())
    .filter(({ args }) => !args.some(({ type: needed, defaultValue }) => isNonNullType(needed) && defaultValue == null))
    .flatMap(({ name, type: of }) => {
      const isLeaf = !isObjectType(getNamedType(of)) && !isAbstractType(getNamedType(of));
      if (isLeaf) return [name];
      return levels > 0 && !isPage(getNamedType(of)) ? [`${name} ${selectionOf(of, levels - 1)}`] : [];
    });
  return `{ ${fields.length > 0 ? fields.join(' ') : '__typename'} }`;
}

function isPage({ name }: GraphQLNamedType): boolean {
  return name.endsWith('Connection');
}

function leavesOf(at: string, type: GraphQLInputType, depth = 0): Leaf[] {
  const nullable = getNullableType(type);
  if (isListType(nullable)) return leavesOf(`${at}[0]`, nullable.ofType as GraphQLInputType, depth);
  if (isInputObjectType(nullable)) {
    if (depth > 4) return [];
    return Object.values(nullable.getFields()).flatMap(field => leavesOf(`${at}.${field.name}`, field.type, depth + 1));
  }
  return [
    { path: at, type: getNamedType(type).name, isEnum: isEnumType(getNamedType(type)), required: isNonNullType(type) },
  ];
}

/** A well-formed value for all required places; optional ones are left out. */
export function plainVariables({ args }: Pick<Root, 'args'>): Record<string, unknown> {
  return Object.fromEntries(
    args.filter(({ type }) => isNonNullType(type)).map(({ name, type }) => [name, plainValue(name, type)]),
  );
}

export const UNKNOWN_ID = '01900000-0000-7000-8000-00000000dead';

const PLAIN: Record<string, unknown> = {
  ID: UNKNOWN_ID,
  Int: 1,
  Boolean: true,
  Ars: '010995999',
  LeikaKey: '99050012104000',
  Date: '2026-12-24',
  DateTime: '2026-12-24T12:00:00Z',
  JSON: {},
};

function plainValue(name: string, type: GraphQLInputType): unknown {
  const nullable = getNullableType(type);
  if (isListType(nullable)) return [plainValue(name, nullable.ofType as GraphQLInputType)];
  if (isInputObjectType(nullable)) {
    const fields = Object.values(nullable.getFields()).filter(field => isNonNullType(field.type));
    return Object.fromEntries(fields.map(field => [field.name, plainValue(field.name, field.type)]));
  }
  const named = getNamedType(type);
  if (isEnumType(named)) return named.getValues()[0]!.name;
  if (named.name === 'String') return TEXTS[name] ?? 'Ein Text';
  return PLAIN[named.name];
}

const TEXTS: Record<string, string> = {
  sha256: 'a'.repeat(64),
  contentHash: 'a'.repeat(64),
  filename: 'datei.pdf',
  mimeType: 'application/pdf',
  taxRatePercent: '0',
  email: 'jemand@post.example',
  returnUrl: 'https://portal.musterstadt.example/back',
};

/** The variables with another value at one place; lists and objects on the way are made. */
export function withValue(variables: Record<string, unknown>, at: string, value: unknown): Record<string, unknown> {
  const copy = structuredClone(variables);
  const steps = at.split(/\.|(?=\[)/);
  let place: Record<string, unknown> = copy;
  for (const [i, step] of steps.entries()) {
    const name = step.startsWith('[') ? step.slice(1, -1) : step;
    if (i === steps.length - 1) place[name] = value;
    else {
      const next = steps[i + 1]!.startsWith('[') ? [] : {};
      place[name] ??= next;
      place = place[name] as Record<string, unknown>;
    }
  }
  return copy;
}

/** The same question with its values written into the document, one of them wrong. */
export function inlined(root: Root, at: string, value: unknown): string {
  const variables = withValue(plainVariables(root), at, value);
  const given = root.args
    .filter(({ name }) => name in variables)
    .map(({ name, type }) => `${name}: ${written(variables[name], type)}`)
    .join(', ');
  const [, selection = ''] = /^[^{]*(\{.*)$/s.exec(root.brief) ?? [];
  return `${root.kind} ${selection.replace(/\([^)]*\)/, `(${given})`)}`;
}

/** A literal; enum values are written as such, even where another type is expected. */
function written(value: unknown, type?: GraphQLInputType): string {
  const nullable = type && getNullableType(type);
  if (value === null || value === undefined) return 'null';
  if (Array.isArray(value)) {
    const item = isListType(nullable) ? (nullable.ofType as GraphQLInputType) : undefined;
    return `[${value.map(one => written(one, item)).join(', ')}]`;
  }
  if (typeof value === 'object') {
    const fields = isInputObjectType(nullable) ? nullable.getFields() : {};
    const members = Object.entries(value).map(([name, one]) => `${name}: ${written(one, fields[name]?.type)}`);
    return `{ ${members.join(', ')} }`;
  }
  if (typeof value === 'string' && isEnumType(nullable) && /^\w+$/.test(value)) return value;
  return JSON.stringify(value);
}
