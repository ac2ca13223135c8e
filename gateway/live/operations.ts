/** What runs on a live connection: each operation is checked, executed or streamed, with a request id of its own. */
import { type ExecutionResult, GraphQLError, getOperationAST, type OperationDefinitionNode } from 'graphql';
import { graphError, unauthenticated } from '../../kernel/errors';
import type { Log } from '../../kernel/log';
import { ANONYMOUS, type Envelope } from '../../kernel/principal';
import { checkDocument, keyOf, readDocument } from '../documents';
import { type Engine, noSuchOperation, type OperationRequest } from '../engine/engine';
import { formatErrors } from '../errors';
import type { RateLimits } from '../rate-limits';
import { ClientGone } from '../request';
import type { Named, TrustedDocuments } from '../trusted/trusted';
import type { Turns } from '../turns';
import type { SeenOperation } from './seen';
import { type LiveSession, type LiveSessions, principalOf } from './sessions';
import type { Streams } from './streams';

export interface LiveOptions {
  readonly engine: Engine;
  readonly streams: Streams;
  readonly sessions: LiveSessions;
  /** Web origins that may connect; null lets all in, in plain mode. */
  readonly origins: readonly string[] | null;
  readonly introspection: boolean;
  readonly trusted: TrustedDocuments;
  readonly rates: RateLimits;
  readonly turns: Turns;
  readonly log: Log;
}

/** What a client sends. */
export interface Sent extends Named {
  readonly operationName?: string | null | undefined;
  readonly variables?: Record<string, unknown> | null | undefined;
}

/** What is known of an operation before anybody looks at it. */
export interface Asking extends Omit<Envelope, 'principal'> {
  readonly seen: SeenOperation;
}

/** @returns what is wrong with it, when something is: then it has ended */
export async function prepare(
  sent: Sent,
  asking: Asking,
  session: LiveSession | null,
  options: LiveOptions,
): Promise<OperationRequest | readonly GraphQLError[]> {
  const prepared = await check(sent, asking, session, options);
  if ('document' in prepared) return prepared;
  const errors = formatErrors(prepared, asking, options.log);
  asking.seen.end(errors);
  return errors;
}

async function check(
  sent: Sent,
  { requestId, language, seen }: Asking,
  session: LiveSession | null,
  { engine, introspection, trusted }: LiveOptions,
): Promise<OperationRequest | readonly GraphQLError[]> {
  try {
    const { operationName = null, variables } = sent;
    const query = trusted.textOf(sent) ?? '';
    const document = readDocument(query);
    const errors = checkDocument(engine.schema, document, introspection);
    if (errors.length > 0) return errors;
    const definition = getOperationAST(document, operationName);
    if (!definition) return [noSuchOperation()];
    seen.is(definition);
    const asked = { requestId, language, principal: await principalOf(session), span: seen.span, askedAt: seen.began };
    return { document, key: keyOf(query), operationName, variables: declared(definition, variables ?? {}), asked };
  } catch (error) {
    return [asGraphQLError(error)];
  }
}

/** Without what the operation does not know: it changes no answer, so it must not keep answers from being shared either. */
function declared(
  { variableDefinitions = [] }: OperationDefinitionNode,
  variables: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const names = variableDefinitions.map(({ variable }) => variable.name.value);
  return Object.fromEntries(names.filter(name => Object.hasOwn(variables, name)).map(name => [name, variables[name]]));
}

type Events = AsyncGenerator<ExecutionResult, void, undefined>;

/**
 * A query or a mutation, as a stream of one event. Its `return()` takes effect at once: subgraphs learn that nobody waits.
 * @param answers those that are being made: this is one of them meanwhile
 */
export function run(
  request: OperationRequest,
  seen: SeenOperation,
  { engine, log }: LiveOptions,
  answers: Set<Promise<unknown>> = new Set(),
): Events {
  const gone = new ClientGone();
  const asked = { ...request.asked, signal: gone };
  const answer = async (): Promise<ExecutionResult> => {
    const result = formatResult(await engine.execute({ ...request, asked }), asked, log);
    if (!gone.aborted) seen.saw(result);
    seen.end();
    return result;
  };
  let running: Promise<ExecutionResult> | null = answer();
  const ended: Promise<unknown> = running.catch(() => {}).then(() => answers.delete(ended));
  answers.add(ended);
  const events: Events = {
    async next() {
      const value = await running;
      if (!value || gone.aborted) return { done: true, value: undefined };
      running = null;
      return { done: false, value };
    },
    async return() {
      gone.abort();
      running?.catch(() => {}); // nobody hears of it
      seen.end(); // the client has left
      return { done: true, value: undefined };
    },
    throw: error => Promise.reject(error),
    [Symbol.asyncIterator]: () => events,
    [Symbol.asyncDispose]: async () => void (await events.return()),
  };
  return events;
}

/**
 * A subscription. What ends it becomes its last message.
 * @param tooSlow called when the client did not keep up, with the position where it can go on
 */
export function watch(
  request: OperationRequest,
  seen: SeenOperation,
  session: LiveSession | null,
  tooSlow: (lastCursor: string | null) => void,
  { streams, log }: LiveOptions,
): Events | ExecutionResult {
  const { asked } = request;
  let events: Events;
  try {
    events = streams.watch(request, {
      asked: async () => ({ ...asked, principal: (await session?.patiently()) ?? ANONYMOUS }),
      tooSlow: lastCursor => {
        log.warn('a client was too slow', { requestId: asked.requestId });
        seen.end([graphError('RATE_LIMITED')]);
        tooSlow(lastCursor);
      },
    });
  } catch (error) {
    const refused = formatResult({ errors: [asGraphQLError(error)] }, asked, log);
    seen.end(refused.errors);
    return refused;
  }
  const shown: Events = {
    async next() {
      try {
        const event = await events.next();
        if (event.done) {
          seen.end();
          return event;
        }
        const value = formatResult(event.value, asked, log);
        seen.saw(value);
        return { done: false, value };
      } catch (error) {
        const [shownAs] = formatErrors([asGraphQLError(error)], asked, log);
        seen.end([shownAs!]);
        throw shownAs;
      }
    },
    return: () => {
      seen.end(session?.ended ? [unauthenticated()] : []); // else the client has left
      return events.return();
    },
    throw: error => events.throw(error),
    [Symbol.asyncIterator]: () => shown,
    [Symbol.asyncDispose]: async () => void (await events.return()),
  };
  return shown;
}

export function asGraphQLError(error: unknown): GraphQLError {
  if (error instanceof GraphQLError) return error;
  return new GraphQLError('fault', { originalError: error as Error, extensions: { code: 'FAULT' } });
}

function formatResult(result: ExecutionResult, asked: Envelope, log: Log): ExecutionResult {
  return result.errors ? { ...result, errors: formatErrors(result.errors, asked, log) } : result;
}
