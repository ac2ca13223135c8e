/** What an editor has on the desk: drafts and published entries of all kinds. */
import type { Context } from '../../../kernel/context';
import { type ListQuery, type PageArgs, pageRows } from '../../../kernel/page';
import { isWithin } from '../areas/ars';
import type { Countable } from '../list-count';
import type { CatalogueEntry } from './entry.entity';
import { visibleEntry } from './entry.loaders';
import { editedArea, edits } from './entry.rights';
import type { CatalogueState } from './entry.states';

/** Entries of the areas the asker edits, the last changed first. */
export async function listEntries(
  ctx: Context,
  filter: { states: readonly CatalogueState[] | null; leikaKey: string | null },
  args: PageArgs,
): Promise<Countable<CatalogueEntry>> {
  const area = await editedArea(ctx);
  const mine = area === null ? 'false' : isWithin('entry.ars', '$1');
  const states = '($2::text[] IS NULL OR entry.state = ANY($2))';
  const query: ListQuery = {
    subgraph: 'catalogue',
    kind: 'entries',
    sql: `SELECT entry.id, entry.changed_at FROM responsibility AS entry
          WHERE ${mine} AND ${states} AND ($3::text IS NULL OR entry.leika_key = $3)
          UNION ALL
          SELECT entry.id, entry.changed_at FROM online_service_version AS entry
          WHERE ${mine} AND ${states} AND ($3::text IS NULL OR entry.online_service_id IN (
            SELECT id FROM online_service WHERE leika_keys @> ARRAY[$3::text]))
          UNION ALL
          SELECT entry.id, entry.changed_at FROM service_version AS entry
          WHERE ${edits(area, null)} AND $1::text IS NOT NULL AND ${states} AND ($3::text IS NULL OR entry.leika_key = $3)`,
    values: [area, filter.states, filter.leikaKey],
    order: [
      { column: 'changed_at', cast: 'timestamptz', desc: true },
      { column: 'id', cast: 'uuid', desc: true },
    ],
  };
  const found = await ctx.read(tx => pageRows(tx, query, args));
  const entries = await Promise.all(found.nodes.map(({ id }) => visibleEntry(ctx, id as string)));
  const edges = found.edges.flatMap(({ cursor }, i) => {
    const node = entries[i];
    return node ? [{ cursor, node: node as CatalogueEntry }] : [];
  });
  return { edges, nodes: edges.map(({ node }) => node), pageInfo: found.pageInfo, query };
}
