/**
 * A universe of made-up data that many subgraphs agree on: every value follows from a seed, the number of the thing, the
 * field and its arguments. So the right answer to any operation can be worked out without a gateway.
 */
import {
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLOutputType,
  type GraphQLSchema,
  getArgumentValues,
  getNamedType,
  getVariableValues,
  isAbstractType,
  isEnumType,
  isInterfaceType,
  isListType,
  isNonNullType,
  isObjectType,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql';
import { isIncluded } from '../engine/conditions';
import type { Distortion } from './distortion';

/** A made-up object. */
export interface Thing {
  readonly type: string;
  readonly n: number;
  /** What a gateway sent of it. */
  readonly given?: Data;
}

export type Data = Record<string, unknown>;

/** How many things there are of a kind; few, so that the same one comes up again. */
const THINGS = 7;

export interface UniverseOptions {
  readonly seed: number;
  /** What clients see; decides which types and values there are. */
  readonly api: GraphQLSchema;
  /** Fields that identify: their values tell the number of the thing. */
  readonly keys: ReadonlySet<string>;
}

export class Universe {
  constructor(private readonly options: UniverseOptions) {}

  /** Which thing a representation means. */
  numberOf(representation: Data): number {
    for (const [key, value] of Object.entries(representation)) {
      if (!this.options.keys.has(key)) continue;
      if (typeof value === 'object' && value !== null) return this.numberOf(value as Data);
      const digits = /\d+$/.exec(String(value));
      if (digits) return Number(digits[0]);
    }
    return 0;
  }

  /** The type that a thing has where the schema says only a kind. */
  concrete(type: GraphQLNamedType, n: number): string {
    const known = this.options.api.getType(type.name);
    if (!isAbstractType(known)) return type.name;
    const possible = this.options.api.getPossibleTypes(known).map(({ name }) => name);
    return possible.sort()[n % possible.length]!;
  }

  /**
   * @param extra goes into the value: what a field requires
   * @returns a leaf, a Thing, null, or lists of them
   */
  value(thing: Thing, field: GraphQLField<unknown, unknown>, args: Data, extra: unknown): unknown {
    const { keys, seed } = this.options;
    const identifies = keys.has(field.name);
    const mix = hash(`${seed} ${thing.n} ${field.name} ${JSON.stringify(args)} ${JSON.stringify(extra ?? 0)}`);
    return this.make(field.type, mix, identifies ? thing.n : null, field.name);
  }

  private make(type: GraphQLOutputType, mix: number, n: number | null, name: string): unknown {
    if (isNonNullType(type)) return this.solid(type.ofType as GraphQLOutputType, mix, n, name);
    return n === null && mix % 11 === 0 ? null : this.solid(type, mix, n, name);
  }

  private solid(type: GraphQLOutputType, mix: number, n: number | null, name: string): unknown {
    if (isNonNullType(type)) return this.solid(type.ofType as GraphQLOutputType, mix, n, name);
    if (isListType(type)) {
      const length = (mix >>> 3) % 4;
      return Array.from({ length }, (_, index) => this.make(type.ofType, hash(`${mix} ${index}`), n, name));
    }
    const named = getNamedType(type);
    const number = n ?? (mix >>> 5) % THINGS;
    if (isEnumType(named)) {
      const known = this.options.api.getType(named.name);
      const values = (isEnumType(known) ? known : named).getValues();
      return values[mix % values.length]!.name;
    }
    switch (named.name) {
      case 'Int':
        return n ?? mix % 1000;
      case 'Float':
        return (mix % 1000) / 8;
      case 'Boolean':
        return mix % 2 === 0;
      case 'ID':
      case 'String':
        return n === null ? `${name} ${mix % 1000}` : `${name}-${n}`;
    }
    if (isObjectType(named)) return { type: named.name, n: number } satisfies Thing;
    if (isAbstractType(named)) return { type: this.concrete(named, number), n: number } satisfies Thing;
    return n === null ? `${named.name} ${mix % 1000}` : `${name}-${n}`;
  }
}

export function hash(text: string): number {
  let value = 2166136261;
  for (let at = 0; at < text.length; at++) value = Math.imul(value ^ text.charCodeAt(at), 16777619);
  value ^= value >>> 15;
  value = Math.imul(value, 2246822507);
  return (value ^ (value >>> 13)) >>> 0;
}

export interface Answerer {
  readonly universe: Universe;
  /** The schema of a subgraph, or the one that clients see. */
  readonly schema: GraphQLSchema;
  /** `Type.field` → what it requires. */
  readonly requirements: ReadonlyMap<string, SelectionSetNode>;
  /** Looks up itself what a field requires, instead of in what the gateway sent. */
  readonly knowing?: boolean;
  readonly distort?: Distortion;
}

export interface Answered {
  readonly data: Data | null;
  readonly errors?: readonly { message: string; path: (string | number)[]; extensions: Data }[];
}

/** Answers operations from a universe, as leniently as a broken server may: nothing is completed, null stays where it is. */
export class Answering {
  private readonly errors: { message: string; path: (string | number)[]; extensions: Data }[] = [];
  private readonly conditions: ReadonlyMap<string, boolean>;

  constructor(
    private readonly by: Answerer,
    private readonly operation: OperationDefinitionNode,
    private readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>,
    private readonly variables: Data,
  ) {
    this.conditions = new Map(
      Object.entries(variables).flatMap(([name, value]) => (typeof value === 'boolean' ? [[name, value]] : [])),
    );
  }

  static answer(by: Answerer, document: { readonly definitions: readonly unknown[] }, variables: Data): Answered {
    const definitions = document.definitions as readonly (OperationDefinitionNode | FragmentDefinitionNode)[];
    const operation = definitions.find(one => one.kind === 'OperationDefinition')!;
    const fragments = new Map(
      definitions.flatMap(one => (one.kind === 'FragmentDefinition' ? [[one.name.value, one]] : [])),
    );
    const { coerced, errors } = getVariableValues(by.schema, operation.variableDefinitions ?? [], variables);
    if (errors) throw new Error(`Wrong variables ${JSON.stringify(variables)}: ${errors.map(String).join()}`);
    return new Answering(by, operation, fragments, coerced).run();
  }

  private run(): Answered {
    const type = this.by.schema.getRootType(this.operation.operation)!;
    const data = this.object({ type: type.name, n: 0 }, [this.operation.selectionSet], []);
    return { data, ...(this.errors.length > 0 && { errors: this.errors }) };
  }

  private object(thing: Thing, sets: readonly SelectionSetNode[], path: (string | number)[]): Data {
    const fields = new Map<string, FieldNode[]>();
    for (const set of sets) this.collect(thing.type, set, fields);
    const data: Data = {};
    for (const [key, nodes] of fields) {
      const value = this.field(thing, nodes, [...path, key]);
      Object.defineProperty(data, key, { value, enumerable: true, writable: true, configurable: true });
    }
    return data;
  }

  private collect(type: string, set: SelectionSetNode, into: Map<string, FieldNode[]>): void {
    for (const selection of set.selections) {
      if (!isIncluded(selection, this.conditions)) continue;
      if (selection.kind === 'Field') {
        const key = selection.alias?.value ?? selection.name.value;
        into.set(key, [...(into.get(key) ?? []), selection]);
        continue;
      }
      const fragment = selection.kind === 'InlineFragment' ? selection : this.fragments.get(selection.name.value)!;
      const condition = fragment.typeCondition?.name.value ?? type;
      if (this.is(type, condition)) this.collect(type, fragment.selectionSet, into);
    }
  }

  private is(type: string, condition: string): boolean {
    if (type === condition) return true;
    const meant = this.by.schema.getType(condition);
    const actual = this.by.schema.getType(type);
    return (
      isAbstractType(meant) &&
      (isObjectType(actual) || isInterfaceType(actual)) &&
      this.by.schema.isSubType(meant, actual)
    );
  }

  private field(thing: Thing, nodes: readonly FieldNode[], path: (string | number)[]): unknown {
    const { schema, universe, distort } = this.by;
    const [node] = nodes;
    const name = node!.name.value;
    if (name === '__typename') return distort?.typename(thing) ?? thing.type;
    const type = schema.getType(thing.type);
    const field = isObjectType(type) || isInterfaceType(type) ? type.getFields()[name] : undefined;
    const sets = nodes.flatMap(({ selectionSet }) => selectionSet ?? []);
    if (name === '_entities') {
      const representations = this.variables.representations as Data[];
      const entities = this.entities(representations, sets[0]!, path);
      return distort ? distort.entities(entities) : entities;
    }
    if (!field) throw new Error(`There is no field ${thing.type}.${name}.`);
    const args = getArgumentValues(field, node!, this.variables);
    const value = universe.value(thing, field, args, this.required(thing, name));
    if (distort) {
      const distorted = distort.field(thing, field, args, value);
      if (distorted?.error) this.errors.push({ message: distorted.error, path, extensions: { code: 'FORBIDDEN' } });
      if (distorted) return this.complete(distorted.value, sets, path);
    }
    return this.complete(value, sets, path);
  }

  private required(thing: Thing, field: string): unknown {
    const { requirements, knowing } = this.by;
    const requirement = requirements.get(`${thing.type}.${field}`);
    if (!requirement) return null;
    if (!knowing) return pick(thing.given ?? {}, requirement);
    const known = new Answering(this.by, this.operation, this.fragments, {}).object(thing, [requirement], []);
    return pick(known, requirement);
  }

  private entities(representations: Data[], set: SelectionSetNode, path: (string | number)[]): unknown[] {
    const { universe, schema, distort } = this.by;
    return representations.map((given, index) => {
      const type = schema.getType(String(given.__typename));
      if (!type) return null;
      const n = universe.numberOf(given);
      const thing = { type: universe.concrete(type, n), n, given };
      const known = isObjectType(type) ? { ...thing, type: type.name } : thing;
      if (distort?.isMissing(known)) return null;
      return this.object(known, [set], [...path, index]);
    });
  }

  private complete(value: unknown, sets: readonly SelectionSetNode[], path: (string | number)[]): unknown {
    if (Array.isArray(value)) return value.map((element, index) => this.complete(element, sets, [...path, index]));
    return isThing(value) ? this.object(value, sets, path) : value;
  }
}

const isThing = (value: unknown): value is Thing =>
  typeof value === 'object' && value !== null && 'type' in value && 'n' in value;

/** What a requirement finds in data, in its own order. */
function pick(data: unknown, set: SelectionSetNode): unknown {
  if (Array.isArray(data)) return data.map(element => pick(element, set));
  if (typeof data !== 'object' || data === null) return null;
  return set.selections.map(selection => {
    if (selection.kind !== 'Field') return null;
    const value = (data as Data)[selection.name.value] ?? null;
    return [selection.name.value, selection.selectionSet ? pick(value, selection.selectionSet) : value];
  });
}
