/**
 * Checks a plan before it is used: every field that requires something of other subgraphs is asked with what it
 * requires. Apollo's planner forgets that for a required field that itself requires, when its subgraph is already being
 * asked: the subgraph would then answer something wrong. Such an operation is planned another way, or refused. And every
 * root field is asked of somebody: the planner leaves one out that leads to an interface without types, and its answer
 * would be null without an error. Such an operation is refused.
 */
import type { FetchNode, PlanNode, QueryPlanSelectionNode, SubscriptionNode } from '@apollo/query-planner';
import {
  type DocumentNode,
  type FieldNode,
  GraphQLError,
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  getOperationAST,
  isInterfaceType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  parse,
  type SelectionSetNode,
} from 'graphql';
import { fetchesIn } from './plan';
import type { RequiredFields } from './required';

/** A field would be asked without what it requires. */
export class UnmetRequirement extends GraphQLError {}

/** @throws UnmetRequirement naming the field */
export function checkRequirements(
  node: PlanNode | SubscriptionNode | undefined,
  schema: GraphQLSchema,
  required: RequiredFields,
): void {
  if (required.isEmpty) return;
  for (const { node: fetch } of fetchesIn(node)) {
    const operation = parse(fetch.operation, { noLocation: true }).definitions[0] as OperationDefinitionNode;
    const check = new Check(fetch, schema, required);
    check.selections(operation.selectionSet, schema.getRootType(operation.operation), false);
  }
}

/**
 * @param document what was planned
 * @throws GraphQLError naming the field
 */
export function checkRootFields(
  node: PlanNode | SubscriptionNode | undefined,
  document: DocumentNode,
  operationName: string | null,
): void {
  const operation = getOperationAST(document, operationName)!;
  const planned = new Set<string>();
  for (const {
    node: { operation, requires },
  } of fetchesIn(node)) {
    if (requires?.length) continue;
    const fetched = parse(operation, { noLocation: true });
    for (const field of fieldsIn(getOperationAST(fetched)!.selectionSet, fetched)) planned.add(keyOf(field));
  }
  for (const field of fieldsIn(operation.selectionSet, document)) {
    const { value: name } = field.name;
    if (name.startsWith('__') || planned.has(keyOf(field))) continue;
    throw new GraphQLError(`No subgraph can answer ${name} as it is asked here.`, {
      extensions: { code: 'GRAPHQL_VALIDATION_FAILED' },
    });
  }
}

function* fieldsIn({ selections }: SelectionSetNode, document: DocumentNode): Iterable<FieldNode> {
  for (const one of selections) {
    if (one.kind === Kind.FIELD) yield one;
    else if (one.kind === Kind.INLINE_FRAGMENT) yield* fieldsIn(one.selectionSet, document);
    else {
      for (const known of document.definitions)
        if (known.kind === Kind.FRAGMENT_DEFINITION && known.name.value === one.name.value)
          yield* fieldsIn(known.selectionSet, document);
    }
  }
}

const keyOf = ({ alias, name }: FieldNode): string => (alias ?? name).value;

class Check {
  constructor(
    private readonly fetch: FetchNode,
    private readonly schema: GraphQLSchema,
    private readonly required: RequiredFields,
  ) {}

  /** @param entity whether these are fields of what was sent  @param provided what their subgraph has of the object */
  selections(
    { selections }: SelectionSetNode,
    type: GraphQLNamedType | null | undefined,
    entity: boolean,
    provided: readonly SelectionSetNode[] = [],
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
          this.field(type.name, name, entity, provided);
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

  private field(type: string, field: string, entity: boolean, provided: readonly SelectionSetNode[]): void {
    const { serviceName, requires = [] } = this.fetch;
    const wanted = this.required.requirementsOf(serviceName, type, field);
    if (wanted.every(name => fieldsNamed(provided, name).length > 0)) return;
    if (entity && wanted.every(name => isSent(requires, name))) return;
    throw new UnmetRequirement(
      `${type}.${field} cannot be asked at this place: what it requires is in another subgraph. Ask for it in an operation of its own.`,
      { extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } },
    );
  }
}

/** The fields of a name in any of the sets, whatever type they are of. */
const fieldsNamed = (sets: readonly SelectionSetNode[], name: string): readonly FieldNode[] =>
  sets.flatMap(({ selections }) =>
    selections.flatMap(one => {
      if (one.kind === Kind.FIELD) return one.name.value === name ? [one] : [];
      return one.kind === Kind.INLINE_FRAGMENT ? fieldsNamed([one.selectionSet], name) : [];
    }),
  );

const under = (sets: readonly SelectionSetNode[], name: string): readonly SelectionSetNode[] =>
  fieldsNamed(sets, name).flatMap(({ selectionSet }) => selectionSet ?? []);

const isSent = (selections: readonly QueryPlanSelectionNode[], name: string): boolean =>
  selections.some(one => (one.kind === 'Field' ? one.name === name : isSent(one.selections, name)));
