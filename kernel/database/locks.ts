/** Locks by name that hold longer than a transaction, between all processes of a subgraph. */

import pg from 'pg';
import { type SubgraphName, subgraphDatabaseUrl } from '../config';
import { logger } from '../log';
import { DATABASE_LIMITS } from './limits';

/** Connections of their own: who holds or awaits a lock takes none from those who read and write. */
const AT_ONCE = 5;
const PATIENCE_MS = DATABASE_LIMITS.lock_timeout;

export class Locks {
  private readonly pool: pg.Pool;

  constructor(name: SubgraphName) {
    const lost = (error: unknown) => logger(name).warn('a database connection was lost', { error });
    this.pool = new pg.Pool({
      connectionString: subgraphDatabaseUrl(name),
      application_name: `${name} locks`,
      max: AT_ONCE,
      lock_timeout: PATIENCE_MS,
      connectionTimeoutMillis: PATIENCE_MS,
      keepAlive: true,
    });
    this.pool.on('error', lost).on('connect', client => client.on('error', lost));
  }

  /** Runs `work` while nobody else holds the lock. @throws Error when somebody holds it for more than eight seconds */
  async hold<T>(lock: string, work: () => Promise<T>): Promise<T> {
    const client = await this.pool.connect();
    try {
      await client.query('SELECT pg_advisory_lock(hashtextextended($1, 0))', [lock]);
      return await work();
    } finally {
      await client.query('SELECT pg_advisory_unlock_all()').then(
        () => client.release(),
        error => client.release(error), // with the connection goes the lock
      );
    }
  }

  close(): Promise<void> {
    return this.pool.end();
  }
}
