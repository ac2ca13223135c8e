/** Access rules: what `@authenticated`, `@requiresScopes` and `@policy` of a supergraph say, for machines and in words. */
import {
  type ConstDirectiveNode,
  type DocumentNode,
  type GraphQLSchema,
  isInterfaceType,
  isObjectType,
  isSpecifiedScalarType,
  valueFromASTUntyped,
} from 'graphql';

/** Any of the inner lists, all of its members; null when nothing is asked for. */
export type Alternatives = readonly (readonly string[])[] | null;

export interface AccessRule {
  readonly authenticated: boolean;
  readonly scopes: Alternatives;
  readonly policies: Alternatives;
}

/** `Type` or `Type.field` → rule. The same rule is the same object, wherever it stands. */
export type AccessRules = ReadonlyMap<string, AccessRule>;

export function readRules({ definitions }: DocumentNode): AccessRules {
  const rules = new Map<string, AccessRule>();
  const same = new Map<string, AccessRule>();
  const add = (name: string, directives: readonly ConstDirectiveNode[] = []) => {
    const rule: AccessRule = {
      authenticated: directives.some(directive => directive.name.value === 'authenticated'),
      scopes: alternatives(directives, 'requiresScopes', 'scopes'),
      policies: alternatives(directives, 'policy', 'policies'),
    };
    if (!rule.authenticated && !rule.scopes && !rule.policies) return;
    const text = JSON.stringify(rule);
    if (!same.has(text)) same.set(text, rule);
    rules.set(name, same.get(text)!);
  };
  for (const definition of definitions) {
    if (!('name' in definition) || !definition.name || !('directives' in definition)) continue;
    const { value: name } = definition.name;
    add(name, definition.directives as readonly ConstDirectiveNode[]);
    if (!('fields' in definition)) continue;
    for (const field of definition.fields ?? []) add(`${name}.${field.name.value}`, field.directives);
  }
  return rules;
}

function alternatives(directives: readonly ConstDirectiveNode[], name: string, argument: string): Alternatives {
  const found = directives
    .find(directive => directive.name.value === name)
    ?.arguments?.find(one => one.name.value === argument);
  return found ? (valueFromASTUntyped(found.value) as string[][]) : null;
}

/** Says each rule in the description of its type or field, so that playground, introspection and docs show it. */
export function describeRules(schema: GraphQLSchema, rules: AccessRules): void {
  const describe = (element: { description?: string | null | undefined }, rule: AccessRule | undefined) => {
    if (rule) element.description = [element.description, inWords(rule)].filter(Boolean).join('\n\n');
  };
  for (const type of Object.values(schema.getTypeMap())) {
    if (type.name.startsWith('__') || isSpecifiedScalarType(type)) continue;
    describe(type, rules.get(type.name));
    if (!isObjectType(type) && !isInterfaceType(type)) continue;
    for (const field of Object.values(type.getFields())) describe(field, rules.get(`${type.name}.${field.name}`));
  }
}

function inWords({ scopes, policies }: AccessRule): string {
  const parts = [anyOf('scope', scopes), anyOf('policy', policies)].filter(part => part !== null);
  return parts.length > 0 ? `Needs ${parts.join(' and ')}.` : 'Needs sign-in.';
}

function anyOf(what: string, alternatives: Alternatives): string | null {
  if (!alternatives) return null;
  return `${what} ${alternatives.map(all => all.map(one => `\`${one}\``).join(' with ')).join(' or ')}`;
}
