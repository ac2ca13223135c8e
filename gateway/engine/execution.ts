/** Executes a planned operation: walks its steps, fetches, joins, and writes the answer. */
import { executeSync, type FieldNode, type GraphQLError } from 'graphql';
import type { Envelope } from '../../kernel/principal';
import { type Data, isObject, merge, objectsAt } from './data';
import { type SubgraphAnswer, type SubgraphFetch, unavailable } from './fetch';
import type { Operation } from './operation';
import { Explained, failed, isAsked, placeErrors } from './problems';
import type { Representations } from './representations';
import type { FetchStep, Step } from './steps';
import type { Supergraph } from './supergraph';
import { textOf } from './verbatim';
import { Writer } from './writer';

/** What a client is answered. */
export interface Executed {
  /** JSON, each character a byte of its UTF-8. */
  readonly data: string;
  readonly errors: readonly GraphQLError[];
}

export interface PlanRequest {
  readonly variables: Readonly<Record<string, unknown>>;
  readonly asked: Envelope;
}

export class Execution {
  constructor(
    private readonly supergraph: Supergraph,
    private readonly fetch: SubgraphFetch,
  ) {}

  /** Runs a query or a mutation. */
  async execute(operation: Operation, request: PlanRequest): Promise<Executed> {
    const run = new Run(this.supergraph, this.fetch, request);
    if (operation.step) await run.walk(operation.step);
    return this.answer(operation, request, run);
  }

  /** Joins one event of a subscription: what its subgraph pushed stands in for the first fetch, the rest is fresh. */
  async join(operation: Operation, event: SubgraphAnswer, request: PlanRequest): Promise<Executed> {
    const { live } = operation;
    if (!live) throw new Error('A subscription was expected.');
    const run = new Run(this.supergraph, this.fetch, request);
    run.take(live.primary, event, [run.data]);
    if (live.rest) await run.walk(live.rest);
    return this.answer(operation, request, run);
  }

  private answer(operation: Operation, { variables }: PlanRequest, { data, errors, explained }: Run): Executed {
    const writer = new Writer(
      fields => this.introspect(operation, fields, variables),
      path => explained.has(path),
    );
    const written = writer.write(operation.shape, data);
    if (!operation.mayFailElsewhere || errors.length === 0)
      return { data: written, errors: [...errors, ...writer.errors] };
    const answer: unknown = JSON.parse(textOf(written));
    return { data: written, errors: [...errors.filter(({ path }) => isAsked(answer, path)), ...writer.errors] };
  }

  private introspect(
    operation: Operation,
    fields: readonly FieldNode[],
    variableValues: Readonly<Record<string, unknown>>,
  ): unknown {
    const document = operation.introspectionOf(fields);
    const { data } = executeSync({ schema: this.supergraph.api, document, variableValues });
    return data?.[fields[0]!.name.value] ?? null;
  }
}

/** One run of a plan. */
class Run {
  readonly data: Data = {};
  readonly errors: GraphQLError[] = [];
  readonly explained = new Explained();

  constructor(
    private readonly supergraph: Supergraph,
    private readonly fetch: SubgraphFetch,
    private readonly request: PlanRequest,
  ) {}

  walk(step: Step): Promise<unknown> {
    if (step.kind === 'fetch') return this.fetchStep(step);
    return step.kind === 'sequence' ? this.inTurn(step.steps) : Promise.all(step.steps.map(one => this.walk(one)));
  }

  private async inTurn(steps: readonly Step[]): Promise<void> {
    for (const one of steps) await this.walk(one);
  }

  private async fetchStep(step: FetchStep): Promise<void> {
    const objects = step.path.length === 0 ? [this.data] : objectsAt(this.data, step.path, step.unwanted);
    if (objects.length === 0) return;
    const variables = this.variablesOf(step);
    const text = JSON.stringify(variables);
    if (!step.represent) {
      this.take(step, await this.send(step, variables, text), objects);
      return;
    }
    const representations = step.represent(objects);
    if (representations.sent.length === 0) return;
    variables.representations = representations.sent;
    const others = text === '{}' ? '{' : `${text.slice(0, -1)},`;
    const all = `${others}"representations":${representations.text}}`;
    this.takeEntities(step, await this.send(step, variables, all), representations);
  }

  private send(
    { subgraph, query, operationName, head, reads }: FetchStep,
    variables: Data,
    text: string,
  ): Promise<SubgraphAnswer> {
    return this.fetch(
      subgraph,
      { query, operationName, variables, text: `${head}${text}}`, reads },
      this.request.asked,
    );
  }

  private variablesOf({ variables: used }: FetchStep): Data {
    const given = this.request.variables;
    const variables: Data = {};
    for (const name of used) if (Object.hasOwn(given, name) && given[name] !== undefined) variables[name] = given[name];
    return variables;
  }

  /** Takes the answer of root fields. */
  take(step: FetchStep, answer: SubgraphAnswer, objects: readonly Data[]): void {
    this.note(step, placeErrors(answer, step, [], this.data, this.explained));
    if (!answer.data) return;
    step.rewriteOutput?.(answer.data);
    objects.forEach((object, index) => void merge(object, answer.data!, this.supergraph.abstract, index > 0));
  }

  private takeEntities(step: FetchStep, answer: SubgraphAnswer, { sent, objects }: Representations): void {
    this.note(step, placeErrors(answer, step, objects, this.data, this.explained));
    if (!answer.data) return;
    const entities = answer.data._entities;
    if (!Array.isArray(entities) || entities.length !== sent.length) {
      this.note(step, failed(unavailable(step.subgraph), step, this.explained));
      return;
    }
    for (let index = 0; index < entities.length; index++) {
      const entity: unknown = entities[index];
      if (entity === null || entity === undefined) continue;
      if (!isObject(entity)) {
        this.note(step, placeErrors(wrongEntity(step, index), step, objects, this.data, this.explained));
        continue;
      }
      const same = objects[index]!;
      entity.__typename ||= same[0]!.__typename;
      step.rewriteOutput?.(entity);
      const last = same.length - 1;
      // all but the last get copies: a later fetch may say different things of them
      for (let i = 0; i <= last; i++) merge(same[i]!, entity, this.supergraph.abstract, i < last);
    }
  }

  /** What all parts of a split fetch say is said once. */
  private note({ isPart }: FetchStep, errors: readonly GraphQLError[]): void {
    const isKnown = ({ message, path }: GraphQLError) =>
      this.errors.some(one => one.message === message && String(one.path) === String(path));
    this.errors.push(...(isPart ? errors.filter(error => !isKnown(error)) : errors));
  }
}

const wrongEntity = ({ subgraph }: FetchStep, index: number): SubgraphAnswer => ({
  data: { _entities: [] },
  errors: [{ ...unavailable(subgraph).toJSON(), path: ['_entities', index] }],
});
