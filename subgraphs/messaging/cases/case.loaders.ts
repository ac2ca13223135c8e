/** Cases by application, as far as the asker has a side in them. */
import { batch, byKey } from '../../../kernel/context';
import { rows } from '../../../kernel/database/database';
import { sideIn } from '../rights';
import { ApplicationCase } from './case.entity';

export const caseByApplication = batch<string, ApplicationCase>(async (ids, ctx) => {
  const found = await ctx.read(tx =>
    rows(tx, ApplicationCase, `SELECT * FROM application_case WHERE application_id = ANY($1)`, [ids]),
  );
  return byKey(
    found.filter(one => sideIn(one, ctx.asker) !== null),
    one => one.applicationId,
  );
});
