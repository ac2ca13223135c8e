/**
 * Changes of a resource (RFC 7644 § 3.5.2), as directories really send them: with paths or without, with full names, names in
 * any case, texts for truths, and elements of a list named by an object, a text or a reference.
 */
import { isId } from '../../../kernel/ids';
import { scimError } from './scim.errors';
import { type Filter, formOf, isSaid, lastPart, readPath, truth, type Values } from './scim.filter';
import { type Attribute, demandSchema, partNamed, type ResourceType } from './scim.schema';

const MESSAGE = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';
const MOST_OPERATIONS = 1_000;

type Op = 'add' | 'remove' | 'replace';

interface Change {
  readonly type: ResourceType;
  readonly op: Op;
  readonly value: unknown;
  /** Of a whole resource: what nobody knows, or nobody may write, is left out. */
  readonly lenient?: boolean;
}

/** The resource that a whole body describes. */
export function resourceOf(type: ResourceType, body: unknown): Values {
  const given = objectOf(body, 'The body');
  demandSchema(entryOf(given, 'schemas'), type.core.id);
  const resource: Values = {};
  changeAll(resource, { type, op: 'add', value: given, lenient: true });
  return resource;
}

/** @returns a new resource; the one that is given stays as it is */
export function patched(type: ResourceType, resource: Values, body: unknown): Values {
  const message = objectOf(body, 'The body');
  demandSchema(entryOf(message, 'schemas'), MESSAGE);
  const operations = entryOf(message, 'Operations');
  if (!Array.isArray(operations) || operations.length === 0)
    throw scimError(400, 'invalidValue', 'Operations: a list is expected.');
  if (operations.length > MOST_OPERATIONS)
    throw scimError(413, 'tooMany', `Operations: at most ${MOST_OPERATIONS} at once.`);
  const target = structuredClone(resource);
  for (const one of operations as unknown[]) {
    const operation = objectOf(one, 'An operation');
    const op = String(entryOf(operation, 'op')).toLowerCase();
    if (op !== 'add' && op !== 'remove' && op !== 'replace')
      throw scimError(400, 'invalidSyntax', 'op: add, remove or replace is expected.');
    const path = entryOf(operation, 'path') ?? '';
    if (typeof path !== 'string') throw scimError(400, 'invalidPath', 'path: a text is expected.');
    const change: Change = { type, op, value: entryOf(operation, 'value') };
    if (path.trim() !== '') changeAt(target, path, change);
    else if (op === 'remove') throw scimError(400, 'noTarget', 'path: what is to be removed must be named.');
    else changeAll(target, change);
  }
  return target;
}

/** Without a path each name of the value is one. */
function changeAll(target: Values, change: Change): void {
  for (const [name, value] of Object.entries(objectOf(change.value, 'value')))
    changeAt(target, name, { ...change, value }, true);
}

/** @param quiet leaves out what is only shown: a directory sends it back beside what it changes */
function changeAt(target: Values, path: string, change: Change, quiet = false): void {
  if (change.lenient && !/^[\w$:.-]+$/.test(path)) return;
  const read = () => readPath(change.type, path);
  const { way, filter } = change.lenient ? (attempt(read) ?? { way: null, filter: null }) : read();
  if (way === null) return;
  if (way.length === 0) {
    changeAll(target, change);
    return;
  }
  if (way.some(({ readOnly }) => readOnly)) {
    if (quiet) return;
    throw scimError(400, 'mutability', `${way[0]!.name} cannot be changed here.`);
  }
  const [first, second] = way as [Attribute, Attribute?];
  if (!first.many && first.parts && !second) {
    changeParts(target, first, change, quiet);
    return;
  }
  const isInside = !first.many && second;
  if (isInside) target[first.name] ??= {};
  const holder = isInside ? (target[first.name] as Values) : target;
  const attribute = isInside || first;
  if (attribute.many) changeList(holder, attribute, second, filter, change);
  else changeOne(holder, attribute, change);
}

