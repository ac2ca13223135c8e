/**
 * Fields of an interface object that require something, asked of one type only: `{ best { ... on Book { rank } } }`.
 * Where a third subgraph tells of `best`, Apollo's planner goes in circles. So they are planned for the whole interface;
 * the answer has them where the client asked, and what fails elsewhere is not told.
 */
import {
  type DocumentNode,
  type FieldNode,
  type GraphQLCompositeType,
  type GraphQLSchema,
  getNamedType,
  isCompositeType,
  isInterfaceType,
  isObjectType,
  Kind,
  OverlappingFieldsCanBeMergedRule,
  type SelectionNode,
  type SelectionSetNode,
  TypeInfo,
  validate,
  visitWithTypeInfo,
} from 'graphql';
import { graphError } from '../../kernel/errors';
import { TYPENAME } from './conditions';
import { type Fragments, fragmentsOf } from './fragments';
import { nameApart, type Renamed } from './names';

/** Interface → its fields that an interface object has and that require something. */
export type Liftable = ReadonlyMap<string, ReadonlySet<string>>;

/** Fragments that are used often must not multiply without end. */
const MOST_SELECTIONS = 10_000;

/** Gives such fields a name of their own for each name, field and arguments, so that they can be lifted. */
export function renameLiftable(renamed: Renamed, api: GraphQLSchema, liftable: Liftable): Renamed {
  if (liftable.size === 0) return renamed;
  const types = new TypeInfo(api);
  const isChosen = ({ name }: FieldNode) => isLiftable(types.getParentType(), name.value, liftable);
  return nameApart(renamed, 'lifted', isChosen, visitor => visitWithTypeInfo(types, visitor));
}

function isLiftable(type: unknown, field: string, liftable: Liftable): boolean {
  if (!isInterfaceType(type) && !isObjectType(type)) return false;
  return [type, ...type.getInterfaces()].some(({ name }) => liftable.get(name)?.has(field));
}

/**
 * @returns the document itself when there is nothing to lift, or when what is lifted would not fit together
 * @throws GraphQLError QUERY_TOO_COMPLEX
 */
export function lift(document: DocumentNode, api: GraphQLSchema, liftable: Liftable): DocumentNode {
  if (liftable.size === 0) return document;
  const lifting = new Lifting(document, api, liftable);
  const definitions = document.definitions.flatMap(one => {
    if (one.kind !== Kind.OPERATION_DEFINITION) return [];
    return [{ ...one, selectionSet: lifting.keep(one.selectionSet, api.getRootType(one.operation)!) }];
  });
  if (!lifting.hasLifted) return document;
  const lifted: DocumentNode = { kind: Kind.DOCUMENT, definitions };
  return validate(api, lifted, [OverlappingFieldsCanBeMergedRule]).length > 0 ? document : lifted;
}

interface Around {
  readonly liftable: ReadonlySet<string>;
  readonly lifted: SelectionNode[];
}

class Lifting {
  hasLifted = false;
  private readonly fragments: Fragments;
  private left = MOST_SELECTIONS;

  constructor(
    document: DocumentNode,
    private readonly api: GraphQLSchema,
    private readonly liftable: Liftable,
  ) {
    this.fragments = fragmentsOf(document);
  }

  /** @param around the interface that fields are lifted to, from inside fragments on its types */
  keep(set: SelectionSetNode, parent: GraphQLCompositeType, around?: Around): SelectionSetNode {
    const liftable = this.liftable.get(parent.name);
    const here: Around | undefined = liftable && { liftable, lifted: [] };
    const selections = set.selections.flatMap((selection): readonly SelectionNode[] => {
      if (--this.left < 0) throw graphError('QUERY_TOO_COMPLEX');
      if (selection.kind === Kind.FIELD) {
        const kept = this.field(selection, parent);
        if (!around?.liftable.has(selection.name.value)) return [kept];
        around.lifted.push(kept);
        this.hasLifted = true;
        return [];
      }
      const fragment = selection.kind === Kind.INLINE_FRAGMENT ? selection : this.fragments.get(selection.name.value)!;
      const { typeCondition } = fragment;
      const type = typeCondition ? this.api.getType(typeCondition.name.value) : parent;
      if (!isCompositeType(type)) return [];
      const selectionSet = this.keep(fragment.selectionSet, type, around ?? (type === parent ? undefined : here));
      return [{ kind: Kind.INLINE_FRAGMENT, ...(typeCondition && { typeCondition }), selectionSet }];
    });
    const all = [...(here?.lifted ?? []), ...selections];
    return { ...set, selections: all.length > 0 ? all : [TYPENAME] };
  }

  private field(field: FieldNode, parent: GraphQLCompositeType): FieldNode {
    if (!field.selectionSet || !('getFields' in parent)) return field;
    const type = getNamedType(parent.getFields()[field.name.value]?.type);
    return isCompositeType(type) ? { ...field, selectionSet: this.keep(field.selectionSet, type) } : field;
  }
}
