/** A subgraph's own part of the database: its pool, its transactions, and who asks as the rows' second wall (RLS). */
import type { Socket } from 'node:net';
import pg from 'pg';
import { DataSource, DefaultNamingStrategy, type EntityManager, type EntityTarget, type QueryRunner } from 'typeorm';
import { type SubgraphName, setting, subgraphDatabaseUrl } from '../config';
import { logger } from '../log';
import type { Principal } from '../principal';
import { inTransaction, request } from '../request';
import { beginSpan, summaryOf } from '../trace';
import { DATABASE_LIMITS } from './limits';
import { Locks } from './locks';
import { isOutdatedPlan, type NamedStatement, Statements } from './statements';

/** A running transaction. Raw SQL: `tx.query(text, values)`; the search path is the subgraph's own schema. */
export type Tx = EntityManager;

type EntityClass = new () => object;

/** `receivedAt` ↔ `received_at`, for tables, columns and joins alike. */
class SnakeCase extends DefaultNamingStrategy {
  override columnName(property: string, custom: string | undefined, prefixes: string[]): string {
    return [...prefixes, custom ?? property].map(snake).join('_');
  }
}
const snake = (name: string): string => name.replace(/[A-Z]/g, letter => `_${letter.toLowerCase()}`);

const afterCommitOf = new WeakMap<Tx, (() => void)[]>();

/** Runs `then` once the transaction has committed, and not at all when it rolls back. */
export function afterCommit(tx: Tx, then: () => void): void {
  afterCommitOf.get(tx)?.push(then);
}

/** The server of this connection does not write, or did not when it was made: another connection may. */
const READ_ONLY = '25006';
const BEGIN_READING = 'BEGIN READ ONLY';
/** A migration has changed what a prepared statement answers. */
const OUTDATED_PLAN = '0A000';
/** SQLSTATE → how often it is tried. */
const ATTEMPTS: Readonly<Record<string, number>> = { '40001': 4, '40P01': 4, [READ_ONLY]: 2, [OUTDATED_PLAN]: 2 };

/**
 * Two kinds of connections must not go back to the pool. A statement that is not answered in time may still run, and its
 * transaction be open: the next one's statements would be taken into it. And what was told not to write when it was
 * made, by a role's default or by a server that has become a standby, is never told otherwise: as long as it is used it
 * would stay so, for hours after everybody else may write again.
 */
class Client extends pg.Client {
  private reading = false;

  // biome-ignore lint/suspicious/noExplicitAny: as the driver's own
  constructor(...args: any[]) {
    super(...args);
    this.on('error', () => {}); // one that is lost between two who hold it must not end the process; its statements tell
  }

  // biome-ignore lint/suspicious/noExplicitAny: as overloaded as the driver's own
  override query(...args: any[]): any {
    const text = textOf(args[0]); // a prepared one comes with its name
    if (text.startsWith(BEGIN_READING)) this.reading = true;
    const isOurs = this.reading; // who writes in a transaction of ours that only reads is told so, and that is all
    if (text === 'COMMIT' || text === 'ROLLBACK') this.reading = false;
    const answer: unknown = super.query(...(args as [string]));
    if (answer instanceof Promise)
      answer.catch(error => (isLate(error) || (sqlState(error) === READ_ONLY && !isOurs)) && this.hangUp(error));
    return answer;
  }

  private hangUp(why: Error): void {
    (this as unknown as { connection: { stream: Socket } }).connection.stream.destroy(why);
  }
}

const { connection_timeout: connectTimeout, ...sessionLimits } = DATABASE_LIMITS;

const isLate = (error: unknown): boolean => (error as Error | null)?.message === 'Query read timeout';

export class Database {
  readonly locks: Locks;
  readonly statements = new Statements();

  private constructor(
    readonly name: SubgraphName,
    readonly source: DataSource,
  ) {
    this.locks = new Locks(name);
  }

  static async connect(name: SubgraphName, entities: readonly EntityClass[]): Promise<Database> {
    const log = logger(name);
    const count = () => {
      const store = request.getStore();
      if (store) store.statements += 1;
    };
    const source = new DataSource({
      type: 'postgres',
      url: subgraphDatabaseUrl(name),
      schema: name,
      entities: [...entities],
      synchronize: false,
      namingStrategy: new SnakeCase(),
      poolSize: Number(setting('DATABASE_POOL')),
      applicationName: name,
      connectTimeoutMS: connectTimeout,
      poolErrorHandler: (error: unknown) => log.warn('a database connection was lost', { error }),
      logging: ['query'],
      logger: {
        logQuery: count,
        logQueryError() {},
        logQuerySlow() {},
        logSchemaBuild() {},
        logMigration() {},
        log() {},
      },
      extra: {
        Client,
        keepAlive: true,
        options: `-c search_path=${name},events,public`,
        ...sessionLimits,
      },
    });
    await source.initialize();
    return new Database(name, source);
  }

