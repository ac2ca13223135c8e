/**
 * Writes the client's answer from the joined data: names, types, and null where GraphQL's rules put it. It is written as
 * bytes (see {@link bytesOf}), because what subgraphs have said goes into it as it came.
 */
import { type FieldNode, GraphQLError } from 'graphql';
import { graphError } from '../../kernel/errors';
import type { RefusalCode } from './access';
import { type Data, isObject, merge, type ResponsePath } from './data';
import { NOTHING, type ObjectShape, type Refused, type Row, type Run, type Slot, type ValueShape } from './shape';
import { bytesOf, Verbatim } from './verbatim';

/** Of one answer: a list may have any number of elements that are refused, or wrong. */
const MOST_ERRORS = 1_000;
const MISSHAPEN = 'A subgraph answered with a value of another shape than its schema says.';
const MISSING = 'A subgraph has nothing to say where its schema says that there is always a value.';

const NULL = 'null';
/** Stands for: the object around it is null too. Why was told where it began. */
const BUBBLES = undefined;
type Written = string | typeof BUBBLES;

export class Writer {
  /** Why there is null: for what is refused, and for what the schema does not allow. */
  readonly errors: GraphQLError[] = [];
  private readonly path: (string | number)[] = [];

  /** @param isExplained whether a subgraph has told already why there is nothing at a place */
  constructor(
    private readonly introspect: (fields: readonly FieldNode[]) => unknown,
    private readonly isExplained: (path: ResponsePath) => boolean,
  ) {}

  write(shape: ObjectShape, data: Data): string {
    return this.object(shape, data, true) || NULL;
  }

  /** @param isRoot a rule of the root's type is one of each of its fields */
  private object(shape: ObjectShape, data: Data, isRoot = false): Written {
    const typename = data.__typename;
    if (typename != null && typeof typename !== 'string') return this.misshapen();
    const row = shape.rowOf(typename ?? undefined);
    if (!row) return shape.hides(typename) ? NOTHING : this.misshapen();
    if (row.refused && !isRoot) return this.refuse(row.refused);
    if (typename && shape.isOfOneType && typename !== shape.type.name) unfold(data);
    return this.row(row, data);
  }

  private row({ parts }: Row, data: Data): Written {
    const members = this.members(parts, data);
    return members === BUBBLES ? BUBBLES : `{${members}}`;
  }

  private members(parts: readonly (Slot | Run)[], data: Data): Written {
    let text = '';
    for (let i = 0; i < parts.length; i++) {
      const part = parts[i]!;
      const written = 'slots' in part ? this.run(part, data) : this.member(part, data);
      if (written === BUBBLES) return BUBBLES;
      text += i === 0 ? written : `,${written}`;
    }
    return text;
  }

  private run({ name, slots }: Run, data: Data): Written {
    const kept = data[name];
    return kept instanceof Verbatim ? kept.text : this.members(slots, data);
  }

  private member({ key, head, from, isInherited, value: shape }: Slot, data: Data): Written {
    if (shape.kind === 'typename') return shape.name === null ? this.below(key, MISSING) : `${head}"${shape.name}"`;
    if (shape.kind === 'introspection') return head + json(this.introspect(shape.fields));
    const value = isInherited && !Object.hasOwn(data, from) ? null : data[from];
    if (shape.kind === 'leaf') {
      const written = value == null ? NOTHING : shape.write(value);
      if (written) return head + written;
      if (written === null) this.below(key, MISSHAPEN);
      else if (shape.nonNull) this.below(key, MISSING);
      return shape.nonNull ? BUBBLES : head + NULL;
    }
    this.path.push(key);
    const written = this.value(shape, value);
    this.path.pop();
    return written === BUBBLES ? BUBBLES : head + written;
  }

  private value(shape: ValueShape | Refused, value: unknown): Written {
    if (shape.kind === 'refused') {
      const refused = this.refuse(shape.code);
      return shape.nonNull ? BUBBLES : refused;
    }
    let written = value == null ? NOTHING : this.some(shape, value);
    if (written === NOTHING) {
      if (shape.nonNull) this.lack(MISSING);
      written = NULL;
    }
    return written === NULL && shape.nonNull ? BUBBLES : written;
  }

  private some(shape: ValueShape, value: unknown): string {
    if (shape.kind === 'leaf') return shape.write(value) ?? this.misshapen();
    if (shape.kind === 'list') return Array.isArray(value) ? this.list(shape.of, value) : this.misshapen();
    return (isObject(value) ? this.object(shape.of, value) : this.misshapen()) ?? NULL;
  }

  private list(shape: ValueShape, values: readonly unknown[]): string {
    let text = '';
    for (let index = 0; index < values.length; index++) {
      this.path.push(index);
      const element = this.value(shape, values[index]);
      this.path.pop();
      if (element === BUBBLES) return NULL;
      text += index === 0 ? element : `,${element}`;
    }
    return `[${text}]`;
  }

  private refuse(code: RefusalCode): string {
    const { message, extensions } = graphError(code);
    if (this.errors.length < MOST_ERRORS)
      this.errors.push(new GraphQLError(message, { extensions, path: [...this.path] }));
    return NULL;
  }

  private misshapen(): string {
    this.lack(MISSHAPEN);
    return NULL;
  }

  private below(key: string, why: string): typeof BUBBLES {
    this.path.push(key);
    this.lack(why);
    this.path.pop();
    return BUBBLES;
  }

  private lack(why: string): void {
    if (this.errors.length < MOST_ERRORS && !this.isExplained(this.path))
      this.errors.push(new GraphQLError(why, { path: [...this.path] }));
  }
}

/** An object that calls itself by another name than its place allows is written field by field, with all below it. */
function unfold(value: unknown): void {
  if (Array.isArray(value)) value.forEach(unfold);
  if (!isObject(value)) return;
  for (const below of Object.values(value)) {
    if (below instanceof Verbatim) merge(value, below.members());
    else unfold(below);
  }
}

const json = (value: unknown): string => bytesOf(JSON.stringify(value));
