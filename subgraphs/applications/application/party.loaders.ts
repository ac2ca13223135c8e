/** Applicant and agent of a case, with their names on the paths that provide them; elsewhere identity is asked for those. */
import { batch, type Context } from '../../../kernel/context';
import { prepared, type Statement } from '../../../kernel/database/database';
import type { Account } from '../foreign';
import type { Application } from './application.entity';
import { maySee } from './application.rights';

/** For `@provides`: only on fields by which nobody but the desk in charge gets an application. */
export const NAMES = 'applicant { displayName } agent { displayName }';

/** Lets the names be shown on what such a field gives. */
export function provideNames(applications: readonly Application[]): void {
  for (const application of applications) application.providesNames = true;
}

export const partyOf = (application: Application, accountId: string | null): Account | null =>
  accountId ? { id: accountId, partyTo: application } : null;

/** Planned once: planning costs more than running it, since the wall looks into the applications. */
const ACCOUNT_NAMES: Statement = {
  name: 'account-names',
  text: 'SELECT account_id, display_name FROM account_name WHERE account_id = ANY($1)',
};

const nameByAccount = batch<string, string>(async (ids, ctx) => {
  const found = await ctx.read(tx => prepared<{ account_id: string; display_name: string }>(tx, ACCOUNT_NAMES, [ids]));
  return new Map(found.map(({ account_id, display_name }) => [account_id, display_name]));
});

/** The name of a party, for a desk that may see the case; that it reads the agent's is noted for the access log. */
export async function nameOf({ id, partyTo: of }: Account, ctx: Context): Promise<string | null> {
  if (!of?.providesNames || ctx.asker.kind !== 'staff' || !maySee(of, ctx.asker)) return null;
  const name = await nameByAccount(ctx).load(id);
  // the applicant's is a part of the case, and that the case was read is noted already
  if (name !== null && id !== of.accountId) {
    const purpose = of.reference ?? 'inbox';
    ctx.accessed({
      accountId: id,
      applicationId: of.id,
      subjectType: 'Account',
      subjectId: id,
      action: 'read',
      purpose,
    });
  }
  return name;
}
