/**
 * Guards that hold on every path of a subgraph, `_entities` included: what `@authenticated` and `@requiresScopes` say
 * is enforced here too, ids must be ids, and pages have a bound. Whose object it is, each entity's rights decide.
 */
import {
  type ConstDirectiveNode,
  type DocumentNode,
  defaultFieldResolver,
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLSchema,
  getNamedType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isObjectType,
  valueFromASTUntyped,
} from 'graphql';
import type { Context } from '../context';
import { badInput, forbidden, unauthenticated } from '../errors';
import { isStorable } from '../graph/scalars';
import { isId } from '../ids';
import { hasScopes } from '../principal';

interface Rule {
  readonly authenticated: boolean;
  readonly scopes: readonly (readonly string[])[] | null;
}

/** Where @apollo/subgraph keeps a type's reference resolver. */
interface ApolloExtensions {
  apollo?: { subgraph?: { resolveReference?: (reference: unknown, ctx: Context, info: unknown) => unknown } };
}

type Checker = (value: unknown, path: string) => void;

export function guard(schema: GraphQLSchema, typeDefs: DocumentNode): void {
  const rules = readRules(typeDefs);
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || type.name.startsWith('_')) continue;
    const isRoot = ['Query', 'Mutation', 'Subscription'].includes(type.name);
    for (const field of Object.values(type.getFields())) {
      if (field.name.startsWith('_')) continue;
      const rule = rules.get(`${type.name}.${field.name}`);
      const resultRule = rules.get(getNamedType(field.type).name);
      wrap(field, {
        authenticated: rule?.authenticated === true || (isRoot && resultRule?.authenticated === true),
        scopes: rule?.scopes ?? null,
      });
    }
    const entity = (type.extensions as ApolloExtensions).apollo?.subgraph;
    const resolveReference = entity?.resolveReference;
    if (entity && resolveReference && rules.get(type.name)?.authenticated) {
      // a rejection is one object's error; thrown at once it would take the whole list with it
      entity.resolveReference = async (reference, ctx, info) => {
        demand({ authenticated: true, scopes: null }, ctx);
        return resolveReference(reference, ctx, info);
      };
    }
  }
}

function wrap(field: GraphQLField<unknown, Context>, rule: Rule): void {
  const checks = field.args
    .map(arg => ({ name: arg.name, check: checkerOf(arg.name, arg.type, new Map()) }))
    .filter((one): one is { name: string; check: Checker } => one.check !== null);
  const needsCheck = rule.authenticated || rule.scopes !== null || checks.length > 0;
  if (!needsCheck) return;
  const before = (args: Record<string, unknown>, ctx: Context) => {
    demand(rule, ctx);
    for (const { name, check } of checks) if (args[name] != null) check(args[name], name);
  };
  const { resolve = defaultFieldResolver, subscribe } = field;
  if (subscribe) {
    field.subscribe = (root, args, ctx, info) => {
      before(args, ctx);
      return subscribe(root, args, ctx, info);
    };
    return; // its resolver runs for every event and has nothing new to check
  }
  field.resolve = (root, args, ctx, info) => {
    before(args, ctx);
    return resolve(root, args, ctx, info);
  };
}

function demand(rule: Rule, ctx: Context): void {
  if (ctx.principal.kind === 'anonymous' && (rule.authenticated || rule.scopes)) throw unauthenticated();
  if (rule.authenticated && ctx.principal.kind === 'service' && ctx.asker.kind === 'anonymous') throw unauthenticated();
  if (rule.scopes && !hasScopes(ctx.principal, rule.scopes)) throw forbidden();
}

/** Checks every ID to be one of ours, every text to be storable and every `first` to be 1–100; null when there is nothing to check. */
function checkerOf(name: string, type: GraphQLInputType, known: Map<string, Checker>): Checker | null {
  if (isNonNullType(type)) return checkerOf(name, type.ofType, known);
  if (isListType(type)) {
    const item = checkerOf(name, type.ofType, known);
    if (!item) return null;
    return (value, path) => {
      for (const [i, one] of (value as unknown[]).entries()) if (one != null) item(one, `${path}[${i}]`);
    };
  }
  if (isInputObjectType(type)) {
    const made = known.get(type.name);
    if (made) return made;
    const fields: [string, Checker][] = [];
    const check: Checker = (value, path) => {
      const object = value as Record<string, unknown>;
      for (const [field, one] of fields) if (object[field] != null) one(object[field], `${path}.${field}`);
    };
    known.set(type.name, check);
    for (const field of Object.values(type.getFields())) {
      const one = checkerOf(field.name, field.type, known);
      if (one) fields.push([field.name, one]);
    }
    return check;
  }
  if (type.name === 'ID') {
    return (value, path) => {
      if (!isId(String(value))) throw badInput(path);
    };
  }
  if (name === 'idempotencyKey') {
    return (value, path) => {
      const key = String(value);
      if (key.length < 1 || key.length > 255 || !isStorable(key)) throw badInput(path);
    };
  }
  if (type.name === 'String') {
    return (value, path) => {
      if (!isStorable(value as string)) throw badInput(path);
    };
  }
  if (name === 'first' && type.name === 'Int') {
    return (value, path) => {
      if ((value as number) < 1 || (value as number) > 100) throw badInput(path);
    };
  }
  return null;
}

/** `Type` or `Type.field` → what its directives demand. */
function readRules(typeDefs: DocumentNode): Map<string, Rule> {
  const rules = new Map<string, Rule>();
  const add = (name: string, directives: readonly ConstDirectiveNode[] = []) => {
    const authenticated = directives.some(directive => directive.name.value === 'authenticated');
    const scoped = directives.find(directive => directive.name.value === 'requiresScopes');
    const value = scoped?.arguments?.find(argument => argument.name.value === 'scopes')?.value;
    if (!authenticated && !value) return;
    rules.set(name, { authenticated, scopes: value ? (valueFromASTUntyped(value) as string[][]) : null });
  };
  for (const definition of typeDefs.definitions) {
    if (!('fields' in definition) || !('name' in definition) || !definition.name) continue;
    add(definition.name.value, definition.directives as ConstDirectiveNode[]);
    for (const field of definition.fields ?? []) {
      add(`${definition.name.value}.${field.name.value}`, field.directives as ConstDirectiveNode[]);
    }
  }
  return rules;
}
