/** What a subgraph has answered, read as GraphQL; what it may not say to clients is taken off. */
import type { GraphQLFormattedError } from 'graphql';
import { isObject } from '../engine/data';
import type { SubgraphAnswer } from '../engine/fetch';
import { parseJson } from '../engine/numbers';
import { type ObjectPlan, readPlanned } from '../engine/reader';
import type { RawAnswer } from './exchange';
import { UpstreamProblem } from './problem';

/** Codes that say that our own request was wrong: a fault of the platform, not of the client, who would be told what it says. */
const OUR_FAULT = new Set([
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  'OPERATION_RESOLUTION_FAILURE',
  'BAD_REQUEST',
  'PERSISTED_QUERY_NOT_FOUND',
  'PERSISTED_QUERY_NOT_SUPPORTED',
  'PERSISTED_QUERY_NOT_IN_LIST',
]);
/** Names of codes, subgraphs and reference numbers, and places in arguments. */
const WORD = /^[\w-]{1,64}$/;
const PLACE = /^[\w.[\]-]{1,200}$/;
/** What a subgraph may say to clients beside its code, and how it looks; more would be what it knows and they should not. */
const SHOWN: Readonly<Record<string, (value: unknown) => boolean>> = {
  code: value => typeof value === 'string' && WORD.test(value),
  subgraph: value => typeof value === 'string' && WORD.test(value),
  reference: value => typeof value === 'string' && WORD.test(value),
  field: value => typeof value === 'string' && PLACE.test(value),
  retryable: value => typeof value === 'boolean',
  retryAfter: value => typeof value === 'number',
  passes: value => value === true, // for us alone; formatForClient takes it off
};
/** What graphql-js says of a variable; of any other text nobody knows what is in it. */
const OF_A_VARIABLE = /^Variable "\$\w+"/;

/** More than any operation or form needs; thousands overflow the stack of whoever goes through them, which ends the whole answer. */
const MOST_LEVELS = 200;
/** More than anybody reads; a few megabytes hold a million. */
const MOST_ERRORS = 1_000;

/**
 * @param reads how it may be read
 * @throws UpstreamProblem when it is no GraphQL answer, or one that says that the plan was wrong
 */
export function readAnswer({ status, body: sent }: RawAnswer, reads: ObjectPlan | null = null): SubgraphAnswer {
  if (status === 401 || status === 403) throw new UpstreamProblem('unsigned');
  if (status >= 300 && status < 400) throw new UpstreamProblem('malformed');
  const body = withoutMark(sent);
  const planned = reads && readPlanned(body, reads);
  if (planned) return { data: planned };
  const answer = parsed(body, status);
  const { data } = answer;
  const errors = answer.errors ?? undefined;
  if (status >= 500 && !isObject(data)) throw new UpstreamProblem('failed');
  if (data != null && !isObject(data)) throw new UpstreamProblem('malformed');
  if (errors === undefined) {
    if (data === undefined) throw new UpstreamProblem('malformed');
    return { data };
  }
  const shown = errorsIn(errors);
  if (!shown || (shown.length === 0 && data === undefined)) throw new UpstreamProblem('malformed');
  if (shown.some(isOurFault)) throw new UpstreamProblem('refused');
  return { data: data ?? null, ...(shown.length > 0 && { errors: shown }) };
}

/** One event of a stream. @returns null for what is no answer of GraphQL, or says that the plan was wrong */
export function readEvent(payload: unknown): SubgraphAnswer | null {
  if (!isObject(payload) || isNestedTooDeep(payload)) return null;
  const { data = null, errors } = payload;
  const shown = errorsIn(errors ?? []);
  if (!shown || shown.some(isOurFault) || (data !== null && !isObject(data))) return null;
  return { data, ...(shown.length > 0 && { errors: shown }) };
}

/** @returns null for what are no errors */
export function errorsIn(errors: unknown): readonly GraphQLFormattedError[] | null {
  if (!Array.isArray(errors) || !errors.every(isObject) || isNestedTooDeep(errors)) return null;
  return errors.slice(0, MOST_ERRORS).map(asError);
}

function parsed(body: Buffer, status: number): Record<string, unknown> {
  let answer: unknown;
  try {
    answer = parseJson(body.toString('utf8'));
  } catch (error) {
    throw new UpstreamProblem(status >= 500 ? 'failed' : 'malformed', error);
  }
  if (!isObject(answer) || isNestedTooDeep(answer)) throw new UpstreamProblem('malformed');
  return answer;
}

function asError({ message, path, extensions }: Record<string, unknown>): GraphQLFormattedError {
  const text = typeof message === 'string' ? message : '';
  const kept = Object.entries(isObject(extensions) ? extensions : {}).filter(
    ([name, value]) =>
      Object.hasOwn(SHOWN, name) && SHOWN[name]!(value) && (value !== 'BAD_USER_INPUT' || OF_A_VARIABLE.test(text)),
  );
  return { message: text, ...(isPath(path) && { path }), extensions: Object.fromEntries(kept) };
}

/** Whether an error says that what was asked of its subgraph was wrong. */
export const isOurFault = ({ extensions }: GraphQLFormattedError): boolean => OUR_FAULT.has(String(extensions?.code));

const isPath = (path: unknown): path is (string | number)[] =>
  Array.isArray(path) && path.every(part => typeof part === 'string' || typeof part === 'number');

const isNestedTooDeep = (value: unknown, levels = MOST_LEVELS): boolean =>
  typeof value === 'object' &&
  value !== null &&
  (levels === 0 || Object.values(value).some(below => isNestedTooDeep(below, levels - 1)));

const MARK = Buffer.from('\ufeff');

/** Some servers begin their JSON with the mark of a byte order, which is none of it. */
export const withoutMark = (body: Buffer): Buffer =>
  body[0] === MARK[0] && body.subarray(0, MARK.length).equals(MARK) ? body.subarray(MARK.length) : body;

/** The same in text that was decoded. @throws SyntaxError when it is no JSON */
export const parseMessage = (text: string): unknown => parseJson(text.startsWith('\ufeff') ? text.slice(1) : text);
