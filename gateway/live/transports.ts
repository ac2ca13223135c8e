/** Which transport each subgraph streams over: graphql-ws, unless the setting LIVE_TRANSPORTS names another one. */
import type { Express } from 'express';
import { Agent } from 'undici';
import { listSetting, optionalSetting } from '../../kernel/config';
import type { Transport } from './upstream';
import { type CallbackOptions, Callbacks } from './upstream-callback';
import { overSocket, type SocketTransportOptions } from './upstream-socket';
import { overSse } from './upstream-sse';

export type TransportOptions = SocketTransportOptions & Omit<CallbackOptions, 'agent'>;

export interface Transports {
  of(subgraph: string): Transport;
  /** Hears the subgraphs that call back, when there are any. */
  serve(app: Express): void;
  close(): Promise<void>;
}

/** A stream over HTTP says at least a heartbeat in this time. */
const SILENCE_MS = 30_000;

export function openTransports(options: TransportOptions): Transports {
  const chosen = new Map<string, string>();
  if (optionalSetting('LIVE_TRANSPORTS')) {
    for (const one of listSetting('LIVE_TRANSPORTS')) chosen.set(one.split('=')[0]!, one.split('=')[1]!);
  }
  const agents = new Map<string, Agent>();
  const agent = (subgraph: string): Agent => {
    let found = agents.get(subgraph);
    if (!found) {
      const connect = { ...options.certificate?.(subgraph) };
      found = new Agent({ connections: null, bodyTimeout: SILENCE_MS, headersTimeout: 10_000, connect });
      agents.set(subgraph, found);
    }
    return found;
  };
  const callbacks = new Callbacks({ ...options, agent });
  const known: Record<string, Transport> = {
    ws: overSocket(options),
    sse: overSse({ ...options, agent }),
    callback: callbacks.transport,
  };
  return {
    of: subgraph => known[chosen.get(subgraph) ?? 'ws']!,
    serve(app) {
      if ([...chosen.values()].includes('callback')) callbacks.serve(app);
    },
    async close() {
      await Promise.all([...agents.values()].map(one => one.destroy()));
    },
  };
}
