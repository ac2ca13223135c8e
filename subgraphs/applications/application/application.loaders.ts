/** Batched loads of applications; only those the asker may see, on every path. */
import { batch, byKey } from '../../../kernel/context';
import { rows } from '../../../kernel/database/database';
import { Application } from './application.entity';
import { maySee, noteRead } from './application.rights';

export const applicationById = batch<string, Application>(async (ids, ctx) => {
  const found = await ctx.read(tx => rows(tx, Application, 'SELECT * FROM application WHERE id = ANY($1)', [ids]));
  const visible = found.filter(application => maySee(application, ctx.asker));
  for (const application of visible) noteRead(ctx, application);
  return byKey(visible, application => application.id);
});

/** Cents paid so far, as far as payment has told; applications without a payment are missing. */
export const paidByApplication = batch<string, number>(async (ids, ctx) => {
  const found: { application_id: string; paid: string }[] = await ctx.read(tx =>
    tx.query(
      `SELECT application_id, sum(total_minor) AS paid FROM payment_state
       WHERE application_id = ANY($1) AND state = 'PAYED' GROUP BY application_id`,
      [ids],
    ),
  );
  return new Map(found.map(({ application_id, paid }) => [application_id, Number(paid)]));
});
