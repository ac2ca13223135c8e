/**
 * The shape of an answer: for each selection and each type an object may turn out to have, the keys the client wants,
 * in its order, and where the data has them. Worked out once for an operation.
 */
import {
  type FieldNode,
  type GraphQLCompositeType,
  type GraphQLLeafType,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isCompositeType,
  isEnumType,
  isInterfaceType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  isSpecifiedScalarType,
  type SelectionSetNode,
} from 'graphql';
import type { RefusalCode, Refusals } from './access';
import { type Decided, isIncluded } from './conditions';
import type { Fragments } from './fragments';
import { isWrittenNumber } from './numbers';
import { bytesOf } from './verbatim';

/** In place of a value: there is nothing that clients may see. */
export const NOTHING = '';

/** Writes a leaf that is not null, as bytes of JSON. @returns null for no value of its type */
type WriteLeaf = (value: unknown) => string | null;

export type ValueShape =
  | { readonly kind: 'leaf'; readonly nonNull: boolean; readonly type: GraphQLLeafType; readonly write: WriteLeaf }
  | { readonly kind: 'list'; readonly nonNull: boolean; readonly of: ValueShape }
  | { readonly kind: 'object'; readonly nonNull: boolean; readonly of: ObjectShape };

export interface Slot {
  /** Its name in the answer. */
  readonly key: string;
  /** The same as it is written: `"key":`. */
  readonly head: string;
  /** Its name in the data. */
  readonly from: string;
  /** Every object has something of that name, such as `constructor`; only its own counts. */
  readonly isInherited: boolean;
  /** `typename` is what the object's type is called; null when that is not known to be an object type. */
  readonly value: ValueShape | { readonly kind: 'typename'; readonly name: string | null } | Introspection | Refused;
}

export interface Refused {
  readonly kind: 'refused';
  readonly nonNull: boolean;
  readonly code: RefusalCode;
}

export interface Introspection {
  readonly kind: 'introspection';
  readonly fields: readonly FieldNode[];
}

/** Slots next to each other that are written as they came, where the data has them so. */
export interface Run {
  /** Its name in the data; no field can have it. */
  readonly name: string;
  readonly slots: readonly Slot[];
}

export interface Row {
  readonly slots: readonly Slot[];
  /** The same, with what is written as it came; {@link keepAnswers} finds that out. */
  parts: readonly (Slot | Run)[];
  /** The whole object is refused. */
  readonly refused: RefusalCode | null;
}

export interface ShapeContext {
  readonly schema: GraphQLSchema;
  /** With what is hidden from clients. */
  readonly full: GraphQLSchema;
  readonly fragments: Fragments;
  readonly decided: Decided;
  /** Names in the document → the client's, where they differ. */
  readonly names: ReadonlyMap<string, string>;
  readonly refusals: Refusals;
}

/** A selection, and the type of the schema that it is written for. */
interface Selected {
  readonly set: SelectionSetNode;
  readonly parent: GraphQLCompositeType;
}

/** One field, asked in one place or in several. */
interface Asked {
  readonly field: FieldNode;
  readonly parent: GraphQLCompositeType;
}

export class ObjectShape {
  /** Not of an interface or union. */
  readonly isOfOneType: boolean;
  private readonly rows = new Map<string, Row | null>();

  /**
   * @param type what the schema says
   * @param selected all that is selected of it, in order: through a type that narrows a field of its interface it is
   * written for a narrower type
   */
  constructor(
    private readonly context: ShapeContext,
    readonly type: GraphQLCompositeType,
    private readonly selected: readonly Selected[],
  ) {
    this.isOfOneType = isObjectType(type);
  }

  /** @param typename what the object calls itself, if it does  @returns null when there is no such type */
  rowOf(typename: string | undefined): Row | null {
    const name = typename || this.type.name;
    let row = this.rows.get(name);
    if (row === undefined) {
      const type = typename ? this.context.schema.getType(typename) : this.type;
      row = isCompositeType(type) ? this.compile(type) : null;
      if (row || this.rows.size < MOST_ROWS) this.rows.set(name, row); // names of no type come without end
    }
    return row;
  }

  /** Whether a type is there, but not for clients. */
  hides(typename: string | null | undefined): boolean {
    return typename != null && isObjectType(this.context.full.getType(typename));
  }

  private compile(type: GraphQLCompositeType): Row {
    const collected = new Map<string, Asked[]>();
    for (const { set, parent } of this.selected) this.collect(set, parent, type, collected);
    const slots = [...collected].map(([from, asked]) => this.slot(type, from, asked));
    const refused = this.context.refusals.ofType(type);
    return { slots, parts: slots, refused };
  }

