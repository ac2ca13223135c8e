/**
 * Who may read what at all: `@authenticated`, `@requiresScopes` and `@policy`, decided for an operation before it is
 * planned. What is refused is not fetched; the answer has null and an error in its place. The subgraphs enforce the same.
 */
import {
  type DocumentNode,
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isInterfaceType,
  TypeInfo,
  visit,
  visitWithTypeInfo,
} from 'graphql';
import { hasScopes, type Principal } from '../../kernel/principal';
import type { AccessRule, AccessRules } from '../../schema/access';
import { meetsPolicies } from '../policies';

export type RefusalCode = 'UNAUTHENTICATED' | 'FORBIDDEN';

export class Access {
  private readonly rules: AccessRules;

  /** @param api what clients see  @param rules as they stand in the supergraph */
  constructor(
    private readonly api: GraphQLSchema,
    rules: AccessRules,
  ) {
    this.rules = ofObjects(api, rules);
  }

  /** The rules that an answer to the document may meet. */
  rulesIn(document: DocumentNode): readonly AccessRule[] {
    const found = new Set<AccessRule>();
    const note = (name: string) => {
      const rule = this.rules.get(name);
      if (rule) found.add(rule);
    };
    const types = new TypeInfo(this.api);
    const visitor = visitWithTypeInfo(types, {
      Field: ({ name }) => {
        for (const parent of possibleTypes(this.api, types.getParentType())) {
          note(parent.name);
          note(`${parent.name}.${name.value}`);
        }
        for (const type of possibleTypes(this.api, getNamedType(types.getType()))) note(type.name);
      },
    });
    if (this.rules.size > 0) visit(document, visitor);
    return [...found];
  }

  /** What of these rules somebody does not meet. @param before what was refused already stays refused */
  refusals(rules: readonly AccessRule[], principal: Principal, before?: Refusals): Refusals {
    const codes = rules.map(rule => before?.codeOf(rule) ?? refusalOf(rule, principal));
    return new Refusals(this.api, this.rules, rules, codes);
  }
}

/** What of an operation is refused; the same for all who are refused the same. */
export class Refusals {
  /** Tells one set of refusals for an operation from another; empty when nothing is refused. */
  readonly key: string;
  private readonly codes: ReadonlyMap<AccessRule, RefusalCode | null>;

  constructor(
    private readonly api: GraphQLSchema,
    private readonly all: AccessRules,
    rules: readonly AccessRule[],
    codes: readonly (RefusalCode | null)[],
  ) {
    this.codes = new Map(rules.map((rule, index) => [rule, codes[index]!]));
    this.key = codes.some(Boolean) ? codes.map(code => code?.[0] ?? '-').join('') : '';
  }

  codeOf(rule: AccessRule | undefined): RefusalCode | null {
    return (rule && this.codes.get(rule)) ?? null;
  }

  /** Refused as a whole: everything that it may turn out to be is. */
  ofType(type: GraphQLNamedType): RefusalCode | null {
    if (!isAbstractType(type)) return this.codeOf(this.all.get(type.name));
    const codes = this.api.getPossibleTypes(type).map(one => this.ofType(one));
    return codes.length > 0 && codes.every(Boolean) ? codes[0]! : null;
  }

  /** @param type an object type; where only an interface is known, what one of its types is refused is refused */
  ofField(type: GraphQLNamedType, field: string): RefusalCode | null {
    for (const one of possibleTypes(this.api, type)) {
      const code = this.codeOf(this.all.get(`${one.name}.${field}`)) ?? this.codeOf(this.all.get(one.name));
      if (code) return code;
    }
    return null;
  }
}

function refusalOf({ authenticated, scopes, policies }: AccessRule, principal: Principal): RefusalCode | null {
  const isService = principal.kind === 'service';
  if (principal.kind === 'anonymous') return 'UNAUTHENTICATED';
  if (authenticated && isService && principal.onBehalfOf?.kind === 'anonymous') return 'UNAUTHENTICATED';
  if (isService) return null; // what subgraphs ask are trusted documents
  const isMet = (!scopes || hasScopes(principal, scopes)) && (!policies || meetsPolicies(principal, policies));
  return isMet ? null : 'FORBIDDEN';
}

/**
 * Composition gives an interface the rules of all its types together, which would refuse what only one of them guards:
 * so the types' own rules count. Where no type has one, the interface's counts for each of them.
 */
function ofObjects(api: GraphQLSchema, rules: AccessRules): AccessRules {
  const all = new Map(rules);
  for (const [name, rule] of rules) {
    const [typeName, field] = name.split('.');
    const type = api.getType(typeName!);
    if (!isInterfaceType(type)) continue;
    const names = api.getPossibleTypes(type).map(one => (field ? `${one.name}.${field}` : one.name));
    if (!names.some(one => rules.has(one))) for (const one of names) all.set(one, rule);
  }
  return all;
}

const possibleTypes = (
  schema: GraphQLSchema,
  type: GraphQLNamedType | null | undefined,
): readonly GraphQLNamedType[] => (isAbstractType(type) ? schema.getPossibleTypes(type) : type ? [type] : []);
