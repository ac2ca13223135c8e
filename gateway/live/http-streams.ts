/**
 * Live streams over plain HTTP, for clients and networks without WebSocket: server-sent events (graphql-sse, distinct
 * connections) and multipart (`subscriptionSpec=1.0`), with the same checks as on sockets.
 */
import type { Request, RequestHandler, Response } from 'express';
import { type ExecutionResult, GraphQLError, type GraphQLFormattedError, getOperationAST } from 'graphql';
import { forbidden, graphError } from '../../kernel/errors';
import { RETRY_AFTER_SECONDS, restarting } from '../../kernel/server/drain';
import { credentialOf } from '../credential';
import type { OperationRequest } from '../engine/engine';
import { formatErrors } from '../errors';
import { asking, beginTrace } from '../request';
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

const part = (body: unknown): string =>
  `\r\n--graphql\r\ncontent-type: application/json\r\n\r\n${JSON.stringify(body)}`;
const MULTIPART: Format = {
  contentType: 'multipart/mixed;boundary="graphql";subscriptionSpec="1.0"',
  opening: part({}),
  heartbeat: part({}),
  event: payload => part({ payload }),
  ending: errors => `${errors ? part({ payload: null, errors }) : ''}\r\n--graphql--\r\n`,
  interruption: errors => MULTIPART.ending(errors),
};

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
  const open = new Set<HttpStream>();
  const answer = async (request: Request, response: Response, format: Format, next: () => void): Promise<void> => {
    const sent = sentIn(request);
    if (!sent) return next();
    const known = asking.getStore()!;
    const { requestId, language } = known;
    const seen = new SeenOperation(requestId, beginTrace(request, known));
    const stream = new HttpStream(response, format, { requestId, language, seen }, options);
    const left = connections.admit(request);
    if (!left) return stream.refuse(429, graphError('RATE_LIMITED', { retryAfter: 1 }));
    response.once('close', left);
    open.add(stream);
    response.once('close', () => void open.delete(stream));
    await stream.answer(request, sent);
  };
  return {
    handler: (request, response, next) => {
      const format = formatOf(request);
      if (format) answer(request, response, format, next).catch(next);
      else next();
    },
    stop() {
      for (const stream of open) stream.moveOn();
    },
  };
}

/** A stream is asked for by name; a client that takes anything gets no stream. */
function formatOf({ headers }: Request): Format | null {
  const accept = headers.accept ?? '';
  if (/(^|,)\s*text\/event-stream\b/i.test(accept)) return SSE;
  return /(^|,)\s*multipart\/mixed\s*;[^,]*\bsubscriptionSpec\s*=\s*"?1\.0\b/i.test(accept) ? MULTIPART : null;
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
  /** What runs is no stream: it ends by itself. */
  private isAnswering = false;

  constructor(
    private readonly response: Response,
    private readonly format: Format,
    private readonly asking: Asking,
    private readonly options: LiveOptions,
  ) {
    response.once('close', () => this.close());
  }

  async answer(request: Request, sent: Sent): Promise<void> {
    try {
      this.session = await this.signIn(request);
    } catch (error) {
      const status = error instanceof TooMany ? 429 : isEnded(error) ? 401 : 503;
      const known = error instanceof TooMany ? graphError('RATE_LIMITED', { retryAfter: 1 }) : asGraphQLError(error);
      return this.refuse(known.extensions.code === 'FORBIDDEN' ? 403 : status, known);
    }
    if (this.isOver) return this.session?.end(null);
    const prepared = await prepare(sent, this.asking, this.session, this.options);
    if (this.isOver) return;
    if (!('document' in prepared)) return this.refuse(400, ...prepared);
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
    this.response.status(status).json({ errors: shown, extensions: { requestId } });
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
    if (this.isOver || this.isAnswering) return;
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

  private async signIn({ headers }: Request): Promise<LiveSession | null> {
    const { origins, sessions } = this.options;
    const { origin } = headers;
    if (origin !== undefined && origins && !origins.includes(origin)) throw forbidden();
    const credential = credentialOf(headers.authorization, headers.cookie);
    return sessions.begin(credential, reason =>
      this.end(graphError('UNAUTHENTICATED', { expired: reason === EXPIRED })),
    );
  }

  private async write(request: OperationRequest, isStream: boolean): Promise<void> {
    const { response, format } = this;
    response.status(200);
    response.setHeader('content-type', format.contentType);
    response.setHeader('cache-control', 'no-store');
    response.setHeader('x-accel-buffering', 'no'); // a proxy that gathers bytes would hold events back
    response.write(format.opening);
    this.isAnswering = !isStream;
    this.heartbeat = setInterval(() => response.write(format.heartbeat), HEARTBEAT_MS);
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
