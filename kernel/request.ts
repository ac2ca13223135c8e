/** What belongs to the request being served, and the rule that no transaction of it waits for an answer from outside. */
import { AsyncLocalStorage } from 'node:async_hooks';
import type { Envelope } from './principal';
import type { Span } from './trace';

interface Served {
  envelope?: Envelope;
  /** SQL statements it has cost so far, for the tests against N+1. */
  statements: number;
  /** Its part of a trace. */
  span?: Span | undefined;
  /** Its read transaction. */
  reads?: { pause<T>(during: () => Promise<T>): Promise<T> };
}

export const request = new AsyncLocalStorage<Served>();

const transaction = new AsyncLocalStorage<true>();

/** Runs the work of a transaction, so that {@link outside} knows it by. */
export const inTransaction = <T>(work: () => Promise<T>): Promise<T> => transaction.run(true, work);

/**
 * Everything that waits for somebody else – another subgraph, a provider, a mail server – is called through here: the
 * request's read transaction gives its connection back meanwhile.
 * @throws Error inside the work of a transaction
 */
export async function outside<T>(call: () => Promise<T>): Promise<T> {
  if (transaction.getStore()) throw new Error('Nobody outside is called from within a transaction.');
  const reads = request.getStore()?.reads;
  return reads ? reads.pause(call) : call();
}
