/** Batched loads of authorities. */
import { batch, byKey, groupBy } from '../../../kernel/context';
import { rows } from '../../../kernel/database/database';
import { upwards } from '../areas/ars';
import { Authority } from './authority.entity';

export const authorityById = batch<string, Authority>(async (ids, ctx) =>
  byKey(
    await ctx.read(tx => rows(tx, Authority, 'SELECT * FROM authority WHERE id = ANY($1)', [ids])),
    authority => authority.id,
  ),
);

export const departmentsOf = batch<string, Authority[]>(async (ids, ctx) =>
  groupBy(
    await ctx.read(tx =>
      rows(
        tx,
        Authority,
        `SELECT * FROM authority WHERE parent_id = ANY($1) AND kind = 'DEPARTMENT' ORDER BY name, id`,
        [ids],
      ),
    ),
    department => department.parentId!,
  ),
);

/** The point of single contact (Einheitlicher Ansprechpartner) of a place: that of the smallest area around it. */
export const singleContactOf = batch<string, Authority>(async (places, ctx) => {
  const all = await ctx.read(tx =>
    rows(
      tx,
      Authority,
      `SELECT * FROM authority WHERE is_point_of_single_contact AND ars = ANY($1) ORDER BY length(ars) DESC, id`,
      [[...new Set(places.flatMap(upwards))]],
    ),
  );
  return new Map(
    places.flatMap(place => {
      const nearest = all.find(authority => place.startsWith(authority.ars));
      return nearest ? [[place, nearest] as const] : [];
    }),
  );
});
