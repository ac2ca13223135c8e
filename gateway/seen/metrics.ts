/** Numbers for Prometheus. Plain functions, so that every way into the gateway counts alike; labels are few and bounded. */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

const registry = new Registry();
const registers = [registry];
collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: 100 });

const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

const operations = new Histogram({
  name: 'graphql_operation_seconds',
  help: 'Time from request to answer, by operation name.',
  labelNames: ['operation', 'kind', 'outcome'],
  buckets: SECONDS,
  registers,
});
const refusals = new Counter({
  name: 'graphql_errors_total',
  help: 'Errors in answers by their code; RATE_LIMITED, QUERY_TOO_COMPLEX, FORBIDDEN and the like are refusals.',
  labelNames: ['code'],
  registers,
});
const closings = new Counter({
  name: 'live_refusals_total',
  help: 'Sockets that were refused: by the status of HTTP at the handshake, by the code we closed them with after it.',
  labelNames: ['status'],
  registers,
});
const fetches = new Histogram({
  name: 'subgraph_fetch_seconds',
  help: 'Time of fetches from subgraphs, and how they ended.',
  labelNames: ['subgraph', 'outcome'],
  buckets: SECONDS,
  registers,
});
const events = new Histogram({
  name: 'live_event_lag_seconds',
  help: 'Time from an event’s arrival at the gateway until it was handed to a client.',
  buckets: SECONDS,
  registers,
});

/** A client may name its operations as it likes, so only so many names are told apart; those of our own come first. */
const MOST_NAMES = 200;
const OTHER = 'other';
const names = new Set<string>();

/** Names that always have a place, such as those of trusted documents. */
export function knowOperations(known: Iterable<string>): void {
  for (const name of known) names.add(name);
}

function labelOf(name: string | undefined): string {
  if (name === undefined) return 'unnamed';
  if (names.has(name)) return name;
  if (names.size >= MOST_NAMES || !/^\w{1,64}$/.test(name)) return OTHER;
  names.add(name);
  return name;
}

const MOST_CODES = 60;
const codes = new Set<string>();

function codeLabelOf(code: string): string {
  if (codes.has(code)) return code;
  if (codes.size >= MOST_CODES || !/^[A-Z_]{1,48}$/.test(code)) return OTHER;
  codes.add(code);
  return code;
}

/** @param ms milliseconds  @param codes_ of its errors, as clients see them */
export function countOperation(
  name: string | undefined,
  kind: string,
  outcome: string,
  ms: number,
  codes_: readonly string[],
): void {
  operations.observe({ operation: labelOf(name), kind, outcome }, ms / 1000);
  for (const code of codes_) refusals.inc({ code: codeLabelOf(code) });
}

/** @param status one of ours, never what a client has sent */
export function countSocketRefusal(status: number): void {
  closings.inc({ status: String(status) });
}

/** @param ms milliseconds */
export function countFetch(subgraph: string, outcome: string, ms: number): void {
  fetches.observe({ subgraph, outcome }, ms / 1000);
}

/** @param ms milliseconds from its arrival until it was handed to a client */
export function countEvent(ms: number): void {
  events.observe(ms / 1000);
}

/** A number that is read when Prometheus asks; the latest reader of a name counts. */
export function readWhenAsked(name: string, help: string, read: () => number): void {
  registry.removeSingleMetric(name);
  new Gauge({
    name,
    help,
    registers,
    collect() {
      this.set(read());
    },
  });
}

type Numbers = Iterable<readonly [string, number]>;

/** The same for a number per subgraph. */
export function readPerSubgraph(name: string, help: string, read: () => Numbers | Promise<Numbers>): void {
  registry.removeSingleMetric(name);
  new Gauge({
    name,
    help,
    labelNames: ['subgraph'],
    registers,
    async collect() {
      const numbers = [...(await read())];
      this.reset(); // of one that does not answer nothing is known
      for (const [subgraph, value] of numbers) this.set({ subgraph }, value);
    },
  });
}

export const contentType = registry.contentType;

/** In the text format of Prometheus. */
export const metricsText = (): Promise<string> => registry.metrics();
