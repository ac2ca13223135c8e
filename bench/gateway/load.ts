/** Load: so many clients that each send the next request when they have the answer to the last. */
import { Pool } from 'undici';
import type { Measured } from './processes';

export interface Sample {
  readonly requests: number;
  /** Microseconds of CPU of the gateway. */
  readonly cpu: number;
  /** Milliseconds of each request. */
  readonly latencies: readonly number[];
}

const CLIENTS = 32;
const pools = new Map<string, Pool>();

/** Who asks. */
export interface Asking {
  /** An access token. */
  readonly token: string;
}

/** Asks once. @throws Error when the answer is not 200 */
export function ask(url: string, body: string, { token }: Asking): Promise<string> {
  let pool = pools.get(url);
  if (!pool) {
    pool = new Pool(url, { connections: CLIENTS, pipelining: 1 });
    pools.set(url, pool);
  }
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let status = 0;
    pool.dispatch(
      {
        path: '/graphql',
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
        body,
      },
      {
        onRequestStart() {},
        onResponseStart(_controller, statusCode) {
          status = statusCode;
        },
        onResponseData: (_controller, chunk) => void chunks.push(chunk),
        onResponseEnd() {
          const text = Buffer.concat(chunks).toString();
          if (status === 200) resolve(text);
          else reject(new Error(`${url} answered ${status}: ${text.slice(0, 300)}`));
        },
        onResponseError: (_controller, error) => reject(error),
      },
    );
  });
}

/** @param bodies one request after the other, without end  @param most requests after which it ends too */
export async function load(
  gateway: Measured,
  bodies: () => string,
  asking: Asking,
  milliseconds: number,
  most = Number.POSITIVE_INFINITY,
): Promise<Sample> {
  const latencies: number[] = [];
  const before = await gateway.cpu();
  const end = performance.now() + milliseconds;
  await Promise.all(
    Array.from({ length: CLIENTS }, async () => {
      for (let began = performance.now(); began < end && latencies.length < most; began = performance.now()) {
        await ask(gateway.url, bodies(), asking);
        latencies.push(performance.now() - began);
      }
    }),
  );
  return { requests: latencies.length, cpu: (await gateway.cpu()) - before, latencies };
}

/**
 * Microseconds of CPU for one request in the quietest tenth of rounds: what other machines on the same host do only ever adds.
 * A collection of all its memory, which comes in some rounds only, counts for no gateway then, but does in the median.
 * @param part 0.5 for the median of rounds instead
 */
export const cpuPerRequest = (samples: readonly Sample[], part = 0.1): number =>
  percentile(
    samples.map(({ cpu, requests }) => cpu / requests),
    part,
  );

export const latency = (samples: readonly Sample[], part: number): number =>
  percentile(
    samples.flatMap(({ latencies }) => latencies),
    part,
  );

export function percentile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * part) - 1)] ?? Number.NaN;
}
