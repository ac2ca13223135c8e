/** What a directory asks for: which resources, which page of them, which of their attributes (RFC 7644 § 3.4.2). */
import { scimError } from './scim.errors';
import { type Filter, readFilter, type Values } from './scim.filter';
import { type Attribute, type ResourceType, wayTo } from './scim.schema';

export const MOST_SHOWN = 200;

export interface Asked {
  readonly filter: Filter | null;
  readonly startIndex: number;
  readonly count: number;
  readonly show: (resource: Values) => Values;
  readonly sort: (all: Values[]) => Values[];
}

/** @param given a query, or the body of a search; names in any case */
export function askedOf(type: ResourceType, given: object): Asked {
  const named = new Map(Object.entries(given).map(([name, value]) => [name.toLowerCase(), value as unknown]));
  const textAt = (name: string): string | undefined => {
    const value = named.get(name.toLowerCase());
    if (value === undefined || (typeof value === 'string' && value.trim() !== '')) return value;
    throw scimError(400, name === 'filter' ? 'invalidFilter' : 'invalidValue', `${name}: a text is expected.`);
  };
  const filter = textAt('filter');
  return {
    filter: filter === undefined ? null : readFilter(type, filter),
    startIndex: Math.max(numberOf('startIndex', named.get('startindex')) ?? 1, 1),
    count: Math.min(Math.max(numberOf('count', named.get('count')) ?? MOST_SHOWN, 0), MOST_SHOWN),
    show: showing(type, namesOf(named.get('attributes')), namesOf(named.get('excludedattributes'))),
    sort: sorting(type, textAt('sortBy'), textAt('sortOrder')?.toLowerCase()),
  };
}

/** Past the end there is nothing more. */
export function listOf(all: Values[], { startIndex, count, show, sort }: Asked): object {
  const page = sort(all).slice(startIndex - 1, startIndex - 1 + count);
  return {
    schemas: ['urn:ietf:params:scim:api:messages:2.0:ListResponse'],
    totalResults: all.length,
    startIndex,
    itemsPerPage: page.length,
    Resources: page.map(show),
  };
}

function numberOf(name: string, value: unknown): number | undefined {
  if (value === undefined) return undefined;
  const isWhole =
    typeof value === 'number' ? Number.isInteger(value) : typeof value === 'string' && /^-?\d+$/.test(value);
  if (!isWhole) throw scimError(400, 'invalidValue', `${name}: a whole number is expected.`);
  return Math.min(Number(value), Number.MAX_SAFE_INTEGER);
}

function namesOf(value: unknown): string[] | null {
  if (value === undefined) return null;
  const names = Array.isArray(value) ? (value as unknown[]) : String(value).split(',');
  return names.map(name => String(name).trim()).filter(Boolean);
}

/** What identifies a resource is always shown; names that nobody knows show nothing. */
function showing(type: ResourceType, only: string[] | null, without: string[] | null): Asked['show'] {
  const ways = (names: string[]) => names.flatMap(name => [wayTo(type, name) ?? []]).filter(way => way.length > 0);
  if (only) {
    const wanted = ways(only);
    return resource => {
      const shown: Values = { schemas: resource.schemas, id: resource.id };
      for (const way of wanted) copy(resource, shown, way);
      return shown;
    };
  }
  const unwanted = ways(without ?? []).filter(([first]) => first!.name !== 'id' && first!.name !== 'schemas');
  return resource => {
    if (unwanted.length === 0) return resource;
    const shown = structuredClone(resource);
    for (const way of unwanted) drop(shown, way);
    return shown;
  };
}

function copy(from: Values, to: Values, [first, second]: readonly Attribute[]): void {
  const { name } = first!;
  const value = from[name];
  if (value === undefined) return;
  if (!second) to[name] = value;
  else if (Array.isArray(value)) {
    const known = (to[name] ?? value.map(() => ({}))) as Values[];
    to[name] = known.map((one, i) => ({ ...one, [second.name]: (value[i] as Values)[second.name] }));
  } else to[name] = { ...(to[name] as Values), [second.name]: (value as Values)[second.name] };
}

function drop(from: Values, [first, second]: readonly Attribute[]): void {
  if (!second) delete from[first!.name];
  else for (const one of [from[first!.name] ?? []].flat()) delete (one as Values)[second.name];
}

function sorting(type: ResourceType, by: string | undefined, order = 'ascending'): Asked['sort'] {
  if (!['ascending', 'descending'].includes(order))
    throw scimError(400, 'invalidValue', 'sortOrder: ascending or descending is expected.');
  const [first, second] = (by && wayTo(type, by)) || [];
  if (!first) return all => all;
  const textOf = (resource: Values): string => {
    const [value] = [resource[first.name] ?? ''].flat();
    const part = second?.name ?? 'value';
    return String(typeof value === 'object' ? ((value as Values)[part] ?? '') : value).toLowerCase();
  };
  const compare = (one: Values, other: Values) =>
    textOf(one) < textOf(other) ? -1 : textOf(one) > textOf(other) ? 1 : 0;
  return all => all.toSorted(order === 'descending' ? (one, other) => compare(other, one) : compare);
}
