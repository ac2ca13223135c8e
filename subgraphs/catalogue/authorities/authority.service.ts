/** Lists authorities by name or area. */
import type { Context } from '../../../kernel/context';
import { type ListQuery, type PageArgs, page } from '../../../kernel/page';
import { isCurrent, isWithin } from '../areas/ars';
import type { Countable } from '../list-count';
import { Authority } from './authority.entity';

export interface AuthorityFilter {
  readonly text?: string | null;
  readonly ars?: string | null;
  readonly pointOfSingleContactOnly?: boolean;
}

export type AuthorityPage = Countable<Authority>;

/** Those that work in the area, and the one that runs it, such as the Amt of a small municipality. Without departments. */
export async function listAuthorities(ctx: Context, filter: AuthorityFilter, args: PageArgs): Promise<AuthorityPage> {
  const values: unknown[] = [];
  const conditions = [`kind <> 'DEPARTMENT'`];
  if (filter.text) {
    values.push(filter.text.replace(/[%_\\]/g, ' ').trim());
    conditions.push(`fold(name) LIKE '%' || fold($${values.length}) || '%'`);
  }
  if (filter.ars) {
    values.push(filter.ars);
    const ars = `$${values.length}`;
    conditions.push(`(${isWithin('ars', ars)} OR id = (SELECT administered_by_id FROM area WHERE area.ars = ${ars}))`);
  } else {
    // who ran an area that has ended is still there for its cases, and found by its key
    conditions.push(`EXISTS (SELECT FROM area WHERE area.ars = authority.ars AND ${isCurrent('area')})`);
  }
  if (filter.pointOfSingleContactOnly) conditions.push('is_point_of_single_contact');
  const query: ListQuery = {
    subgraph: 'catalogue',
    kind: 'authorities',
    sql: `SELECT * FROM authority WHERE ${conditions.join(' AND ')}`,
    values,
    order: [
      { column: 'name', cast: 'text' },
      { column: 'id', cast: 'uuid' },
    ],
  };
  return { ...(await ctx.read(tx => page(tx, Authority, query, args))), query };
}
