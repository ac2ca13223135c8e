/** Traces by OpenTelemetry: who called whom, and how long it took. Off unless a collector is set; then loaded, never before. */
import type { Tracer } from '@opentelemetry/api';
import { optionalSetting, setting } from './config';

/** Everything a span may carry; there is no field for variables, texts or people on purpose. */
export interface SpanFields {
  readonly operation?: string;
  readonly requestId?: string;
  readonly subgraph?: string;
  readonly outcome?: string;
}

export interface Span {
  /** What the next process needs to go on with it, by W3C Trace Context. */
  readonly traceparent: string;
  /** @param name in place of the one it began with  @param failed marks it as an error */
  end(fields?: SpanFields & { readonly name?: string; readonly failed?: boolean }): void;
}

type Kind = 'server' | 'client';
type Begin = (name: string, kind: Kind, fields: SpanFields, parent: Span | string | undefined) => Span;

let begin: Begin | undefined;

/**
 * @param parent the span it belongs to, or the header `traceparent` of whoever called; a malformed one is none
 * @returns undefined while nobody collects traces
 */
export function beginSpan(name: string, kind: Kind, fields: SpanFields, parent?: Span | string): Span | undefined {
  return begin?.(name, kind, fields, parent);
}

/** @param process_ the name of the process  @returns what sends the rest and ends it */
export async function startTracing(process_: string): Promise<() => Promise<void>> {
  const endpoint = optionalSetting('OTEL_EXPORTER_OTLP_ENDPOINT');
  if (endpoint === undefined) return async () => {};
  const [{ BasicTracerProvider, BatchSpanProcessor, TraceIdRatioBasedSampler }, exporter, { resourceFromAttributes }] =
    await Promise.all([
      import('@opentelemetry/sdk-trace-base'),
      import('@opentelemetry/exporter-trace-otlp-http'),
      import('@opentelemetry/resources'),
    ]);
  const { OTLPTraceExporter } = exporter;
  const provider = new BasicTracerProvider({
    resource: resourceFromAttributes({ 'service.name': process_ }),
    // by the trace's id alone: every process decides alike, and no client decides for us
    sampler: new TraceIdRatioBasedSampler(Number(setting('OTEL_TRACES_SAMPLER_ARG'))),
    spanProcessors: [
      new BatchSpanProcessor(new OTLPTraceExporter({ url: `${endpoint.replace(/\/$/, '')}/v1/traces` }), {
        scheduledDelayMillis: 1_000,
      }),
    ],
  });
  begin = await beginnerOf(provider.getTracer('platform'));
  return async () => {
    begin = undefined;
    await provider.shutdown();
  };
}

async function beginnerOf(tracer: Tracer): Promise<Begin> {
  const { ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } = await import('@opentelemetry/api');
  const kinds = { server: SpanKind.SERVER, client: SpanKind.CLIENT };
  return (name, kind, fields, parent) => {
    const remote = typeof parent === 'string' ? parent : parent?.traceparent;
    const [, traceId, spanId, flags] = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/.exec(remote ?? '') ?? [];
    const context =
      traceId && spanId
        ? trace.setSpanContext(ROOT_CONTEXT, {
            traceId,
            spanId,
            traceFlags: Number.parseInt(flags!, 16),
            isRemote: true,
          })
        : ROOT_CONTEXT;
    const span = tracer.startSpan(name, { kind: kinds[kind], attributes: { ...fields } }, context);
    const own = span.spanContext();
    return {
      traceparent: `00-${own.traceId}-${own.spanId}-${own.traceFlags.toString(16).padStart(2, '0')}`,
      end: ({ name: better, failed, ...more } = {}) => {
        if (better) span.updateName(better);
        span.setAttributes({ ...more });
        if (failed) span.setStatus({ code: SpanStatusCode.ERROR });
        span.end();
      },
    };
  };
}

/** What a statement does to which table, such as `SELECT application`; its text may be long, and its values are nobody's business. */
export function summaryOf(sql: string): string {
  const verb = /^\W*(\w+)/.exec(sql)?.[1]?.toUpperCase() ?? 'SQL';
  const table = /\b(?:from|into|update|join)\s+((?:"?\w+"?\.)?"?[a-z_]\w*"?)/i.exec(sql)?.[1]?.replaceAll('"', '');
  return table ? `${verb} ${table}` : verb;
}
