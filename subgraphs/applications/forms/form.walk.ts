/** Goes through a JSON Schema by the keywords that hold schemas: what is in it, and how often it would apply to given answers. */

type Json = Record<string, unknown>;

/** Keywords that apply a schema to the same value … */
const HERE = ['not', 'if', 'then', 'else'];
const HERE_LISTS = ['allOf', 'anyOf', 'oneOf'];
const HERE_MAPS = ['dependentSchemas', 'dependencies'];
/** … to each member of it … */
const INSIDE = ['items', 'contains', 'additionalProperties', 'unevaluatedProperties', 'unevaluatedItems'];
/** … to some of them, or to none. */
const INSIDE_LISTS = ['prefixItems'];
const INSIDE_MAPS = ['properties', 'patternProperties'];
const ELSEWHERE = ['propertyNames', 'contentSchema'];
const ELSEWHERE_MAPS = ['$defs', 'definitions'];

const SINGLE = [...HERE, ...INSIDE, ...ELSEWHERE];
const LISTS = [...HERE_LISTS, ...INSIDE_LISTS];
const MAPS = [...HERE_MAPS, ...INSIDE_MAPS, ...ELSEWHERE_MAPS];

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const members = (value: unknown): unknown[] => (isObject(value) ? Object.values(value) : []);
const listed = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
const own = (schema: Json, key: string): unknown => (Object.hasOwn(schema, key) ? schema[key] : undefined);
const escaped = (key: string): string => key.replaceAll('~', '~0').replaceAll('/', '~1');

/** Every schema in it by its JSON pointer; its depth must be bounded. */
export function schemasIn(root: Json): Map<string, Json> {
  const found = new Map<string, Json>();
  const walk = (schema: unknown, pointer: string): void => {
    if (!isObject(schema)) return;
    found.set(pointer, schema);
    for (const key of SINGLE) walk(own(schema, key), `${pointer}/${key}`);
    for (const key of LISTS)
      for (const [i, one] of listed(own(schema, key)).entries()) walk(one, `${pointer}/${key}/${i}`);
    for (const key of MAPS) {
      const map = own(schema, key);
      if (isObject(map)) for (const [name, one] of Object.entries(map)) walk(one, `${pointer}/${key}/${escaped(name)}`);
    }
  };
  walk(root, '');
  return found;
}

/** What `$ref` of a schema points to; undefined when that is no schema in here. */
export function targetOf(schemas: ReadonlyMap<string, Json>, reference: unknown): Json | undefined {
  if (typeof reference !== 'string' || !reference.startsWith('#')) return undefined;
  try {
    return schemas.get(decodeURIComponent(reference.slice(1)));
  } catch {
    return undefined;
  }
}

/** Does a schema apply itself to the same value again, without end? */
export function hasEndlessReference(schemas: ReadonlyMap<string, Json>): boolean {
  const done = new Map<Json, boolean>();
  const isEndless = (schema: unknown): boolean => {
    if (!isObject(schema)) return false;
    const known = done.get(schema);
    if (known !== undefined) return !known;
    done.set(schema, false); // open: to come here again is to go around in circles
    const found = here(schema, schemas).some(isEndless);
    if (!found) done.set(schema, true);
    return found;
  };
  return [...schemas.values()].some(isEndless);
}

/** The schemas that apply to the same value. */
const here = (schema: Json, schemas: ReadonlyMap<string, Json>): unknown[] => [
  ...HERE.map(key => own(schema, key)),
  ...HERE_LISTS.flatMap(key => listed(own(schema, key))),
  ...HERE_MAPS.flatMap(key => members(own(schema, key))),
  ...(Object.hasOwn(schema, '$ref') ? [targetOf(schemas, schema.$ref)] : []),
];

const DEEPEST = 500;
class Over extends Error {}

/** Would a check of the answers apply more than `most` schemas? Counts too much rather than too little. */
export function takesMoreThan(most: number, root: Json, schemas: ReadonlyMap<string, Json>, answers: unknown): boolean {
  let steps = 0;
  const apply = (schema: unknown, value: unknown, depth: number): void => {
    steps += 1;
    if (!isObject(schema)) return;
    steps += listed(own(schema, 'enum')).length + listed(own(schema, 'required')).length / 10;
    if (steps > most || depth > DEEPEST) throw new Over();
    for (const one of here(schema, schemas)) if (one !== undefined) apply(one, value, depth + 1);
    if (typeof value !== 'object' || value === null) return;
    const inside = Object.values(value);
    for (const key of INSIDE) {
      const one = own(schema, key);
      if (isObject(one)) for (const member of inside) apply(one, member, depth + 1);
    }
    if (Array.isArray(value)) {
      for (const [i, one] of listed(own(schema, 'prefixItems')).entries()) {
        if (i < value.length) apply(one, value[i], depth + 1);
      }
      return;
    }
    const properties = own(schema, 'properties');
    if (isObject(properties)) {
      for (const [name, one] of Object.entries(properties)) {
        if (Object.hasOwn(value, name)) apply(one, (value as Json)[name], depth + 1);
        else steps += 0.1;
      }
    }
    for (const one of members(own(schema, 'patternProperties'))) {
      for (const member of inside) apply(one, member, depth + 1);
    }
    const names = own(schema, 'propertyNames');
    if (isObject(names)) for (const name of Object.keys(value)) apply(names, name, depth + 1);
  };
  try {
    apply(root, answers, 0);
    return steps > most;
  } catch (error) {
    if (error instanceof Over) return true;
    throw error;
  }
}
