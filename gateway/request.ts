/** What is known of each HTTP request before anybody asks who it is from: its id, its language, its origin. */
import { AsyncLocalStorage } from 'node:async_hooks';
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { RequestHandler } from 'express';
import { GraphQLError } from 'graphql';
import { type Language, languageOf } from '../kernel/language';
import { beginSpan, type Span } from '../kernel/trace';
import type { Credential } from './credential';
import type { GoneSignal } from './engine/fetch';
import { dress, type FlatHeaders } from './headers';

export interface Asking {
  readonly requestId: string;
  readonly language: Language;
  /** When it came, by performance.now(). */
  readonly began: number;
  /** What it came with; undefined until somebody has looked. */
  credential?: Credential | null;
  /** Its trace, once it is known to be for the graph. */
  span?: Span | undefined;
  /** Whether the client rather has `application/json` than `application/graphql-response+json`. */
  prefersJson?: () => boolean;
  /** SQL statements the subgraphs have needed so far, as they tell in development. */
  statements: number;
}

/** The request being answered, for places that are not told, such as Apollo Server's formatting of errors. */
export const asking = new AsyncLocalStorage<Asking>();

const SAFE_ID = /^[A-Za-z0-9._-]{8,64}$/;

/** Takes the caller's `x-request-id` where it is harmless, makes one otherwise. */
export function nameRequest(request: IncomingMessage, next: () => void): void {
  const given = request.headers['x-request-id'];
  const requestId = typeof given === 'string' && SAFE_ID.test(given) ? given : randomUUID();
  const language = languageOf(request.headers['accept-language']);
  asking.run({ requestId, language, began: performance.now(), statements: 0 }, next);
}

/** Goes on with the caller's trace, or begins one; nothing while nobody collects traces. */
export function beginTrace({ headers: { traceparent } }: IncomingMessage, asked: Asking): Span | undefined {
  const parent = typeof traceparent === 'string' ? traceparent : undefined;
  asked.span ??= beginSpan('graphql', 'server', { requestId: asked.requestId }, parent);
  return asked.span;
}

/** Without what an AbortSignal can besides, which each request would pay for. */
export class ClientGone implements GoneSignal {
  aborted = false;
  private readonly listeners = new Set<() => void>();

  addEventListener(_: 'abort', listener: () => void): void {
    this.listeners.add(listener);
  }

  removeEventListener(_: 'abort', listener: () => void): void {
    this.listeners.delete(listener);
  }

  abort(): void {
    this.aborted = true;
    for (const listener of [...this.listeners]) listener();
  }
}

/** Aborts when the client goes away before its answer has left. */
export function untilClosed(response: ServerResponse): GoneSignal {
  const gone = new ClientGone();
  response.once('close', () => {
    if (!response.writableFinished) gone.abort();
  });
  return gone;
}

const VARY: FlatHeaders = ['vary', 'Origin, Accept, Accept-Language'];

/** CORS for the listed origins, with the session cookie; others get no permission. @param origins null lets all in */
export function originHeaders(
  { headers: { origin } }: IncomingMessage,
  origins: readonly string[] | null,
): FlatHeaders {
  if (origin === undefined || (origins && !origins.includes(origin))) return VARY;
  const allowed = [...VARY, 'access-control-allow-origin', origin];
  if (origins) allowed.push('access-control-allow-credentials', 'true');
  allowed.push('access-control-expose-headers', 'x-request-id, retry-after');
  return allowed;
}

/** The same for all methods: a preflight is answered here. */
export function allowOrigins(origins: readonly string[] | null): RequestHandler {
  return (request, response, next) => {
    dress(response, originHeaders(request, origins));
    if (request.method === 'OPTIONS' && request.headers['access-control-request-method']) {
      response.setHeader('access-control-allow-methods', 'GET, POST');
      response.setHeader(
        'access-control-allow-headers',
        'content-type, authorization, accept-language, apollo-require-preflight, x-request-id, graphql-cost',
      );
      response.setHeader('access-control-max-age', '600');
      response.status(204).end();
      return;
    }
    next();
  };
}

/** GraphQL over HTTP has two methods; preflights are answered before. */
export const onlyGetAndPost: RequestHandler = (request, response, next) => {
  if (request.method === 'GET' || request.method === 'POST') return next();
  response.setHeader('allow', 'GET, POST');
  const extensions = { code: 'BAD_REQUEST' };
  next(Object.assign(new GraphQLError('Only GET and POST are answered here.', { extensions }), { status: 405 }));
};

/** Only UTF-8: other encodings are a way round filters, and no client needs them. */
export const onlyUtf8: RequestHandler = (request, response, next) => {
  const charset = /;\s*charset\s*=\s*"?([^";\s]+)/i.exec(request.headers['content-type'] ?? '')?.[1];
  if (charset !== undefined && !/^utf-?8$/i.test(charset)) {
    response.status(415);
    next(Object.assign(new Error('Only UTF-8 is read here.'), { status: 415 }));
    return;
  }
  next();
};
