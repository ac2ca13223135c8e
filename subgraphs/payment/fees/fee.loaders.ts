/** Fee rules, batched. */
import { today } from '../../../kernel/clock';
import { batch, byKey } from '../../../kernel/context';
import { rows } from '../../../kernel/database/database';
import { Fee } from './fee.entity';
import { feeRights } from './fee.rights';
import { rulesInForce } from './fee.rules';

export const feeById = batch<string, Fee>(async (ids, ctx) => {
  const found = await ctx.read(tx => rows(tx, Fee, 'SELECT * FROM fee WHERE id = ANY($1)', [ids]));
  return byKey(
    found.filter(fee => feeRights.maySee(fee, ctx.asker)),
    fee => fee.id,
  );
});

/** Today's rule, by `placeKey`. */
export const ruleAt = batch<string, Fee>((keys, ctx) => {
  const places = keys.map(key => ({ leikaKey: key.slice(0, 14), ars: key.slice(15) }));
  return ctx.read(tx => rulesInForce(tx, places, today()));
});