  private collect(
    { selections }: SelectionSetNode,
    parent: GraphQLCompositeType,
    type: GraphQLCompositeType,
    into: Map<string, Asked[]>,
  ): void {
    const { schema, fragments, decided } = this.context;
    for (const selection of selections) {
      if (!isIncluded(selection, decided)) continue;
      if (selection.kind === 'Field') {
        const key = selection.alias?.value ?? selection.name.value;
        const known = into.get(key);
        if (known) known.push({ field: selection, parent });
        else into.set(key, [{ field: selection, parent }]);
        continue;
      }
      const fragment = selection.kind === 'InlineFragment' ? selection : fragments.get(selection.name.value);
      if (!fragment) continue;
      const { typeCondition } = fragment;
      const condition = typeCondition ? schema.getType(typeCondition.name.value) : parent;
      if (isCompositeType(condition) && (!typeCondition || applies(schema, condition, type)))
        this.collect(fragment.selectionSet, condition, type, into);
    }
  }

  private slot(type: GraphQLCompositeType, from: string, asked: readonly Asked[]): Slot {
    const key = this.context.names.get(from) ?? from;
    const place = { key, head: `${JSON.stringify(key)}:`, from, isInherited: from in Object.prototype };
    const [{ field, parent }] = asked as [Asked];
    const name = field.name.value;
    if (name === '__typename')
      return { ...place, value: { kind: 'typename', name: isObjectType(type) ? type.name : null } };
    if (name === '__schema' || name === '__type')
      return { ...place, value: { kind: 'introspection', fields: asked.map(one => one.field) } };
    const fieldType = typeOf(name, parent);
    const { refusals } = this.context;
    const code = refusals.ofType(getNamedType(fieldType)) ?? refusals.ofField(type, name);
    if (code) return { ...place, value: { kind: 'refused', nonNull: isNonNullType(fieldType), code } };
    const selected = asked.flatMap(({ field: { selectionSet: set }, parent }) => {
      const below = set && getNamedType(typeOf(name, parent));
      return isCompositeType(below) ? [{ set: set!, parent: below }] : [];
    });
    return { ...place, value: this.valueOf(fieldType, selected) };
  }

  private valueOf(type: GraphQLOutputType, selected: readonly Selected[], nonNull = false): ValueShape {
    if (isNonNullType(type)) return this.valueOf(type.ofType, selected, true);
    if (isListType(type)) return { kind: 'list', nonNull, of: this.valueOf(type.ofType, selected) };
    if (isLeafType(type)) return { kind: 'leaf', nonNull, type, write: writeOf(type, this.context.full) };
    return { kind: 'object', nonNull, of: new ObjectShape(this.context, type, selected) };
  }
}

const MOST_ROWS = 1000;

function typeOf(field: string, parent: GraphQLCompositeType): GraphQLOutputType {
  const definition = isObjectType(parent) || isInterfaceType(parent) ? parent.getFields()[field] : undefined;
  if (!definition) throw new Error(`There is no field ${parent.name}.${field}.`);
  return definition.type;
}

const applies = (schema: GraphQLSchema, condition: GraphQLCompositeType, type: GraphQLCompositeType): boolean =>
  condition.name === type.name ||
  (isAbstractType(condition) && (isObjectType(type) || isInterfaceType(type)) && schema.isSubType(condition, type));

function writeOf(type: GraphQLLeafType, full: GraphQLSchema): WriteLeaf {
  if (!isEnumType(type)) return (isSpecifiedScalarType(type) && SCALARS[type.name]) || json;
  const whole = full.getType(type.name);
  const values = new Map<unknown, string>();
  if (isEnumType(whole)) for (const { name } of whole.getValues()) values.set(name, NOTHING);
  for (const { name } of type.getValues()) values.set(name, `"${name}"`);
  return value => values.get(value) ?? null;
}

const json = (value: unknown): string => bytesOf(JSON.stringify(value));

/** Beyond this, JavaScript writes a number with an exponent. */
const LARGEST_PLAIN = 1e21;
const WHOLE = /^-?\d+$/;

/** The number that it stands for; undefined for no number. */
const numberIn = (value: unknown): number | undefined =>
  typeof value === 'number' ? value : isWrittenNumber(value) ? Number(value.rawJSON) : undefined;

/** To clients an ID is always text; some subgraphs send a number for it. */
function idOf(value: unknown): string | null {
  if (isWrittenNumber(value)) return WHOLE.test(value.rawJSON) ? `"${value.rawJSON}"` : null;
  return Number.isInteger(value) && Math.abs(value as number) < LARGEST_PLAIN ? `"${value}"` : null;
}

/** What the specification knows. Nothing is made of a value of another type: whoever reads it could not tell which it was. */
const SCALARS: Readonly<Record<string, WriteLeaf>> = {
  Boolean: value => (value === true ? 'true' : value === false ? 'false' : null),
  Float: value => (Number.isFinite(numberIn(value)) ? JSON.stringify(value) : null),
  Int: value => {
    const number = numberIn(value);
    return number !== undefined && (number | 0) === number ? String(number | 0) : null; // 32 bits
  },
  ID: value => (typeof value === 'string' ? json(value) : idOf(value)),
  String: value => (typeof value === 'string' ? json(value) : null),
};
