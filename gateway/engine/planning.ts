/** Plans operations with Apollo's query planner, each text once. */
import './telemetry';
import { operationFromDocument } from '@apollo/federation-internals';
import type { QueryPlan } from '@apollo/query-planner';
import type { DocumentNode } from 'graphql';
import { graphError } from '../../kernel/errors';
import { BoundedMap } from '../bounded-map';
import type { Supergraph } from './supergraph';

const CACHED_PLANS = 1000;

export class Planning {
  private readonly plans = new BoundedMap<string, QueryPlan | Error>(CACHED_PLANS);

  constructor(private readonly supergraph: Supergraph) {}

  /**
   * @param key stands for the text of the document; with the operation's name it is what the plan is kept under
   * @throws GraphQLError QUERY_TOO_COMPLEX when there are too many ways to plan it; that is remembered too
   */
  planOf(document: DocumentNode, operationName: string | null, key: string): QueryPlan {
    const cacheKey = `${key} ${operationName ?? ''}`;
    let plan = this.plans.get(cacheKey);
    if (!plan) {
      plan = this.make(document, operationName);
      this.plans.set(cacheKey, plan);
    }
    if (plan instanceof Error) throw plan;
    return plan;
  }

  private make(document: DocumentNode, operationName: string | null): QueryPlan | Error {
    const { planner, apolloApi } = this.supergraph;
    try {
      const name = operationName ?? undefined;
      return planner.buildQueryPlan(
        operationFromDocument(apolloApi, document, { operationName: name, validate: false }),
      );
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      return /^Too many options generated/.test(error.message) ? graphError('QUERY_TOO_COMPLEX') : error;
    }
  }
}
