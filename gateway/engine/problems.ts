/** Errors of subgraphs, moved to their places in the client's answer. */
import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import { type Data, EACH, placesAt, type ResponsePath } from './data';
import type { SubgraphAnswer } from './fetch';
import type { FetchStep } from './steps';

/** What an error gets that has no code; clients see it as a fault with a reference number. */
const NO_CODE = 'DOWNSTREAM_SERVICE_ERROR';
/** Of one fetch, also where one of them stands at many places. */
const MOST_ERRORS = 1_000;

/** Places of the client's answer of which it is told already why there is nothing. */
export class Explained {
  private readonly places = new Set<string>();
  /** The same for all elements of lists. */
  private readonly fields = new Set<string>();

  /** An error of a subgraph is at a place: null is there, or in something above it. */
  at(path: ResponsePath, { names }: FetchStep): void {
    let above = '';
    for (const part of path) {
      above += `/${names.get(String(part)) ?? part}`;
      this.places.add(above);
    }
  }

  /** All that a fetch asked of the objects at a path failed. @param path of the plan, or of the answer */
  below(path: ResponsePath, { keys, names }: FetchStep): void {
    const known = path.includes(EACH) ? this.fields : this.places;
    const parts = path.filter(part => part !== EACH);
    for (const key of keys) known.add(keyOf([...parts, key].map(part => names.get(String(part)) ?? part)));
  }

  has(path: ResponsePath): boolean {
    return this.places.has(keyOf(path)) || this.fields.has(keyOf(path.filter(part => typeof part === 'string')));
  }
}

const keyOf = (path: ResponsePath): string => path.map(part => `/${part}`).join('');

/**
 * @param objects for each representation that was sent, the objects it stands for
 * @param root the data so far
 * @param explained learns what the errors explain
 */
export function placeErrors(
  { data, errors = [] }: SubgraphAnswer,
  step: FetchStep,
  objects: readonly (readonly Data[])[],
  root: Data,
  explained: Explained,
): GraphQLError[] {
  if (errors.length === 0) return [];
  if (!data) explained.below(step.path, step);
  let known: ReadonlyMap<Data, ResponsePath[]> | undefined;
  const placesOf = (index: number): ResponsePath[] => {
    known ??= placesAt(root, step.path);
    return (objects[index] ?? []).flatMap(object => known!.get(object) ?? []);
  };
  const entities = Array.isArray(data?._entities) ? data._entities : [];
  const nothing = !data && errors.some(({ path }) => !path);
  const placed = (error: GraphQLFormattedError): GraphQLError[] => {
    if (!error.path) return (nothing ? wholeOf(step) : [undefined]).map(path => asError(error, step, path));
    const [first, index, ...below] = error.path;
    if (!step.represent || first !== '_entities') {
      const path = withinList([...step.path, ...error.path]);
      explained.at(path, step);
      return [asError(error, step, path)];
    }
    const places = typeof index === 'number' ? placesOf(index) : [];
    if (places.length === 0) return [asError(error, step, withinList(step.path))];
    for (const place of places) {
      explained.at([...place, ...below], step);
      if (!entities[index as number]) explained.below(place, step);
    }
    return places.slice(0, MOST_ERRORS).map(place => asError(error, step, [...place, ...below]));
  };
  const all: GraphQLError[] = [];
  for (const error of errors) {
    if (all.length >= MOST_ERRORS) break;
    all.push(...placed(error));
  }
  return all.slice(0, MOST_ERRORS);
}

/** Whether the answer has a place, or null in it or above it. */
export function isAsked(answer: unknown, path: ResponsePath = []): boolean {
  let value = answer;
  for (const part of path) {
    if (value === null || typeof value !== 'object') return true;
    if (typeof part === 'string' && !Object.hasOwn(value, part)) return false;
    value = (value as Record<string | number, unknown>)[part];
  }
  return true;
}

/** The error for a whole fetch that failed: one for each root field that it asked, or one for what it should have joined. */
export function failed(error: GraphQLFormattedError, step: FetchStep, explained: Explained): GraphQLError[] {
  explained.below(step.path, step);
  return wholeOf(step).map(path => asError(error, step, path));
}

const wholeOf = ({ represent, path, keys }: FetchStep): ResponsePath[] =>
  represent ? [withinList(path)] : keys.map(key => withinList([...path, key]));

/** A place of all elements of a list is the list. */
function withinList(path: ResponsePath): ResponsePath {
  const end = path.indexOf(EACH);
  return end < 0 ? path : path.slice(0, end);
}

function asError(
  { message, extensions }: GraphQLFormattedError,
  { names, subgraph }: FetchStep,
  path: ResponsePath | undefined,
): GraphQLError {
  const { serviceName: _, ...kept } = extensions ?? {};
  return new GraphQLError(message || `Error while fetching subquery from service "${subgraph}"`, {
    ...(path?.length && { path: path.map(part => (typeof part === 'string' ? (names.get(part) ?? part) : part)) }),
    extensions: { ...kept, code: kept.code || NO_CODE },
  });
}
