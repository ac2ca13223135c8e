/** The fetches of Apollo's plan, in their order. */
import type { FetchNode, PlanNode, QueryPlan } from '@apollo/query-planner';

export interface Placed {
  readonly node: FetchNode;
  /** Where in the data the objects are that it tells more about; empty for the root. */
  readonly path: readonly string[];
}

export function* fetchesIn(node: PlanNode | QueryPlan['node'], path: readonly string[] = []): Iterable<Placed> {
  if (!node) return;
  if (node.kind === 'Fetch') yield { node, path };
  else if (node.kind === 'Flatten') yield* fetchesIn(node.node, [...path, ...node.path.map(String)]);
  else if (node.kind === 'Sequence' || node.kind === 'Parallel')
    for (const one of node.nodes) yield* fetchesIn(one, path);
  else if (node.kind === 'Subscription') {
    yield { node: node.primary, path };
    if (node.rest) yield* fetchesIn(node.rest, path);
  }
}
