/** Who may see a payment: the applicant's side, the authority in charge, the cashiers of the receiving authority. */
import type { Principal } from '../../../kernel/principal';
import { rights } from '../../../kernel/rights';
import type { Case } from '../cases/case.entity';
import { isApplicant, isInCharge } from '../cases/case.rights';
import { type Payment, refundableOf } from './payment.entity';
import { isOpen, isToDecide } from './payment.states';

/** @param scope what a cashier needs, such as `payment:read` */
export const isCashier = (payment: { authorityId: string }, who: Principal, scope: string): boolean =>
  who.kind === 'staff' && who.authorityId === payment.authorityId && who.scopes.includes(scope);

const CASHIER_SCOPES = ['payment:read', 'payment:refund', 'payment:reconcile'];

interface Judged {
  readonly payment: Payment;
  /** Its case; null when the asker cannot see that. */
  readonly one: Case | null;
}

export const paymentRights = rights<Judged, 'redirectUrl'>(
  'Payment',
  { de: 'Zahlung', en: 'Payment' },
  {
    with: ['PaymentChange', 'PaymentEvent', 'Refund'],
    sees: [
      { who: 'applicant', holds: ({ one }, who) => one !== null && isApplicant(one, who) },
      {
        who: 'authority',
        when: 'in charge of the case',
        holds: ({ one }, who) => one !== null && isInCharge(one, who),
      },
      {
        who: 'cashier',
        when: 'with `payment:read`, `payment:refund` or `payment:reconcile`',
        holds: ({ payment }, who) => CASHIER_SCOPES.some(scope => isCashier(payment, who, scope)),
      },
      { who: 'platform', holds: ({ one }, who) => one !== null && who.kind === 'service' },
    ],
    parts: {
      redirectUrl: {
        fields: ['Payment.redirectUrl'],
        lines: [
          {
            who: 'applicant',
            when: 'in INITIAL',
            holds: ({ payment, one }, who) => isOpen(payment) && one !== null && isApplicant(one, who),
          },
        ],
      },
    },
    does: {
      startPayment: [{ who: 'applicant', when: 'of what is due; never who may only read' }],
      confirmPaymentReturn: [{ who: 'applicant', when: 'in INITIAL', holds: mayPay }],
      cancelPayment: [{ who: 'applicant', when: 'in INITIAL', holds: mayPay }],
      resolveReconciliation: [
        {
          who: 'cashier',
          when: 'with `payment:reconcile`, when money was held back (Klärungsfall)',
          holds: ({ payment }, who) =>
            isCashier(payment, who, 'payment:reconcile') && isToDecide(payment.reconciliation),
        },
      ],
      refundPayment: [
        {
          who: 'cashier',
          when: 'with `payment:refund`, up to what is left of the payment',
          holds: ({ payment }, who) => isCashier(payment, who, 'payment:refund') && refundableOf(payment) > 0,
        },
      ],
    },
  },
);

function mayPay({ payment, one }: Judged, who: Principal): boolean {
  return one !== null && isApplicant(one, who) && who.kind === 'person' && !who.readOnly && isOpen(payment);
}

/** @param one its case; null when the asker cannot see that */
export const mayReadPayment = (payment: Payment, one: Case | null, who: Principal): boolean =>
  paymentRights.maySee({ payment, one }, who);

/** Names of the mutations the asker may call on it now. */
export const possibleActions = (payment: Payment, one: Case | null, who: Principal): string[] =>
  paymentRights.possibleActions({ payment, one }, who);
