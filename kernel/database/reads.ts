/** The read transaction of one request: begun by the first read, shared by all, given back while somebody outside is called. */
import { QueryRunnerAlreadyReleasedError } from 'typeorm';
import type { Principal } from '../principal';
import { inTransaction } from '../request';
import { type Database, type ReadSession, sqlState, type Tx } from './database';
import { isOutdatedPlan } from './statements';

export class Reads {
  private session: Promise<ReadSession> | undefined;
  private reading = 0;
  private outdated = false;
  private pausing = 0;

  constructor(
    private readonly db: Database,
    private readonly who: Principal,
  ) {}

  async read<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    this.reading += 1;
    try {
      return await this.inSession(work);
    } finally {
      this.reading -= 1;
      await this.giveBack();
    }
  }

  private async inSession<T>(work: (tx: Tx) => Promise<T>, isSecond = false): Promise<T> {
    this.session ??= this.db.openRead(this.who);
    const { session } = this;
    const { tx } = await session;
    try {
      return await inTransaction(() => work(tx));
    } catch (error) {
      if (isSecond || !this.isOutdated(error)) throw error;
      if (this.session === session) await this.close();
      return this.inSession(work, true);
    }
  }

  /** A migration has come in between: what was prepared before it fails, and with it all else that this transaction reads. */
  private isOutdated(error: unknown): boolean {
    if (isOutdatedPlan(error)) {
      this.db.statements.forget();
      this.outdated = true;
    }
    const fallsWithIt = sqlState(error) === '25P02' || error instanceof QueryRunnerAlreadyReleasedError;
    return this.outdated && (isOutdatedPlan(error) || fallsWithIt);
  }

  /** Whoever reads meanwhile does so in a transaction that ends with the read. */
  async pause<T>(during: () => Promise<T>): Promise<T> {
    this.pausing += 1;
    try {
      await this.giveBack();
      return await during();
    } finally {
      this.pausing -= 1;
    }
  }

  private async giveBack(): Promise<void> {
    if (this.pausing > 0 && this.reading === 0) await this.close();
  }

  async close(): Promise<void> {
    const open = this.session;
    this.session = undefined; // at once: whoever reads now begins another
    await (await open?.catch(() => undefined))?.close();
  }
}
