/**
 * The engine: one supergraph, its plans, and their execution for queries, mutations and each event of a subscription
 * alike. Apollo Server sees it through Apollo's gateway interface.
 */
import './telemetry';
import type {
  GatewayInterface,
  GatewayLoadResult,
  GatewaySchemaLoadOrUpdateCallback,
  GatewayUnsubscriber,
} from '@apollo/server-gateway-interface';
import {
  type DocumentNode,
  type ExecutionResult,
  GraphQLError,
  type GraphQLScalarType,
  type GraphQLSchema,
  getOperationAST,
  parse,
} from 'graphql';
import { graphError } from '../../kernel/errors';
import type { Envelope } from '../../kernel/principal';
import { contractOf } from '../../schema/contract';
import type { Refusals } from './access';
import type { Costs } from './cost';
import { type Executed, Execution } from './execution';
import type { SubgraphAnswer, SubgraphFetch } from './fetch';
import { parseJson } from './numbers';
import type { Operation } from './operation';
import { Planning } from './planning';
import { readSupergraph, type Supergraph } from './supergraph';
import { Variables } from './variables';
import { textOf } from './verbatim';

/** A validated operation, and who asks it. */
export interface OperationRequest {
  readonly document: DocumentNode;
  /** The same text has the same key, so that its plan is found again. */
  readonly key: string;
  readonly operationName: string | null;
  readonly variables: Record<string, unknown>;
  readonly asked: Envelope;
}

/** Nothing could be executed. */
export interface Failed {
  readonly data: undefined;
  readonly errors: readonly GraphQLError[];
}

/** What a subscription needs: one stream of one subgraph, and a join for each of its events. */
export interface LivePlan {
  readonly subgraph: string;
  readonly query: string;
  readonly operationName: string | undefined;
  readonly variables: Record<string, unknown>;
  /** The same for all who are refused the same of it; empty when nothing is. */
  readonly refused: string;
  /**
   * @param asked who asks at the moment of this event
   * @throws GraphQLError UNAUTHENTICATED or FORBIDDEN when the stream is refused to them by now
   */
  join(event: SubgraphAnswer, asked: Envelope): Promise<ExecutionResult>;
}

export class Engine implements GatewayInterface {
  private planning: Planning;
  private execution: Execution;
  private variables: Variables;
  private readonly contracts = new Map<string, Engine>();
  private readonly listeners = new Set<GatewaySchemaLoadOrUpdateCallback>();

  /**
   * @param sdl the text of a composed supergraph  @param scalars check variables of their names at the edge
   * @param maxCost what an operation may cost, by {@link Cost}
   */
  constructor(
    private sdl: string,
    private readonly fetch: SubgraphFetch,
    private readonly scalars: readonly GraphQLScalarType[] = [],
    private readonly maxCost = Number.POSITIVE_INFINITY,
    private supergraph: Supergraph = readSupergraph(sdl, scalars),
  ) {
    this.planning = new Planning(supergraph, maxCost);
    this.execution = new Execution(supergraph, fetch);
    this.variables = new Variables(supergraph.api);
  }

  /**
   * Serves another supergraph from now on, its contracts too; what has begun ends with the one it began with.
   * @param check throws what speaks against the addresses of its subgraphs
   * @throws Error when it is no supergraph, has nothing left of a contract, or what `check` throws; then nothing has changed
   */
  replace(sdl: string, check: (urls: ReadonlyMap<string, string>) => void): void {
    const supergraph = readSupergraph(sdl, this.scalars);
    check(supergraph.urls);
    const contracts = [...this.contracts].map(([tag, engine]) => {
      const api = contractOf(parse(sdl), supergraph.api, tag);
      if (!api) throw new Error(`The supergraph has nothing with the tag ${tag}.`);
      return [engine, { ...supergraph, api }] as const;
    });
    this.serve(sdl, supergraph);
    for (const [engine, part] of contracts) engine.serve(sdl, part);
  }

  private serve(sdl: string, supergraph: Supergraph): void {
    this.sdl = sdl;
    this.supergraph = supergraph;
    this.planning = new Planning(supergraph, this.maxCost);
    this.execution = new Execution(supergraph, this.fetch);
    this.variables = new Variables(supergraph.api);
    for (const listener of this.listeners) listener({ apiSchema: this.schema, coreSupergraphSdl: sdl });
  }

  /** The text of the supergraph. */
  get text(): string {
    return this.sdl;
  }

  /** The same engine for the part of the schema with a tag; null when no query has it. */
  contract(tag: string): Engine | null {
    const api = contractOf(parse(this.sdl), this.schema, tag);
    if (!api) return null;
    const engine = new Engine(this.sdl, this.fetch, [], this.maxCost, { ...this.supergraph, api });
    this.contracts.set(tag, engine);
    return engine;
  }

