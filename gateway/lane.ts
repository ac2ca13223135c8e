/**
 * The fast lane: answers what Apollo Server has let through before, without its pipeline and by the same functions. It
 * takes a request only when nothing can be refused any more; whatever is irregular goes the long way, untouched.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ApolloServerPlugin } from '@apollo/server';
import { type DocumentNode, GraphQLError, getOperationAST, type OperationDefinitionNode } from 'graphql';
import type { Log } from '../kernel/log';
import { ANONYMOUS, type Principal } from '../kernel/principal';
import type { Afterwards } from './after-answer';
import { pack, statusOf } from './answers';
import { BoundedMap } from './bounded-map';
import { credentialOfRequest } from './credential';
import { keyOf } from './documents';
import { type Asked, mayUse } from './edge';
import type { Engine, OperationRequest } from './engine/engine';
import type { Operation } from './engine/operation';
import { bytesOf } from './engine/verbatim';
import { answerErrors, formatOwnError } from './errors';
import { dress, headersOf } from './headers';
import type { Principals } from './principal';
import { type Asking, asking, beginTrace, originHeaders, untilClosed } from './request';
import { type Answer, seeAnswer } from './seen/apollo.plugin';
import { codesOf } from './seen/operations';
import type { Named, TrustedDocuments } from './trusted/trusted';

export interface LaneOptions {
  readonly engine: Engine;
  /** Null lets everybody ask as nobody. */
  readonly principals: Principals | null;
  readonly origins: readonly string[] | null;
  readonly trusted: TrustedDocuments;
  readonly afterwards: Afterwards;
  readonly log: Log;
}

/** A text that was parsed, validated and found within all limits. */
interface Known {
  readonly document: DocumentNode;
  readonly key: string;
}

/** A request of which all is known but the answer. */
interface Ready {
  readonly operation: Operation;
  readonly definition: OperationDefinitionNode;
  readonly request: OperationRequest;
}

const KEPT = 1000;
/** Characters of all texts that are kept; a parsed one takes up to two hundred times its length. */
const KEPT_TEXT = 512 * 1024;
/** Longer texts are no operations of a front end; they go the long way each time. */
const LONGEST_TEXT = 8 * 1024;
const LONGEST_BODY = 64 * 1024;
const JSON_TYPE = /^application\/json(?:; ?charset=utf-8)?$/i;
const MEMBERS = new Set(['query', 'documentId', 'extensions', 'variables', 'operationName']);

export class Lane {
  private readonly known = new BoundedMap<string, Known>(KEPT, KEPT_TEXT, text => text.length);

  constructor(private readonly options: LaneOptions) {
    // what was valid may not be so by another supergraph
    options.engine.onSchemaLoadOrUpdate(() => this.known.clear());
  }

  /** Hears of each text that has come through all checks of Apollo Server, ours included. */
  readonly plugin: ApolloServerPlugin<Asked> = {
    requestDidStart: async () => ({
      responseForOperation: async ({ source, document }) => {
        if (source.length <= LONGEST_TEXT && !this.known.get(source))
          this.known.set(source, { document, key: keyOf(source) });
        return null;
      },
    }),
  };

  /** @param otherwise takes the request, of which nothing was read then */
  handle(request: IncomingMessage, response: ServerResponse, otherwise: () => void): void {
    const length = Number(request.headers['content-length']);
    if (!isPlain(request) || !(length > 0 && length <= LONGEST_BODY)) {
      otherwise();
      return;
    }
    const asked = asking.getStore()!;
    whenRead(request, length, body =>
      asking.run(asked, () => {
        const ready = this.ready(request, response, asked, body);
        if (ready) {
          this.answer(request, response, asked, ready).catch(error => this.fail(response, error));
          return;
        }
        request.unshift(body);
        otherwise();
      }),
    );
  }

  private ready(request: IncomingMessage, response: ServerResponse, asked: Asking, body: Buffer): Ready | null {
    const sent = readBody(body);
    const { trusted } = this.options;
    const text = sent && (sent.query ?? trusted.registered(sent));
    const known = text && this.known.get(text);
    if (!known || !trusted.allows(known.key)) return null;
    const { operationName, variables } = sent;
    const definition = getOperationAST(known.document, operationName);
    if (!definition || definition.operation === 'subscription') return null;
    const principal = this.principalOf(request, asked);
    if (!principal) return null;
    const { requestId, language } = asked;
    const context = {
      principal,
      requestId,
      language,
      signal: untilClosed(response),
      span: beginTrace(request, asked),
    };
    const operationRequest = { ...known, operationName, variables, asked: context };
    const operation = this.options.engine.prepare(operationRequest);
    return operation && { operation, definition, request: operationRequest };
  }

