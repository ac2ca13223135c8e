/** What can be wrong with the answers of a subgraph, the same each time it is asked about the same thing. */
import { type GraphQLField, getNamedType, isCompositeType, isLeafType, isListType, isNonNullType } from 'graphql';
import { type Data, hash, type Thing } from './universe';

export const FAULTS = [
  'none',
  'slow',
  'down',
  'silent',
  'errors',
  'nulls',
  'missing',
  'few',
  'leaves',
  'shapes',
  'typenames',
] as const;
export type Fault = (typeof FAULTS)[number];

export interface DistortionOptions {
  readonly subgraph: string;
  readonly fault: Fault;
  readonly seed: number;
  /** Fields that identify: without them nothing can be joined. */
  readonly keys: ReadonlySet<string>;
  /** Values of another shape are null instead. */
  readonly mended: boolean;
}

export class Distortion {
  constructor(private readonly options: DistortionOptions) {}

  /** @returns undefined where the value is as it should be */
  field(
    thing: Thing,
    field: GraphQLField<unknown, unknown>,
    args: Data,
    value: unknown,
  ): { readonly value: unknown; readonly error?: string } | undefined {
    const { fault, keys, subgraph, mended } = this.options;
    if (keys.has(field.name)) return undefined;
    const mix = this.mix(`${thing.n} ${field.name} ${JSON.stringify(args)}`);
    if (mix % 4 !== 0) return undefined;
    if (fault === 'nulls') return { value: null };
    if (fault === 'errors') return { value: null, error: `${subgraph} lost ${field.name} of ${thing.n}` };
    if (value === null) return undefined;
    const pickOne = (values: readonly unknown[]) => ({ value: values[(mix >>> 4) % values.length] });
    if (fault === 'leaves' && isLeafType(getNamedType(field.type)) && !Array.isArray(value)) {
      return pickOne(['x', 1.5, -1, true, { a: 1 }, [], 'UNHEARD_OF']);
    }
    if (fault === 'shapes' && (isCompositeType(getNamedType(field.type)) || Array.isArray(value))) {
      if (mended) return { value: null };
      const type = isNonNullType(field.type) ? field.type.ofType : field.type;
      return pickOne(isListType(type) ? ['x', 5, true, {}] : ['x', 5, true, [], ['x']]);
    }
    return undefined;
  }

  typename(thing: Thing): string | undefined {
    if (this.options.fault !== 'typenames' || this.mix(`${thing.type} ${thing.n}`) % 4 !== 0) return undefined;
    return this.mix(`${thing.n}`) % 2 === 0 ? 'Nonsense' : 'Query';
  }

  entities(entities: unknown[]): unknown[] {
    return this.options.fault === 'few' ? entities.slice(1) : entities;
  }

  isMissing({ n }: Thing): boolean {
    return this.options.fault === 'missing' && this.mix(String(n)) % 3 === 0;
  }

  private mix(text: string): number {
    const { seed, subgraph } = this.options;
    return hash(`${seed} ${subgraph} ${text}`);
  }
}
