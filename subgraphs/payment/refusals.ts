/** Every way payment says no. */
import { refusals } from '../../kernel/refusal';

export const refuse = refusals({
  AMOUNT_CHANGED: {
    de: 'Zu zahlen sind jetzt {due}.',
    en: 'The amount due is now {due}.',
  },
  FEE_UNKNOWN: {
    de: 'Für diese Leistung ist hier keine Gebühr hinterlegt.',
    en: 'No fee is known for this service at this place.',
  },
  NOTHING_DUE: { de: 'Es ist nichts zu zahlen.', en: 'There is nothing to pay.' },
  PAYMENT_EXISTS: {
    de: 'Es ist schon eine Zahlung begonnen. Bitte setzen Sie diese fort oder brechen Sie sie ab.',
    en: 'A payment has already begun. Please go on with it, or cancel it.',
  },
  PAYMENT_IN_RECONCILIATION: {
    de: 'Eine Zahlung zu diesem Antrag wird gerade von der Kasse geklärt.',
    en: 'The cashier is clarifying a payment for this application.',
  },
  TOO_MANY_PAYMENTS: {
    de: 'Zu diesem Antrag wurden zu viele Zahlungen begonnen. Bitte wenden Sie sich an die Behörde.',
    en: 'Too many payments were begun for this application. Please contact the authority.',
  },
  RETURN_URL_NOT_REGISTERED: {
    de: 'Diese Rücksprungadresse ist nicht eingetragen.',
    en: 'This return address is not registered.',
  },
  NO_RESPONSIBILITY: {
    de: 'Es steht nicht fest, welche Behörde das Geld erhält.',
    en: 'It is not known which authority receives the money.',
  },
  PROVIDER_REFUSED: {
    de: 'Der Zahlungsdienst hat die Zahlung abgelehnt.',
    en: 'The payment provider has refused the payment.',
  },
  REFUND_EXCEEDS: {
    de: 'Es können höchstens {most} erstattet werden.',
    en: 'At most {most} can be refunded.',
  },
  REFUND_STALE: {
    de: 'Der erstattbare Betrag hat sich geändert; es sind jetzt {most}.',
    en: 'The refundable amount has changed; it is now {most}.',
  },
  BAD_IBAN: { de: 'Diese IBAN ist nicht gültig.', en: 'This IBAN is not valid.' },
  FEE_OVERLAP: {
    de: 'Für diese Leistung und dieses Gebiet gilt in dem Zeitraum schon eine andere Gebührenregel.',
    en: 'Another fee rule already holds for this service and area within that period.',
  },
  VALIDATION_FAILED: { de: 'Einzelne Angaben sind fehlerhaft.', en: 'Some of the values are wrong.' },
});
