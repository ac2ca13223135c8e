/** Fetches from subgraphs for the engine; whatever goes wrong is an answer that names the subgraph and nothing else. */
import type { Log } from '../../kernel/log';
import type { Certificate } from '../../kernel/tls';
import { beginSpan, type Span } from '../../kernel/trace';
import { type FetchContext, type SubgraphFetch, unavailable } from '../engine/fetch';
import { isItsFault, type Reason, UpstreamProblem } from './problem';
import { Upstream, type UpstreamLimits } from './upstream';

export interface FetcherOptions {
  /** The addresses of the subgraph's GraphQL endpoint, one for each of its processes. */
  readonly urls: (subgraph: string) => readonly string[];
  readonly limits: (subgraph: string) => UpstreamLimits;
  /** Shown to the subgraph, which must show one of the same authority. */
  readonly certificate?: (subgraph: string) => Certificate | null;
  /** What goes into the Authorization header, for exactly this body; nothing in plain mode. */
  readonly authorization?: (subgraph: string, body: Buffer, asked: FetchContext) => string;
  readonly log: Log;
  /** Hears how many SQL statements an answer has cost; subgraphs tell outside of production. */
  readonly counted?: (statements: number) => void;
  /** Hears how each fetch ended, and after how many milliseconds. */
  readonly ended?: (subgraph: string, outcome: 'answered' | Reason, ms: number) => void;
}

export class SubgraphFetcher {
  private readonly upstreams = new Map<string, Upstream>();

  constructor(private readonly options: FetcherOptions) {}

  readonly fetch: SubgraphFetch = async (subgraph, operation, asked) => {
    const { ended } = this.options;
    const began = performance.now();
    const { requestId } = asked;
    const span = asked.span && beginSpan(`fetch ${subgraph}`, 'client', { subgraph, requestId }, asked.span);
    try {
      const body = Buffer.from(operation.text ?? JSON.stringify(operation));
      const { answer, statements } = await this.upstream(subgraph).send({
        headers: this.headers(subgraph, body, asked, span),
        body,
        isRead: !operation.query.startsWith('mutation'),
        signal: asked.signal,
        reads: operation.reads,
      });
      if (statements > 0) this.options.counted?.(statements);
      ended?.(subgraph, 'answered', performance.now() - began);
      span?.end();
      return answer;
    } catch (error) {
      const reason = error instanceof UpstreamProblem ? error.reason : 'failed';
      ended?.(subgraph, reason, performance.now() - began);
      span?.end({ failed: true, outcome: reason });
      this.tell(subgraph, reason, error, asked);
      return { data: null, errors: [unavailable(subgraph).toJSON()] };
    }
  };

  /** How a subgraph is reached; the same object as long as the fetcher lives. */
  upstream(subgraph: string): Upstream {
    let found = this.upstreams.get(subgraph);
    if (!found) {
      const { urls, limits, certificate } = this.options;
      found = new Upstream(urls(subgraph), limits(subgraph), certificate?.(subgraph));
      this.upstreams.set(subgraph, found);
    }
    return found;
  }

  /** A number of each subgraph that was asked yet. */
  read(number: (upstream: Upstream) => number): [string, number][] {
    return [...this.upstreams].map(([name, upstream]) => [name, number(upstream)]);
  }

  async close(): Promise<void> {
    await Promise.all([...this.upstreams.values()].map(upstream => upstream.close()));
  }

  private headers(subgraph: string, body: Buffer, asked: FetchContext, span: Span | undefined): Record<string, string> {
    const headers: Record<string, string> = {
      'content-type': 'application/json',
      accept: 'application/graphql-response+json, application/json',
      'accept-language': asked.language,
      'x-request-id': asked.requestId,
    };
    if (span) headers.traceparent = span.traceparent;
    const authorization = this.options.authorization?.(subgraph, body, asked);
    if (authorization) headers.authorization = authorization;
    return headers;
  }

  private tell(subgraph: string, reason: Reason, error: unknown, { requestId }: FetchContext): void {
    const { log } = this.options;
    const fields = { subgraph, requestId, code: reason, error: (error as Error).cause ?? error };
    if (reason === 'refused') log.error('a subgraph refused a planned operation', fields);
    else if (isItsFault(reason)) log.warn('a subgraph did not answer', fields);
    else log.debug('a subgraph was not asked', fields);
  }
}
