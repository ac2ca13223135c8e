/** Errors as clients see them: the kernel's mask, after the gateway's own wrappings are taken off. */
import type { ServerResponse } from 'node:http';
import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import { formatForClient } from '../kernel/errors';
import type { Language } from '../kernel/language';
import type { Log } from '../kernel/log';
import { dress, type FlatHeaders, headersOf } from './headers';
import { isTooLong, tooComplex } from './limits';
import { placeOfValue } from './literals.rule';
import { asking } from './request';
import { countOperation } from './seen/metrics';
import { codesOf } from './seen/operations';

export interface Asking {
  readonly requestId?: string;
  readonly language?: Language;
}

/** Codes of a request that is wrong in itself; our own rules put a better one beneath. */
const WRAPPING = new Set(['GRAPHQL_VALIDATION_FAILED', 'GRAPHQL_PARSE_FAILED', 'BAD_USER_INPUT']);

/** @param formatted the error as Apollo Server would send it  @param error the error itself */
export function formatError(
  formatted: GraphQLFormattedError,
  error: unknown,
  asking: Asking,
  log: Log,
): GraphQLFormattedError {
  const code = formatted.extensions?.code;
  if (typeof code === 'string' && WRAPPING.has(code)) {
    if (isTooLong(formatted)) return formatForClient(tooComplex('tokens').toJSON(), error, asking, log);
    const inner = (error as GraphQLError).originalError;
    const extensions = inner instanceof GraphQLError ? inner.extensions : {};
    if (extensions.code !== undefined && !WRAPPING.has(String(extensions.code))) {
      return formatForClient({ ...formatted, extensions: { ...extensions } }, error, asking, log);
    }
    const field = placeOfValue((error as GraphQLError).nodes?.[0]);
    if (field) return formatForClient({ ...formatted, extensions: { code: 'BAD_INPUT', field } }, error, asking, log);
  }
  const known = isOfRequest(error) ? { ...formatted, extensions: { code: 'BAD_REQUEST' } } : formatted;
  return formatForClient({ ...known, message: withoutSuggestion(formatted.message) }, error, asking, log);
}

/** Some errors of Apollo Server about a request have a status but no code, such as a persisted query with a wrong hash. */
function isOfRequest(error: unknown): boolean {
  const { code, http } = ((error as Partial<GraphQLError> | null)?.extensions ?? {}) as {
    code?: unknown;
    http?: { status?: number };
  };
  const status = http?.status ?? 500;
  return code === undefined && status >= 400 && status < 500;
}

/** An error of an answer as Apollo Server would send it: without a code of its own it is a fault. */
export function formatOwnError(error: GraphQLError, asking: Asking, log: Log): GraphQLFormattedError {
  const { http: _, ...extensions } = error.extensions;
  const formatted = {
    ...error.toJSON(),
    extensions: { ...extensions, code: extensions.code ?? 'INTERNAL_SERVER_ERROR' },
  };
  return formatError(formatted, error, asking, log);
}

/** The same for errors that did not pass through Apollo Server. */
export function formatErrors(errors: readonly GraphQLError[], asking: Asking, log: Log): readonly GraphQLError[] {
  return errors.map(error => {
    const formatted = error.toJSON();
    const code = formatted.extensions?.code ?? codeOfRequest(error);
    const { message, ...rest } = formatError(
      { ...formatted, extensions: { ...formatted.extensions, code } },
      error,
      asking,
      log,
    );
    const { path, extensions } = rest;
    return new GraphQLError(message, {
      ...(path && { path }),
      ...(error.nodes && { nodes: error.nodes }),
      ...(extensions && { extensions }),
    });
  });
}

/** Answers with nothing but errors, before Express is reached; counted, but no line in the log, which a flood would fill. */
export function answerErrors(
  response: ServerResponse,
  status: number,
  errors: readonly GraphQLError[],
  log: Log,
  more: FlatHeaders = [],
): void {
  const { requestId, language, began } = asking.getStore()!;
  const shown = formatErrors(errors, { requestId, language }, log);
  countOperation(undefined, 'unknown', 'refused', performance.now() - began, codesOf(shown));
  response.statusCode = status;
  dress(response, headersOf(requestId).concat(more));
  response.setHeader('content-type', 'application/json; charset=utf-8');
  response.end(JSON.stringify({ errors: shown, extensions: { requestId } }));
}

/** graphql-js gives its errors no code: without a cause of its own, an error is about the request. */
function codeOfRequest({ message, originalError, path }: GraphQLError): string | undefined {
  if (originalError && !(originalError instanceof GraphQLError)) return undefined;
  if (message.startsWith('Syntax Error')) return 'GRAPHQL_PARSE_FAILED';
  if (message.startsWith('Variable "$')) return 'BAD_USER_INPUT';
  return path ? undefined : 'GRAPHQL_VALIDATION_FAILED';
}

/** What else there is in the schema is not told. */
const withoutSuggestion = (message: string): string => message.replace(/ ?Did you mean .+\?$/, '');
