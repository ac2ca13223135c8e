/** Plans operations with Apollo's query planner, each text once. */
import './telemetry';
import type { DocumentNode } from 'graphql';
import { graphError } from '../../kernel/errors';
import type { Principal } from '../../kernel/principal';
import type { AccessRule } from '../../schema/access';
import { BoundedMap } from '../bounded-map';
import type { Refusals } from './access';
import { Conditions, type Decided } from './conditions';
import { Cost, type Costs } from './cost';
import { Starved, TooMuchWork, within } from './deadline';
import { Operation } from './operation';
import { WrongPlan } from './requirements';
import type { Planner, Supergraph } from './supergraph';

/** Documents and names of operations in them. */
const CACHED = 1000;
/** Characters of all their texts. */
const CACHED_TEXT = 1024 * 1024;
/** Combinations of conditions and refusals for each. */
const CACHED_COMBINATIONS = 16;

interface Known {
  /** Characters of the document. */
  readonly length: number;
  readonly conditions: Conditions;
  readonly rules: readonly AccessRule[];
  readonly cost: Cost;
  readonly operations: BoundedMap<string, Operation | Error>;
}

/** What the planner says at its limit, and where it notices that its plan goes in circles. */
const TOO_COMPLEX = /^Too many options generated|would create a cycle$/;
/** Where it does not notice, an operation of a hundred bytes would fill the memory. */
const LONGEST_MS = 1000;

export class Planning {
  private readonly known = new BoundedMap<string, Known>(CACHED, CACHED_TEXT, (_, { length }) => length);

  /** @param maxCost what costs more is refused */
  constructor(
    private readonly supergraph: Supergraph,
    private readonly maxCost = Number.POSITIVE_INFINITY,
  ) {}

  /**
   * @param key stands for the text of the document; with the operation's name it is what the plan is kept under
   * @param principal what is refused to them is not in the plan  @param before what was refused already stays refused
   * @throws GraphQLError QUERY_TOO_COMPLEX when it costs too much, or planning is too much work or finds too many ways; that is remembered too
   */
  planOf(
    document: DocumentNode,
    operationName: string | null,
    key: string,
    principal: Principal,
    variables: Readonly<Record<string, unknown>> = {},
    before?: Refusals,
  ): Operation {
    const known = this.knownOf(document, operationName, key);
    const cost = known.cost.of(variables);
    if (cost > this.maxCost) throw graphError('QUERY_TOO_COMPLEX', { limit: 'cost', allowed: this.maxCost, cost });
    const decided = known.conditions.decide(variables);
    const refusals = this.supergraph.access.refusals(known.rules, principal, before);
    const combination = `${known.conditions.keyOf(decided)} ${refusals.key}`;
    let operation = known.operations.get(combination);
    if (!operation) {
      operation = this.make(document, operationName, decided, refusals);
      known.operations.set(combination, operation);
    }
    if (operation instanceof Error) throw operation;
    return operation;
  }

  /** What an operation costs, and the most it may. */
  costOf(
    document: DocumentNode,
    operationName: string | null,
    key: string,
    variables: Readonly<Record<string, unknown>>,
  ): Costs {
    return { total: this.knownOf(document, operationName, key).cost.of(variables), allowed: this.maxCost };
  }

  private knownOf(document: DocumentNode, operationName: string | null, key: string): Known {
    const cacheKey = `${key} ${operationName ?? ''}`;
    let known = this.known.get(cacheKey);
    if (!known) {
      known = {
        length: document.loc?.end ?? 0,
        conditions: new Conditions(document, operationName),
        rules: this.supergraph.access.rulesIn(document),
        cost: new Cost(this.supergraph.api, document, operationName),
        operations: new BoundedMap(CACHED_COMBINATIONS),
      };
      this.known.set(cacheKey, known);
    }
    return known;
  }

  private make(
    document: DocumentNode,
    operationName: string | null,
    decided: Decided,
    refusals: Refusals,
  ): Operation | Error {
    const plan = (planner?: Planner) =>
      within(LONGEST_MS, () => new Operation(this.supergraph, document, operationName, decided, refusals, planner));
    try {
      try {
        return plan();
      } catch (error) {
        // made the first time that it is needed, which must not count as planning
        const other = error instanceof WrongPlan ? this.supergraph.detached() : null;
        if (!other) throw error;
        return plan(other);
      }
    } catch (error) {
      if (error instanceof TooMuchWork) return graphError('QUERY_TOO_COMPLEX');
      if (error instanceof Starved || !(error instanceof Error)) throw error;
      return TOO_COMPLEX.test(error.message) ? graphError('QUERY_TOO_COMPLEX') : error;
    }
  }
}
