/** Plans operations with Apollo's query planner, each text once. */
import './telemetry';
import type { DocumentNode } from 'graphql';
import { graphError } from '../../kernel/errors';
import { BoundedMap } from '../bounded-map';
import { Conditions, type Decided } from './conditions';
import { Operation } from './operation';
import type { Supergraph } from './supergraph';

/** Documents and names of operations in them. */
const CACHED = 1000;
/** Combinations of conditions for each. */
const CACHED_COMBINATIONS = 16;

interface Known {
  readonly conditions: Conditions;
  readonly operations: BoundedMap<string, Operation | Error>;
}

/** What the planner says at its limit, and where it has planned in circles until an array was full. */
const TOO_COMPLEX = /^Too many options generated|^Invalid array length/;

export class Planning {
  private readonly known = new BoundedMap<string, Known>(CACHED);

  constructor(private readonly supergraph: Supergraph) {}

  /**
   * @param key stands for the text of the document; with the operation's name it is what the plan is kept under
   * @throws GraphQLError QUERY_TOO_COMPLEX when there are too many ways to plan it; that is remembered too
   */
  planOf(
    document: DocumentNode,
    operationName: string | null,
    key: string,
    variables: Readonly<Record<string, unknown>> = {},
  ): Operation {
    const cacheKey = `${key} ${operationName ?? ''}`;
    let known = this.known.get(cacheKey);
    if (!known) {
      const conditions = new Conditions(document, operationName);
      known = { conditions, operations: new BoundedMap(CACHED_COMBINATIONS) };
      this.known.set(cacheKey, known);
    }
    const decided = known.conditions.decide(variables);
    const combination = known.conditions.keyOf(decided);
    let operation = known.operations.get(combination);
    if (!operation) {
      operation = this.make(document, operationName, decided);
      known.operations.set(combination, operation);
    }
    if (operation instanceof Error) throw operation;
    return operation;
  }

  private make(document: DocumentNode, operationName: string | null, decided: Decided): Operation | Error {
    try {
      return new Operation(this.supergraph, document, operationName, decided);
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      return TOO_COMPLEX.test(error.message) ? graphError('QUERY_TOO_COMPLEX') : error;
    }
  }
}
