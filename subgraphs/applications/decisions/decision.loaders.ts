/** Batched loads of decisions, for whom they already exist. */
import { batch, byKey, type Context } from '../../../kernel/context';
import { rows } from '../../../kernel/database/database';
import type { Application } from '../application/application.entity';
import { Decision } from './decision.entity';
import { decisionRights } from './decision.rights';

const decisionOf = batch<string, Decision>(async (ids, ctx) =>
  byKey(
    await ctx.read(tx => rows(tx, Decision, 'SELECT * FROM decision WHERE application_id = ANY($1)', [ids])),
    decision => decision.applicationId,
  ),
);

/** For applicants a decision exists once its notice is available, and while their sign-in is strong enough. */
export async function decisionFor(application: Application, ctx: Context): Promise<Decision | null> {
  return decisionRights.maySee(application, ctx.asker) ? decisionOf(ctx).load(application.id) : null;
}
