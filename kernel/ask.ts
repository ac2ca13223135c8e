/** Asks: a small typed question to the graph itself, as a trusted document, signed by the asking subgraph. */
import { Agent, fetch } from 'undici';
import { type SubgraphName, setting, subgraphConfig } from './config';
import { logger } from './log';
import { type Envelope, serviceOf, signPrincipal } from './principal';
import { refuseCommon } from './refusal';
import { outside } from './request';
import { certificate, demandTls } from './tls';

/** What a subgraph asks others, by name, in its `asks.ts`; `npm run schema` checks and commits them as schema/asks.json. */
export type Asks = Readonly<Record<string, string>>;

const TIMEOUT_MS = 5_000;

let agent: Agent | undefined;
/** Made when it is first needed; the gateway is told by certificate who asks, where there are certificates. */
function agentTowards(gateway: string): Agent {
  if (!agent) {
    const own = certificate();
    if (own) demandTls(gateway);
    agent = new Agent({ connect: { ...own } });
  }
  return agent;
}

/**
 * @param name a key of the subgraph's asks  @param asked on whose behalf  @param timeoutMs shorter for what is only shown
 * @returns the data; fields the asker may not see are null
 * @throws Refusal TRY_AGAIN (retryable) when the owner does not answer  @throws Error inside a transaction
 */
export function ask<T>(
  subgraph: SubgraphName,
  name: string,
  variables: Record<string, unknown>,
  asked: Envelope,
  timeoutMs = TIMEOUT_MS,
): Promise<T> {
  return outside(() => send<T>(subgraph, name, variables, asked, timeoutMs));
}

async function send<T>(
  subgraph: SubgraphName,
  name: string,
  variables: Record<string, unknown>,
  asked: Envelope,
  timeoutMs: number,
): Promise<T> {
  const body = JSON.stringify({ name: `${subgraph}.${name}`, variables });
  const envelope = { ...asked, principal: serviceOf(subgraph, asked.principal) };
  try {
    const gateway = setting('GATEWAY_URL');
    const token = await signPrincipal(envelope, subgraph, 'gateway', subgraphConfig(subgraph).secret, body);
    const response = await fetch(`${gateway}/ask`, {
      method: 'POST',
      dispatcher: agentTowards(gateway),
      headers: {
        'content-type': 'application/json',
        authorization: `Bearer ${token}`,
        'x-subgraph': subgraph,
        'x-request-id': asked.requestId,
      },
      body,
      redirect: 'error',
      signal: AbortSignal.timeout(timeoutMs),
    });
    const answer = (await response.json()) as { data?: T | null; errors?: { extensions?: { code?: string } }[] };
    const failed = answer.errors?.some(({ extensions }) =>
      ['SUBGRAPH_UNAVAILABLE', 'INTERNAL', 'RATE_LIMITED'].includes(extensions?.code ?? 'INTERNAL'),
    );
    if (response.ok && answer.data && !failed) return answer.data;
    logger(subgraph).warn('an ask was not answered', {
      operation: name,
      requestId: asked.requestId,
      code: answer.errors?.[0]?.extensions?.code,
    });
  } catch (error) {
    logger(subgraph).warn('an ask failed', { operation: name, requestId: asked.requestId, error });
  }
  throw refuseCommon('TRY_AGAIN');
}