  /** Who asks, if that is known; else it is found out, or refused, on the long way. */
  private principalOf(request: IncomingMessage, asked: Asking): Principal | null {
    const { principals, origins } = this.options;
    if (!principals) return ANONYMOUS;
    try {
      const credential = credentialOfRequest(request, asked);
      if (!credential) return ANONYMOUS;
      return mayUse(credential, request, origins)
        ? (principals.recall(credential)?.principal ?? null) // now, not when the headers came: a session may have ended since
        : null;
    } catch {
      return null;
    }
  }

  private async answer(
    request: IncomingMessage,
    response: ServerResponse,
    asked: Asking,
    { operation, definition, request: operationRequest }: Ready,
  ): Promise<void> {
    const { engine, origins, afterwards, log } = this.options;
    const { errors, data } = await engine.run(operation, operationRequest);
    const shown = errors.length > 0 ? errors.map(error => formatOwnError(error, asked, log)) : undefined;
    const answer: Answer = { errors: shown, data };
    seeAnswer(definition, answer);
    const bytes = written(answer, data);
    const headers = headersOf(asked.requestId).concat(originHeaders(request, origins), 'cache-control', 'no-store');
    afterwards.of({
      operation: definition,
      principal: operationRequest.asked.principal,
      setHeader: (name, value) => headers.push(name, value),
    });
    headers.push('Content-Type', 'application/json; charset=utf-8', 'Content-Length', String(bytes.length));
    const status = data === undefined ? statusOf(400, codesOf(shown), true) : 200;
    if (request.headers['accept-encoding'] === undefined) {
      response.writeHead(status, headers).end(bytes, 'latin1'); // one write, without a list of headers that could still change
      return;
    }
    response.statusCode = status;
    dress(response, headers);
    pack(request, response, () => response.end(bytes, 'latin1'));
  }

  /** Nobody waits without end for what could not be answered. */
  private fail(response: ServerResponse, error: Error): void {
    const failed = new GraphQLError('The answer failed.', { originalError: error });
    if (response.headersSent) response.destroy();
    else answerErrors(response, 500, [failed], this.options.log);
  }
}

/** @param data as it was written already  @returns each character is a byte */
function written({ errors, extensions }: Answer, data: string | undefined): string {
  const first = errors ? `"errors":${bytesOf(JSON.stringify(errors))},` : '';
  const second = data === undefined ? '' : `"data":${data},`;
  return `{${first}${second}"extensions":${bytesOf(JSON.stringify(extensions))}}\n`;
}

/** A POST of JSON as front ends send it, that wants JSON back. */
function isPlain({ method, url, headers }: IncomingMessage): boolean {
  const { accept = '*/*' } = headers;
  return (
    method === 'POST' &&
    url === '/graphql' &&
    (accept === '*/*' || accept === 'application/json') &&
    JSON_TYPE.test(headers['content-type'] ?? '') &&
    headers['content-encoding'] === undefined &&
    headers['graphql-cost'] === undefined
  );
}

/** Calls back in the moment when the last byte is there, so that what was read can be put back. */
function whenRead(request: IncomingMessage, length: number, then: (body: Buffer) => void): void {
  const chunks: Buffer[] = [];
  let bytes = 0;
  const read = () => {
    for (let chunk = request.read() as Buffer | null; chunk; chunk = bytes < length ? request.read() : null) {
      chunks.push(chunk);
      bytes += chunk.length;
    }
    if (bytes < length) return false;
    request.removeListener('readable', read);
    then(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks));
    return true;
  };
  if (!read()) request.on('readable', read); // a short body has come with its headers
}

interface Sent extends Named {
  /** Undefined when it is named by its hash. */
  readonly query: string | undefined;
  readonly operationName: string | null;
  readonly variables: Record<string, unknown>;
}

/** @returns null for anything but an ordinary request */
function readBody(body: Buffer): Sent | null {
  let sent: Partial<Record<string, unknown>>;
  try {
    sent = JSON.parse(body.toString('utf8'));
  } catch {
    return null;
  }
  if (typeof sent !== 'object' || sent === null) return null;
  for (const name in sent) if (!MEMBERS.has(name)) return null;
  const { query, documentId, extensions, operationName = null, variables } = sent;
  const isNamed = documentId !== undefined || extensions !== undefined;
  if (query === undefined ? !isNamed : typeof query !== 'string' || isNamed) return null;
  if (operationName !== null && typeof operationName !== 'string') return null;
  if (variables !== undefined && (typeof variables !== 'object' || Array.isArray(variables))) return null;
  return {
    query: query as string | undefined,
    documentId,
    extensions,
    operationName,
    variables: (variables ?? {}) as Record<string, unknown>,
  };
}
