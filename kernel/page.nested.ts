/** Pages below each of many parents, in one statement: a list inside a list costs the same for two and for twenty. */
import type { EntityTarget } from 'typeorm';
import { batch, type Context } from './context';
import { asEntity } from './database/database';
import { badInput } from './errors';
import { checkFirst, type ListQuery, type Page, type PageArgs, readCursor, signCursor } from './page';

export interface NestedListQuery extends ListQuery {
  /** The SQL type of a parent's key; `sql` names it `parent.key`. */
  readonly parent: 'uuid' | 'text';
}

const EMPTY: Page<never> = { edges: [], nodes: [], pageInfo: { hasNextPage: false, endCursor: null } };

/**
 * A batched list of each parent: `export const childrenOf = nestedPages(Area, () => ({ parent: 'text', sql: 'SELECT …
 * WHERE parent_ars = parent.key', … }))`, then `childrenOf(ctx, ars, { first, after })`. Parents asked with the same
 * arguments share one statement.
 * @param define the list; it gets the arguments beside `first` and `after`
 */
export function nestedPages<E extends object, A extends object = Record<never, never>>(
  entity: EntityTarget<E>,
  define: (args: A, ctx: Context) => NestedListQuery,
): (ctx: Context, parent: string, args: PageArgs & A) => Promise<Page<E>> {
  const load = batch<string, Page<E>>(async (keys, ctx) => {
    const found = new Map<string, Page<E>>();
    for (const [same, parents] of grouped(keys)) {
      const args = JSON.parse(same) as PageArgs & A;
      for (const [parent, page] of await pagesBelow(ctx, entity, define(args, ctx), parents, args)) {
        found.set(JSON.stringify([parent, args]), page);
      }
    }
    return found;
  });
  return async (ctx, parent, args) => (await load(ctx).load(JSON.stringify([parent, args]))) ?? EMPTY;
}

async function pagesBelow<E extends object>(
  ctx: Context,
  entity: EntityTarget<E>,
  query: NestedListQuery,
  parents: readonly string[],
  args: PageArgs,
): Promise<Map<string, Page<E>>> {
  const first = checkFirst(args.first);
  const values: unknown[] = [...query.values, parents];
  const keys = `$${values.length}::${query.parent}[]`;
  const columns = query.order.map(({ column }) => column);
  const descending = query.order[0]?.desc === true;
  if (query.order.some(({ desc }) => (desc === true) !== descending))
    throw new Error(`${query.kind}: mixed directions`);
  let where = '';
  if (args.after != null) {
    const position = readCursor(query.subgraph, query.kind, args.after);
    if (position.length !== columns.length) throw badInput('after');
    const places = query.order.map(({ cast }, i) => `$${values.length + i + 1}::${cast}`);
    where = `WHERE (${columns.join(', ')}) ${descending ? '<' : '>'} (${places.join(', ')})`;
    values.push(...position);
  }
  const direction = descending ? ' DESC' : '';
  const found: Record<string, unknown>[] = await ctx.read(tx =>
    tx.query(
      `SELECT parent.key::text AS parent_key, page.* FROM unnest(${keys}) AS parent(key) CROSS JOIN LATERAL (
         SELECT *${columns.map((column, i) => `, ${column}::text AS order_${i}`).join('')}
         FROM (${query.sql}) AS list ${where}
         ORDER BY ${columns.map(column => column + direction).join(', ')} LIMIT ${first + 1}
       ) AS page`,
      values,
    ),
  );
  return ctx.read(async tx => {
    const pages = new Map<string, Page<E>>();
    for (const row of found) {
      const key = row.parent_key as string;
      const page = pages.get(key) ?? { edges: [], nodes: [], pageInfo: { hasNextPage: false, endCursor: null } };
      pages.set(key, page);
      if (page.edges.length === first) {
        page.pageInfo.hasNextPage = true;
        continue;
      }
      const cursor = signCursor(
        query.subgraph,
        query.kind,
        query.order.map((_, i) => row[`order_${i}`]),
      );
      const node = asEntity(tx, entity, row);
      page.edges.push({ cursor, node });
      page.nodes.push(node);
      page.pageInfo.endCursor = cursor;
    }
    return pages;
  });
}

/** How long the list of each parent is in all, batched like {@link nestedPages}. */
export function nestedCounts<A extends object = Record<never, never>>(
  define: (args: A, ctx: Context) => NestedListQuery,
): (ctx: Context, parent: string, args: A) => Promise<number> {
  const load = batch<string, number>(async (keys, ctx) => {
    const found = new Map<string, number>();
    for (const [same, parents] of grouped(keys)) {
      const query = define(JSON.parse(same) as A, ctx);
      const counted: { key: string; count: number }[] = await ctx.read(tx =>
        tx.query(
          `SELECT parent.key::text AS key, (SELECT count(*)::int FROM (${query.sql}) AS list) AS count
           FROM unnest($${query.values.length + 1}::${query.parent}[]) AS parent(key)`,
          [...query.values, parents],
        ),
      );
      for (const { key, count } of counted) found.set(JSON.stringify([key, JSON.parse(same)]), count);
    }
    return found;
  });
  return async (ctx, parent, args) => (await load(ctx).load(JSON.stringify([parent, args]))) ?? 0;
}

/** Keys `[parent, args]` by their arguments. */
function grouped(keys: readonly string[]): Map<string, string[]> {
  const groups = new Map<string, string[]>();
  for (const key of keys) {
    const [parent, args] = JSON.parse(key) as [string, object];
    const same = JSON.stringify(args);
    const parents = groups.get(same);
    if (parents) parents.push(parent);
    else groups.set(same, [parent]);
  }
  return groups;
}
