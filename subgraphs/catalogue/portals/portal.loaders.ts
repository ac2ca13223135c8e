/** Batched loads of portals. */
import { batch, byKey, groupBy } from '../../../kernel/context';
import { rows } from '../../../kernel/database/database';
import { Portal } from './portal.entity';

export const portalById = batch<string, Portal>(async (ids, ctx) =>
  byKey(await ctx.read(tx => rows(tx, Portal, 'SELECT * FROM portal WHERE id = ANY($1)', [ids])), portal => portal.id),
);

export const portalByHost = batch<string, Portal>(async (hosts, ctx) =>
  byKey(
    await ctx.read(tx => rows(tx, Portal, 'SELECT * FROM portal WHERE host = ANY($1)', [hosts])),
    portal => portal.host,
  ),
);

/** The portals an authority runs. */
export const portalsOf = batch<string, Portal[]>(async (ids, ctx) =>
  groupBy(
    await ctx.read(tx =>
      rows(tx, Portal, 'SELECT * FROM portal WHERE authority_id = ANY($1) ORDER BY name, id', [ids]),
    ),
    portal => portal.authorityId,
  ),
);

/** The keys of the areas a portal serves. */
export const servedBy = batch<string, string[]>(async (ids, ctx) => {
  const found: { id: string; areas: string[] }[] = await ctx.read(tx =>
    tx.query(
      `SELECT portal_id AS id, array_agg(ars ORDER BY ars) AS areas FROM portal_area WHERE portal_id = ANY($1) GROUP BY portal_id`,
      [ids],
    ),
  );
  return new Map(found.map(({ id, areas }) => [id, areas]));
});