  /** What clients may ask. */
  get schema(): GraphQLSchema {
    return this.supergraph.api;
  }

  /** Subgraph → address, as written when the supergraph was composed. */
  get urls(): ReadonlyMap<string, string> {
    return this.supergraph.urls;
  }

  /** Runs a query or a mutation. Never rejects for what a client or a subgraph did wrong. */
  async execute(request: OperationRequest): Promise<ExecutionResult> {
    try {
      if (!getOperationAST(request.document, request.operationName)) return { errors: [noSuchOperation()] };
      const errors = this.wrongVariables(request);
      if (errors.length > 0) return { errors };
      const operation = this.plan(request);
      if (operation.live) return { errors: [graphError('BAD_INPUT', { field: 'query' })] };
      return asResult(await this.execution.execute(operation, request));
    } catch (error) {
      return { errors: [asGraphQLError(error)] };
    }
  }

  /**
   * Checks the variables of a query or mutation and plans it; nothing is fetched yet.
   * @returns null when it is refused: {@link execute} says why
   */
  prepare(request: OperationRequest): Operation | null {
    try {
      if (this.wrongVariables(request).length > 0) return null;
      const operation = this.plan(request);
      return operation.live ? null : operation;
    } catch {
      return null;
    }
  }

  /** Runs what was prepared for the same request. Never rejects. */
  async run(operation: Operation, request: OperationRequest): Promise<Executed | Failed> {
    try {
      return await this.execution.execute(operation, request);
    } catch (error) {
      return { data: undefined, errors: [asGraphQLError(error)] };
    }
  }

  /** What an operation costs, and the most it may. */
  costOf({ document, operationName, key, variables }: Omit<OperationRequest, 'asked'>): Costs {
    return this.planning.costOf(document, operationName, key, variables);
  }

  /** Plans a subscription. @throws GraphQLError when its variables are wrong or it is too complex */
  live(request: OperationRequest): LivePlan {
    const [wrong] = this.wrongVariables(request);
    if (wrong) throw wrong;
    const { planning, execution } = this;
    const operation = this.plan(request);
    if (!operation.live) throw new Error('A subscription was expected.');
    const { subgraph, query, operationName, variables: used } = operation.live.primary;
    return {
      subgraph,
      query,
      operationName,
      variables: Object.fromEntries(Object.entries(request.variables).filter(([name]) => used.includes(name))),
      refused: operation.refusals.key,
      join: async (event, asked) => {
        const current = this.plan({ ...request, asked }, operation.refusals, planning);
        return asResult(await execution.join(current, event, { variables: request.variables, asked }));
      },
    };
  }

  onSchemaLoadOrUpdate(callback: GatewaySchemaLoadOrUpdateCallback): GatewayUnsubscriber {
    this.listeners.add(callback);
    return () => this.listeners.delete(callback);
  }

  async load(): Promise<GatewayLoadResult> {
    for (const listener of this.listeners) listener({ apiSchema: this.schema, coreSupergraphSdl: this.sdl });
    return {
      executor: ({ document, queryHash, operationName, request, context }) =>
        this.execute({
          document,
          key: queryHash,
          // Apollo's own is null for a name that the document does not have
          operationName: request.operationName ?? operationName,
          variables: request.variables ?? {},
          asked: context as unknown as Envelope,
        }),
    };
  }

  async stop(): Promise<void> {
    this.listeners.clear();
  }

  private plan(
    { document, operationName, key, variables, asked }: OperationRequest,
    before?: Refusals,
    planning = this.planning,
  ): Operation {
    return planning.planOf(document, operationName, key, asked.principal, variables, before);
  }

  private wrongVariables({ document, operationName, variables }: OperationRequest): readonly GraphQLError[] {
    const operation = getOperationAST(document, operationName);
    return operation ? this.variables.problems(operation, variables) : [];
  }
}

const asResult = ({ data, errors }: Executed): ExecutionResult => ({
  data: parseJson(textOf(data)) as Record<string, unknown> | null,
  ...(errors.length > 0 && { errors }),
});

const asGraphQLError = (error: unknown): GraphQLError =>
  error instanceof GraphQLError ? error : new GraphQLError('The plan failed.', { originalError: error as Error });

/** The document has no operation of that name, or several and none was named. */
export const noSuchOperation = () =>
  new GraphQLError('There is no such operation in the document.', {
    extensions: { code: 'OPERATION_RESOLUTION_FAILURE' },
  });
