/** Apollo's own gateway – its planner, its executor, its shaping – over local subgraphs, to compare the engine with. */
import '../engine/telemetry';
import { Supergraph as ApolloSupergraph, operationFromDocument, type Schema } from '@apollo/federation-internals';
import { buildOperationContext, executeQueryPlan, type GraphQLDataSource, type ServiceMap } from '@apollo/gateway';
import { type QueryPlan, QueryPlanner, type SequenceNode, type SubscriptionNode } from '@apollo/query-planner';
import { type DocumentNode, GraphQLError, type GraphQLSchema, parse, type SelectionSetNode } from 'graphql';
import { within } from '../engine/deadline';
import type { SubgraphAnswer, SubgraphFetch } from '../engine/fetch';

export interface StockAnswer {
  readonly data?: Record<string, unknown> | null;
  readonly errors?: readonly { readonly message: string; readonly path?: readonly (string | number)[] | undefined }[];
}

export class StockGateway {
  private readonly planner: QueryPlanner;
  private readonly apolloApi: Schema;
  private readonly full: GraphQLSchema;
  private readonly plans = new WeakMap<DocumentNode, QueryPlan>();
  readonly api: GraphQLSchema;

  constructor(sdl: string) {
    const supergraph = ApolloSupergraph.build(sdl, { supportedFeatures: null });
    this.planner = new QueryPlanner(supergraph, { debug: { pathsLimit: 100, maxEvaluatedPlans: 100 } });
    this.apolloApi = supergraph.apiSchema();
    this.api = this.apolloApi.toGraphQLJSSchema();
    this.full = supergraph.schema.toGraphQLJSSchema();
  }

  /** @throws Error when it cannot be planned */
  async answer(document: DocumentNode, variables: Record<string, unknown>, fetch: SubgraphFetch): Promise<StockAnswer> {
    const plan = this.planOf(document);
    const operation = buildOperationContext({ schema: this.api, operationDocument: document });
    const services: ServiceMap = new Proxy({}, { get: (_, name) => sourceOf(String(name), fetch) });
    const context = { request: { variables }, context: {}, logger: SILENT, metrics: {}, document };
    try {
      const { data, errors } = await executeQueryPlan(
        plan,
        services,
        context as unknown as Parameters<typeof executeQueryPlan>[2],
        operation,
        this.full,
        this.apolloApi,
      );
      return { ...(data !== undefined && { data }), ...(errors?.length && { errors: errors.map(placed) }) };
    } catch (error) {
      return { errors: [{ message: (error as Error).message }] };
    }
  }

  private planOf(document: DocumentNode): QueryPlan {
    let plan = this.plans.get(document);
    if (!plan) {
      plan = within(LONGEST_MS, () => this.make(document));
      this.plans.set(document, plan);
    }
    return plan;
  }

  private make(document: DocumentNode): QueryPlan {
    const plan = this.planner.buildQueryPlan(operationFromDocument(this.apolloApi, document, { validate: false }));
    return plan.node?.kind === 'Subscription' ? { ...plan, node: asSequence(plan.node) } : plan;
  }
}

/** Some operations would keep its planner busy until the memory is full. */
const LONGEST_MS = 1000;

/** Apollo plans subscriptions and refuses to execute them: the first event is asked for like a query. */
const asSequence = ({ primary, rest }: SubscriptionNode): SequenceNode => ({
  kind: 'Sequence',
  nodes: rest ? [primary, rest] : [primary],
});

const SILENT = { debug() {}, info() {}, warn() {}, error() {} };

/** What the comparison does not blame stock for: an error without a place belongs to all that was asked for, but for types. */
function sourceOf(subgraph: string, fetch: SubgraphFetch): GraphQLDataSource {
  return {
    async process({ request }) {
      const { query = '', operationName, variables = {} } = request;
      const answer = await fetch(subgraph, { query, operationName, variables }, undefined as never);
      const nothing = !answer.data && answer.errors?.some(({ path }) => !path);
      return (nothing ? { data: null, errors: missing(query, answer) } : answer) as never;
    },
  };
}

function missing(query: string, { errors = [] }: SubgraphAnswer) {
  const definition = parse(query, { noLocation: true }).definitions[0];
  const keys = definition?.kind === 'OperationDefinition' ? [...new Set(responseKeys(definition.selectionSet))] : [];
  return errors.flatMap(error => (error.path ? [error] : keys.map(key => ({ ...error, path: [key] }))));
}

const responseKeys = ({ selections }: SelectionSetNode): string[] =>
  selections.flatMap(selection => {
    if (selection.kind === 'Field') {
      const { alias, name } = selection;
      return name.value === '__typename' ? [] : [(alias ?? name).value];
    }
    return selection.kind === 'InlineFragment' ? responseKeys(selection.selectionSet) : [];
  });

/** Nor for `@` and `_entities`, which are no places of the client's answer. */
function placed(error: Error) {
  const path = error instanceof GraphQLError ? error.path : undefined;
  const end = path?.findIndex(part => part === '@' || part === '_entities') ?? -1;
  return { message: error.message, path: end < 0 ? path : path?.slice(0, end) };
}