function attempt<T>(work: () => T): T | null {
  try {
    return work();
  } catch {
    return null;
  }
}

function changeOne(holder: Values, attribute: Attribute, { op, value, lenient }: Change): void {
  if (op !== 'remove' && value === undefined) throw missing(attribute);
  if (op === 'remove' || value === null) {
    if (attribute.required && !lenient) throw scimError(400, 'mutability', `${attribute.name} cannot be removed.`);
    delete holder[attribute.name];
    return;
  }
  holder[attribute.name] = simple(attribute, value);
}

/** Of an attribute with parts those that are named change. */
function changeParts(target: Values, attribute: Attribute, change: Change, quiet: boolean): void {
  if (change.op === 'remove' || change.value === null) {
    delete target[attribute.name];
    return;
  }
  if (change.value === undefined) throw missing(attribute);
  const { extensions } = change.type;
  const between = extensions.some(({ id }) => id === attribute.name) ? ':' : '.';
  for (const [name, value] of Object.entries(objectOf(change.value, attribute.name)))
    changeAt(target, `${attribute.name}${between}${name}`, { ...change, value }, quiet);
}

function changeList(
  holder: Values,
  attribute: Attribute,
  part: Attribute | undefined,
  filter: Filter | null,
  change: Change,
): void {
  const { op, value, lenient } = change;
  const { name } = attribute;
  const all = (holder[name] ?? []) as Values[];
  if (op === 'remove') {
    holder[name] = withoutElements(all, attribute, part, filter, value);
    return;
  }
  if (value === undefined) throw missing(attribute);
  if (!part && !filter) {
    // a list that names nobody says so; null could as well be forgotten, and would empty a role
    if (value === null && (!lenient || attribute.fixed))
      throw scimError(400, 'invalidValue', `${name}: a list is expected.`);
    const given = elementsOf(attribute, value ?? []);
    holder[name] = onePrimary(union(op === 'add' ? all : [], given), given);
    return;
  }
  if (attribute.fixed) throw scimError(400, 'mutability', `${name}: elements are added and removed as a whole.`);
  const given = part ? { [part.name]: simple(part, value) } : elementOf(attribute, value);
  let chosen = filter ? all.filter(filter.matches) : all;
  if (chosen.length > 1 && !filter) throw scimError(400, 'noTarget', `${name}: a filter must say which is meant.`);
  if (chosen.length === 0) {
    // Entra ID changes what is not there yet
    if (filter && !filter.equal) throw scimError(400, 'noTarget', `${name}: no element matches the filter.`);
    chosen = [Object.fromEntries([...(filter?.equal ?? [])].map(([{ name: of }, wanted]) => [of, wanted]))];
    all.push(...chosen);
  }
  for (const one of chosen) Object.assign(one, given);
  holder[name] = onePrimary(all, chosen);
}

/** Those that stay. A value beside the path names those that go, by what identifies them alone. */
function withoutElements(
  all: Values[],
  attribute: Attribute,
  part: Attribute | undefined,
  filter: Filter | null,
  value: unknown,
): Values[] {
  if (filter && !part) {
    for (const [of, wanted] of attribute.fixed ? (filter.equal ?? []) : [])
      if (of === identity(attribute) || of.type === 'reference') demandId(attribute, String(wanted));
    return all.filter(one => !filter.matches(one));
  }
  if (value !== undefined && !filter) {
    const named =
      part && part !== identity(attribute)
        ? (Array.isArray(value) ? value : [value]).map(one => ({ [part.name]: simple(part, one) }))
        : elementsOf(attribute, value);
    const by = part ?? identity(attribute);
    const form = formOf(by);
    const gone = new Set(named.map(one => form(String(one[by.name]))));
    return all.filter(one => !gone.has(form(String(one[by.name]))));
  }
  if (!part) return [];
  if (attribute.fixed) throw scimError(400, 'mutability', `${attribute.name}: elements are removed as a whole.`);
  for (const one of filter ? all.filter(filter.matches) : all) delete one[part.name];
  return all.filter(one => isSaid(one.value));
}

