/**
 * Checks a plan before it is used: every field that requires something of other subgraphs is asked with all that it
 * requires, to the last field below, and no subgraph is asked what it only knows of others. Apollo's planner forgets that
 * for a required field that itself requires, when its subgraph is already being asked, and for one below a field that is
 * in a key: the subgraph would then answer something wrong. Such an operation is planned another way, or refused.
 */
import type { FetchNode, PlanNode, QueryPlanSelectionNode, SubscriptionNode } from '@apollo/query-planner';
import {
  type FieldNode,
  GraphQLError,
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isInterfaceType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  parse,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql';
import { fetchesIn } from './plan';
import type { RequiredFields } from './required';
import { isOfType } from './types';

/** A plan whose answer would not be what was asked. */
export class WrongPlan extends GraphQLError {
  constructor(message: string) {
    super(message, { extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } });
  }
}

type Sets = readonly SelectionSetNode[];

/** @throws WrongPlan naming the field */
export function checkRequirements(
  node: PlanNode | SubscriptionNode | undefined,
  schema: GraphQLSchema,
  required: RequiredFields,
): void {
  for (const { node: fetch } of fetchesIn(node)) {
    const operation = parse(fetch.operation, { noLocation: true }).definitions[0] as OperationDefinitionNode;
    const check = new Check(fetch, schema, required);
    check.selections(operation.selectionSet, schema.getRootType(operation.operation), false);
  }
}

class Check {
  private readonly sent: SelectionSetNode;

  constructor(
    private readonly fetch: FetchNode,
    private readonly schema: GraphQLSchema,
    private readonly required: RequiredFields,
  ) {
    this.sent = asSet(fetch.requires ?? []);
  }

  /** @param entity whether these are fields of what was sent  @param provided what their subgraph has of the object */
  selections(
    { selections }: SelectionSetNode,
    type: GraphQLNamedType | null | undefined,
    entity: boolean,
    provided: Sets = [],
  ): void {
    for (const selection of selections) {
      if (selection.kind === Kind.INLINE_FRAGMENT) {
        const condition = selection.typeCondition ? this.schema.getType(selection.typeCondition.name.value) : type;
        this.selections(selection.selectionSet, condition, entity, provided);
      } else if (selection.kind === Kind.FIELD) {
        const name = selection.name.value;
        if (name === '_entities' && selection.selectionSet) {
          this.selections(selection.selectionSet, null, true);
        } else if (isObjectType(type) || isInterfaceType(type)) {
          this.field(type, name, entity, provided);
          const field = type.getFields()[name];
          if (!field || !selection.selectionSet) continue;
          const below = [
            ...this.required.providedBy(this.fetch.serviceName, type.name, name),
            ...under(provided, name),
          ];
          this.selections(selection.selectionSet, getNamedType(field.type), false, below);
        }
      }
    }
  }

  private field(type: GraphQLNamedType, field: string, entity: boolean, provided: Sets): void {
    const { serviceName } = this.fetch;
    const isProvided = fieldsNamed(provided, field).length > 0;
    if (this.required.isExternal(serviceName, type.name, field) && !isProvided) throw unmet(type, field);
    const wanted = this.required.requirementOf(serviceName, type.name, field);
    const has = entity ? [...provided, this.sent] : provided;
    if (wanted && !this.isMet(type, wanted, has)) throw unmet(type, field);
  }

  /** An interface object may be asked of some of its types only: what the others lack is not sent, or not told. */
  private isMet(type: GraphQLNamedType, wanted: SelectionSetNode, has: Sets): boolean {
    const types = this.typesOf(type);
    return types.length === 0
      ? this.covers(type.name, [wanted], has, type)
      : types.some(one => this.covers(one.name, [wanted], has, one));
  }

  /** Whether all that is wanted of an object of a type is there. */
  private covers(name: string, wanted: Sets, has: Sets, type: GraphQLNamedType): boolean {
    const known = this.fieldsOf(has, name);
    return [...this.fieldsOf(wanted, name)].every(([field, nodes]) => {
      const found = known.get(field);
      if (field === '__typename') return true;
      if (!found) return false;
      const below = nodes.flatMap(({ selectionSet }) => selectionSet ?? []);
      const next =
        isObjectType(type) || isInterfaceType(type) ? getNamedType(type.getFields()[field]?.type) : undefined;
      if (below.length === 0 || !next) return true;
      const there = found.flatMap(({ selectionSet }) => selectionSet ?? []);
      return this.typesOf(next).every(one => this.covers(one.name, below, there, one));
    });
  }

  /** The fields that are meant of an object of a type. */
  private fieldsOf(sets: Sets, type: string, into = new Map<string, FieldNode[]>()): Map<string, FieldNode[]> {
    for (const { selections } of sets) {
      for (const one of selections) {
        if (one.kind === Kind.FIELD) into.set(one.name.value, [...(into.get(one.name.value) ?? []), one]);
        if (one.kind !== Kind.INLINE_FRAGMENT) continue;
        const condition = one.typeCondition?.name.value;
        if (!condition || isOfType(this.schema, type, condition)) this.fieldsOf([one.selectionSet], type, into);
      }
    }
    return into;
  }

  private typesOf(type: GraphQLNamedType): readonly GraphQLNamedType[] {
    return isAbstractType(type) ? this.schema.getPossibleTypes(type) : [type];
  }
}

const unmet = ({ name }: GraphQLNamedType, field: string): WrongPlan =>
  new WrongPlan(
    `${name}.${field} cannot be asked at this place: what it requires is in another subgraph. Ask for it in an operation of its own.`,
  );

/** What a plan sends, as selections are written. */
const asSet = (nodes: readonly QueryPlanSelectionNode[]): SelectionSetNode => ({
  kind: Kind.SELECTION_SET,
  selections: nodes.map((one): SelectionNode => {
    if (one.kind === 'Field') {
      const selectionSet = one.selections && asSet(one.selections);
      return { kind: Kind.FIELD, name: nameNode(one.name), ...(selectionSet && { selectionSet }) };
    }
    const { typeCondition: type, selections } = one;
    return {
      kind: Kind.INLINE_FRAGMENT,
      ...(type && { typeCondition: { kind: Kind.NAMED_TYPE, name: nameNode(type) } }),
      selectionSet: asSet(selections),
    };
  }),
});

const nameNode = (value: string) => ({ kind: Kind.NAME, value }) as const;

/** The fields of a name in any of the sets, whatever type they are of. */
const fieldsNamed = (sets: Sets, name: string): readonly FieldNode[] =>
  sets.flatMap(({ selections }) =>
    selections.flatMap(one => {
      if (one.kind === Kind.FIELD) return one.name.value === name ? [one] : [];
      return one.kind === Kind.INLINE_FRAGMENT ? fieldsNamed([one.selectionSet], name) : [];
    }),
  );

const under = (sets: Sets, name: string): Sets =>
  fieldsNamed(sets, name).flatMap(({ selectionSet }) => selectionSet ?? []);
