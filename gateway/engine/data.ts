/** Data as subgraphs send it: finding objects at a path of the plan, and merging what several fetches say of one object. */

import { isWrittenNumber } from './numbers';
import { Verbatim } from './verbatim';

export type Data = Record<string, unknown>;

export const isObject = (value: unknown): value is Data =>
  typeof value === 'object' &&
  value !== null &&
  !Array.isArray(value) &&
  !(value instanceof Verbatim) &&
  !isWrittenNumber(value);

/** The part of a plan's path that stands for every element of a list. */
export const EACH = '@';

/** For each step of a path, types of objects that are not followed there. */
export type Unwanted = readonly (ReadonlySet<unknown> | null)[];

/** The objects at a path of the plan. What is null, missing or of another shape is left out. */
export function objectsAt(root: Data, path: readonly string[], unwanted: Unwanted | null = null): Data[] {
  const found: Data[] = [];
  collect(root, path, 0, unwanted, found);
  return found;
}

function collect(value: unknown, path: readonly string[], at: number, unwanted: Unwanted | null, found: Data[]): void {
  if (Array.isArray(value)) {
    // a list at the end of a path stands for its elements
    const next = path[at] === EACH ? at + 1 : at;
    if (next > at || at === path.length) for (const element of value) collect(element, path, next, unwanted, found);
  } else if (isObject(value)) {
    if (at === path.length) found.push(value);
    else if (unwanted?.[at]?.has(value.__typename)) return;
    else if (Object.hasOwn(value, path[at]!)) collect(value[path[at]!], path, at + 1, unwanted, found);
  }
}

export type ResponsePath = readonly (string | number)[];

/** Where in the response each object at a path of the plan stands; one object may stand at several places. */
export function placesAt(root: Data, path: readonly string[]): ReadonlyMap<Data, ResponsePath[]> {
  const places = new Map<Data, ResponsePath[]>();
  const walk = (value: unknown, at: number, place: ResponsePath): void => {
    if (Array.isArray(value)) {
      const next = path[at] === EACH ? at + 1 : at;
      if (next === at && at < path.length) return;
      for (const [index, element] of value.entries()) walk(element, next, [...place, index]);
    } else if (isObject(value)) {
      const name = path[at];
      if (name === undefined) places.set(value, [...(places.get(value) ?? []), place]);
      else if (Object.hasOwn(value, name)) walk(value[name], at + 1, [...place, name]);
    }
  };
  walk(root, 0, []);
  return places;
}

/**
 * Merges what a fetch says into what is known. The later word counts; lists of the same length merge by position.
 * @param vague names of types that never hide a type that is known: of a subgraph that knows only an interface
 * @param shared the source goes into other places too, so that nothing of it may be taken over by reference
 */
export function merge(target: Data, source: Data, vague: ReadonlySet<unknown> = NONE, shared = false): void {
  for (const key in source) {
    if (key === '__proto__') continue; // no fetch asks for it
    const value = source[key];
    if (value === undefined) continue;
    const known = Object.hasOwn(target, key) ? target[key] : undefined;
    if (known instanceof Verbatim && !(value instanceof Verbatim)) continue; // its name is ours, a subgraph made it up
    if (isObject(value) && isObject(known)) merge(known, value, vague, shared);
    else if (Array.isArray(value) && Array.isArray(known) && value.length === known.length)
      mergeLists(known, value, vague, shared);
    else if (key !== '__typename' || !known || !vague.has(value)) target[key] = shared ? copy(value) : value;
  }
}

function mergeLists(target: unknown[], source: readonly unknown[], vague: ReadonlySet<unknown>, shared: boolean): void {
  for (const [index, value] of source.entries()) {
    const known = target[index];
    if (isObject(known) && isObject(value)) merge(known, value, vague, shared);
    else if (Array.isArray(known) && Array.isArray(value) && known.length === value.length)
      mergeLists(known, value, vague, shared);
    else target[index] = shared ? copy(value) : value;
  }
}

/** A copy that nobody else changes. */
export function copy(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(copy);
  if (!isObject(value)) return value;
  const copied: Data = {};
  merge(copied, value, NONE, true);
  return copied;
}

const NONE: ReadonlySet<unknown> = new Set();
