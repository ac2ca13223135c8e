/** SCIM's filters and paths (RFC 7644 § 3.4.2.2 and § 3.5.2): read into what can be asked of a resource. */
import { isStorable } from '../../../kernel/graph/scalars';
import { scimError } from './scim.errors';
import { type Attribute, partNamed, type ResourceType, type Way, wayTo } from './scim.schema';

export type Values = Record<string, unknown>;

export interface Filter {
  readonly matches: (values: Values) => boolean;
  /** What must be equal, when the filter says nothing else; by these one row can be read, or an element made. */
  readonly equal: ReadonlyMap<Attribute, string | boolean> | null;
}

/** Where a change applies; a filter chooses among the elements of the first attribute that has many. */
export interface Path {
  readonly way: Way;
  readonly filter: Filter | null;
}

const DEEPEST = 20;
const TOKEN = /\s*(?:("(?:[^"\\]|\\.)*")|([()[\]])|([^\s()[\]"]+))/y;
const OPERATORS = ['eq', 'ne', 'co', 'sw', 'ew', 'gt', 'ge', 'lt', 'le'] as const;
type Operator = (typeof OPERATORS)[number];

type Kind = 'invalidFilter' | 'invalidPath';

/** Names in a text are those of the resource, and in brackets those of one attribute's parts. */
type Scope = (name: string) => Way | undefined;

export function readFilter(type: ResourceType, text: string): Filter {
  const reader = new Reader(text, 'invalidFilter');
  const filter = reader.either(name => wayTo(type, name));
  reader.demandEnd();
  return filter;
}

export function readPath(type: ResourceType, text: string): Path {
  const reader = new Reader(text, 'invalidPath');
  const scope: Scope = name => wayTo(type, name);
  const path = reader.attribute(scope);
  reader.demandEnd();
  return path;
}

class Reader {
  private readonly tokens: string[] = [];
  private place = 0;
  private depth = 0;

  constructor(
    text: string,
    private readonly kind: Kind,
  ) {
    TOKEN.lastIndex = 0;
    const trimmed = text.trimEnd();
    while (TOKEN.lastIndex < trimmed.length) {
      const [, ...found] = TOKEN.exec(trimmed) ?? this.fail('It cannot be read');
      this.tokens.push(found.find(Boolean)!);
    }
  }

  /** `a or b` */
  either(scope: Scope): Filter {
    if (++this.depth > DEEPEST) this.fail('It is nested too deeply');
    const parts = [this.both(scope)];
    while (this.takes('or')) parts.push(this.both(scope));
    this.depth--;
    return parts.length === 1
      ? parts[0]!
      : { matches: values => parts.some(part => part.matches(values)), equal: null };
  }

  /** `a and b` */
  private both(scope: Scope): Filter {
    const parts = [this.one(scope)];
    while (this.takes('and')) parts.push(this.one(scope));
    if (parts.length === 1) return parts[0]!;
    const all = parts.flatMap(({ equal }) => [...(equal ?? [])]);
    const equal = new Map(all);
    const isSimple = parts.every(part => part.equal) && equal.size === all.length; // nothing is equal to two values
    return { matches: values => parts.every(part => part.matches(values)), equal: isSimple ? equal : null };
  }

  private one(scope: Scope): Filter {
    const isNot = this.peek()?.toLowerCase() === 'not' && this.tokens[this.place + 1] === '(';
    if (isNot) this.place++;
    if (this.takes('(')) {
      const inner = this.either(scope);
      this.demand(')');
      return isNot ? { matches: values => !inner.matches(values), equal: null } : inner;
    }
    return this.comparison(scope);
  }

  private comparison(scope: Scope): Filter {
    const { way, filter } = this.attribute(scope);
    const word = this.peek()?.toLowerCase();
    const operator = OPERATORS.find(one => one === word);
    if (!operator && word !== 'pr') {
      // brackets alone ask whether there is such an element
      if (!filter) return this.fail('A comparison is missing');
      return { matches: values => valuesAt(values, way, filter).length > 0, equal: null };
    }
    this.place++;
    if (!operator) return { matches: values => valuesAt(values, way, filter).some(isSaid), equal: null };
    const literal = this.literal();
    if (way === null) return { matches: () => operator === 'ne', equal: null }; // nobody keeps it: it is never said
    const ends = withValue(way);
    const attribute = ends.at(-1) ?? this.fail('A whole resource is compared by one of its parts');
    const compare = this.comparing(attribute, operator, literal);
    const matches = (values: Values) => compare(valuesAt(values, ends, filter));
    const simple = operator === 'eq' && !filter && literal !== null;
    return { matches, equal: simple ? new Map([[attribute, literal]]) : null };
  }

  /** `name`, `name.part`, `list[filter]`, `list[filter].part` */
  attribute(scope: Scope): Path {
    const name = this.next();
    const way = /^[\w$:.-]+$/.test(name) ? scope(name) : undefined;
    if (way === undefined) return this.fail(`There is no attribute ${shown(name)}`);
    if (!this.takes('[')) return { way, filter: null };
    const list = way?.at(-1);
    if (way !== null && !(list?.many && list.parts)) return this.fail(`${shown(name)} is no list`);
    const filter = this.either(part => (list ? found(partNamed(list.parts, part)) : null));
    this.demand(']');
    const part = this.peek();
    if (!part?.startsWith('.')) return { way, filter };
    this.place++;
    const last = list && partNamed(list.parts, part.slice(1));
    if (list && !last) return this.fail(`There is no attribute ${shown(name + part)}`);
    return { way: way && [...way, last!], filter };
  }

