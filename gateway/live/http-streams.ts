/**
 * Live streams over plain HTTP, for clients and networks without WebSocket: server-sent events (graphql-sse, distinct
 * connections) and multipart (`subscriptionSpec=1.0`), with the same checks as on sockets.
 */
import type { Request, RequestHandler, Response } from 'express';
import { type ExecutionResult, GraphQLError, type GraphQLFormattedError, getOperationAST } from 'graphql';
import { forbidden, graphError } from '../../kernel/errors';
import { RETRY_AFTER_SECONDS, restarting } from '../../kernel/server/drain';
import { acceptsJson, type StreamKind, streamNamed } from '../accept';
import { statusOf } from '../answers';
import { credentialOf } from '../credential';
import { readDocument } from '../documents';
import type { OperationRequest } from '../engine/engine';
import { formatErrors } from '../errors';
import { asking, beginTrace } from '../request';
import { codesOf } from '../seen/operations';
import type { Connections } from './connections';
import { type Asking, asGraphQLError, type LiveOptions, prepare, run, type Sent, watch } from './operations';
import { SeenOperation } from './seen';
import { EXPIRED, isEnded, type LiveSession, TooMany } from './sessions';

/** How a stream is written. */
interface Format {
  readonly contentType: string;
  /** The first bytes, which tell the client and everything between that the stream is open. */
  readonly opening: string;
  readonly heartbeat: string;
  event(result: ExecutionResult): string;
  /** @param errors why it is over, unless it is simply complete */
  ending(errors?: readonly GraphQLFormattedError[]): string;
  /** The end of what is not over, so that the client comes back with its cursor. @param errors why it ends here */
  interruption(errors: readonly GraphQLFormattedError[]): string;
}

const SSE: Format = {
  contentType: 'text/event-stream; charset=utf-8',
  opening: ':\n\n',
  heartbeat: ':\n\n',
  event: result => `event: next\ndata: ${JSON.stringify(result)}\n\n`,
  ending: errors => `${errors ? SSE.event({ errors } as ExecutionResult) : ''}event: complete\ndata:\n\n`,
  // graphql-sse and EventSource take a stream up again that ends without `complete`, and drop it after one
  interruption: () => `retry: ${RETRY_AFTER_SECONDS * 1_000}\n\n`,
};

const BOUNDARY = '\r\n--graphql';
/** Ended at once: clients take a part for whole when they see the boundary behind it. */
const part = (body: unknown): string => `\r\ncontent-type: application/json\r\n\r\n${JSON.stringify(body)}${BOUNDARY}`;
const MULTIPART: Format = {
  contentType: 'multipart/mixed;boundary="graphql";subscriptionSpec="1.0"',
  opening: BOUNDARY + part({}),
  heartbeat: part({}),
  event: payload => part({ payload }),
  ending: errors => `${errors ? part({ payload: null, errors }) : ''}--\r\n`,
  interruption: errors => MULTIPART.ending(errors),
};

const FORMATS: Readonly<Record<StreamKind, Format>> = { sse: SSE, multipart: MULTIPART };

const HEARTBEAT_MS = 5_000;
/** As long as a client that is too slow may take to read what was sent before. */
const END_WITHIN_MS = 15_000;

export interface HttpStreams {
  readonly handler: RequestHandler;
  /** Ends all streams; clients find that they are not complete, and come back. */
  stop(): void;
}

/** Answers what asks for a stream; everything else goes on. */
export function httpStreams(connections: Connections, options: LiveOptions): HttpStreams {
  /** Live ones; a query that is answered as a stream ends by itself. */
  const open = new Set<HttpStream>();
  const answer = async (request: Request, response: Response, format: Format, next: () => void): Promise<void> => {
    const sent = sentIn(request);
    const isSubscription = sent !== null && subscribes(sent);
    if (!sent || (!isSubscription && acceptsJson(request))) return next();
    const known = asking.getStore()!;
    const { requestId, language } = known;
    const seen = new SeenOperation(requestId, beginTrace(request, known));
    const stream = new HttpStream(response, format, { requestId, language, seen }, options);
    if (isSubscription) {
      const left = connections.admit(request);
      if (!left) return stream.refuse(429, graphError('RATE_LIMITED', { retryAfter: 1 }));
      response.once('close', left);
      open.add(stream);
      response.once('close', () => void open.delete(stream));
    }
    await stream.answer(request, sent, isSubscription);
  };
  return {
    handler: (request, response, next) => {
      const kind = streamNamed(request.headers.accept);
      if (kind) answer(request, response, FORMATS[kind], next).catch(next);
      else next();
    },
    stop() {
      for (const stream of open) stream.moveOn();
    },
  };
}

/** Only subscriptions are live; whatever else is asked for as a stream is one of a single event. */
function subscribes({ query, operationName = null }: Sent): boolean {
  if (typeof query !== 'string' || !query.includes('subscription')) return false;
  try {
    return getOperationAST(readDocument(query), operationName)?.operation === 'subscription';
  } catch {
    return false; // what is wrong with it is said where it is answered
  }
}

/** @returns null for what is no operation, or could have been sent by a form of another site: that is refused as usual */
function sentIn(request: Request): Sent | null {
  const isGet = request.method === 'GET';
  if (!isGet && !(request.method === 'POST' && request.is('application/json'))) return null;
  const { query, operationName, variables } = (isGet ? request.query : (request.body ?? {})) as Record<string, unknown>;
  if (typeof query !== 'string' || query === '') return null;
  if (operationName !== undefined && operationName !== null && typeof operationName !== 'string') return null;
  const given = isGet ? parsed(variables) : variables;
  if (given === undefined || given === null) return { query, operationName };
  return typeof given === 'object' && !Array.isArray(given)
    ? { query, operationName, variables: given as Record<string, unknown> }
    : null;
}

