/** Batched loads of decisions, for whom they already exist. */
import { batch, byKey, type Context } from '../../../kernel/context';
import { rows } from '../../../kernel/database/database';
import type { Application } from '../application/application.entity';
import { isApplicantSide, maySeeContent } from '../application/application.rights';
import { ApplicationState } from '../application/application.states';
import { Decision } from './decision.entity';

const decisionOf = batch<string, Decision>(async (ids, ctx) =>
  byKey(
    await ctx.read(tx => rows(tx, Decision, 'SELECT * FROM decision WHERE application_id = ANY($1)', [ids])),
    decision => decision.applicationId,
  ),
);

/** States in which the applicant knows the decision. */
const KNOWN: readonly ApplicationState[] = [
  ApplicationState.NOTIFIED,
  ApplicationState.CLOSED,
  ApplicationState.ARCHIVED,
];

/** For applicants a decision exists once its notice is available, and while their sign-in is strong enough. */
export async function decisionFor(application: Application, ctx: Context): Promise<Decision | null> {
  const { asker } = ctx;
  if (isApplicantSide(asker) && !(KNOWN.includes(application.state) && maySeeContent(application, asker))) return null;
  return decisionOf(ctx).load(application.id);
}
