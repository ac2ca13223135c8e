/** Counts a list, for the totalCount of a connection that is asked for it. */
import type { Context } from '../../kernel/context';
import type { ListQuery, Page } from '../../kernel/page';

/** A page that knows its list, so that it can be counted when somebody wants to know. */
export type Countable<T> = Page<T> & { readonly query: ListQuery };

export async function countOf(ctx: Context, query: ListQuery): Promise<number> {
  const [row]: [{ count: number }] = await ctx.read(tx =>
    tx.query(`SELECT count(*)::int AS count FROM (${query.sql}) AS list`, [...query.values]),
  );
  return row.count;
}
