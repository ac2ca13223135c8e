/** What streams of subgraphs over plain HTTP have in common: one POST that opens them, and how its refusal is read. */
import type { Agent, Dispatcher } from 'undici';
import type { Envelope } from '../../kernel/principal';
import { errorsIn, parseMessage } from '../upstream/answer';
import type { Ending, StreamRequest } from './upstream';

export interface HttpTransportOptions {
  /** The address of the subgraph's GraphQL endpoint. */
  readonly url: (subgraph: string) => string;
  /** What goes into the Authorization header, for exactly this body; nothing in plain mode. */
  readonly authorization?: (subgraph: string, body: string, asked: Envelope) => string;
  readonly agent: (subgraph: string) => Agent;
}

export const LARGEST_EVENT_BYTES = 1024 * 1024;

/** @param extensions what the transport adds to the operation */
export async function postStream(
  { subgraph, query, variables, operationName, asked }: StreamRequest,
  { url, authorization, agent }: HttpTransportOptions,
  accept: string,
  signal: AbortSignal,
  extensions?: Record<string, unknown>,
): Promise<Dispatcher.ResponseData> {
  const body = JSON.stringify({ query, variables, operationName, ...(extensions && { extensions }) });
  const { origin, pathname, search } = new URL(url(subgraph));
  const authorized = authorization?.(subgraph, body, asked);
  return agent(subgraph).request({
    origin,
    path: pathname + search,
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept,
      'accept-language': asked.language,
      'x-request-id': asked.requestId,
      ...(authorized && { authorization: authorized }),
    },
    body,
    signal,
  });
}

/** What an answer says that is no stream: its errors, that it does not accept our signature, or nothing to be understood. */
export async function refusalIn({ statusCode, body }: Dispatcher.ResponseData): Promise<Ending> {
  if (statusCode === 401 || statusCode === 403) {
    await body.dump();
    return 'refused';
  }
  let text = '';
  for await (const chunk of body) {
    text += String(chunk);
    if (text.length > LARGEST_EVENT_BYTES) return 'broken';
  }
  try {
    return endingOf(parseMessage(text)) ?? 'broken';
  } catch {
    return 'broken';
  }
}

/** The errors of a message that ends a stream; null when it has none. */
export function endingOf(message: unknown): Ending | null {
  const errors = errorsIn((message as { errors?: unknown } | null)?.errors);
  return errors && errors.length > 0 ? errors : null;
}
