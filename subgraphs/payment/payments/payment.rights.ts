/** Who may see a payment: the applicant's side, the authority in charge, the cashiers of the receiving authority. */
import type { Principal } from '../../../kernel/principal';
import type { Case } from '../cases/case.entity';
import { isApplicant, mayReadCase } from '../cases/case.rights';
import { type Payment, refundableOf } from './payment.entity';
import { isOpen, isToDecide } from './payment.states';

/** @param scope what a cashier needs, such as `payment:read` */
export const isCashier = (payment: { authorityId: string }, who: Principal, scope: string): boolean =>
  who.kind === 'staff' && who.authorityId === payment.authorityId && who.scopes.includes(scope);

/** @param one its case; null when the asker cannot see that */
export const mayReadPayment = (payment: Payment, one: Case | null, who: Principal): boolean =>
  (one !== null && mayReadCase(one, who)) ||
  isCashier(payment, who, 'payment:read') ||
  isCashier(payment, who, 'payment:reconcile') ||
  isCashier(payment, who, 'payment:refund');

/** Names of the mutations the asker may call on it now. */
export function possibleActions(payment: Payment, one: Case | null, who: Principal): string[] {
  const actions: string[] = [];
  if (one && isApplicant(one, who) && who.kind === 'person' && !who.readOnly && isOpen(payment))
    actions.push('confirmPaymentReturn', 'cancelPayment');
  if (isCashier(payment, who, 'payment:reconcile') && isToDecide(payment.reconciliation))
    actions.push('resolveReconciliation');
  if (isCashier(payment, who, 'payment:refund') && refundableOf(payment) > 0) actions.push('refundPayment');
  return actions;
}
