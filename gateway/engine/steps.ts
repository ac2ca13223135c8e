/** A plan made ready to run: what can be worked out once for all requests of an operation is worked out here. */
import type { FetchNode, PlanNode, QueryPlanSelectionNode } from '@apollo/query-planner';
import { type GraphQLSchema, parse, type SelectionSetNode } from 'graphql';
import { splitFetch } from './conflicts';
import type { Unwanted } from './data';
import type { ObjectPlan } from './reader';
import { compileRequires, type Represent } from './representations';
import type { RequiredFields } from './required';
import { compileRewrites, type Rewrite } from './rewrites';
import type { Wanted } from './wanted';

export type Step = { readonly kind: 'sequence' | 'parallel'; readonly steps: readonly Step[] } | FetchStep;

export interface FetchStep {
  readonly kind: 'fetch';
  readonly subgraph: string;
  readonly query: string;
  readonly operationName: string | undefined;
  /** The request as JSON, up to its variables. */
  readonly head: string;
  /** One of several that a planned fetch was split into. */
  readonly isPart: boolean;
  /** The client's variables that it uses. */
  readonly variables: readonly string[];
  /** Where in the data the objects are that it tells more about; empty for the root. */
  readonly path: readonly string[];
  /** Through which types it is not followed; null when through all. */
  readonly unwanted: Unwanted | null;
  /** How entities are sent; null when it asks root fields. */
  readonly represent: Represent | null;
  /** What those need of an object. */
  readonly requires: readonly QueryPlanSelectionNode[];
  readonly rewriteOutput: Rewrite | null;
  /** Names that only this plan uses → those that the client knows. */
  readonly names: ReadonlyMap<string, string>;
  /** The keys of what it tells of the root, or of each entity, but for types: those are known before. */
  readonly keys: readonly string[];
  /** How its answer is read if it looks as planned; null when all of it is parsed. Set once the whole plan is known. */
  reads: ObjectPlan | null;
}

export interface StepContext {
  /** Everything, with the fields that only joins use. */
  readonly schema: GraphQLSchema;
  readonly required: RequiredFields;
  /** Names that the client's fields got for planning → its own. */
  readonly names: ReadonlyMap<string, string>;
  readonly wanted: Wanted;
}

/** @throws Error for a plan with `@defer` or open conditions, which are not executed */
export function compileStep(node: PlanNode, context: StepContext, path: readonly string[] = []): Step {
  switch (node.kind) {
    case 'Sequence':
    case 'Parallel': {
      const steps = node.nodes.map(one => compileStep(one, context, path));
      return { kind: node.kind === 'Sequence' ? 'sequence' : 'parallel', steps };
    }
    case 'Flatten':
      return compileStep(node.node, context, [...path, ...node.path.map(String)]);
    case 'Fetch': {
      const parts = splitFetch(node, context.required);
      const unwanted = context.wanted.unwanted(node, path);
      const steps = parts.map(part => compileFetch(part, context, path, parts.length > 1, unwanted));
      return steps.length === 1 ? steps[0]! : { kind: 'parallel', steps };
    }
    case 'Condition':
      throw new Error('Conditions are decided before planning.');
    case 'Defer':
      throw new Error('@defer is not supported.');
  }
}

export function compileFetch(
  node: FetchNode,
  context: StepContext,
  path: readonly string[] = [],
  isPart = false,
  unwanted: Unwanted | null = null,
): FetchStep {
  const { schema, required } = context;
  if (node.contextRewrites?.length) throw new Error('@fromContext is not supported.');
  const names = new Map(context.names);
  for (const [name, { field }] of required.fields) names.set(name, field);
  for (const rewrite of node.outputRewrites ?? []) {
    if (rewrite.kind === 'KeyRenamer') names.set(rewrite.path.at(-1)!, rewrite.renameKeyTo);
  }
  const requires = node.requires?.length ? node.requires : null;
  const realNames = new Map([...required.fields].map(([name, { field }]) => [name, field]));
  const query = required.restore(node.operation);
  const rewriteInput = compileRewrites(schema, node.inputRewrites);
  const isKey = rewriteInput && ((name: string) => required.isKey(node.serviceName, name));
  return {
    kind: 'fetch',
    subgraph: node.serviceName,
    query,
    operationName: node.operationName,
    head: `${JSON.stringify({ query, operationName: node.operationName }).slice(0, -1)},"variables":`,
    isPart,
    variables: node.variableUsages ?? [],
    path,
    unwanted,
    represent: requires && compileRequires(schema, requires, realNames, rewriteInput, isKey),
    requires: requires ?? [],
    rewriteOutput: compileRewrites(schema, node.outputRewrites),
    names,
    keys: keysOf(query, requires !== null),
    reads: null,
  };
}

function keysOf(query: string, ofEntities: boolean): readonly string[] {
  const definition = parse(query, { noLocation: true }).definitions.find(one => one.kind === 'OperationDefinition');
  const [first] = definition?.selectionSet.selections ?? [];
  const entities = first?.kind === 'Field' ? first.selectionSet : undefined;
  const told = ofEntities ? entities : definition?.selectionSet;
  return told ? [...new Set(responseKeys(told))] : [];
}

const responseKeys = ({ selections }: SelectionSetNode): string[] =>
  selections.flatMap(selection => {
    if (selection.kind === 'Field') {
      const { alias, name } = selection;
      return name.value === '__typename' ? [] : [(alias ?? name).value];
    }
    return selection.kind === 'InlineFragment' ? responseKeys(selection.selectionSet) : [];
  });
