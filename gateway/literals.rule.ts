/** Checks literals of our own scalars at the edge, so that a malformed one is BAD_INPUT with its place, such as `input.ars`. */
import {
  type ASTNode,
  type ASTVisitor,
  BREAK,
  GraphQLError,
  type GraphQLScalarType,
  getNamedType,
  getNullableType,
  isListType,
  parse,
  type ValidationContext,
  type ValidationRule,
  type ValueNode,
  visit,
} from 'graphql';
import { graphError } from '../kernel/errors';

type Visited = ASTNode | readonly ASTNode[];

/** @param scalars the ones whose values are checked, by name */
export function literalsRule(scalars: readonly GraphQLScalarType[]): ValidationRule {
  const byName = new Map(scalars.map(scalar => [scalar.name, scalar]));
  return (context: ValidationContext): ASTVisitor => {
    const leaf = (
      node: ValueNode,
      _key: unknown,
      parent: Visited | undefined,
      _path: unknown,
      ancestors: readonly Visited[],
    ) => {
      const type = context.getInputType();
      const scalar = type && byName.get(getNamedType(type).name);
      if (!scalar) return;
      try {
        scalar.parseLiteral(node, null);
      } catch {
        const field = placeOf(parent ? [...ancestors, parent] : ancestors);
        const { message, extensions } = graphError('BAD_INPUT', { field });
        context.reportError(new GraphQLError(message, { nodes: node, extensions }));
      }
    };
    return {
      StringValue: leaf,
      IntValue: leaf,
      FloatValue: leaf,
      BooleanValue: leaf,
      EnumValue: leaf,
      ObjectValue: leaf,
      ListValue: (...visited: Parameters<typeof leaf>) => {
        // the items of a list that is expected are looked at one by one; any other list is a value itself
        if (!isListType(getNullableType(context.getParentInputType()))) leaf(...visited);
      },
    };
  };
}

/** Kinds of nodes that the rules of graphql-js report when a value does not fit its type. */
const VALUES = /Value$|^ObjectField$/;

/** The place, such as `input.ars`, of a value that graphql-js found wrong; undefined when the error is about something else. */
export function placeOfValue(wrong: ASTNode | undefined): string | undefined {
  if (!wrong?.loc || !VALUES.test(wrong.kind)) return undefined;
  const { start, source } = wrong.loc;
  let place: string | undefined;
  visit(parse(source.body), {
    enter(node, _key, parent, _path, ancestors) {
      if (node.kind !== wrong.kind || node.loc?.start !== start) return undefined;
      place = placeOf([...ancestors, ...(parent ? [parent] : []), node]);
      return BREAK;
    },
  });
  return place;
}

/** Names of arguments and input fields on the way to a value. */
function placeOf(ancestors: readonly Visited[]): string {
  return ancestors
    .filter((one): one is ASTNode => 'kind' in one)
    .map(node => {
      if (node.kind === 'Argument' || node.kind === 'ObjectField') return node.name.value;
      return node.kind === 'VariableDefinition' ? node.variable.name.value : null;
    })
    .filter(name => name !== null)
    .join('.');
}
