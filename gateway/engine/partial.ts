/**
 * Unions and interfaces of which each subgraph knows other types. Where two subgraphs have the field that leads there,
 * Apollo's planner takes it that only types come that both know, and asks nothing of the others: their fields would be
 * null without an error. So what a plan lacks is asked where the objects come from, if that subgraph knows it.
 */
import { isAbstractType, possibleRuntimeTypes, type Subgraphs } from '@apollo/federation-internals';
import type { FetchNode, QueryPlan } from '@apollo/query-planner';
import {
  type DocumentNode,
  type FieldNode,
  type GraphQLCompositeType,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  getOperationAST,
  isAbstractType as isAbstract,
  isCompositeType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  parse,
  print,
  type SelectionNode,
  type SelectionSetNode,
  visit,
} from 'graphql';
import { EACH } from './data';
import { type Fragments, fragmentsOf } from './fragments';
import { fetchesIn } from './plan';
import { isOfType } from './types';

/** What each subgraph knows of types. */
export class PartialTypes {
  /** Abstract types that do not have the same types everywhere. */
  readonly names = new Set<string>();

  constructor(private readonly subgraphs: Subgraphs) {
    const known = new Map<string, string>();
    for (const { schema } of subgraphs) {
      for (const type of [...schema.interfaceTypes(), ...schema.unionTypes()]) {
        const types = possibleRuntimeTypes(type).map(({ name }) => name);
        const all = types.sort().join();
        if ((known.get(type.name) ?? all) !== all) this.names.add(type.name);
        known.set(type.name, all);
      }
    }
  }

  /** Whether objects of a type may come from a subgraph that says only the abstract one. */
  mayCome(subgraph: string, abstract: string, { name }: GraphQLObjectType): boolean {
    const type = this.subgraphs.get(subgraph)?.schema.type(abstract);
    return type !== undefined && isAbstractType(type) && possibleRuntimeTypes(type).some(one => one.name === name);
  }

  /** Whether a subgraph itself knows a field. */
  has(subgraph: string, type: string, field: string): boolean {
    const known = this.subgraphs.get(subgraph);
    const owner = known?.schema.type(type);
    const definition = owner?.kind === 'ObjectType' ? owner.field(field) : undefined;
    return known !== undefined && definition !== undefined && !known.metadata().isFieldExternal(definition);
  }
}

/** A fetch of the plan, its text read. */
interface Read {
  readonly node: FetchNode;
  readonly path: readonly string[];
  document: DocumentNode;
}

/** @param document what was planned  @returns the plan itself when it lacks nothing */
export function completed(
  plan: QueryPlan['node'],
  document: DocumentNode,
  operationName: string | null,
  api: GraphQLSchema,
  partial: PartialTypes,
): QueryPlan['node'] {
  if (!plan || partial.names.size === 0) return plan;
  const operation = getOperationAST(document, operationName)!;
  const completion = new Completion(plan, document, operation, api, partial);
  completion.position([operation.selectionSet], api.getRootType(operation.operation)!, []);
  return completion.changed.size === 0 ? plan : completion.replaced(plan);
}

class Completion {
  readonly changed = new Set<FetchNode>();
  private readonly fetches: Read[];
  private readonly fragments: Fragments;

  constructor(
    plan: NonNullable<QueryPlan['node']>,
    document: DocumentNode,
    private readonly operation: OperationDefinitionNode,
    private readonly api: GraphQLSchema,
    private readonly partial: PartialTypes,
  ) {
    this.fetches = [...fetchesIn(plan)].map(({ node, path }) => ({
      node,
      path: path.filter(one => one !== EACH),
      document: parse(node.operation, { noLocation: true }),
    }));
    this.fragments = fragmentsOf(document);
  }

  /** @param sets all that the client asks at this place  @param path keys of the answer, without lists */
  position(sets: readonly SelectionSetNode[], type: GraphQLCompositeType, path: readonly string[]): void {
    const types = isAbstract(type) ? this.api.getPossibleTypes(type) : isObjectType(type) ? [type] : [];
    const below = new Map<string, { sets: SelectionSetNode[]; type: GraphQLCompositeType }>();
    for (const one of types) {
      for (const [key, field] of this.asked(sets, one)) {
        if (this.partial.names.has(type.name)) this.see(path, type.name, one, key, field);
        const named = getNamedType(one.getFields()[field.name.value]?.type);
        if (!field.selectionSet || !isCompositeType(named)) continue;
        const place = below.get(`${key} ${named.name}`) ?? { sets: [], type: named };
        place.sets.push(field.selectionSet);
        below.set(`${key} ${named.name}`, place);
      }
    }
    for (const [place, { sets, type }] of below)
      this.position([...new Set(sets)], type, [...path, place.split(' ')[0]!]);
  }

  /** The fields asked of an object of a type, each by its key; what is selected of one in several places is put together. */
  private asked(sets: readonly SelectionSetNode[], type: GraphQLObjectType, into = new Map<string, FieldNode>()) {
    for (const { selections } of sets) {
      for (const selection of selections) {
        if (selection.kind === Kind.FIELD) {
          const key = keyOf(selection);
          const known = into.get(key);
          if (selection.name.value.startsWith('__')) continue;
          into.set(key, known ? together(known, selection) : selection);
        } else {
          const fragment =
            selection.kind === Kind.INLINE_FRAGMENT ? selection : this.fragments.get(selection.name.value)!;
          const condition = fragment.typeCondition?.name.value;
          if (!condition || isOfType(this.api, type.name, condition)) this.asked([fragment.selectionSet], type, into);
        }
      }
    }
    return into;
  }

