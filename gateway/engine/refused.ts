/** Takes out of a document what is refused, so that it is not planned and nothing is fetched for it. */
import {
  type DocumentNode,
  type FieldNode,
  type GraphQLCompositeType,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  getOperationAST,
  isCompositeType,
  isInterfaceType,
  isNonNullType,
  isObjectType,
  Kind,
  type NamedTypeNode,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql';
import { graphError } from '../../kernel/errors';
import type { RefusalCode, Refusals } from './access';
import { TYPENAME } from './conditions';
import { type Fragments, fragmentsOf } from './fragments';

/** So many selections may be left; a field of an interface may become one for each of its types. */
const MOST_SELECTIONS = 5000;

/**
 * @param document valid, its conditions decided
 * @throws GraphQLError with the refusal's code for a subscription that is refused, as nothing is left of it;
 * QUERY_TOO_COMPLEX when too much is left
 */
export function withoutRefused(
  document: DocumentNode,
  operationName: string | null,
  schema: GraphQLSchema,
  refusals: Refusals,
): DocumentNode {
  if (refusals.key === '') return document;
  const operation = getOperationAST(document, operationName)!;
  const pruning = new Pruning(document, schema, refusals);
  const root = schema.getRootType(operation.operation)!;
  const kept = pruning.keep(operation.selectionSet, root, operation.operation);
  const selectionSet = pruning.answerIsNull ? { ...kept, selections: [TYPENAME] } : kept;
  return { kind: Kind.DOCUMENT, definitions: [{ ...operation, selectionSet }] };
}

class Pruning {
  /** A root field is refused that cannot be null: nothing of the answer would be seen. */
  answerIsNull = false;
  private readonly fragments: Fragments;
  private left = MOST_SELECTIONS;

  constructor(
    document: DocumentNode,
    private readonly schema: GraphQLSchema,
    private readonly refusals: Refusals,
  ) {
    this.fragments = fragmentsOf(document);
  }

  /** @param operation set at the root */
  keep(set: SelectionSetNode, parent: GraphQLCompositeType, operation?: string): SelectionSetNode {
    const selections = set.selections.flatMap((selection): readonly SelectionNode[] => {
      if (--this.left < 0) throw graphError('QUERY_TOO_COMPLEX');
      if (selection.kind === Kind.FIELD) return this.field(selection, parent, operation);
      const fragment = selection.kind === Kind.INLINE_FRAGMENT ? selection : this.fragments.get(selection.name.value)!;
      const { typeCondition } = fragment;
      const type = typeCondition ? this.schema.getType(typeCondition.name.value) : parent;
      if (!isCompositeType(type) || (isObjectType(type) && this.refusals.ofType(type) && !operation)) return [];
      const selectionSet = this.keep(fragment.selectionSet, type, operation);
      return [{ kind: Kind.INLINE_FRAGMENT, ...(typeCondition && { typeCondition }), selectionSet }];
    });
    return { ...set, selections: selections.length > 0 ? selections : [TYPENAME] };
  }

  private field(field: FieldNode, parent: GraphQLCompositeType, operation?: string): readonly SelectionNode[] {
    const { value: name } = field.name;
    if (name.startsWith('__') || !('getFields' in parent)) return [field];
    const { type } = parent.getFields()[name]!;
    const named = getNamedType(type);
    const refused = (parent: GraphQLCompositeType) =>
      this.refusals.ofType(named) ?? this.refusals.ofField(parent, name);
    const kept = (): FieldNode =>
      field.selectionSet && isCompositeType(named)
        ? { ...field, selectionSet: this.keep(field.selectionSet, named) }
        : field;
    const code = refused(parent);
    if (!code) return [kept()];
    if (operation) this.refuseRoot(code, operation, isNonNullType(type));
    if (!isInterfaceType(parent)) return [];
    return this.schema
      .getPossibleTypes(parent)
      .filter(one => !refused(one))
      .map(one => only(one, kept()));
  }

  private refuseRoot(code: RefusalCode, operation: string, isNonNull: boolean): void {
    if (operation === 'subscription') throw graphError(code);
    this.answerIsNull ||= isNonNull;
  }
}

function only({ name }: GraphQLObjectType, field: FieldNode): SelectionNode {
  const typeCondition: NamedTypeNode = { kind: Kind.NAMED_TYPE, name: { kind: Kind.NAME, value: name } };
  return {
    kind: Kind.INLINE_FRAGMENT,
    typeCondition,
    selectionSet: { kind: Kind.SELECTION_SET, selections: [field] },
  };
}
