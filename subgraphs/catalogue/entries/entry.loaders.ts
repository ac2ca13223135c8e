/** Batched loads of entries of any kind, as the asker may see them. */
import { batch, byKey, type Context } from '../../../kernel/context';
import { rows } from '../../../kernel/database/database';
import type { CatalogueEntry } from './entry.entity';
import { type AnyEntry, areaOf, KINDS } from './entry.kinds';
import { maySee } from './entry.rights';

const anyEntryById = batch<string, AnyEntry>(async (ids, ctx) => {
  const found: AnyEntry[] = [];
  for (const { entity, table } of Object.values(KINDS)) {
    found.push(...(await ctx.read(tx => rows(tx, entity, `SELECT * FROM ${table} WHERE id = ANY($1)`, [ids]))));
  }
  return byKey(found, entry => entry.id);
});

/** Null for what the asker may not see. */
export async function visibleEntry(ctx: Context, id: string): Promise<AnyEntry | null> {
  const entry = await anyEntryById(ctx).load(id);
  return entry && (await maySee(ctx, entry, areaOf(entry))) ? entry : null;
}

/** Null unless it is of that kind and the asker may see it. */
export async function visibleOf<E extends CatalogueEntry>(
  ctx: Context,
  kind: new () => E,
  id: string,
): Promise<E | null> {
  const entry = await visibleEntry(ctx, id);
  return entry instanceof kind ? entry : null;
}
