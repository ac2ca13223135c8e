/** Batched loads of areas. */
import { batch, byKey } from '../../../kernel/context';
import { rows } from '../../../kernel/database/database';
import { nestedPages } from '../../../kernel/page.nested';
import { Area } from './area.entity';
import { isCurrent, isWithin } from './ars';

export const areaByArs = batch<string, Area>(async (keys, ctx) =>
  byKey(await ctx.read(tx => rows(tx, Area, 'SELECT * FROM area WHERE ars = ANY($1)', [keys])), area => area.ars),
);

export const childrenOf = nestedPages(Area, () => ({
  subgraph: 'catalogue',
  kind: 'children',
  parent: 'text',
  sql: `SELECT * FROM area WHERE parent_ars = parent.key AND ${isCurrent('area')}`,
  values: [],
  order: [{ column: 'ars', cast: 'text' }],
}));

/** Those of the municipalities in it, for an area above them. */
export const postcodesOf = batch<string, string[]>(async (keys, ctx) => {
  const found: { ars: string; postcodes: string[] }[] = await ctx.read(tx =>
    tx.query(
      `SELECT asked.ars, array_agg(DISTINCT postcode ORDER BY postcode) AS postcodes
       FROM unnest($1::text[]) AS asked(ars) JOIN postcode ON ${isWithin('postcode.ars', 'asked.ars COLLATE "C"')}
       JOIN area ON area.ars = postcode.ars AND (area.ars = asked.ars OR ${isCurrent('area')})
       GROUP BY asked.ars`,
      [keys],
    ),
  );
  return new Map(found.map(({ ars, postcodes }) => [ars, postcodes]));
});
