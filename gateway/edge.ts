/** The HTTP edge: who asks, and what is refused before the engine sees it. */
import type { IncomingMessage } from 'node:http';
import type { ApolloServerPlugin } from '@apollo/server';
import type { ErrorRequestHandler, Request, RequestHandler, Response } from 'express';
import { GraphQLError } from 'graphql';
import { forbidden, graphError } from '../kernel/errors';
import type { Log } from '../kernel/log';
import { ANONYMOUS } from '../kernel/principal';
import { statusOf } from './answers';
import { type Credential, credentialOfRequest, NO_SESSION_COOKIE } from './credential';
import { readDocument } from './documents';
import type { FetchContext } from './engine/fetch';
import { formatError } from './errors';
import { conditionalSubscription, tooManyAlike } from './limits';
import type { Principals } from './principal';
import { asking, beginTrace, untilClosed } from './request';
import { codesOf, requestRefused } from './seen/operations';

/** What the engine gets of a request; Apollo Server calls it the context. */
export type Asked = FetchContext & Record<string, unknown>;

/** Who asks. A credential that is not good is refused, never taken for nobody. */
async function askedBy(
  request: Request,
  response: Response,
  principals: Principals | null,
  origins: readonly string[] | null,
): Promise<Asked> {
  const asked = asking.getStore()!;
  const { requestId, language } = asked;
  const signal = untilClosed(response);
  if (!principals) return { principal: ANONYMOUS, requestId, language, signal };
  let fromCookie = false;
  try {
    const credential = credentialOfRequest(request, asked);
    fromCookie = credential?.from === 'cookie';
    if (credential && !mayUse(credential, request, origins)) throw forbidden();
    const principal = credential ? (await principals.of(credential)).principal : ANONYMOUS;
    return { principal, requestId, language, signal };
  } catch (error) {
    const code = error instanceof GraphQLError ? error.extensions.code : undefined;
    if (code === 'UNAUTHENTICATED' && fromCookie) response.setHeader('set-cookie', NO_SESSION_COOKIE);
    throw withStatus(error, code === 'UNAUTHENTICATED' ? 401 : code === 'FORBIDDEN' ? 403 : 503);
  }
}

/** What `badRequest` answers with. */
const withStatus = (error: unknown, status: number): unknown =>
  error instanceof GraphQLError ? Object.assign(error, { status }) : error;

/** Finds out who asks, for everything behind it: `response.locals.asked`. */
export function signIn(principals: Principals | null, origins: readonly string[] | null): RequestHandler {
  return async (request, response, next) => {
    const span = beginTrace(request, asking.getStore()!);
    response.locals.asked = { ...(await askedBy(request, response, principals, origins)), span };
    next();
  };
}

/** A cookie is sent by browsers for any site, so it counts from listed origins only. */
export function mayUse(
  { from }: Credential,
  { headers: { origin } }: IncomingMessage,
  origins: readonly string[] | null,
): boolean {
  return from === 'header' || origin === undefined || origins?.includes(origin) === true;
}

const OVER_SOCKETS =
  'Subscriptions are answered with `Accept: text/event-stream` or `multipart/mixed;subscriptionSpec=1.0`, and at /graphql over WebSocket (graphql-transport-ws).';

export const refuseSubscriptions: ApolloServerPlugin<Asked> = {
  async requestDidStart() {
    return {
      async didResolveOperation({ operation }) {
        if (operation?.operation !== 'subscription') return;
        const extensions = { code: 'BAD_REQUEST', http: { status: 405, headers: new Map() } };
        throw new GraphQLError(OVER_SOCKETS, { extensions });
      },
    };
  },
};

/** Shorter texts cannot keep validation busy. */
const SHORT = 1024;

/** What validation must not see: graphql-js breaks on a subscription with `@skip` on its root, and takes long for fields without number. */
export const refuseBeforehand: RequestHandler = (request, _response, next) => {
  const sent = request.method === 'GET' ? request.query : (request.body as { query?: unknown } | undefined);
  const broken = typeof sent?.query === 'string' ? brokenIn(sent.query) : null;
  if (!broken) return next();
  const prefersJson = asking.getStore()!.prefersJson?.() ?? true;
  next(withStatus(broken, statusOf(400, codesOf([broken]), prefersJson)));
};

function brokenIn(text: string): GraphQLError | null {
  if (text.length <= SHORT && !text.includes('subscription')) return null;
  try {
    const document = readDocument(text);
    return conditionalSubscription(document) ?? tooManyAlike(document);
  } catch {
    return null; // what does not parse, Apollo Server refuses
  }
}

/** What express itself refuses, in the shape of GraphQL. */
export function badRequest(log: Log): ErrorRequestHandler {
  return (error: { status?: number }, _request, response, next) => {
    if (response.headersSent) return next(error);
    const status = error.status ?? 500;
    const known = error instanceof GraphQLError ? error : wrongRequest(status, error);
    const asked = asking.getStore()!;
    const errors = [formatError(known.toJSON(), known, asked, log)];
    response.status(status).json({ errors, extensions: { requestId: asked.requestId } });
    requestRefused(asked, codesOf(errors));
  };
}

function wrongRequest(status: number, error: unknown): GraphQLError {
  if (status === 413) return graphError('QUERY_TOO_COMPLEX');
  if (status >= 500) return new GraphQLError('fault', { originalError: error as Error });
  const extensions = { code: 'BAD_REQUEST' };
  return new GraphQLError('The request cannot be read: JSON in UTF-8 is expected.', { extensions });
}

/** Apollo Server's own log lines may quote a request; only that there was one is kept. */
export function quiet(log: Log) {
  return {
    debug() {},
    info() {},
    warn: () => log.warn('Apollo Server warned'),
    error: () => log.error('Apollo Server reported an error'),
  };
}
