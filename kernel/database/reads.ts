/** The read transaction of one request: begun by the first read, shared by all, given back while somebody outside is called. */
import type { Principal } from '../principal';
import { inTransaction } from '../request';
import type { Database, ReadSession, Tx } from './database';

export class Reads {
  private session: Promise<ReadSession> | undefined;
  private reading = 0;
  private pausing = 0;

  constructor(
    private readonly db: Database,
    private readonly who: Principal,
  ) {}

  async read<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    this.reading += 1;
    try {
      this.session ??= this.db.openRead(this.who);
      const { tx } = await this.session;
      return await inTransaction(() => work(tx));
    } finally {
      this.reading -= 1;
      await this.giveBack();
    }
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
