/** Writes the client's answer from the joined data: names, types, and null where GraphQL's rules put it. */
import { type FieldNode, GraphQLError } from 'graphql';
import { graphError } from '../../kernel/errors';
import type { RefusalCode } from './access';
import { type Data, isObject } from './data';
import type { ObjectShape, Refused, Row, ValueShape } from './shape';

/** Refusals of one answer that are told; a list may have a thousand. */
const MOST_ERRORS = 100;

/** Stands for: the object around it is null too. */
const BUBBLES = undefined;

export class Writer {
  /** Values of another shape than the schema says; in their place there is null. */
  readonly errors: GraphQLError[] = [];
  private readonly path: (string | number)[] = [];

  constructor(private readonly introspect: (fields: readonly FieldNode[]) => unknown) {}

  write(shape: ObjectShape, data: Data): Data | null {
    return this.object(shape, data, true) ?? null;
  }

  /** @param isRoot a rule of the root's type is one of each of its fields */
  private object(shape: ObjectShape, data: Data, isRoot = false): Data | null | typeof BUBBLES {
    const typename = data.__typename;
    if (typename != null && typeof typename !== 'string') return this.misshapen();
    const row = shape.rowOf(typename ?? undefined);
    if (row?.refused && !isRoot) return this.refuse(row.refused);
    return row && this.row(row, data);
  }

  private row({ slots, bare }: Row, data: Data): Data | typeof BUBBLES {
    const answer: Data = bare ? Object.create(null) : {};
    for (let i = 0; i < slots.length; i++) {
      const { key, from, isInherited, value: shape } = slots[i]!;
      if (shape.kind === 'typename') {
        if (shape.name === null) return BUBBLES;
        answer[key] = shape.name;
        continue;
      }
      if (shape.kind === 'introspection') {
        answer[key] = this.introspect(shape.fields);
        continue;
      }
      const value = isInherited && !Object.hasOwn(data, from) ? null : data[from];
      if (shape.kind === 'leaf') {
        const isGood = value != null && (shape.valid === null || shape.valid(value));
        if (!isGood && shape.nonNull) return BUBBLES;
        answer[key] = isGood ? value : null;
        continue;
      }
      this.path.push(key);
      const written = this.value(shape, value);
      this.path.pop();
      if (written === BUBBLES) return BUBBLES;
      answer[key] = written;
    }
    return answer;
  }

  private value(shape: ValueShape | Refused, value: unknown): unknown {
    let written: unknown = null;
    if (shape.kind === 'refused') {
      this.refuse(shape.code);
    } else if (value != null) {
      if (shape.kind === 'leaf') {
        if (!shape.valid || shape.valid(value)) return value;
      } else if (shape.kind === 'object') {
        written = (isObject(value) ? this.object(shape.of, value) : this.misshapen()) ?? null;
      } else {
        written = Array.isArray(value) ? this.list(shape.of, value) : this.misshapen();
      }
    }
    return written === null && shape.nonNull ? BUBBLES : written;
  }

  private list(shape: ValueShape, values: readonly unknown[]): unknown[] | null {
    const written: unknown[] = [];
    for (let index = 0; index < values.length; index++) {
      this.path.push(index);
      const element = this.value(shape, values[index]);
      this.path.pop();
      if (element === BUBBLES) return null;
      written.push(element);
    }
    return written;
  }

  private refuse(code: RefusalCode): null {
    const { message, extensions } = graphError(code);
    if (this.errors.length < MOST_ERRORS)
      this.errors.push(new GraphQLError(message, { extensions, path: [...this.path] }));
    return null;
  }

  private misshapen(): null {
    this.errors.push(
      new GraphQLError('A subgraph answered with a value of another shape than its schema says.', {
        path: [...this.path],
      }),
    );
    return null;
  }
}
