/** Lists portals. */
import type { Context } from '../../../kernel/context';
import { type ListQuery, type PageArgs, page } from '../../../kernel/page';
import type { Countable } from '../list-count';
import { Portal, type PortalGeneration, type PortalState } from './portal.entity';

export async function listPortals(
  ctx: Context,
  filter: { generation?: PortalGeneration | null; state?: PortalState | null },
  args: PageArgs,
): Promise<Countable<Portal>> {
  const query: ListQuery = {
    subgraph: 'catalogue',
    kind: 'portals',
    sql: `SELECT * FROM portal WHERE ($1::text IS NULL OR generation = $1) AND ($2::text IS NULL OR state = $2)`,
    values: [filter.generation ?? null, filter.state ?? null],
    order: [
      { column: 'name', cast: 'text' },
      { column: 'id', cast: 'uuid' },
    ],
  };
  return { ...(await ctx.read(tx => page(tx, Portal, query, args))), query };
}
