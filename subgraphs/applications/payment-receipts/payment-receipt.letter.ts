/** The receipt of a payment (Quittung, § 368 BGB) as a letter. */
import { dayOf } from '../../../kernel/clock';
import { germanDay } from '../deadlines/calendar';
import type { Letter } from '../letters/letter';
import type { PaymentReceipt } from './payment-receipt.entity';

/** @param minor cents @returns such as `1.026,00 EUR` */
export const germanAmount = (minor: number): string =>
  `${new Intl.NumberFormat('de-DE', { minimumFractionDigits: 2 }).format(minor / 100)} EUR`;

export interface Parties {
  readonly authorityName: string;
  readonly payerName: string;
  readonly serviceTitle: string;
}

export function receiptLetter(receipt: PaymentReceipt, parties: Parties): Letter {
  const paidOn = germanDay(dayOf(receipt.paidAt));
  return {
    sender: parties.authorityName,
    recipient: parties.payerName,
    particulars: [
      ['Kassenzeichen', receipt.cashReference ?? receipt.paymentId],
      ['Bezahlt am', paidOn],
    ],
    subject: `Quittung: ${parties.serviceTitle}`,
    salutation: `Guten Tag ${parties.payerName},`,
    parts: [
      { text: `Ihre Zahlung ist am ${paidOn} eingegangen.` },
      {
        table: [
          ['Betrag', germanAmount(receipt.totalMinor)],
          ['Verwendungszweck', receipt.purpose],
          ['Kassenzeichen', receipt.cashReference ?? '–'],
        ],
      },
    ],
    signature: [parties.authorityName],
    remark: 'Diese Quittung wurde elektronisch erstellt und ist ohne Unterschrift gültig.',
  };
}
