/** Writes rows in batches; when a batch fails, its rows are written one by one, so that a bad one costs only itself. */
import type { Database } from '../../kernel/database/database';
import { sqlState } from '../../kernel/database/database';
import { serviceOf } from '../../kernel/principal';
import { BadRow, type FileReport, type Report } from './report';

export interface Item {
  readonly line: number;
  readonly values: Readonly<Record<string, unknown>>;
}

export interface Target {
  readonly table: string;
  /** Column → SQL type. */
  readonly columns: Readonly<Record<string, string>>;
  readonly key: readonly string[];
  /** Columns that follow the source; the others are written once and then left alone. */
  readonly follows: readonly string[];
}

export const BATCH = 500;

/** Writes a batch and says how many rows it wrote; the others were unchanged. May be called again with parts of it. */
export type WriteBatch = (items: readonly Item[]) => Promise<number>;

export function upsert(db: Database, { table, columns, key, follows }: Target): WriteBatch {
  const names = Object.keys(columns);
  const types = names.map(name => `${name} ${columns[name]}`).join(', ');
  const columnsOf = (from: string) => follows.map(name => `${from}.${name}`).join(', ');
  const onConflict =
    follows.length === 0
      ? 'DO NOTHING'
      : `DO UPDATE SET ${follows.map(name => `${name} = excluded.${name}`).join(', ')}
         WHERE (${columnsOf(table)}) IS DISTINCT FROM (${columnsOf('excluded')})`;
  const sql = `INSERT INTO ${table} (${names.join(', ')})
    SELECT ${names.join(', ')} FROM jsonb_to_recordset($1::jsonb) AS source(${types})
    ON CONFLICT (${key.join(', ')}) ${onConflict} RETURNING 1`;
  return async items => {
    const batch = JSON.stringify(items.map(item => item.values));
    const written: unknown[] = await db.tx(serviceOf(db.name), tx => tx.query(sql, [batch]));
    return written.length;
  };
}

/** Collects items and writes them batch by batch. */
export class Writer {
  private waiting: Item[] = [];

  constructor(
    private readonly report: Report,
    private readonly file: FileReport,
    private readonly write: WriteBatch,
  ) {}

  async add(item: Item): Promise<void> {
    this.waiting.push(item);
    if (this.waiting.length >= BATCH) await this.flush();
  }

  async flush(): Promise<void> {
    const items = this.waiting;
    this.waiting = [];
    if (items.length === 0) return;
    try {
      this.count(items.length, await this.write(items));
    } catch (error) {
      if (!isAboutData(error)) throw error;
      for (const item of items) await this.single(item);
    }
  }

  private async single(item: Item): Promise<void> {
    try {
      this.count(1, await this.write([item]));
    } catch (error) {
      if (!isAboutData(error)) throw error;
      this.report.refuse(this.file, item.line, new BadRow(`the database refuses it (${reasonOf(error)})`));
    }
  }

  private count(rows: number, written: number): void {
    this.file.written += written;
    this.file.unchanged += rows - written;
  }
}

/** SQLSTATE classes 22 (data) and 23 (integrity); anything else is about the database itself. */
const isAboutData = (error: unknown): boolean => /^2[23]/.test(sqlState(error) ?? '');

function reasonOf(error: unknown): string {
  const { constraint } = (error as { driverError?: { constraint?: string } }).driverError ?? {};
  return constraint ?? sqlState(error) ?? 'unknown';
}
