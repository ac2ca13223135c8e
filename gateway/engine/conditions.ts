/**
 * `@skip` and `@include`, decided before planning: each combination of their values is an operation of its own. Planned
 * with open conditions, a field can be lost because what another one requires was skipped.
 */
import {
  type DirectiveNode,
  type DocumentNode,
  type FieldNode,
  GraphQLError,
  getOperationAST,
  Kind,
  type SelectionSetNode,
  valueFromASTUntyped,
  visit,
} from 'graphql';

/** Variable → whether it is true. */
export type Decided = ReadonlyMap<string, boolean>;

interface Conditional {
  readonly directives?: readonly DirectiveNode[] | undefined;
}

export class Conditions {
  private readonly names: readonly string[];
  private readonly defaults = new Map<string, unknown>();

  constructor(document: DocumentNode, operationName: string | null) {
    const names = new Set<string>();
    visit(document, {
      Directive(directive) {
        const value = isCondition(directive) ? ifOf(directive) : undefined;
        if (value?.kind === Kind.VARIABLE) names.add(value.name.value);
      },
    });
    this.names = [...names];
    for (const { variable, defaultValue } of getOperationAST(document, operationName)?.variableDefinitions ?? []) {
      if (defaultValue) this.defaults.set(variable.name.value, valueFromASTUntyped(defaultValue));
    }
  }

  /** @throws GraphQLError when one is neither true nor false */
  decide(variables: Readonly<Record<string, unknown>>): Decided {
    const decided = new Map<string, boolean>();
    for (const name of this.names) {
      const given = Object.hasOwn(variables, name) ? variables[name] : undefined;
      const value = given === undefined ? this.defaults.get(name) : given;
      if (value === undefined) continue; // of another operation in the document
      if (typeof value !== 'boolean')
        throw new GraphQLError(
          `Variable "$${name}" got invalid value ${JSON.stringify(value)}; true or false is expected.`,
        );
      decided.set(name, value);
    }
    return decided;
  }

  /** The same for the same values. */
  keyOf(decided: Decided): string {
    return this.names.map(name => (decided.get(name) ? 1 : 0)).join('');
  }
}

export function isIncluded({ directives = [] }: Conditional, decided: Decided): boolean {
  for (const directive of directives) {
    if (!isCondition(directive)) continue;
    const value = ifOf(directive);
    const met =
      value?.kind === Kind.VARIABLE ? decided.get(value.name.value) : value?.kind === Kind.BOOLEAN && value.value;
    if (met === (directive.name.value === 'skip')) return false;
  }
  return true;
}

/** The document without what is left out. A selection that gets empty asks for `__typename`, which no answer shows. */
export function prune(document: DocumentNode, decided: Decided): DocumentNode {
  const decide = <T extends Conditional>(node: T): T | null => {
    if (!isIncluded(node, decided)) return null;
    if (!node.directives?.some(isCondition)) return node;
    return { ...node, directives: node.directives.filter(directive => !isCondition(directive)) };
  };
  return visit(document, {
    SelectionSet(set): SelectionSetNode | undefined {
      if (!set.selections.some(({ directives }) => directives?.some(isCondition))) return undefined;
      const selections = set.selections.flatMap(selection => decide(selection) ?? []);
      return { ...set, selections: selections.length > 0 ? selections : [TYPENAME] };
    },
  });
}

export const TYPENAME: FieldNode = { kind: Kind.FIELD, name: { kind: Kind.NAME, value: '__typename' } };

const isCondition = ({ name }: DirectiveNode): boolean => name.value === 'skip' || name.value === 'include';

const ifOf = ({ arguments: args }: DirectiveNode) => args?.find(({ name }) => name.value === 'if')?.value;
