/** Who may see a case's money: the applicant's side, the authority in charge; nobody else, on every path. */
import type { Tx } from '../../../kernel/database/database';
import { mayStillAct, scopesNow } from '../../../kernel/membership';
import { ANONYMOUS, type Principal } from '../../../kernel/principal';
import type { Case } from './case.entity';

/** The applicant, or who acts for the applicant within the services of the mandate. */
export const isApplicant = (one: Case, who: Principal): boolean =>
  who.kind === 'person' &&
  who.actingFor === one.accountId &&
  (who.services === null || who.services.includes(one.leikaKey));

export const isInCharge = (one: Case, who: Principal): boolean =>
  who.kind === 'staff' && who.authorityId === one.authorityId && who.scopes.includes('staff:read');

export const mayReadCase = (one: Case, who: Principal): boolean =>
  isApplicant(one, who) || isInCharge(one, who) || who.kind === 'service'; // another subgraph for itself; on behalf of somebody it is judged as that one

/**
 * The asker with the rights left at this moment, for live streams, which outlive a principal token.
 * @param leikaKey the service of the case
 */
export async function presently(tx: Tx, who: Principal, leikaKey: string | null): Promise<Principal> {
  if (who.kind === 'staff') {
    const held = await scopesNow(tx, who);
    return { ...who, scopes: who.scopes.filter(scope => held.includes(scope)) };
  }
  if (who.kind === 'person' && !(await mayStillAct(tx, who, leikaKey))) return ANONYMOUS;
  return who;
}