/** Who goes is named by an id: what is none would leave them in without a word. */
function demandId({ name }: Attribute, value: string): string {
  const id = lastPart(value.trim()).toLowerCase();
  if (!isId(id)) throw scimError(400, 'invalidValue', `${name}: ‘${value.slice(0, 60)}’ is no id.`);
  return id;
}

const identity = ({ parts }: Attribute): Attribute => partNamed(parts, 'value')!;

/** Each once, by what identifies it; what is said later of the same counts. */
function union(before: readonly Values[], added: readonly Values[]): Values[] {
  const byValue = new Map<unknown, Values>();
  for (const one of [...before, ...added]) {
    const key = typeof one.value === 'string' ? one.value.toLowerCase() : one;
    byValue.set(key, { ...byValue.get(key), ...one });
  }
  return [...byValue.values()];
}

/** When an element becomes the primary one, the others are it no longer. */
function onePrimary(all: Values[], changed: readonly Values[]): Values[] {
  const chosen = changed.findLast(one => one.primary === true);
  if (!chosen) return all;
  return all.map(one => ('primary' in one ? { ...one, primary: one.value === chosen.value } : one));
}

const elementsOf = (attribute: Attribute, value: unknown): Values[] =>
  (Array.isArray(value) ? value : [value]).map(one => elementOf(attribute, one));

/** Parts that nobody knows are left out: each directory adds some of its own. */
function elementOf(attribute: Attribute, value: unknown): Values {
  const given = typeof value === 'string' ? { value } : objectOf(value, attribute.name);
  const element: Values = {};
  for (const [name, said] of Object.entries(given)) {
    const part = partNamed(attribute.parts, name);
    if (part && said !== null && said !== undefined) element[part.name] = simple(part, said);
  }
  const { $ref: reference } = element;
  if (attribute.fixed && typeof reference === 'string' && reference !== '') {
    const id = lastPart(reference);
    if (isSaid(element.value) && String(element.value).trim().toLowerCase() !== id.toLowerCase())
      throw scimError(400, 'invalidValue', `${attribute.name}: value and $ref name different ones.`);
    element.value = id;
  }
  if (Object.keys(element).length === 0 || (attribute.fixed && !isSaid(element.value)))
    throw scimError(400, 'invalidValue', `${attribute.name}: a value is missing.`);
  if (attribute.fixed) element.value = demandId(attribute, String(element.value));
  return element;
}

/** Also as Entra ID writes it: a truth as a text, and one value in a list. */
function simple({ name, type, caseExact }: Attribute, value: unknown): string | boolean {
  const [only, ...more] = Array.isArray(value) ? (value as unknown[]) : [value];
  const said = Array.isArray(value) && only !== null && typeof only === 'object' ? entryOf(only, 'value') : only;
  if (more.length === 0) {
    if (type === 'boolean') {
      const is = typeof said === 'string' ? truth(said) : said;
      if (typeof is === 'boolean') return is;
    } else if (typeof said === 'string') return caseExact ? said : said.normalize('NFC');
  }
  throw scimError(400, 'invalidValue', `${name}: ${type === 'boolean' ? 'true or false' : 'a text'} is expected.`);
}

const missing = ({ name }: Attribute) => scimError(400, 'invalidValue', `${name}: a value is missing.`);

function objectOf(value: unknown, what: string): object {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  throw scimError(400, 'invalidSyntax', `${what}: an object is expected.`);
}

/** A member of an object, in whatever case its name is written. */
const entryOf = (given: object, name: string): unknown =>
  Object.entries(given).find(([one]) => one.toLowerCase() === name.toLowerCase())?.[1];
