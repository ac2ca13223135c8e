/** The scalars of the graph; a malformed value is BAD_INPUT with its place. */
import { GraphQLError, GraphQLScalarType, Kind, type ValueNode, valueFromASTUntyped } from 'graphql';

function scalar<I, O>(
  name: string,
  description: string,
  parse: (value: unknown) => I | undefined,
  serialize: (value: unknown) => O,
) {
  const checked = (value: unknown): I => {
    const parsed = parse(value);
    if (parsed === undefined) throw new GraphQLError(`This is no ${name}.`, { extensions: { code: 'BAD_INPUT' } });
    return parsed;
  };
  return new GraphQLScalarType<I, O>({
    name,
    description,
    parseValue: checked,
    parseLiteral: (node: ValueNode) => checked(node.kind === Kind.STRING ? node.value : undefined),
    serialize,
  });
}

const pattern = (form: RegExp) => (value: unknown) =>
  typeof value === 'string' && form.test(value) ? value : undefined;

export const ArsScalar = scalar(
  'Ars',
  'Regional key of 2, 3, 5, 9 or 12 digits (Amtlicher Regionalschlüssel).',
  pattern(/^(\d{2}|\d{3}|\d{5}|\d{9}|\d{12})$/),
  String,
);

export const LeikaKeyScalar = scalar(
  'LeikaKey',
  'Service key: 99 and twelve more digits (LeiKa-Schlüssel).',
  pattern(/^99\d{12}$/),
  String,
);

/** Years before 1000 are typing errors, and the database knows no year 0. */
const isDay = (value: string) => {
  if (!/^[1-9]\d{3}-/.test(value)) return false;
  const date = new Date(`${value}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(value);
};

export const DateScalar = scalar(
  'Date',
  'A day, as RFC 3339 full-date.',
  value => (typeof value === 'string' && /^\d{4}-\d{2}-\d{2}$/.test(value) && isDay(value) ? value : undefined),
  value => (value instanceof Date ? value.toISOString().slice(0, 10) : String(value)),
);

const MOMENT = /^(\d{4}-\d{2}-\d{2})T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,9})?(Z|[+-]\d{2}:\d{2})$/i;

export const DateTimeScalar = scalar(
  'DateTime',
  'A moment with offset, as RFC 3339 date-time.',
  value => {
    const day = typeof value === 'string' ? MOMENT.exec(value)?.[1] : undefined;
    if (!day || !isDay(day)) return undefined;
    const moment = new Date(value as string);
    // its offset may carry it out of the years that the database reads
    return !Number.isNaN(moment.getTime()) && isDay(moment.toISOString().slice(0, 10)) ? moment : undefined;
  },
  value => (value instanceof Date ? value : new Date(String(value))).toISOString(),
);

/** Text that PostgreSQL keeps as it is: no NUL, no half of a surrogate pair. */
export const isStorable = (text: string): boolean => !text.includes('\u0000') && text.isWellFormed();

/** Deeper values than this would overflow the stack of whoever walks them, `JSON.stringify` first. */
const DEEPEST = 64;

function isStorableJson(value: unknown, left = DEEPEST): boolean {
  if (typeof value === 'string') return isStorable(value);
  if (typeof value === 'number') return Number.isFinite(value);
  if (value === null || typeof value !== 'object') return true;
  if (left === 0) return false;
  return Object.entries(value).every(([name, member]) => isStorable(name) && isStorableJson(member, left - 1));
}

const json = (value: unknown): unknown => {
  if (isStorableJson(value)) return value;
  throw new GraphQLError('This is no JSON.', { extensions: { code: 'BAD_INPUT' } });
};

export const JsonScalar = new GraphQLScalarType<unknown, unknown>({
  name: 'JSON',
  description: 'Any JSON value.',
  parseValue: json,
  parseLiteral: (node, variables) => json(valueFromASTUntyped(node, variables)),
  serialize: value => value,
});

/** Each scalar by its name in the graph. */
export const SCALARS = [ArsScalar, LeikaKeyScalar, DateScalar, DateTimeScalar, JsonScalar];
