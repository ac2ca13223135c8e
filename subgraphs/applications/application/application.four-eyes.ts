/**
 * Four eyes (Vier-Augen-Prinzip, § 20 VwVfG): nobody decides an application of their own, or of somebody they act for.
 * Whose account is whose, identity knows and tells; here stand only the ids. Where it is not sure, a colleague says for
 * the one case that they are two people (ADR 32).
 */
import { now } from '../../../kernel/clock';
import { batch, type Context } from '../../../kernel/context';
import type { Tx } from '../../../kernel/database/database';
import { once } from '../../../kernel/idempotency';
import { provenStaff } from '../../../kernel/membership';
import type { ConfirmFourEyesInput } from '../decisions/decision.inputs';
import { refuse } from '../refusals';
import type { Application } from './application.entity';
import { record } from './application.history';
import { announce } from './application.move';
import { asService, lockForStaff, possibleActions } from './application.rights';
import { type ApplicationAction, applicationLifecycle } from './application.states';

interface OwnPair {
  readonly staff_member_id: string;
  readonly id: string;
  readonly own_account_id: string;
  readonly certain: boolean;
}

const ownPairs = (tx: Tx, members: readonly string[], cases: readonly string[]): Promise<OwnPair[]> =>
  tx.query(`SELECT * FROM own_pairs($1, $2)`, [members, cases]);

/**
 * @returns by which accounts it is perhaps their own
 * @throws OWN_CASE
 */
async function perhapsOwn(tx: Tx, staffMemberId: string, application: Application): Promise<string[]> {
  const own = await ownPairs(tx, [staffMemberId], [application.id]);
  if (own.some(({ certain }) => certain)) throw refuse('OWN_CASE');
  return own.map(({ own_account_id }) => own_account_id);
}

/** @throws OWN_CASE, or FOUR_EYES_REQUIRED where nobody knows and no colleague has confirmed */
export async function checkFourEyes(tx: Tx, staffMemberId: string, application: Application): Promise<void> {
  if ((await perhapsOwn(tx, staffMemberId, application)).length > 0) throw refuse('FOUR_EYES_REQUIRED');
}

/** Who confirms is another one, may decide the case, and must not be in doubt themself. @returns the id of the application */
export async function confirmFourEyes(ctx: Context, input: ConfirmFourEyesInput): Promise<string> {
  const { id } = await asService(ctx, async tx => {
    const staff = await provenStaff(tx, ctx.principal, 'staff:decide');
    return once(tx, ctx.principal, 'confirmFourEyes', { ...input }, async () => {
      const application = await lockForStaff(tx, ctx, input.applicationId, 'staff:decide');
      await checkFourEyes(tx, staff.staffMemberId, application);
      applicationLifecycle.step(application.state, 'confirmFourEyes', possibleActions(application, ctx.principal));
      const accounts = (await isColleague(tx, input.staffMemberId, staff))
        ? await perhapsOwn(tx, input.staffMemberId, application)
        : [];
      if (accounts.length === 0) throw refuse('NOTHING_TO_CONFIRM');
      await tx.query(
        `INSERT INTO four_eyes (application_id, staff_member_id, own_account_id, confirmed_by, confirmed_at)
         SELECT $1, $2, unnest($3::uuid[]), $4, $5`,
        [application.id, input.staffMemberId, accounts, staff.staffMemberId, now()],
      );
      await record(tx, application, 'confirmFourEyes', ctx.principal);
      await announce(tx, application, 'application.internal', {});
      return application.id;
    });
  });
  return id;
}

async function isColleague(
  tx: Tx,
  staffMemberId: string,
  of: { staffMemberId: string; authorityId: string },
): Promise<boolean> {
  const found: unknown[] = await tx.query(
    `SELECT 1 FROM staff_membership WHERE staff_member_id = $1 AND authority_id = $2 AND active`,
    [staffMemberId, of.authorityId],
  );
  return found.length > 0 && staffMemberId !== of.staffMemberId;
}

/** Key: staff member and case. */
const ownness = batch<string, 'own' | 'perhaps'>(async (keys, ctx) => {
  const pairs = keys.map(key => key.split(' '));
  const own = await ctx.read(tx =>
    ownPairs(
      tx,
      pairs.map(([member]) => member!),
      pairs.map(([, id]) => id!),
    ),
  );
  const found = new Map<string, 'own' | 'perhaps'>();
  for (const { staff_member_id: member, id, certain } of own) {
    const key = `${member} ${id}`;
    if (certain || !found.has(key)) found.set(key, certain ? 'own' : 'perhaps');
  }
  return found;
});

const FOR_OTHERS: readonly ApplicationAction[] = ['decideApplication', 'confirmFourEyes'];

/**
 * Names of the mutations the asker may call on it now: without deciding where it is, or may be, about themself, and with
 * a confirmation only where the colleague whose case it is needs one.
 */
export async function actionsFor(application: Application, ctx: Context): Promise<ApplicationAction[]> {
  const { asker } = ctx;
  const actions = possibleActions(application, asker);
  if (asker.kind !== 'staff' || !actions.some(action => FOR_OTHERS.includes(action))) return actions;
  const { id, assigneeId } = application;
  const [own, colleagues] = await Promise.all([
    ownness(ctx).load(`${asker.staffMemberId} ${id}`),
    assigneeId && assigneeId !== asker.staffMemberId ? ownness(ctx).load(`${assigneeId} ${id}`) : null,
  ]);
  if (own) return actions.filter(action => !FOR_OTHERS.includes(action));
  return colleagues === 'perhaps' ? actions : actions.filter(action => action !== 'confirmFourEyes');
}
