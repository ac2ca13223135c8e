/** Batched loads of handovers: for staff who may see the case, and for the system it was handed to. */
import { batch, byKey, type Context, groupBy } from '../../../kernel/context';
import { rows } from '../../../kernel/database/database';
import { applicationById } from '../application/application.loaders';
import { Handover } from './handover.entity';
import { handoverRights } from './handover.rights';

export const handoverById = batch<string, Handover>(async (ids, ctx) => {
  const found = await ctx.read(tx => rows(tx, Handover, 'SELECT * FROM handover WHERE id = ANY($1)', [ids]));
  return byKey(await visible(found, ctx), handover => handover.id);
});

/** Oldest first. */
export const handoversOfApplication = batch<string, Handover[]>(async (ids, ctx) => {
  const found = await ctx.read(tx =>
    rows(tx, Handover, 'SELECT * FROM handover WHERE application_id = ANY($1) ORDER BY id', [ids]),
  );
  return groupBy(await visible(found, ctx), handover => handover.applicationId);
});

async function visible(handovers: readonly Handover[], ctx: Context): Promise<Handover[]> {
  // systems see no case: looking for one would only tell, by the time it takes, that there is a handover
  const isSystem = ctx.asker.kind === 'machine';
  const cases = isSystem ? [] : handovers.map(({ applicationId }) => applicationById(ctx).load(applicationId));
  const seen = await Promise.all(cases);
  return handovers.filter((handover, i) => handoverRights.maySee({ handover, seesCase: seen[i] != null }, ctx.asker));
}