  demandEnd(): void {
    if (this.place < this.tokens.length) this.fail(`${shown(this.peek()!)} is not expected`);
  }

  private comparing(attribute: Attribute, operator: Operator, literal: string | boolean | null) {
    const { type, name } = attribute;
    if (type === 'complex') return this.fail(`${name} is compared by one of its parts`);
    if (type === 'boolean') {
      const wanted = typeof literal === 'string' ? truth(literal) : literal;
      if (wanted === undefined || !['eq', 'ne'].includes(operator)) return this.fail(`${name} is true or false`);
      return (values: unknown[]) => equalOr(operator, wanted, values, one => one === wanted);
    }
    if (typeof literal === 'boolean') return this.fail(`${name} is a text`);
    if (literal === null && !['eq', 'ne'].includes(operator)) return this.fail('null is equal or not');
    const form = formOf(attribute);
    const isWhole = operator === 'eq' || operator === 'ne';
    const wanted = literal === null ? null : form(isWhole ? literal.trim() : literal);
    if (wanted !== null && Number.isNaN(wanted)) return this.fail(`${name} is a time`);
    return (values: unknown[]) =>
      equalOr(operator, wanted, values, one =>
        holds(form(isWhole ? String(one).trim() : String(one)), operator, wanted as string | number),
      );
  }

  /** A text in quotes, true, false or null; numbers are no value of any attribute here. */
  private literal(): string | boolean | null {
    const token = this.next();
    if (token.startsWith('"')) {
      try {
        const text = JSON.parse(token) as string;
        // a path that compares with nothing was put together without its value, and could mean everybody
        if (isStorable(text) && (this.kind === 'invalidFilter' || text !== '')) return text;
      } catch {}
      return this.fail('A text in quotes cannot be read');
    }
    const known = new Map([
      ['true', true],
      ['false', false],
      ['null', null],
    ]).get(token.toLowerCase());
    if (known === undefined || (known === null && this.kind === 'invalidPath'))
      return this.fail('A text in quotes is expected');
    return known;
  }

  private peek(): string | undefined {
    return this.tokens[this.place];
  }

  private next(): string {
    const token = this.peek();
    if (token === undefined) return this.fail('It is not complete');
    this.place++;
    return token;
  }

  private takes(word: string): boolean {
    const isNext = this.peek()?.toLowerCase() === word;
    if (isNext) this.place++;
    return isNext;
  }

  private demand(token: string): void {
    if (this.next() !== token) this.fail(`${token} is missing`);
  }

  private fail(what: string): never {
    throw scimError(400, this.kind, `${this.kind === 'invalidPath' ? 'The path' : 'The filter'}: ${what}.`);
  }
}

const shown = (name: string): string => `‘${name.slice(0, 60)}’`;
const found = (attribute: Attribute | undefined): Way | undefined => attribute && [attribute];
export const isSaid = (value: unknown): boolean => value !== undefined && value !== null && value !== '';

/** "True", as Entra ID writes it. */
export const truth = (text: string): boolean | undefined =>
  ({ true: true, false: false })[text.toLowerCase() as 'true' | 'false'] as boolean | undefined;

/** Of an attribute with a `value` that one is meant. */
function withValue(way: readonly Attribute[]): readonly Attribute[] {
  const value = partNamed(way.at(-1)?.parts, 'value');
  return value ? [...way, value] : way;
}

/** All that is said at an attribute, through lists; of a list with a filter only what it chooses. */
function valuesAt(values: Values, way: Way, filter: Filter | null): unknown[] {
  let at: unknown[] = way === null ? [] : [values];
  for (const { name, many } of way ?? []) {
    at = at.flatMap(one => (one as Values)[name] ?? []);
    if (many && filter) at = at.filter(one => filter.matches(one as Values));
  }
  return at;
}

/** As it is compared: a reference by what it leads to, since each side knows the service by another address. */
export function formOf({ type, caseExact }: Attribute): (value: string) => string | number {
  if (type === 'dateTime') return value => Date.parse(value);
  const whole = (value: string) => (caseExact ? value : value.normalize('NFC').toLowerCase());
  return type === 'reference' ? value => whole(lastPart(value)) : whole;
}

export const lastPart = (reference: string): string =>
  reference
    .replace(/[?#].*$/s, '')
    .replace(/\/+$/, '')
    .split('/')
    .at(-1)!;

function equalOr(operator: Operator, wanted: unknown, values: unknown[], is: (value: unknown) => boolean): boolean {
  const said = values.filter(isSaid);
  const isEqual = wanted === null ? said.length === 0 : said.some(is);
  return operator === 'ne' ? !isEqual : isEqual;
}

function holds(one: string | number, operator: Operator, wanted: string | number): boolean {
  switch (operator) {
    case 'eq':
    case 'ne': // turned round by `equalOr`
      return one === wanted;
    case 'co':
      return String(one).includes(String(wanted));
    case 'sw':
      return String(one).startsWith(String(wanted));
    case 'ew':
      return String(one).endsWith(String(wanted));
    case 'gt':
      return one > wanted;
    case 'ge':
      return one >= wanted;
    case 'lt':
      return one < wanted;
    case 'le':
      return one <= wanted;
  }
}
