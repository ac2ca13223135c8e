/** An operation of a client, its conditions decided, made ready to run again and again: its plan in steps, and the shape of its answer. */
import { operationFromDocument } from '@apollo/federation-internals';
import type { QueryPlan } from '@apollo/query-planner';
import { type DocumentNode, type FieldNode, getOperationAST, Kind, type OperationDefinitionNode } from 'graphql';
import type { Refusals } from './access';
import { type Decided, prune } from './conditions';
import { attached } from './detached';
import { withDefaults } from './directives';
import { checkFetched } from './fetched';
import { type Fragments, fragmentsOf } from './fragments';
import { keepAnswers } from './keep';
import { lift, renameLiftable } from './lifted';
import { renameAliases, renameCollisions } from './names';
import { fetchesIn } from './plan';
import { withoutRefused } from './refused';
import { checkRequirements } from './requirements';
import { ObjectShape } from './shape';
import { compileFetch, compileStep, type FetchStep, type Step, type StepContext } from './steps';
import type { Planner, Supergraph } from './supergraph';
import { Wanted } from './wanted';

export interface Live {
  /** What is asked of the subgraph that streams. */
  readonly primary: FetchStep;
  /** What is fetched for each event. */
  readonly rest: Step | null;
}

export class Operation {
  readonly node: QueryPlan['node'];
  /** What is done for a query or mutation; null when the answer is in the schema. */
  readonly step: Step | null = null;
  /** Set for a subscription. */
  readonly live: Live | null = null;
  readonly shape: ObjectShape;
  /** More is fetched than is asked: what fails there is not told. */
  readonly mayFailElsewhere: boolean;
  private readonly definition: OperationDefinitionNode;
  private readonly fragments: Fragments;

  /** @throws WrongPlan when it may be planned rightly by another planner  @throws Error when it cannot be planned */
  constructor(
    supergraph: Supergraph,
    original: DocumentNode,
    operationName: string | null,
    decided: Decided,
    /** What of it is refused to those it is for. */
    readonly refusals: Refusals,
    planner: Planner = supergraph,
  ) {
    const { api, full, required, directives } = supergraph;
    const renamed = renameCollisions(renameAliases(original, required.joined), operationName);
    const { document, names } = renameLiftable(renamed, api, required.liftable);
    const definition = getOperationAST(document, operationName);
    if (!definition) throw new Error('The operation to plan is not in the document.');
    this.definition = definition;
    this.fragments = fragmentsOf(document);
    const shapeContext = { schema: api, full, fragments: this.fragments, decided, names, refusals };
    const root = api.getRootType(definition.operation)!;
    this.shape = new ObjectShape(shapeContext, root, [{ set: definition.selectionSet, parent: root }]);
    const asked = withoutRefused(withDefaults(prune(document, decided), directives), operationName, api, refusals);
    const lifted = lift(asked, api, required.liftable);
    this.mayFailElsewhere = lifted !== asked;
    this.node = planOf(supergraph, planner, lifted, operationName);
    if (!this.node) return;
    const context: StepContext = {
      schema: full,
      required,
      names,
      wanted: new Wanted(this.node, lifted, operationName, api),
    };
    if (this.node.kind === 'Subscription') {
      const { primary, rest } = this.node;
      this.live = { primary: compileFetch(primary, context), rest: rest ? compileStep(rest, context) : null };
      keepAnswers(this.shape, this.live.rest, this.live.primary);
    } else {
      this.step = compileStep(this.node, context);
      keepAnswers(this.shape, this.step);
    }
  }

  /** The document that asks the schema alone, for fields whose own conditions are met. */
  introspectionOf(fields: readonly FieldNode[]): DocumentNode {
    const selections = fields.map(field => ({ ...field, alias: undefined, directives: [] }));
    const operation = {
      ...this.definition,
      directives: [],
      selectionSet: { kind: Kind.SELECTION_SET, selections },
    } as const;
    return { kind: Kind.DOCUMENT, definitions: [operation, ...this.fragments.values()] };
  }
}

/** @throws GraphQLError when it cannot be planned rightly */
function planOf(
  { full, required }: Supergraph,
  { planner, plannedApi }: Planner,
  document: DocumentNode,
  operationName: string | null,
): QueryPlan['node'] {
  const operation = operationFromDocument(plannedApi, document, {
    operationName: operationName ?? undefined,
    validate: false,
  });
  const { node } = planner.buildQueryPlan(operation);
  for (const { node: fetch } of fetchesIn(node)) fetch.serviceName = attached(fetch.serviceName);
  checkFetched(node, document, operationName, full);
  checkRequirements(node, full, required);
  return node;
}
