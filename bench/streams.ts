/** The benchmark of live streams: a thousand clients on one inbox, against executing each event once per client. */
import { createClient } from 'graphql-ws';
import WebSocket from 'ws';
import type { Row } from './main';
import { type LiveGateway, startLiveGateway } from './streams/processes';

const CLIENTS = [1, 100, 1_000];
const EVENTS = 40;
/** Events are apart, so that one is with everybody before the next one comes. */
const WARM_UP = 5;
const QUERY = 'subscription { inboxChanged { cursor kind application { id state service { leikaKey title } } } }';

interface Sample {
  /** Milliseconds from the event until the last client has it. */
  readonly lags: readonly number[];
  /** Microseconds of CPU of the gateway for one event. */
  readonly cpu: number;
  /** Bytes of memory of the gateway for one open stream. */
  readonly idle: number;
}

export async function measureStreams(): Promise<Row[]> {
  const rows: Row[] = [];
  for (const clients of CLIENTS) {
    const events = clients === 1_000 ? EVENTS / 4 : EVENTS;
    const ours = await measure(clients, events, 'shared');
    const peer = await measure(clients, events, 'each');
    const row = (what: string, one: number, other: number) =>
      rows.push({
        name: `${clients} clients: ${what}`,
        ours: round(one),
        peer: round(other),
        ratio: round(other / one),
      });
    row('CPU µs per event', ours.cpu, peer.cpu);
    row('p50 ms to the last client', part(ours.lags, 0.5), part(peer.lags, 0.5));
    row('p99 ms to the last client', part(ours.lags, 0.99), part(peer.lags, 0.99));
    if (clients > 1) row('bytes per idle stream', ours.idle, peer.idle);
  }
  return rows;
}

async function measure(clients: number, events: number, sharing: 'shared' | 'each'): Promise<Sample> {
  const gateway = await startLiveGateway(sharing);
  try {
    const empty = await gateway.memory();
    const listeners = new Listeners();
    await listeners.open(gateway, clients);
    const idle = ((await gateway.memory()) - empty) / clients;
    const lags: number[] = [];
    for (let i = 0; i < WARM_UP; i += 1) await listeners.event(gateway);
    const before = await gateway.cpu();
    for (let i = 0; i < events; i += 1) lags.push(await listeners.event(gateway));
    const cpu = ((await gateway.cpu()) - before) / events;
    await listeners.close();
    return { lags, cpu, idle };
  } finally {
    gateway.stop();
  }
}

class Listeners {
  private readonly clients: ReturnType<typeof createClient>[] = [];
  private missing = 0;
  private done: () => void = () => {};

  /** Resolves when each of them has heard an event, so that all streams are open. */
  async open(gateway: LiveGateway, count: number): Promise<void> {
    const heard = new Set<number>();
    const all = new Promise<void>(resolve => {
      for (let n = 0; n < count; n += 1) {
        const client = createClient({
          url: `${gateway.url.replace('http', 'ws')}/graphql`,
          webSocketImpl: WebSocket,
          retryAttempts: 0,
          connectionParams: { authorization: `Bearer ${gateway.tokens[n % gateway.tokens.length]}` },
        });
        this.clients.push(client);
        client.subscribe(
          { query: QUERY },
          {
            next: ({ data, errors }) => {
              if (errors || !data) throw new Error(JSON.stringify(errors));
              heard.add(n);
              if (heard.size === count) resolve();
              this.missing -= 1;
              if (this.missing === 0) this.done();
            },
            error: error => {
              throw new Error('A stream has ended.', { cause: error });
            },
            complete: () => {},
          },
        );
      }
    });
    const knocking = setInterval(() => void gateway.event(), 1_000);
    await all;
    clearInterval(knocking);
    await this.quiet();
  }

  /** @returns milliseconds until the last one has it */
  async event(gateway: LiveGateway): Promise<number> {
    this.missing = this.clients.length;
    const everybody = new Promise<void>(resolve => {
      this.done = resolve;
    });
    const begun = performance.now();
    await gateway.event();
    await everybody;
    return performance.now() - begun;
  }

  async close(): Promise<void> {
    for (const client of this.clients) await client.dispose();
  }

  /** Until nothing more comes of the events that opened the streams. */
  private async quiet(): Promise<void> {
    let before: number;
    do {
      before = this.missing;
      await new Promise(resolve => setTimeout(resolve, 1_000));
    } while (this.missing !== before);
  }
}

function part(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]!;
}

const round = (value: number): number => Number(value.toPrecision(3));
