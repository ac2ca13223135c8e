/**
 * Which objects a fetch is for. Asked for `{ review { ... on Short { of { name } } ... on Long { of { price } } } }`,
 * Apollo's planner fetches a price for whatever is at `review.of`: for short reviews too, whose answer has no room for
 * it. Here each step of a fetch's path knows the types that the client asked nothing of it through.
 */
import type { FetchNode, QueryPlan, QueryPlanSelectionNode } from '@apollo/query-planner';
import {
  type DocumentNode,
  type FieldNode,
  type GraphQLCompositeType,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  getOperationAST,
  isAbstractType,
  isCompositeType,
  Kind,
  parse,
  type SelectionSetNode,
} from 'graphql';
import { EACH, type Unwanted } from './data';
import { type Fragments, fragmentsOf } from './fragments';
import { fetchesIn, type Placed } from './plan';
import { isOfType } from './types';

type Sets = readonly SelectionSetNode[];

export class Wanted {
  private readonly fetches: readonly Placed[];
  private readonly fragments: Fragments;
  private readonly numbers = new Map<SelectionSetNode, number>();

  /** @param document what was planned */
  constructor(
    plan: QueryPlan['node'],
    private readonly document: DocumentNode,
    private readonly operationName: string | null,
    private readonly api: GraphQLSchema,
  ) {
    this.fetches = [...fetchesIn(plan)];
    this.fragments = fragmentsOf(document);
  }

  /** @returns null when a fetch is for all objects at its path */
  unwanted(node: FetchNode, path: readonly string[]): Unwanted | null {
    if (!node.requires?.length) return null;
    const keys = new Set(entityKeys(getOperationAST(parse(node.operation, { noLocation: true }))!.selectionSet));
    if (keys.has('__typename')) return null; // that is for whatever comes later
    const isNeeded = (other: Placed) =>
      other.node !== node && isNear(other.path, path) && (other.node.requires ?? []).some(one => names(one, keys));
    if (this.fetches.some(isNeeded)) return null;
    const { operation, selectionSet } = getOperationAST(this.document, this.operationName)!;
    const walk = new Walk(this, path, keys);
    walk.from([selectionSet], this.api.getRootType(operation)!, 0);
    return walk.unwanted();
  }

  typesOf(type: GraphQLCompositeType): readonly GraphQLObjectType[] {
    return isAbstractType(type) ? this.api.getPossibleTypes(type) : [type];
  }

  /** The fields asked of an object of a type, by their keys. */
  asked(sets: Sets, type: GraphQLObjectType, into = new Map<string, FieldNode[]>()): ReadonlyMap<string, FieldNode[]> {
    for (const { selections } of sets) {
      for (const one of selections) {
        if (one.kind === Kind.FIELD) {
          const key = (one.alias ?? one.name).value;
          into.set(key, [...(into.get(key) ?? []), one]);
          continue;
        }
        const fragment = one.kind === Kind.INLINE_FRAGMENT ? one : this.fragments.get(one.name.value)!;
        const condition = fragment.typeCondition?.name.value;
        if (!condition || isOfType(this.api, type.name, condition)) this.asked([fragment.selectionSet], type, into);
      }
    }
    return into;
  }

  /** The same for the same sets. */
  keyOf(sets: Sets): string {
    return sets.map(set => this.numbers.get(set) ?? this.numbers.set(set, this.numbers.size).size).join();
  }
}

/** Follows a path of the plan through what the client asked. */
class Walk {
  private readonly known: readonly Set<string>[];
  private readonly followed: readonly Set<string>[];
  private readonly reached = new Set<string>();

  constructor(
    private readonly wanted: Wanted,
    private readonly path: readonly string[],
    private readonly keys: ReadonlySet<string>,
  ) {
    this.known = path.map(() => new Set());
    this.followed = path.map(() => new Set());
  }

  /** @returns whether anything that is fetched was asked from here */
  from(sets: Sets, type: GraphQLCompositeType, at: number): boolean {
    const key = this.path[at];
    if (key === EACH) return this.from(sets, type, at + 1);
    if (key === undefined) return this.arrive(sets, type);
    const ways = new Map<string, { sets: Sets; type: GraphQLCompositeType; through: string[] }>();
    for (const one of this.wanted.typesOf(type)) {
      this.known[at]!.add(one.name);
      const fields = this.wanted.asked(sets, one).get(key) ?? [];
      const below = fields.flatMap(({ selectionSet }) => selectionSet ?? []);
      const next = fields[0] && getNamedType(one.getFields()[fields[0].name.value]?.type);
      if (!isCompositeType(next)) continue;
      const same = `${next.name} ${this.wanted.keyOf(below)}`;
      const way = ways.get(same) ?? { sets: below, type: next, through: [] };
      way.through.push(one.name);
      ways.set(same, way);
    }
    let isAsked = false;
    for (const { sets, type, through } of ways.values()) {
      if (!this.from(sets, type, at + 1)) continue;
      isAsked = true;
      for (const name of through) this.followed[at]!.add(name);
    }
    return isAsked;
  }

  private arrive(sets: Sets, type: GraphQLCompositeType): boolean {
    let isAsked = false;
    for (const one of this.wanted.typesOf(type)) {
      for (const key of this.wanted.asked(sets, one).keys()) {
        if (!this.keys.has(key)) continue;
        this.reached.add(key);
        isAsked = true;
      }
    }
    return isAsked;
  }

  unwanted(): Unwanted | null {
    if (this.reached.size < this.keys.size) return null; // some is fetched for a join
    const unwanted = this.known.map((known, at) => {
      const rest = [...known].filter(name => !this.followed[at]!.has(name));
      return rest.length > 0 ? new Set(rest) : null;
    });
    return unwanted.some(types => types !== null) ? unwanted : null;
  }
}

/** Whether one path begins like the other. */
const isNear = (one: readonly string[], other: readonly string[]): boolean =>
  one.every((key, at) => at >= other.length || key === other[at]);

const names = (selection: QueryPlanSelectionNode, keys: ReadonlySet<string>): boolean =>
  (selection.kind === 'Field' && keys.has(selection.alias ?? selection.name)) ||
  (selection.selections ?? []).some(one => names(one, keys));

function* entityKeys({ selections }: SelectionSetNode): Iterable<string> {
  for (const one of selections) {
    if (one.kind === Kind.FRAGMENT_SPREAD) continue;
    const { selectionSet } = one;
    if (one.kind === Kind.INLINE_FRAGMENT || one.name.value === '_entities') yield* entityKeys(selectionSet!);
    else yield (one.alias ?? one.name).value;
  }
}