function parsed(text: unknown): unknown {
  if (typeof text !== 'string') return text;
  try {
    return JSON.parse(text);
  } catch {
    return text; // no object, so it is refused
  }
}

class HttpStream {
  private session: LiveSession | null = null;
  private events: AsyncGenerator<ExecutionResult, void, undefined> | null = null;
  private heartbeat: NodeJS.Timeout | undefined;
  private isOver = false;

  constructor(
    private readonly response: Response,
    private readonly format: Format,
    private readonly asking: Asking,
    private readonly options: LiveOptions,
  ) {
    response.once('close', () => this.close());
  }

  /** @param isLive whether it counts among the live connections of an account */
  async answer(request: Request, sent: Sent, isLive: boolean): Promise<void> {
    try {
      this.session = await this.signIn(request, isLive);
    } catch (error) {
      const status = error instanceof TooMany ? 429 : isEnded(error) ? 401 : 503;
      const known = error instanceof TooMany ? graphError('RATE_LIMITED', { retryAfter: 1 }) : asGraphQLError(error);
      return this.refuse(known.extensions.code === 'FORBIDDEN' ? 403 : status, known);
    }
    if (this.isOver) return this.session?.end(null);
    const prepared = await prepare(sent, this.asking, this.session, this.options);
    if (this.isOver) return;
    if (!('document' in prepared)) {
      // a status other than 200 would hide from EventSource, and from Apollo's client, what is wrong
      this.begin();
      await this.send({ errors: prepared });
      return this.end();
    }
    const { operation } = getOperationAST(prepared.document, prepared.operationName)!;
    if (operation === 'mutation' && request.method === 'GET') {
      this.response.setHeader('allow', 'POST');
      return this.refuse(405, new GraphQLError('A mutation is sent by POST.', { extensions: { code: 'BAD_REQUEST' } }));
    }
    await this.write(prepared, operation === 'subscription');
  }

  /** Nothing was written yet: the refusal is an ordinary answer with its status. */
  refuse(status: number, ...errors: readonly GraphQLError[]): void {
    this.session?.end(null);
    const { requestId, seen } = this.asking;
    const shown = formatErrors(errors, this.asking, this.options.log);
    seen.end(shown);
    if (this.response.headersSent || this.response.destroyed) return;
    this.response.status(statusOf(status, codesOf(shown), false)).json({ errors: shown, extensions: { requestId } });
  }

  /** @param error why, unless it is simply complete: before anything was written, that the session is over */
  end(error?: GraphQLError): void {
    if (this.isOver) return;
    const { requestId, seen } = this.asking;
    const errors = error && formatErrors([error], this.asking, this.options.log);
    seen.end(errors);
    if (this.response.headersSent) this.response.end(this.format.ending(errors));
    else if (errors) this.response.status(401).json({ errors, extensions: { requestId } });
    else this.response.end();
    setTimeout(() => this.response.destroy(), END_WITHIN_MS).unref();
    this.close();
  }

  /** The server goes away; the client is to come back, to whoever serves then. */
  moveOn(): void {
    if (this.isOver) return;
    if (this.response.headersSent) {
      const errors = formatErrors([restarting()], this.asking, this.options.log);
      this.response.end(this.format.interruption(errors));
      this.close();
    } else {
      this.response.setHeader('retry-after', RETRY_AFTER_SECONDS);
      this.refuse(503, restarting());
      this.close();
    }
  }

  private async signIn({ headers }: Request, isLive: boolean): Promise<LiveSession | null> {
    const { origins, sessions } = this.options;
    const { origin } = headers;
    if (origin !== undefined && origins && !origins.includes(origin)) throw forbidden();
    const credential = credentialOf(headers.authorization, headers.cookie);
    const over = (reason: string) => this.end(graphError('UNAUTHENTICATED', { expired: reason === EXPIRED }));
    return sessions.begin(credential, over, isLive);
  }

  private begin(): void {
    const { response, format } = this;
    response.status(200);
    response.setHeader('content-type', format.contentType);
    response.setHeader('cache-control', 'no-store');
    response.setHeader('x-accel-buffering', 'no'); // a proxy that gathers bytes would hold events back
    response.write(format.opening);
    this.heartbeat = setInterval(() => response.write(format.heartbeat), HEARTBEAT_MS);
  }

  private async write(request: OperationRequest, isStream: boolean): Promise<void> {
    this.begin();
    const result = isStream
      ? watch(
          request,
          this.asking.seen,
          this.session,
          lastCursor => this.end(graphError('RATE_LIMITED', { retryAfter: 0, lastCursor })),
          this.options,
        )
      : run(request, this.asking.seen, this.options);
    if (!('next' in result)) {
      await this.send(result);
      return this.end();
    }
    this.events = result;
    try {
      for await (const event of result) await this.send(event);
      this.end();
    } catch (error) {
      this.end(asGraphQLError(error));
    }
  }

  /** Resolves when there is room for more, so that a slow client holds its own stream and nobody else's. */
  private async send(result: ExecutionResult): Promise<void> {
    const { response } = this;
    if (this.isOver || response.write(this.format.event(result))) return;
    await new Promise<void>(resolve => {
      const go = () => {
        response.off('drain', go).off('close', go);
        resolve();
      };
      response.on('drain', go).on('close', go);
    });
  }

  private close(): void {
    if (this.isOver) return;
    this.isOver = true;
    clearInterval(this.heartbeat);
    this.session?.end(null);
    this.asking.seen.end();
    void this.events?.return();
  }
}
