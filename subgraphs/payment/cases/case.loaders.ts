/** Cases and what is still to be paid for them, batched. */
import { today } from '../../../kernel/clock';
import { batch, byKey } from '../../../kernel/context';
import { rows } from '../../../kernel/database/database';
import { Case } from './case.entity';
import { mayReadCase } from './case.rights';
import { amountsDue } from './case.service';

/** Cases the asker may see. */
export const caseById = batch<string, Case>(async (ids, ctx) => {
  const found = await ctx.read(tx => rows(tx, Case, 'SELECT * FROM application WHERE id = ANY($1)', [ids]));
  return byKey(
    found.filter(one => mayReadCase(one, ctx.asker)),
    one => one.id,
  );
});

/** In cents; nothing for cases the asker may not see, and where no fee is known. */
export const amountDueOf = batch<string, number>(async (ids, ctx) => {
  const cases = (await caseById(ctx).loadMany(ids)).filter(one => one instanceof Case);
  return ctx.read(tx => amountsDue(tx, cases, today()));
});
