/** Asks: a small typed question to the graph itself, as a trusted document, signed by the asking subgraph. */

import { Agent, fetch, type RequestInit, type Response } from 'undici';
import { type SubgraphName, setting, subgraphConfig } from './config';
import { timeLimit } from './limit';
import { logger } from './log';
import { type Envelope, serviceOf, signPrincipal } from './principal';
import { refuseCommon } from './refusal';
import { addressesIn, Replicas } from './replicas';
import { outside } from './request';
import { NOT_DONE } from './server/drain';
import { certificate, demandTls } from './tls';

/** What a subgraph asks others, by name, in its `asks.ts`; `npm run schema` checks and commits them as schema/asks.json. */
export type Asks = Readonly<Record<string, string>>;

const TIMEOUT_MS = 5_000;

let agent: Agent | undefined;
/** Made when it is first needed; the gateway is told by certificate who asks, where there are certificates. */
function agentTowards(addresses: readonly string[]): Agent {
  if (!agent) {
    const own = certificate();
    if (own) for (const address of addresses) demandTls(address);
    agent = new Agent({ connect: { ...own } });
  }
  return agent;
}

/** By the setting, which tests change. */
const gateways = new Map<string, Replicas<string>>();
function gateway(): Replicas<string> {
  const text = setting('GATEWAY_URL');
  const replicas = gateways.get(text) ?? new Replicas(addressesIn(text));
  gateways.set(text, replicas);
  return replicas;
}

/** An ask changes nothing, so it may be sent again: to another process of the gateway, when one leaves or is gone. */
async function sendToOne(request: RequestInit): Promise<Response> {
  const replicas = gateway();
  const dispatcher = agentTowards(replicas.all);
  let last: unknown;
  for (const address of replicas.inTurn()) {
    try {
      const response = await fetch(`${address}/ask`, { ...request, dispatcher });
      if (!response.headers.has(NOT_DONE)) return response;
      await response.body?.cancel();
      last = new Error('The gateway leaves.');
    } catch (error) {
      last = error;
      if (request.signal?.aborted) break;
    }
    replicas.avoid(address);
  }
  throw last;
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
    const token = await signPrincipal(envelope, subgraph, 'gateway', subgraphConfig(subgraph).secret, body);
    const response = await sendToOne({
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        authorization: `Bearer ${token}`,
        'x-subgraph': subgraph,
        'x-request-id': asked.requestId,
      },
      body,
      redirect: 'error',
      signal: timeLimit('ASK_TIMEOUT_MS', timeoutMs),
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
