/**
 * How many requests an account and a network address may send in a minute. Replicas count together in PostgreSQL; while
 * that is gone each counts by itself, so that a limiter that fails lets nobody wait and nothing through without bound.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Pool } from 'pg';
import {
  type RateLimiterAbstract,
  RateLimiterMemory,
  RateLimiterPostgres,
  RateLimiterRes,
} from 'rate-limiter-flexible';
import { isProduction, optionalSetting } from '../kernel/config';
import { graphError } from '../kernel/errors';
import type { Log } from '../kernel/log';
import { actorKey, type Principal } from '../kernel/principal';
import type { Addresses } from './addresses';
import { credentialOfRequest } from './credential';
import { answerErrors } from './errors';
import type { Principals } from './principal';
import { asking } from './request';
import { isForGraph } from './target';

export interface RateLimitOptions {
  /** Requests a minute; 0 sets no limit. */
  readonly perAccount: number;
  readonly perAddress: number;
  /** PostgreSQL that replicas share; undefined counts in this process. */
  readonly database: string | undefined;
  readonly log: Log;
}

const WINDOW_SECONDS = 60;
/** A store that takes longer than this for one count is as good as gone. */
const STORE_MS = 1_000;

/** What the settings say; nothing is limited outside of production unless it is set. */
export function rateLimitSettings(log: Log): RateLimitOptions {
  const of = (name: string, inProduction: number) =>
    Number(optionalSetting(name) ?? (isProduction() ? inProduction : 0));
  return {
    perAccount: of('RATE_PER_ACCOUNT', 1_200),
    perAddress: of('RATE_PER_ADDRESS', 12_000),
    database: optionalSetting('RATE_DATABASE_URL'),
    log,
  };
}

export class RateLimits {
  private readonly pool: Pool | null;
  private readonly stores: Promise<void>[] = [];
  private readonly accounts: RateLimiterAbstract | null;
  private readonly networks: RateLimiterAbstract | null;

  constructor(
    private readonly options: RateLimitOptions,
    private readonly principals: Principals | null,
    private readonly addresses: Addresses,
  ) {
    const { database, perAccount, perAddress, log } = options;
    this.pool = database
      ? new Pool({ connectionString: database, max: 4, connectionTimeoutMillis: STORE_MS, query_timeout: STORE_MS })
      : null;
    this.pool?.on('error', error => log.warn('the store of rate limits is gone', { error }));
    this.accounts = this.limiter('account', perAccount);
    this.networks = this.limiter('address', perAddress);
  }

  /** Resolves when the store counts, or cannot. */
  async ready(): Promise<void> {
    await Promise.all(this.stores);
  }

  /** Passes a request on, or answers it with 429 and RATE_LIMITED. */
  check(request: IncomingMessage, response: ServerResponse, next: () => void): void {
    const { accounts, networks } = this;
    if ((!accounts && !networks) || !isForGraph(request)) next();
    else void this.count(request, response, next);
  }

  private async count(request: IncomingMessage, response: ServerResponse, next: () => void): Promise<void> {
    const wait = await this.secondsToWait(request, this.accounts && this.askerOf(request));
    if (wait === 0) return next();
    response.setHeader('retry-after', wait);
    answerErrors(response, 429, [graphError('RATE_LIMITED', { retryAfter: wait })], this.options.log);
  }

  /**
   * Counts one more request of a network, and of whoever asks when that is known.
   * @returns 0 when nothing stands against it
   */
  async secondsToWait(request: IncomingMessage, asker: Principal | null): Promise<number> {
    const isKnown = asker !== null && asker.kind !== 'anonymous';
    const forAccount = this.accounts && isKnown && this.accounts.consume(actorKey(asker)).then(free, waitOf);
    const wait = this.networks ? await this.networks.consume(this.addresses.of(request)).then(free, waitOf) : 0;
    return forAccount ? Math.max(wait, await forAccount) : wait;
  }

  async stop(): Promise<void> {
    await this.pool?.end();
  }

  /** Who asks, when that is known already; a first request counts for its address alone. */
  private askerOf(request: IncomingMessage): Principal | null {
    try {
      const credential = credentialOfRequest(request, asking.getStore()!);
      const known = credential && this.principals?.recall(credential);
      return known?.principal ?? null;
    } catch {
      return null; // what is no credential is refused behind this
    }
  }

  private limiter(what: string, points: number): RateLimiterAbstract | null {
    if (points === 0) return null;
    const options = { keyPrefix: what, points, duration: WINDOW_SECONDS };
    const local = new RateLimiterMemory(options);
    if (!this.pool) return local;
    const shared = { ...options, storeClient: this.pool, tableName: 'rate_limit', inMemoryBlockOnConsumed: points };
    let limiter: RateLimiterAbstract | null = null;
    const ready = new Promise<void>(resolve => {
      limiter = new RateLimiterPostgres({ ...shared, insuranceLimiter: local }, error => {
        if (error) this.options.log.warn('the store of rate limits cannot be used', { error });
        resolve();
      });
    });
    this.stores.push(ready);
    return limiter;
  }
}

const free = () => 0;

/** @param refused by a limiter  @returns seconds; 0 when it was no refusal but a fault of its own */
const waitOf = (refused: unknown): number =>
  refused instanceof RateLimiterRes ? Math.max(1, Math.ceil(refused.msBeforeNext / 1000)) : 0;
