/**
 * Contracts: the part of a supergraph that carries a tag, as a closed schema of its own. A tag on a type counts for its
 * fields. What needs sign-in is never in a contract, and neither is what changes anything.
 */
import { filterSchema, pruneSchema } from '@graphql-tools/utils';
import {
  type ConstDirectiveNode,
  type DocumentNode,
  type GraphQLSchema,
  isObjectType,
  isRequiredArgument,
  Kind,
  specifiedScalarTypes,
  validateSchema,
} from 'graphql';
import { type AccessRules, readRules } from './access';

/** The tag of the contract that is served without sign-in. */
export const PUBLIC = 'public';

const ROOTS = ['Query', 'Subscription'];

/**
 * @param supergraph has the tags  @param api what clients of the whole graph see
 * @returns null when no query has the tag
 * @throws Error when the tags leave no valid schema, such as a type without a field of its interface
 */
export function contractOf(supergraph: DocumentNode, api: GraphQLSchema, tag: string): GraphQLSchema | null {
  const { types, fields } = readTags(supergraph, tag, readRules(supergraph));
  const isKept = (type: string, field: string) => fields.has(`${type}.${field}`);
  const kept = filterSchema({
    schema: api,
    typeFilter: name => types.has(name) || specifiedScalarTypes.some(one => one.name === name),
    rootFieldFilter: isKept,
    objectFieldFilter: isKept,
    interfaceFieldFilter: isKept,
    directiveFilter: () => false,
  });
  const contract = pruneSchema(kept);
  if (!contract.getQueryType()) return null;
  const problems = [...validateSchema(contract), ...lostArguments(contract, api)];
  if (problems.length > 0) throw new Error(`The tag "${tag}" leaves no schema:\n${problems.join('\n')}`);
  return contract;
}

interface Tagged {
  readonly types: ReadonlySet<string>;
  /** `Type.field` */
  readonly fields: ReadonlySet<string>;
}

function readTags(supergraph: DocumentNode, tag: string, rules: AccessRules): Tagged {
  const types = new Set<string>();
  const fields = new Set<string>();
  const has = (directives: readonly ConstDirectiveNode[] = []) =>
    directives.some(
      ({ name, arguments: [argument] = [] }) =>
        name.value === 'tag' && argument?.value.kind === Kind.STRING && argument.value.value === tag,
    );
  for (const definition of supergraph.definitions) {
    if (!('name' in definition) || !definition.name || !('directives' in definition)) continue;
    const { value: type } = definition.name;
    if (type === 'Mutation' || rules.has(type)) continue;
    const isTagged = has(definition.directives as readonly ConstDirectiveNode[]);
    if (isTagged || ROOTS.includes(type)) types.add(type);
    if (definition.kind !== Kind.OBJECT_TYPE_DEFINITION && definition.kind !== Kind.INTERFACE_TYPE_DEFINITION) continue;
    const whole = isTagged && !ROOTS.includes(type);
    for (const field of definition.fields ?? []) {
      const name = `${type}.${field.name.value}`;
      if (rules.has(name) || !(whole || has(field.directives))) continue;
      fields.add(name);
      types.add(type);
    }
  }
  return { types, fields };
}

/** An argument goes with its type; a field that cannot do without it is a mistake. */
function lostArguments(contract: GraphQLSchema, api: GraphQLSchema): string[] {
  return Object.values(contract.getTypeMap()).flatMap(type => {
    const whole = api.getType(type.name);
    if (!isObjectType(type) || !isObjectType(whole)) return [];
    return Object.values(type.getFields()).flatMap(field => {
      const left = new Set(field.args.map(({ name }) => name));
      const lost = whole.getFields()[field.name]?.args.filter(one => isRequiredArgument(one) && !left.has(one.name));
      return (lost ?? []).map(({ name }) => `${type.name}.${field.name} needs its argument ${name}.`);
    });
  });
}
