/** Fetches from subgraphs over pooled HTTP: a deadline, a size cap, no redirects, and nothing of the client passed on. */
import type { GraphQLFormattedError } from 'graphql';
import { Agent, type Dispatcher } from 'undici';
import { graphError } from '../../kernel/errors';
import type { Log } from '../../kernel/log';
import type { Envelope } from '../../kernel/principal';

export interface SubgraphOperation {
  readonly query: string;
  readonly operationName?: string | undefined;
  readonly variables: Record<string, unknown>;
}

export interface SubgraphAnswer {
  readonly data?: Record<string, unknown> | null;
  readonly errors?: readonly GraphQLFormattedError[];
}

/** Never rejects: what goes wrong is an answer with the error SUBGRAPH_UNAVAILABLE. */
export type SubgraphFetch = (
  subgraph: string,
  operation: SubgraphOperation,
  asked: Envelope,
) => Promise<SubgraphAnswer>;

export interface FetcherOptions {
  /** The address of the subgraph's GraphQL endpoint. */
  readonly url: (subgraph: string) => string;
  /** What goes into the Authorization header, for exactly this body; nothing in plain mode. */
  readonly authorization?: (subgraph: string, body: string, asked: Envelope) => Promise<string>;
  readonly log: Log;
  /** Hears how many SQL statements an answer has cost; subgraphs tell outside of production. */
  readonly counted?: (statements: number) => void;
  /** Milliseconds until the whole answer must be there. */
  readonly timeoutMs?: number;
  /** Bytes of an answer at most. */
  readonly maxBytes?: number;
}

const TIMEOUT_MS = 10_000;
const MAX_BYTES = 8 * 1024 * 1024;
const CONNECTIONS = 64;

/** Codes that say that our own request to the subgraph was wrong: a fault of the platform, not of the client. */
const OUR_FAULT = new Set([
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  'OPERATION_RESOLUTION_FAILURE',
  'BAD_REQUEST',
]);
/** What a subgraph may not say to the client, or could use to steer our own HTTP answer. */
const HIDDEN = new Set(['http', 'stacktrace', 'exception', 'serviceName', 'response']);

/** The error for a part of the answer that is missing; names the subgraph and nothing else. */
export const unavailable = (subgraph: string) => graphError('SUBGRAPH_UNAVAILABLE', { subgraph });

export class SubgraphFetcher {
  private readonly agent = new Agent({ connections: CONNECTIONS, pipelining: 1, keepAliveTimeout: 10_000 });

  constructor(private readonly options: FetcherOptions) {}

  readonly fetch: SubgraphFetch = async (subgraph, operation, asked) => {
    const { log } = this.options;
    try {
      const answer = await this.send(subgraph, operation, asked);
      const wrong = answer.errors?.find(({ extensions }) => OUR_FAULT.has(String(extensions?.code)));
      if (!wrong) return answer;
      log.error('a subgraph refused a planned operation', {
        ...about(subgraph, asked),
        code: String(wrong.extensions?.code),
      });
    } catch (error) {
      log.warn('a subgraph did not answer', { ...about(subgraph, asked), error });
    }
    return { data: null, errors: [unavailable(subgraph).toJSON()] };
  };

  close(): Promise<void> {
    return this.agent.close();
  }

  private async send(subgraph: string, operation: SubgraphOperation, asked: Envelope): Promise<SubgraphAnswer> {
    const body = JSON.stringify(operation);
    const headers: Record<string, string> = {
      'content-type': 'application/json',
      accept: 'application/graphql-response+json, application/json',
      'accept-language': asked.language,
      'x-request-id': asked.requestId,
    };
    const authorization = await this.options.authorization?.(subgraph, body, asked);
    if (authorization) headers.authorization = authorization;
    const url = new URL(this.options.url(subgraph));
    const response = await this.agent.request({
      origin: url.origin,
      path: url.pathname + url.search,
      method: 'POST',
      headers,
      body,
      signal: AbortSignal.timeout(this.options.timeoutMs ?? TIMEOUT_MS),
    });
    const statements = Number(response.headers['x-sql-statements']);
    if (statements > 0) this.options.counted?.(statements);
    return readAnswer(response, this.options.maxBytes ?? MAX_BYTES);
  }
}

const about = (subgraph: string, asked: Envelope) => ({ subgraph, requestId: asked.requestId });

/** @throws Error when it is no GraphQL answer; redirects are none. */
async function readAnswer(response: Dispatcher.ResponseData, maxBytes: number): Promise<SubgraphAnswer> {
  const { statusCode, headers, body } = response;
  body.on('error', () => {}); // a body given up half-way says so; who reads it is told by the loop below
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    if (statusCode >= 300 && statusCode < 400) throw new Error('The subgraph answered with a redirect.');
    if (statusCode === 401 || statusCode === 403) throw new Error('The subgraph refused the signature of the gateway.');
    if (headers['content-encoding']) throw new Error('The subgraph compressed its answer, which nobody asked for.');
    for await (const chunk of body as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > maxBytes) throw new Error('The answer of the subgraph is too large.');
      chunks.push(chunk);
    }
  } finally {
    body.destroy();
  }
  const answer: unknown = JSON.parse(Buffer.concat(chunks, bytes).toString('utf8'));
  if (!isObject(answer)) throw new Error('The subgraph answered with something else than GraphQL.');
  const { data, errors } = answer;
  if (statusCode >= 500 && !isObject(data)) throw new Error('The subgraph failed.');
  if (data != null && !isObject(data)) throw new Error('The subgraph answered with malformed data.');
  if (errors !== undefined && !(Array.isArray(errors) && errors.every(isObject))) {
    throw new Error('The subgraph answered with malformed errors.');
  }
  if (data === undefined && !errors?.length) throw new Error('The subgraph answered with neither data nor errors.');
  return { data: data ?? null, ...(errors?.length && { errors: (errors as Record<string, unknown>[]).map(asError) }) };
}

function asError({ message, path, extensions }: Record<string, unknown>): GraphQLFormattedError {
  const kept = Object.entries(isObject(extensions) ? extensions : {}).filter(([name]) => !HIDDEN.has(name));
  return {
    message: String(message),
    ...(Array.isArray(path) && { path: path as (string | number)[] }),
    extensions: Object.fromEntries(kept),
  };
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
