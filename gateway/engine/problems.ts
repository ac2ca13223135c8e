/** Errors of subgraphs, moved to their places in the client's answer. */
import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import { type Data, EACH, placesAt, type ResponsePath } from './data';
import type { SubgraphAnswer } from './fetch';
import type { FetchStep } from './steps';

/** What an error gets that has no code; clients see it as a fault with a reference number. */
const NO_CODE = 'DOWNSTREAM_SERVICE_ERROR';
/** Of one fetch, also where one of them stands at many places. */
const MOST_ERRORS = 1_000;

/**
 * @param objects for each representation that was sent, the objects it stands for
 * @param root the data so far
 */
export function placeErrors(
  { data, errors = [] }: SubgraphAnswer,
  step: FetchStep,
  objects: readonly (readonly Data[])[],
  root: Data,
): GraphQLError[] {
  let known: ReadonlyMap<Data, ResponsePath[]> | undefined;
  const placesOf = (index: number): ResponsePath[] => {
    known ??= placesAt(root, step.path);
    return (objects[index] ?? []).flatMap(object => known!.get(object) ?? []);
  };
  const nothing = !data && errors.some(({ path }) => !path);
  const placed = (error: GraphQLFormattedError): GraphQLError[] => {
    if (!error.path) return (nothing ? wholeOf(step) : [undefined]).map(path => asError(error, step, path));
    const [entities, index, ...below] = error.path;
    if (!step.represent || entities !== '_entities')
      return [asError(error, step, withinList([...step.path, ...error.path]))];
    const places = typeof index === 'number' ? placesOf(index) : [];
    if (places.length === 0) return [asError(error, step, withinList(step.path))];
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
export const failed = (error: GraphQLFormattedError, step: FetchStep): GraphQLError[] =>
  wholeOf(step).map(path => asError(error, step, path));

const wholeOf = ({ represent, path, rootKeys }: FetchStep): ResponsePath[] =>
  represent ? [withinList(path)] : rootKeys.map(key => withinList([...path, key]));

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