  private see(path: readonly string[], abstract: string, type: GraphQLObjectType, key: string, field: FieldNode): void {
    const places = this.fetches
      .map(fetch => ({ fetch, sets: setsAt(fetch, path) }))
      .filter(({ sets }) => sets.length > 0);
    if (places.some(({ sets }) => sets.some(set => this.hasKey(set, type, key)))) return;
    for (const { fetch, sets } of places) {
      const { serviceName } = fetch.node;
      if (fetch.path.length === path.length || !this.partial.mayCome(serviceName, abstract, type)) continue;
      const local = this.local(serviceName, type, field);
      if (!local) continue;
      const added = {
        kind: Kind.INLINE_FRAGMENT,
        typeCondition: named(type.name),
        selectionSet: setOf([local]),
      } as const;
      const [first] = sets;
      fetch.document = visit(fetch.document, {
        SelectionSet: set => (set === first ? setOf([...set.selections, added]) : undefined),
      });
      this.changed.add(fetch.node);
    }
  }

  private hasKey({ selections }: SelectionSetNode, type: GraphQLObjectType, key: string): boolean {
    return selections.some(selection => {
      // the planner gives fields of one key and several types names such as id__alias_0
      if (selection.kind === Kind.FIELD) return keyOf(selection).replace(/__alias_\d+$/, '') === key;
      if (selection.kind !== Kind.INLINE_FRAGMENT) return false;
      const condition = selection.typeCondition?.name.value;
      return (!condition || isOfType(this.api, type.name, condition)) && this.hasKey(selection.selectionSet, type, key);
    });
  }

  /** The field with all that is asked of it, if one subgraph knows it all. */
  private local(subgraph: string, type: GraphQLObjectType, field: FieldNode): FieldNode | null {
    if (!this.partial.has(subgraph, type.name, field.name.value)) return null;
    if (!field.selectionSet) return field;
    const below = getNamedType(type.getFields()[field.name.value]!.type);
    if (!isObjectType(below)) return null;
    const fields = [...this.asked([field.selectionSet], below).values()].map(one => this.local(subgraph, below, one));
    if (fields.includes(null)) return null;
    return { ...field, selectionSet: setOf([TYPENAME, ...(fields as FieldNode[])]) };
  }

  replaced<Node extends NonNullable<QueryPlan['node']>>(node: Node): Node {
    if (node.kind === 'Fetch') return this.fetch(node) as Node;
    if (node.kind === 'Flatten') return { ...node, node: this.replaced(node.node) };
    if (node.kind === 'Sequence' || node.kind === 'Parallel')
      return { ...node, nodes: node.nodes.map(one => this.replaced(one)) };
    if (node.kind === 'Subscription')
      return { ...node, primary: this.fetch(node.primary), ...(node.rest && { rest: this.replaced(node.rest) }) };
    return node;
  }

  private fetch(node: FetchNode): FetchNode {
    if (!this.changed.has(node)) return node;
    const { document } = this.fetches.find(one => one.node === node)!;
    const used = new Set<string>();
    visit(document, { VariableDefinition: () => false, Variable: ({ name }) => void used.add(name.value) });
    const known = getOperationAST(document)!;
    const variableDefinitions = [
      ...(known.variableDefinitions?.filter(({ variable }) => variable.name.value === 'representations') ?? []),
      ...(this.operation.variableDefinitions?.filter(({ variable }) => used.has(variable.name.value)) ?? []),
    ];
    const definitions = document.definitions.map(one => (one === known ? { ...known, variableDefinitions } : one));
    const variableUsages = [...used].filter(name => name !== 'representations');
    return { ...node, operation: print({ ...document, definitions }), variableUsages };
  }
}

/** What a fetch selects at a place of the answer. */
function setsAt({ node, path: base, document }: Read, path: readonly string[]): readonly SelectionSetNode[] {
  if (!base.every((key, index) => path[index] === key)) return [];
  let sets: readonly SelectionSetNode[] = [getOperationAST(document)!.selectionSet];
  const keys = path.slice(base.length);
  for (const key of node.requires ? ['_entities', ...keys] : keys) sets = sets.flatMap(set => below(set, key));
  return sets;
}

const below = ({ selections }: SelectionSetNode, key: string): SelectionSetNode[] =>
  selections.flatMap(selection => {
    if (selection.kind === Kind.FIELD) return keyOf(selection) === key ? (selection.selectionSet ?? []) : [];
    return selection.kind === Kind.INLINE_FRAGMENT ? below(selection.selectionSet, key) : [];
  });

const together = (one: FieldNode, other: FieldNode): FieldNode =>
  one.selectionSet && other.selectionSet
    ? { ...one, selectionSet: setOf([...one.selectionSet.selections, ...other.selectionSet.selections]) }
    : one;

const TYPENAME: FieldNode = { kind: Kind.FIELD, name: { kind: Kind.NAME, value: '__typename' } };
const setOf = (selections: readonly SelectionNode[]): SelectionSetNode => ({ kind: Kind.SELECTION_SET, selections });
const named = (value: string) => ({ kind: Kind.NAMED_TYPE, name: { kind: Kind.NAME, value } }) as const;
const keyOf = ({ alias, name }: FieldNode): string => (alias ?? name).value;
