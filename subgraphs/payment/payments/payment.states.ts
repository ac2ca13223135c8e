/** The lifecycles of a payment and of its reconciliation, and what a provider's word makes of them. */
import type { Text } from '../../../kernel/language';
import { lifecycle } from '../../../kernel/lifecycle';

export const paymentLifecycle = lifecycle('Payment', { de: 'Zahlung', en: 'Payment' }, 'INITIAL', {
  // accept: a cashier counts money that was held back
  INITIAL: { succeed: 'PAYED', fail: 'FAILED', cancel: 'CANCELED', accept: 'PAYED' },
  FAILED: { accept: 'PAYED' },
  CANCELED: { accept: 'PAYED' },
  PAYED: {},
});

export const reconciliationLifecycle = lifecycle('Reconciliation', { de: 'Klärung', en: 'Reconciliation' }, 'NONE', {
  NONE: { arriveLate: 'LATE_SUCCESS', differ: 'AMOUNT_MISMATCH', repeat: 'DUPLICATE', orphan: 'NO_CASE' },
  LATE_SUCCESS: { resolve: 'RESOLVED' },
  AMOUNT_MISMATCH: { resolve: 'RESOLVED' },
  DUPLICATE: { resolve: 'RESOLVED' },
  NO_CASE: { resolve: 'RESOLVED' },
  // accepted for a draft that was deleted or an application that was taken back, or could not be given back
  RESOLVED: { orphan: 'NO_CASE' },
});

type State = (typeof paymentLifecycle.states)[number];
type Reconciliation = (typeof reconciliationLifecycle.states)[number];

/** Reconciliation states in which a human must decide. */
export const TO_DECIDE = [
  'LATE_SUCCESS',
  'AMOUNT_MISMATCH',
  'DUPLICATE',
  'NO_CASE',
] as const satisfies readonly Reconciliation[];
export const isToDecide = (state: string): boolean => (TO_DECIDE as readonly string[]).includes(state);

/** The payer may still pay, or give it up. */
export const isOpen = (payment: { state: string; reconciliation: string }): boolean =>
  payment.state === 'INITIAL' && payment.reconciliation === 'NONE';

export type Verdict =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'move'; readonly action: 'succeed' | 'fail' | 'cancel' }
  | { readonly kind: 'holdBack'; readonly because: 'arriveLate' | 'differ' | 'repeat' };

/**
 * What the provider's word means for a payment. Money is never dropped: success that cannot count by itself is held
 * back. What has ended never turns back, so the order in which words arrive does not matter.
 * @param dueMinor what is still to be paid for the case at this moment
 */
export function verdictOn(
  payment: { state: State; reconciliation: Reconciliation; totalMinor: number },
  seen: { state: State; amountMinor: number },
  dueMinor: number,
): Verdict {
  const { state, reconciliation, totalMinor } = payment;
  if (reconciliation !== 'NONE' || state === 'PAYED' || seen.state === 'INITIAL') return { kind: 'nothing' };
  if (seen.state === 'PAYED') {
    if (state !== 'INITIAL') return { kind: 'holdBack', because: 'arriveLate' };
    if (seen.amountMinor !== totalMinor) return { kind: 'holdBack', because: 'differ' };
    if (dueMinor < totalMinor) return { kind: 'holdBack', because: 'repeat' };
    return { kind: 'move', action: 'succeed' };
  }
  if (state !== 'INITIAL') return { kind: 'nothing' };
  return { kind: 'move', action: seen.state === 'FAILED' ? 'fail' : 'cancel' };
}

/** What we ourselves say of a payment instead of the provider; anything else in `state_detail` is the provider's word. */
export const OWN_DETAILS: Readonly<Record<string, Text>> = {
  EXPIRED: { de: 'Die Zeit zum Bezahlen ist abgelaufen.', en: 'The time to pay is over.' },
  GIVEN_UP: { de: 'Die Zahlung wurde abgebrochen.', en: 'The payment was given up.' },
  WITHDRAWN: { de: 'Der Antrag wurde zurückgenommen.', en: 'The application was withdrawn.' },
  DRAFT_DELETED: { de: 'Der Entwurf wurde gelöscht.', en: 'The draft was deleted.' },
  GIVEN_BACK: { de: 'Das Geld wird zurückgezahlt.', en: 'The money is given back.' },
};
