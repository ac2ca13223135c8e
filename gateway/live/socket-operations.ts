/** What runs on a socket: each operation is checked, executed or streamed, with a request id of its own. */
import { setTimeout as wait } from 'node:timers/promises';
import { type ExecutionArgs, type ExecutionResult, GraphQLError, getOperationAST } from 'graphql';
import type { SubscribePayload } from 'graphql-ws';
import { graphError } from '../../kernel/errors';
import { newId } from '../../kernel/ids';
import { languageOf } from '../../kernel/language';
import type { Log } from '../../kernel/log';
import { ANONYMOUS, type Envelope, type Principal } from '../../kernel/principal';
import { TooSlow } from '../../kernel/push-iterator';
import { checkDocument, keyOf, readDocument } from '../documents';
import type { Engine, OperationRequest } from '../engine/engine';
import { formatErrors } from '../errors';
import type { Principals } from '../principal';
import type { Connection, SocketContext } from './sockets';
import { type LiveOptions, subscribe } from './subscriptions';

export interface SocketOptions {
  readonly engine: Engine;
  readonly live: LiveOptions;
  /** Who is behind a token; null in plain mode, where everybody is anonymous. */
  readonly principals: Principals | null;
  /** Web origins that may connect; null lets all in, in plain mode. */
  readonly origins: readonly string[] | null;
  readonly introspection: boolean;
  readonly log: Log;
}

/** What {@link prepare} hands on to {@link run} and {@link watch}, through graphql-ws. */
interface Prepared {
  readonly request: OperationRequest;
  readonly connection: Connection;
}

const ASK_AGAIN_MS = 1_000;

export async function prepare(
  context: SocketContext,
  payload: SubscribePayload,
  { engine, introspection, principals }: SocketOptions,
): Promise<ExecutionArgs | readonly GraphQLError[]> {
  const connection = context.extra;
  try {
    const document = readDocument(payload.query);
    const errors = checkDocument(engine.schema, document, introspection);
    if (errors.length > 0) return errors;
    const operationName = payload.operationName ?? null;
    if (!getOperationAST(document, operationName)) return [noSuchOperation()];
    const asked = { ...askingOf(context, payload), principal: await principalOf(connection, principals) };
    const variables = payload.variables ?? {};
    const request: OperationRequest = { document, key: keyOf(payload.query), operationName, variables, asked };
    const contextValue: Prepared = { request, connection };
    return { schema: engine.schema, document, operationName, contextValue };
  } catch (error) {
    return [asGraphQLError(error)];
  }
}

/** A query or a mutation. */
export async function run({ contextValue }: ExecutionArgs, { engine, log }: SocketOptions): Promise<ExecutionResult> {
  const { request } = contextValue as Prepared;
  return formatResult(await engine.execute(request), request.asked, log);
}

/** A subscription. What ends it becomes its last message. */
export function watch(
  { contextValue }: ExecutionArgs,
  { live, log, principals }: SocketOptions,
): AsyncGenerator<ExecutionResult, void, undefined> | ExecutionResult {
  const { request, connection } = contextValue as Prepared;
  const { asked } = request;
  const askedNow = async (): Promise<Envelope> => ({ ...asked, principal: await patiently(connection, principals) });
  let events: AsyncGenerator<ExecutionResult, void, undefined>;
  try {
    events = subscribe(request, askedNow, live);
  } catch (error) {
    return formatResult({ errors: [asGraphQLError(error)] }, asked, log);
  }
  const shown: AsyncGenerator<ExecutionResult, void, undefined> = {
    async next() {
      try {
        const event = await events.next();
        return event.done ? event : { done: false, value: formatResult(event.value, asked, log) };
      } catch (error) {
        if (error instanceof TooSlow) log.warn('a client was too slow', { requestId: asked.requestId });
        throw asGraphQLError(error);
      }
    },
    return: () => events.return(),
    throw: error => events.throw(error),
    [Symbol.asyncIterator]: () => shown,
    [Symbol.asyncDispose]: async () => void (await events.return()),
  };
  return shown;
}

/** Each operation has a request id of its own, found again by its message when it ends with an error. */
const askings = new WeakMap<SubscribePayload, Omit<Envelope, 'principal'>>();

export function askingOf(
  { connectionParams, extra }: SocketContext,
  payload: SubscribePayload,
): Omit<Envelope, 'principal'> {
  let asking = askings.get(payload);
  if (!asking) {
    const wanted = connectionParams?.acceptLanguage;
    const header = typeof wanted === 'string' ? wanted : extra.request.headers['accept-language'];
    asking = { requestId: newId(), language: languageOf(header) };
    askings.set(payload, asking);
  }
  return asking;
}

async function principalOf({ credential }: Connection, principals: Principals | null): Promise<Principal> {
  return credential && principals ? (await principals.of(credential.token)).principal : ANONYMOUS;
}

/** For an event: while identity does not answer, the event waits; nothing is delivered on rights that nobody confirms. */
async function patiently(connection: Connection, principals: Principals | null): Promise<Principal> {
  for (;;) {
    try {
      return await principalOf(connection, principals);
    } catch (error) {
      const { socket } = connection;
      const mayCome = error instanceof GraphQLError && error.extensions.code === 'SUBGRAPH_UNAVAILABLE';
      if (!mayCome || socket.readyState !== socket.OPEN) throw error;
      await wait(ASK_AGAIN_MS);
    }
  }
}

const noSuchOperation = () =>
  new GraphQLError('There is no such operation in the document.', {
    extensions: { code: 'OPERATION_RESOLUTION_FAILURE' },
  });

function asGraphQLError(error: unknown): GraphQLError {
  if (error instanceof GraphQLError) return error;
  if (error instanceof TooSlow) return graphError('RATE_LIMITED', { retryAfter: 0 });
  return new GraphQLError('fault', { originalError: error as Error, extensions: { code: 'FAULT' } });
}

function formatResult(result: ExecutionResult, asked: Envelope, log: Log): ExecutionResult {
  return result.errors ? { ...result, errors: formatErrors(result.errors, asked, log) } : result;
}
