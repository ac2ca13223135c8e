/** Fee rules, batched. */
import { today } from '../../../kernel/clock';
import { batch, byKey } from '../../../kernel/context';
import { rows } from '../../../kernel/database/database';
import { Fee } from './fee.entity';
import { rulesInForce } from './fee.rules';

export const feeById = batch<string, Fee>(async (ids, ctx) =>
  byKey(await ctx.read(tx => rows(tx, Fee, 'SELECT * FROM fee WHERE id = ANY($1)', [ids])), fee => fee.id),
);

/** Today's rule, by `placeKey`. */
export const ruleAt = batch<string, Fee>((keys, ctx) => {
  const places = keys.map(key => ({ leikaKey: key.slice(0, 14), ars: key.slice(15) }));
  return ctx.read(tx => rulesInForce(tx, places, today()));
});
