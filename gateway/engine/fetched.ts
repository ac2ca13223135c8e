/**
 * Checks a plan before it is used: what it fetches is what was asked. Nothing it writes at a place of the answer means
 * anything else than what the client asked there; and nothing is forgotten of an object whose type it knows, such as a
 * root field that leads to an interface without types. Apollo's planner does both without a word, and the answer would be
 * wrong, or null without an error.
 */
import type { FetchDataRewrite, PlanNode, SubscriptionNode } from '@apollo/query-planner';
import {
  type DocumentNode,
  type FieldNode,
  type GraphQLCompositeType,
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  getOperationAST,
  isAbstractType,
  isCompositeType,
  isObjectType,
  Kind,
  parse,
  type SelectionSetNode,
  type ValueNode,
} from 'graphql';
import { EACH } from './data';
import { type Fragments, fragmentsOf } from './fragments';
import { fetchesIn } from './plan';
import { WrongPlan } from './requirements';
import { isOfType } from './types';

/** What stands at a place of the answer. */
class Place {
  private readonly places = new Map<string, Place>();
  /** Fetched: each field, and the type it is fetched of; null for whatever comes. */
  readonly fields: { readonly key: string; readonly field: FieldNode; readonly type: string | null }[] = [];
  /** Types that a fetch tells apart here. */
  readonly told = new Set<string>();
  isFetched = false;

  below(key: string): Place {
    const known = this.places.get(key) ?? new Place();
    this.places.set(key, known);
    return known;
  }
}

/**
 * @param document what was planned
 * @param schema with the fields that only joins use
 * @throws WrongPlan naming the field
 */
export function checkFetched(
  node: PlanNode | SubscriptionNode | undefined,
  document: DocumentNode,
  operationName: string | null,
  schema: GraphQLSchema,
): void {
  const root = new Place();
  for (const { node: fetch, path } of fetchesIn(node)) {
    let place = root;
    for (const key of path) if (key !== EACH) place = place.below(key);
    const fetched = parse(fetch.operation, { noLocation: true });
    const { selectionSet } = getOperationAST(fetched)!;
    const note = new Note(fragmentsOf(fetched), renamedBy(fetch.outputRewrites));
    const entities = selectionSet.selections.find(one => one.kind === Kind.FIELD && one.name.value === '_entities');
    const isJoin = fetch.requires?.length && entities?.kind === Kind.FIELD;
    note.selections(isJoin ? entities.selectionSet! : selectionSet, null, place);
  }
  const { operation, selectionSet } = getOperationAST(document, operationName)!;
  new Check(schema, fragmentsOf(document)).place([selectionSet], schema.getRootType(operation)!, root);
}

/** Notes what a fetch writes, and where. */
class Note {
  constructor(
    private readonly fragments: Fragments,
    /** Names of the fetch alone → those that the data gets. */
    private readonly names: ReadonlyMap<string, string>,
  ) {}

  selections({ selections }: SelectionSetNode, type: string | null, place: Place): void {
    place.isFetched = true;
    for (const one of selections) {
      if (one.kind === Kind.FIELD) {
        const key = this.names.get(keyOf(one)) ?? keyOf(one);
        place.fields.push({ key, field: one, type });
        if (one.selectionSet) this.selections(one.selectionSet, null, place.below(key));
        continue;
      }
      const fragment = one.kind === Kind.INLINE_FRAGMENT ? one : this.fragments.get(one.name.value)!;
      const condition = fragment.typeCondition?.name.value;
      if (condition) place.told.add(condition);
      this.selections(fragment.selectionSet, condition ?? type, place);
    }
  }
}

const renamedBy = (rewrites: readonly FetchDataRewrite[] = []): ReadonlyMap<string, string> =>
  new Map(rewrites.flatMap(one => (one.kind === 'KeyRenamer' ? [[String(one.path.at(-1)), one.renameKeyTo]] : [])));

/** Follows what was asked. */
class Check {
  constructor(
    private readonly schema: GraphQLSchema,
    private readonly fragments: Fragments,
  ) {}

  /** @param sets all that is asked at a place, through whatever types */
  place(sets: readonly SelectionSetNode[], type: GraphQLCompositeType, place: Place): void {
    const below = new Map<string, { sets: Set<SelectionSetNode>; type: GraphQLCompositeType; key: string }>();
    for (const one of isAbstractType(type) ? this.schema.getPossibleTypes(type) : [type]) {
      if (!isObjectType(one)) continue;
      const isTold = one === type || place.told.has(one.name);
      for (const [key, fields] of this.asked(sets, one.name)) {
        const [field] = fields as [FieldNode];
        const fetched = place.fields.filter(
          other => other.key === key && (other.type === null || isOfType(this.schema, one.name, other.type)),
        );
        if (fetched.some(other => !isSame(other.field, field)) || (isTold && fetched.length === 0))
          throw wrong(one, field);
        const next = getNamedType(one.getFields()[field.name.value]?.type);
        if (!isCompositeType(next) || fetched.length === 0) continue;
        const known = below.get(`${key} ${next.name}`) ?? { sets: new Set(), type: next, key };
        below.set(`${key} ${next.name}`, known);
        for (const { selectionSet } of fields) if (selectionSet) known.sets.add(selectionSet);
      }
    }
    for (const { sets, type, key } of below.values()) {
      const next = place.below(key);
      if (next.isFetched) this.place([...sets], type, next);
    }
  }

  /** The fields asked of an object of a type, but for what the schema answers. */
  private asked(
    sets: readonly SelectionSetNode[],
    type: string,
    into = new Map<string, FieldNode[]>(),
  ): ReadonlyMap<string, readonly FieldNode[]> {
    for (const { selections } of sets) {
      for (const one of selections) {
        if (one.kind === Kind.FIELD) {
          if (!one.name.value.startsWith('__')) into.set(keyOf(one), [...(into.get(keyOf(one)) ?? []), one]);
          continue;
        }
        const fragment = one.kind === Kind.INLINE_FRAGMENT ? one : this.fragments.get(one.name.value)!;
        const condition = fragment.typeCondition?.name.value;
        if (!condition || isOfType(this.schema, type, condition)) this.asked([fragment.selectionSet], type, into);
      }
    }
    return into;
  }
}

const wrong = (type: GraphQLNamedType, { name }: FieldNode): WrongPlan =>
  new WrongPlan(
    `No subgraph can answer ${type.name}.${name.value} as it is asked here. Ask for it in an operation of its own.`,
  );

const keyOf = ({ alias, name }: FieldNode): string => (alias ?? name).value;

function isSame(one: FieldNode, other: FieldNode): boolean {
  const args = ({ arguments: args = [] }: FieldNode) =>
    args
      .map(({ name, value }) => `${name.value}:${meaning(value)}`)
      .sort()
      .join();
  return one.name.value === other.name.value && args(one) === args(other);
}

/** The same for values that a planner may write in several ways: `1.0` for `1`, `1` for an ID `"1"`, `["x"]` for `"x"`. */
function meaning(value: ValueNode): string {
  switch (value.kind) {
    case Kind.LIST:
      return value.values.length === 1 ? meaning(value.values[0]!) : `[${value.values.map(meaning).join()}]`;
    case Kind.OBJECT:
      return `{${value.fields
        .map(one => `${one.name.value}:${meaning(one.value)}`)
        .sort()
        .join()}}`;
    case Kind.INT:
    case Kind.FLOAT:
      return JSON.stringify(String(Number(value.value)));
    case Kind.VARIABLE:
      return `$${value.name.value}`;
    case Kind.NULL:
      return 'null';
    default:
      return JSON.stringify(String(value.value));
  }
}
