/**
 * Executes a plan: the one place to exchange for an executor of our own. Behind it stands Apollo's exported executor,
 * which walks the plan, joins and shapes; the fetching is ours.
 */
import './telemetry';
import { buildOperationContext, executeQueryPlan, type GraphQLDataSource, type ServiceMap } from '@apollo/gateway';
import type { FetchNode, PlanNode, QueryPlan } from '@apollo/query-planner';
import { type DocumentNode, type ExecutionResult, GraphQLError, parse, type SelectionSetNode } from 'graphql';
import type { Envelope } from '../../kernel/principal';
import type { SubgraphAnswer, SubgraphFetch } from './fetch';
import type { Supergraph } from './supergraph';

export interface PlanRequest {
  readonly document: DocumentNode;
  readonly operationName: string | null;
  readonly variables: Record<string, unknown>;
  readonly asked: Envelope;
}

export class Execution {
  private readonly services: ServiceMap;

  constructor(
    private readonly supergraph: Supergraph,
    fetch: SubgraphFetch,
  ) {
    this.services = Object.fromEntries([...supergraph.urls.keys()].map(name => [name, sourceOf(name, fetch)]));
  }

  /** Runs a query or a mutation. */
  execute(plan: QueryPlan, request: PlanRequest): Promise<ExecutionResult> {
    return this.run(plan, request, this.services);
  }

  /** Joins one event of a subscription: what its subgraph pushed stands in for the first fetch, the rest is fresh. */
  join(
    primary: FetchNode,
    rest: PlanNode | undefined,
    event: SubgraphAnswer,
    request: PlanRequest,
  ): Promise<ExecutionResult> {
    const { serviceName, operation } = primary;
    const real = this.services[serviceName]!;
    const fromEvent: GraphQLDataSource = {
      process: async options => (options.request.query === operation ? (event as never) : real.process(options)),
    };
    const node: PlanNode = rest ? { kind: 'Sequence', nodes: [primary, rest] } : primary;
    return this.run({ kind: 'QueryPlan', node }, request, { ...this.services, [serviceName]: fromEvent });
  }

  private async run(plan: QueryPlan, request: PlanRequest, services: ServiceMap): Promise<ExecutionResult> {
    const { document, operationName, variables, asked } = request;
    const { api, apolloApi, full } = this.supergraph;
    const context = {
      request: { variables },
      context: asked,
      logger: SILENT,
      metrics: {},
      document,
    } as unknown as Parameters<typeof executeQueryPlan>[2];
    const operation = buildOperationContext({
      schema: api,
      operationDocument: document,
      operationName: operationName ?? undefined,
    });
    const { data, errors } = await executeQueryPlan(plan, services, context, operation, full, apolloApi);
    // its extension `valueCompletion` is left out: a null from a subgraph where the schema has none is a plain null here
    return { ...(data !== undefined && { data }), ...(errors?.length && { errors: errors.map(placed) }) };
  }
}

const SILENT = { debug() {}, info() {}, warn() {}, error() {} };

function sourceOf(subgraph: string, fetch: SubgraphFetch): GraphQLDataSource {
  return {
    async process({ request, context }) {
      const { query = '', operationName, variables = {} } = request;
      const answer = await fetch(subgraph, { query, operationName, variables }, context as unknown as Envelope);
      return everythingMissing(answer) ? { data: null, errors: missing(query, answer) } : (answer as never);
    },
  };
}

const everythingMissing = ({ data, errors }: SubgraphAnswer): boolean =>
  !data && errors?.some(({ path }) => !path) === true;

/** An error without a place belongs to every root field that was asked for; for a join, to the place that was joined. */
function missing(query: string, { errors = [] }: SubgraphAnswer) {
  const definition = parse(query, { noLocation: true }).definitions[0];
  const keys = definition?.kind === 'OperationDefinition' ? responseKeys(definition.selectionSet) : [];
  return errors.flatMap(error => (error.path ? [error] : keys.map(key => ({ ...error, path: [key] }))));
}

const responseKeys = ({ selections }: SelectionSetNode): string[] =>
  selections.flatMap(selection => {
    if (selection.kind === 'Field') return [selection.alias?.value ?? selection.name.value];
    return selection.kind === 'InlineFragment' ? responseKeys(selection.selectionSet) : [];
  });

/** Takes federation's own words out of an error: the subgraph's name, and places that are no places of the answer. */
function placed(error: GraphQLError): GraphQLError {
  const { serviceName: _, ...extensions } = error.extensions;
  const end = error.path?.findIndex(part => part === '@' || part === '_entities') ?? -1;
  const path = end < 0 ? error.path : error.path?.slice(0, end);
  return new GraphQLError(error.message, {
    ...(path?.length && { path }),
    extensions,
    originalError: error.originalError ?? error,
  });
}
