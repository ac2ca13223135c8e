/** What the payer sees at the simulated payment provider. */
import { bilingual, escaped, page } from '../page';
import type { Transaction } from './payments';

const euros = new Intl.NumberFormat('de-DE', { style: 'currency', currency: 'EUR' });

const STATUS: Record<Transaction['status'], readonly [german: string, english: string]> = {
  INITIAL: ['Die Zahlung ist offen.', 'The payment is open.'],
  PAYED: ['Die Zahlung ist eingegangen.', 'The payment has arrived.'],
  FAILED: ['Die Zahlung wurde abgelehnt.', 'The payment was declined.'],
  CANCELED: ['Die Zahlung wurde abgebrochen.', 'The payment was canceled.'],
};

export function paymentPage(payment: Transaction): string {
  const { request } = payment;
  const open = payment.status === 'INITIAL';
  return page(
    'Bezahlen · Pay',
    `<h1>${bilingual('Bezahlen', 'Pay')} – ${escaped(euros.format(request.amountMinor / 100))}</h1>
<p class="quiet">${bilingual('Nur für die Entwicklung: es fließt kein Geld.', 'Development only: no money moves.')}</p>
<table>
<tr><th scope="row">Verwendungszweck</th><td>${escaped(request.purpose)}</td></tr>
<tr><th scope="row">Beschreibung</th><td>${escaped(request.description)}</td></tr>
<tr><th scope="row">Vorgangsnummer</th><td>${escaped(payment.reference)}</td></tr>
</table>
<p class="note" role="status">${bilingual(...STATUS[payment.status])}</p>
${open ? choices(payment.id) : `<p><a href="${escaped(request.redirectUrl)}">${bilingual('Zurück', 'Back')}</a></p>`}`,
  );
}

const choices = (id: string): string => `<form method="post" action="/pay/${escaped(id)}">
<ul class="choices">
${choice('PAYED', 'bezahlen', 'pay')}
${choice('FAILED', 'ablehnen', 'decline, as the bank would')}
${choice('CANCELED', 'abbrechen', 'cancel, as the payer would')}
</ul>
</form>`;

const choice = (outcome: string, german: string, english: string): string =>
  `<li><button type="submit" name="outcome" value="${outcome}">${bilingual(german, english)}</button></li>`;

/** For who opens the address itself; a payment's own page is only reached from the case. */
export const welcomePage = (): string =>
  page(
    'Zahlungsdienst · Payment provider',
    `<h1>${bilingual('Zahlungsdienst der Entwicklung', 'Payment provider of development')}</h1>
<p>${bilingual('Die Seite einer Zahlung öffnet die redirectUrl von startPayment.', 'The redirectUrl of startPayment opens the page of a payment.')}</p>`,
  );

export const unknownPaymentPage = (): string =>
  page('Unbekannt · Unknown', `<h1>${bilingual('Diese Zahlung gibt es nicht.', 'There is no such payment.')}</h1>`);
