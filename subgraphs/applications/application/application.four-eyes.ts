/**
 * Four eyes (Vier-Augen-Prinzip, § 20 VwVfG): nobody decides an application of their own, or of somebody they act for.
 * Whose account is whose, identity knows and tells; here stand only the ids.
 */
import { batch, type Context } from '../../../kernel/context';
import type { Tx } from '../../../kernel/database/database';
import { refuse } from '../refusals';
import type { Application } from './application.entity';
import { possibleActions } from './application.rights';
import type { ApplicationAction } from './application.states';

async function ownCases(tx: Tx, staffMemberId: string, applicationIds: readonly string[]): Promise<string[]> {
  const found: { id: string }[] = await tx.query(`SELECT id FROM own_cases($1, $2)`, [staffMemberId, applicationIds]);
  return found.map(({ id }) => id);
}

/** @throws OWN_CASE */
export async function checkFourEyes(tx: Tx, staffMemberId: string, application: Application): Promise<void> {
  if ((await ownCases(tx, staffMemberId, [application.id])).length > 0) throw refuse('OWN_CASE');
}

const isOwnCase = batch<string, true>(async (ids, ctx) => {
  const { asker } = ctx;
  const own = asker.kind === 'staff' ? await ctx.read(tx => ownCases(tx, asker.staffMemberId, ids)) : [];
  return new Map(own.map(id => [id, true]));
});

/** Names of the mutations the asker may call on it now, without deciding where that would be about themself. */
export async function actionsFor(application: Application, ctx: Context): Promise<ApplicationAction[]> {
  const actions = possibleActions(application, ctx.asker);
  const mayDecide = actions.includes('decideApplication') && !(await isOwnCase(ctx).load(application.id));
  return mayDecide ? actions : actions.filter(action => action !== 'decideApplication');
}
