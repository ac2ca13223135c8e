/** The target of a request line, brought to one form before anybody reads it: what counts, routes and answers reads the same. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { GraphQLError } from 'graphql';
import type { Log } from '../kernel/log';
import { answerErrors } from './errors';

/** Scheme and authority, as clients write them towards a proxy. */
const AUTHORITY = /^[a-z][a-z0-9+.-]*:\/\/[^/?#]+/i;
/** Up to the query without `#` and `\` and beyond ASCII, which Express drops or turns into something else. */
const PATH = /^\/[!"$->@-[\]-~]*(?:\?|$)/;

/** @returns path and query; null when it cannot be read */
export function originForm(target: string): string | null {
  if (target === '*') return target;
  let origin = target;
  if (!target.startsWith('/')) {
    if (!AUTHORITY.test(target) || !URL.canParse(target)) return null;
    origin = target.replace(AUTHORITY, '');
    if (!origin.startsWith('/')) origin = `/${origin}`;
  }
  return PATH.test(origin) ? origin : null;
}

/** Passes a request on with its target in origin form, or answers it with 400 and BAD_REQUEST. */
export function readTarget(request: IncomingMessage, response: ServerResponse, log: Log, next: () => void): void {
  const target = originForm(request.url!);
  if (target !== null) {
    request.url = target;
    next();
    return;
  }
  const extensions = { code: 'BAD_REQUEST' };
  answerErrors(response, 400, [new GraphQLError('The address of the request cannot be read.', { extensions })], log);
}

/** Whether a request is for data, as Express routes it. */
export const isForGraph = ({ url = '' }: IncomingMessage): boolean =>
  url === '/graphql' || /^\/(public\/)?graphql\/?(\?|$)/i.test(url);