  /**
   * Runs `work` in one transaction as `who`; commits, then runs what waited for the commit. Deadlocks and serialization
   * failures are retried, and so is a connection that does not write; so `work` may run more than once: it must touch nothing but the transaction.
   */
  async tx<T>(who: Principal, work: (tx: Tx) => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      const waiting: (() => void)[] = [];
      try {
        const result = await this.source.transaction(async tx => {
          afterCommitOf.set(tx, waiting);
          if (tx.queryRunner) oneByOne(tx.queryRunner, this.statements);
          await become(tx, who);
          return inTransaction(() => work(tx));
        });
        for (const then of waiting) then();
        return result;
      } catch (error) {
        if (isOutdatedPlan(error)) this.statements.forget();
        if (attempt >= (ATTEMPTS[sqlState(error) ?? ''] ?? 1)) throw error;
      }
    }
  }

  /** A read-only transaction that stays open while a request's fields are resolved. */
  async openRead(who: Principal): Promise<ReadSession> {
    const runner = this.source.createQueryRunner();
    try {
      await runner.connect();
      oneByOne(runner, this.statements);
      await runner.query(`${BEGIN_READING}; ${asLiteral(who)}`); // in one round trip: every request begins with it
    } catch (error) {
      await runner.release();
      throw error;
    }
    return new ReadSession(runner);
  }

  async close(): Promise<void> {
    await Promise.all([this.source.destroy(), this.locks.close()]);
  }
}

export class ReadSession {
  constructor(private readonly runner: QueryRunner) {}

  get tx(): Tx {
    return this.runner.manager;
  }

  /** Never fails: what was read was read, and a lost connection has nothing that could be lost. */
  async close(): Promise<void> {
    await this.runner.query('COMMIT').catch(() => {});
    await this.runner.release();
  }
}

/** Loaders that run side by side share one connection, which takes one statement at a time. */
function oneByOne(runner: QueryRunner, statements: Statements): void {
  const query = runner.query.bind(runner) as (...args: unknown[]) => Promise<unknown>;
  let last: Promise<unknown> = Promise.resolve();
  runner.query = ((text: string | NamedStatement, values?: unknown[], ...more: unknown[]) => {
    const isOne = typeof text === 'string' && !text.includes(';'); // several at once cannot be prepared
    const statement = isOne ? statements.named(text) : text;
    const next = last.then(() => traced(query, [statement, values, ...more]));
    last = next.catch(() => {});
    return next;
  }) as typeof runner.query;
}

const textOf = (query: unknown): string =>
  typeof query === 'string' ? query : ((query as Partial<NamedStatement> | null)?.text ?? '');

async function traced(query: (...args: unknown[]) => Promise<unknown>, args: unknown[]): Promise<unknown> {
  const parent = request.getStore()?.span;
  const span = parent && beginSpan(summaryOf(textOf(args[0])), 'client', {}, parent);
  if (!span) return query(...args);
  try {
    const result = await query(...args);
    span.end();
    return result;
  } catch (error) {
    span.end({ failed: true, outcome: sqlState(error) ?? 'failed' });
    throw error;
  }
}

/** @returns the SQLSTATE of a database error, or undefined. */
export function sqlState(error: unknown): string | undefined {
  const code = (error as { driverError?: { code?: unknown }; code?: unknown } | null)?.driverError?.code;
  const own = code ?? (error as { code?: unknown } | null)?.code;
  return typeof own === 'string' ? own : undefined;
}

/** The constraint a database error names, or undefined: maps a race to the refusal it is. */
export function brokenConstraint(error: unknown): string | undefined {
  return (error as { driverError?: { constraint?: string } } | null)?.driverError?.constraint;
}

/** Tells row-level security who asks; its conditions stand in kernel/database/walls.ts. */
const BECOME = ['kind', 'account', 'person', 'authority', 'staff', 'scopes'].map(
  (name, i) => `set_config('app.${name}', $${i + 1}, true)`,
);

const BECOMING = `SELECT ${BECOME.join(', ')}`;

function become(tx: Tx, who: Principal): Promise<unknown> {
  return tx.query(BECOMING, settingsOf(who));
}

function asLiteral(who: Principal): string {
  const values = settingsOf(who).map(pg.escapeLiteral);
  return `SELECT ${BECOME.map((call, i) => call.replace(`$${i + 1}`, () => values[i]!)).join(', ')}`;
}

function settingsOf(who: Principal): string[] {
  const person = who.kind === 'person' ? who : null;
  const staff = who.kind === 'staff' ? who : null;
  return [
    who.kind,
    person?.actingFor ?? '',
    person?.accountId ?? '',
    staff?.authorityId ?? '',
    staff?.staffMemberId ?? '',
    staff?.scopes.join(' ') ?? '',
  ];
}

/** Rows of hand-written SQL (`SELECT t.* …`) as entities, without TypeORM's costly hydration. */
export async function rows<E extends object>(
  tx: Tx,
  entity: EntityTarget<E>,
  sql: string,
  values: readonly unknown[] = [],
): Promise<E[]> {
  const found: Record<string, unknown>[] = await tx.query(sql, values as unknown[]);
  return found.map(row => asEntity(tx, entity, row));
}

/** One row with the columns of the entity's table as an instance of it. */
export function asEntity<E extends object>(tx: Tx, entity: EntityTarget<E>, row: Record<string, unknown>): E {
  const metadata = tx.connection.getMetadata(entity);
  const made = metadata.create() as Record<string, unknown>;
  for (const column of metadata.columns) {
    if (column.databaseName in row) {
      made[column.propertyName] = tx.connection.driver.prepareHydratedValue(row[column.databaseName], column);
    }
  }
  return made as E;
}
