/** Statements that come again are prepared: each connection reads, rewrites and plans them once (ADR 0018). */

import type { EntityManager } from 'typeorm';

/** A statement with a name of ours; a connection keeps its plan under that name. */
export interface NamedStatement {
  readonly name: string;
  readonly text: string;
}

/** Outside of our own transactions, for one hot statement. */
export const prepared = <R>(on: EntityManager, statement: NamedStatement, values: readonly unknown[]): Promise<R[]> =>
  on.query(statement as unknown as string, values as unknown[]); // the driver takes either

/** How often a text comes before it gets a name: what is asked once costs a connection no memory. */
const OFTEN = 3;
/** Names of a process. Each connection keeps as many plans, of some ten kilobytes each. */
const MOST_NAMES = 300;
const MOST_SEEN = 2_000;

export class Statements {
  private readonly times = new Map<string, number>();
  private readonly names = new Map<string, string>();
  private generation = 1;

  /** @returns the text itself while it is too new, and when there are names enough */
  named(text: string): string | NamedStatement {
    const known = this.names.get(text);
    if (known !== undefined) return { name: known, text };
    if (this.names.size >= MOST_NAMES) return text;
    const times = (this.times.get(text) ?? 0) + 1;
    if (times < OFTEN) {
      if (this.times.size >= MOST_SEEN) this.times.clear();
      this.times.set(text, times);
      return text;
    }
    this.times.delete(text);
    const name = `s${this.generation}_${this.names.size}`;
    this.names.set(text, name);
    return { name, text };
  }

  /** A migration has changed what a prepared statement answers: from now on all are prepared anew, under other names. */
  forget(): void {
    this.generation += 1;
    this.names.clear();
  }
}

/** What PostgreSQL says of a statement that was prepared before a migration gave its table another column. */
export const isOutdatedPlan = (error: unknown): boolean =>
  error instanceof Error && error.message.includes('cached plan must not change result type');
