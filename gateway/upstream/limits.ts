/** What a subgraph may cost the gateway, from the settings. */
import { setting, subgraphTimeoutMs, subgraphTimeoutName } from '../../kernel/config';
import type { UpstreamLimits } from './upstream';

const FAILURES = 10;
const REST_MS = 1_000;

export const limitsOf = (subgraph: string): UpstreamLimits => ({
  timeoutMs: subgraphTimeoutMs(subgraph),
  timeoutName: subgraphTimeoutName(subgraph),
  writeTimeoutMs: Number(setting('SUBGRAPH_WRITE_TIMEOUT_MS')),
  maxBytes: Number(setting('SUBGRAPH_MAX_BYTES')),
  connections: Number(setting('SUBGRAPH_CONNECTIONS')),
  breaker: { failures: FAILURES, restMs: REST_MS },
});
