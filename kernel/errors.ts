/** GraphQL errors that clients may see, and the mask over everything else. */
import { randomBytes } from 'node:crypto';
import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import { willPass } from './failure';
import { type Language, say, type Text } from './language';
import type { Log } from './log';
import { Refusal } from './refusal';

const TEXTS = {
  UNAUTHENTICATED: { de: 'Bitte melden Sie sich an.', en: 'Please sign in.' },
  FORBIDDEN: { de: 'Dazu fehlt Ihnen das Recht.', en: 'You lack the right to do this.' },
  NOT_FOUND: { de: 'Das gibt es hier nicht.', en: 'There is no such thing here.' },
  BAD_INPUT: { de: 'Die Angabe {field} ist fehlerhaft.', en: 'The value of {field} is malformed.' },
  CURSOR_EXPIRED: {
    de: 'Diese Stelle ist zu alt. Bitte laden Sie die Liste neu.',
    en: 'This position is too old. Please reload the list.',
  },
  QUERY_TOO_COMPLEX: { de: 'Die Abfrage ist zu umfangreich.', en: 'The query is too complex.' },
  RATE_LIMITED: { de: 'Zu viele Anfragen. Bitte warten Sie.', en: 'Too many requests. Please wait.' },
  SUBGRAPH_UNAVAILABLE: {
    de: 'Ein Teil der Antwort ist zurzeit nicht verfügbar.',
    en: 'A part of the answer is not available at the moment.',
  },
  RESTARTING: {
    de: 'Der Dienst wird gerade neu gestartet. Bitte versuchen Sie es gleich noch einmal.',
    en: 'The service is restarting. Please try again in a moment.',
  },
  INTERNAL: {
    de: 'Ein Fehler ist aufgetreten. Bitte nennen Sie dem Support die Nummer {reference}.',
    en: 'Something went wrong. Please quote number {reference} to support.',
  },
} as const satisfies Record<string, Text>;

export type ErrorCode = keyof typeof TEXTS;

const RETRYABLE: readonly ErrorCode[] = ['RATE_LIMITED', 'SUBGRAPH_UNAVAILABLE', 'RESTARTING', 'INTERNAL'];

/** An error with a code that clients know; its text follows the language when it is formatted. */
export function graphError(code: ErrorCode, extensions: Record<string, unknown> = {}): GraphQLError {
  return new GraphQLError(say(TEXTS[code], 'de', extensions as Record<string, string>), {
    extensions: { code, retryable: RETRYABLE.includes(code), ...extensions },
  });
}

export const notFound = () => graphError('NOT_FOUND');
export const unauthenticated = () => graphError('UNAUTHENTICATED');
export const forbidden = () => graphError('FORBIDDEN');
/** @param field the place in the arguments, such as `input.ars` */
export const badInput = (field: string) => graphError('BAD_INPUT', { field });

const isOurs = (code: unknown): code is ErrorCode => typeof code === 'string' && code in TEXTS;

/** The codes of graphql-js and Apollo Server that tell a client about its own request; their messages name no data of ours. */
const REQUEST_CODES = new Set([
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  'BAD_USER_INPUT',
  'BAD_REQUEST',
  'OPERATION_RESOLUTION_FAILURE',
  'PERSISTED_QUERY_NOT_FOUND',
  'PERSISTED_QUERY_NOT_SUPPORTED',
  'PERSISTED_QUERY_NOT_IN_LIST',
]);

/** What graphql-js says after its last error about variables, when it leaves out the rest. */
const TOO_MANY_WRONG = 'Too many errors processing variables, error limit reached. Execution aborted.';
const ALL_VARIABLES = { code: 'BAD_INPUT', field: 'variables' };

/**
 * What a client sees of an error: known codes with their text, requests that are wrong in themselves, and for
 * everything else `INTERNAL` with a reference number under which the log has the rest. What a subgraph says of that to
 * the gateway, that it will pass, is taken off again there.
 */
export function formatForClient(
  formatted: GraphQLFormattedError,
  error: unknown,
  asked: { requestId?: string; language?: Language },
  log: Log,
): GraphQLFormattedError {
  const { message, locations, path } = formatted;
  const extensions = formatted.extensions ?? {};
  const place = { ...(path && { path }), ...(locations && { locations }) };
  const common = asked.requestId === undefined ? {} : { requestId: asked.requestId };
  if (isOurs(extensions.code)) {
    const { code, stacktrace: _, passes: __, ...rest } = extensions as Record<string, unknown> & { code: ErrorCode };
    if (code === 'BAD_INPUT' && rest.field === undefined) rest.field = fieldOf(message);
    return {
      ...place,
      message: say(TEXTS[code], asked.language ?? 'de', rest as Record<string, string>),
      extensions: { ...rest, code, retryable: RETRYABLE.includes(code), ...common },
    };
  }
  if (message === TOO_MANY_WRONG)
    return formatForClient({ ...formatted, extensions: ALL_VARIABLES }, error, asked, log);
  if ((error as GraphQLError)?.originalError instanceof Refusal) {
    // a query met what only a mutation can answer as data: somebody it asked is not there
    return formatForClient({ ...formatted, extensions: { code: 'SUBGRAPH_UNAVAILABLE' } }, error, asked, log);
  }
  if (typeof extensions.code === 'string' && REQUEST_CODES.has(extensions.code)) {
    const field = fieldOf(message);
    if (field !== undefined)
      return formatForClient({ ...formatted, extensions: { code: 'BAD_INPUT', field } }, error, asked, log);
    return { ...place, message, extensions: { code: extensions.code, retryable: false, ...common } };
  }
  const reference = randomBytes(6).toString('hex');
  log.error('fault', { reference, requestId: asked.requestId, error: (error as GraphQLError)?.originalError ?? error });
  return {
    ...place,
    message: say(TEXTS.INTERNAL, asked.language ?? 'de', { reference }),
    extensions: { code: 'INTERNAL', retryable: true, reference, ...common, ...(willPass(error) && { passes: true }) },
  };
}

/** Which argument a coercion message of graphql-js is about: `Variable "$input" got invalid value … at "input.ars"; …`. */
function fieldOf(message: string): string | undefined {
  const variable = /^Variable "\$(\w+)"/.exec(message);
  if (!variable) return undefined;
  // quotes of the value itself are escaped, so neither is found in it
  const place = / at "([\w.[\]]+)";/.exec(message)?.[1] ?? variable[1];
  const member = /; Field "(\w+)" (?:of required type|is not defined)/.exec(message)?.[1];
  return member === undefined ? place : `${place}.${member}`;
}
