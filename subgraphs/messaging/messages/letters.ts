/** The words of automatic messages, in German and English. */
import { dayOf } from '../../../kernel/clock';
import { dayInWords, type Language, say, type Text } from '../../../kernel/language';
import type { Payer } from '../../../schema/events';

export interface Words {
  readonly title: string;
  readonly body: string;
}

interface Template {
  readonly title: Text;
  readonly body: Text;
}

const RECEIPT: Template = {
  title: { de: 'Eingangsbestätigung: {service}', en: 'Receipt of your application: {service}' },
  body: {
    de: `Guten Tag,

Ihr Antrag „{service}“ ist am {date} eingegangen.

Aktenzeichen: {reference}

Bitte geben Sie das Aktenzeichen bei Rückfragen an. Sobald es etwas Neues gibt, finden Sie hier eine Nachricht.

Diese Nachricht wurde automatisch erstellt.`,
    en: `Hello,

Your application “{service}” was received on {date}.

Reference: {reference}

Please quote the reference if you have questions. As soon as there is news, you will find a message here.

This message was created automatically.`,
  },
};

const DOCUMENT_REQUEST: Template = {
  title: { de: 'Bitte reichen Sie Unterlagen nach: {service}', en: 'Please send documents: {service}' },
  body: {
    de: `Guten Tag,

zu Ihrem Antrag „{service}“ (Aktenzeichen {reference}) fehlen uns noch Unterlagen.

{reason}

Bitte reichen Sie bis zum {date} nach:
{items}{fixed}`,
    en: `Hello,

We still need documents for your application “{service}” (reference {reference}).

{reason}

Please send by {date}:
{items}{fixed}`,
  },
};

/** Without these words to the applicant a Sunday would move to Monday. */
const FIXED_DAY: Text = {
  de: `

Dieser Tag ist als Ende der Frist bestimmt (§ 31 Abs. 3 Satz 2 VwVfG): Er gilt auch dann, wenn er ein Sonnabend, Sonntag oder Feiertag ist.`,
  en: `

This day is set as the end of the period (§ 31 (3) sentence 2 VwVfG): it holds even if it is a Saturday, Sunday or holiday.`,
};

const NOTICE: Template = {
  title: { de: 'Ihr Bescheid: {service}', en: 'Your decision: {service}' },
  body: {
    de: `Guten Tag,

über Ihren Antrag „{service}“ (Aktenzeichen {reference}) ist entschieden. Den Bescheid finden Sie im Anhang.`,
    en: `Hello,

Your application “{service}” (reference {reference}) has been decided. You will find the decision attached.`,
  },
};

const WITHDRAWN: Template = {
  title: { de: 'Antrag zurückgezogen: {service}', en: 'Application withdrawn: {service}' },
  body: {
    de: `Guten Tag,

Ihr Antrag „{service}“ (Aktenzeichen {reference}) wurde zurückgezogen und wird nicht weiter bearbeitet.

Diese Nachricht wurde automatisch erstellt.`,
    en: `Hello,

Your application “{service}” (reference {reference}) has been withdrawn and will not be processed further.

This message was created automatically.`,
  },
};

const CLOSED: Template = {
  title: { de: 'Vorgang abgeschlossen: {service}', en: 'Case closed: {service}' },
  body: {
    de: `Guten Tag,

der Vorgang zu Ihrem Antrag „{service}“ (Aktenzeichen {reference}) ist abgeschlossen.

Diese Nachricht wurde automatisch erstellt.`,
    en: `Hello,

The case of your application “{service}” (reference {reference}) is closed.

This message was created automatically.`,
  },
};

const MONEY_WAITS: Template = {
  title: { de: 'Ihre Zahlung wird geklärt: {service}', en: 'Your payment is being clarified: {service}' },
  body: {
    de: `Guten Tag,

Ihre Zahlung über {amount} (Kassenzeichen {cashReference}) {why}.

Die Kasse der Behörde entscheidet, ob sie erstattet oder angerechnet wird. Sie müssen nichts tun; bitte zahlen Sie nicht noch einmal.

Diese Nachricht wurde automatisch erstellt.`,
    en: `Hello,

Your payment of {amount} (cash reference {cashReference}) {why}.

The authority's cashier decides whether it is refunded or counted. You need not do anything; please do not pay again.

This message was created automatically.`,
  },
};

/** Why money waits, by ReconciliationState of payment. */
const WHY_MONEY_WAITS: Readonly<Record<string, Text>> = {
  NO_CASE: {
    de: 'kann nicht mehr verwendet werden, weil der Antrag zurückgenommen oder sein Entwurf gelöscht wurde',
    en: 'can no longer be used, because the application was withdrawn or its draft was deleted',
  },
  LATE_SUCCESS: {
    de: 'ist eingegangen, nachdem der Zahlungsvorgang schon beendet war',
    en: 'arrived after the payment had already ended',
  },
  AMOUNT_MISMATCH: {
    de: 'stimmt nicht mit dem geforderten Betrag überein',
    en: 'differs from the amount that was asked for',
  },
  DUPLICATE: {
    de: 'ist eingegangen, obwohl die Gebühr schon bezahlt war',
    en: 'arrived although the fee had been paid already',
  },
};
const WHY_UNKNOWN: Text = { de: 'muss geprüft werden', en: 'has to be checked' };

const MONEY_BACK: Template = {
  title: { de: 'Ihre Zahlung wurde erstattet: {service}', en: 'Your payment was refunded: {service}' },
  body: {
    de: `Guten Tag,

von Ihrer Zahlung (Kassenzeichen {cashReference}) wurden {amount} erstattet. Bis das Geld auf Ihrem Konto ist, können einige Tage vergehen.

Diese Nachricht wurde automatisch erstellt.`,
    en: `Hello,

Of your payment (cash reference {cashReference}), {amount} have been refunded. It may take some days until the money is in your account.

This message was created automatically.`,
  },
};

const PAYMENT_CANCELED: Template = {
  title: { de: 'Zahlung abgebrochen: {service}', en: 'Payment cancelled: {service}' },
  body: {
    de: `Guten Tag,

der begonnene Zahlungsvorgang über {amount} (Kassenzeichen {cashReference}) wurde abgebrochen, weil {why}. Bitte zahlen Sie nicht mehr. Sollte Ihre Zahlung doch noch eingehen, klärt die Kasse das, und Sie erhalten hier eine Nachricht.

Diese Nachricht wurde automatisch erstellt.`,
    en: `Hello,

The payment of {amount} that had begun (cash reference {cashReference}) was cancelled, because {why}. Please do not pay any more. Should your money arrive all the same, the cashier will clarify that, and you will find a message here.

This message was created automatically.`,
  },
};

const WHY_CANCELED: Readonly<Record<'WITHDRAWN' | 'DRAFT_DELETED', Text>> = {
  WITHDRAWN: { de: 'der Antrag zurückgenommen wurde', en: 'the application was withdrawn' },
  DRAFT_DELETED: { de: 'der Entwurf gelöscht wurde', en: 'the draft was deleted' },
};

const UNNAMED_SERVICE: Text = { de: 'Ihr Anliegen', en: 'your matter' };
const NO_REFERENCE: Text = { de: 'noch nicht vergeben', en: 'not yet given' };

export const TITLE_MOST = 1_024;
export const BODY_MOST = 100_000;

/** What the letters say of their case. */
export interface About {
  readonly serviceTitle: string | null;
  readonly reference: string | null;
}

function write(template: Template, about: About, language: Language, values: Record<string, string> = {}): Words {
  const all = {
    service: about.serviceTitle ?? UNNAMED_SERVICE[language],
    reference: about.reference ?? NO_REFERENCE[language],
    ...values,
  };
  return {
    title: say(template.title, language, all).slice(0, TITLE_MOST),
    body: say(template.body, language, all).slice(0, BODY_MOST),
  };
}

export const receiptWords = (about: About, receivedAt: Date, language: Language): Words =>
  write(RECEIPT, about, language, { date: dayInWords(dayOf(receivedAt), language) });

export const documentRequestWords = (
  about: About,
  request: {
    reason: string;
    items: readonly { description: string }[];
    dueOn: string;
    endsOn?: string;
    fixedDay?: boolean;
  },
  language: Language,
): Words =>
  write(DOCUMENT_REQUEST, about, language, {
    reason: request.reason,
    items: request.items.map(({ description }) => `– ${description}`).join('\n'),
    date: dayInWords(request.endsOn ?? request.dueOn, language),
    fixed: request.fixedDay ? FIXED_DAY[language] : '',
  });

export const noticeWords = (about: About, language: Language): Words => write(NOTICE, about, language);
export const withdrawnWords = (about: About, language: Language): Words => write(WITHDRAWN, about, language);
const money = ({ amountMinor, cashReference }: Payer, language: Language): Record<string, string> => ({
  amount: new Intl.NumberFormat(language === 'de' ? 'de-DE' : 'en-GB', { style: 'currency', currency: 'EUR' }).format(
    amountMinor / 100,
  ),
  cashReference,
});

export const moneyWaitsWords = (about: About, payer: Payer, reconciliation: string, language: Language): Words =>
  write(MONEY_WAITS, about, language, {
    ...money(payer, language),
    why: (WHY_MONEY_WAITS[reconciliation] ?? WHY_UNKNOWN)[language],
  });

export const moneyBackWords = (about: About, payer: Payer, language: Language): Words =>
  write(MONEY_BACK, about, language, money(payer, language));

export const paymentCanceledWords = (
  about: About,
  payer: Payer,
  because: keyof typeof WHY_CANCELED,
  language: Language,
): Words =>
  write(PAYMENT_CANCELED, about, language, { ...money(payer, language), why: WHY_CANCELED[because][language] });
export const closedWords = (about: About, language: Language): Words => write(CLOSED, about, language);

const SYSTEM_NAME: Text = { de: 'Automatische Nachricht', en: 'Automatic message' };
const STAFF_NAME: Text = { de: 'Sachbearbeitung', en: 'Caseworker' };
const APPLICANT_NAME: Text = { de: 'Antragstellende Person', en: 'Applicant' };
const AGENT_NAME: Text = { de: 'Bevollmächtigte Person', en: 'An agent' };

export const systemName = (language: Language): string => SYSTEM_NAME[language];
/** For staff whose name we do not know. */
export const namelessStaff = (language: Language): string => STAFF_NAME[language];
export const namelessApplicant = (language: Language): string => APPLICANT_NAME[language];
export const namelessAgent = (language: Language): string => AGENT_NAME[language];

/** The subject of a thread. */
export const subjectOf = (about: About): string =>
  [about.serviceTitle ?? UNNAMED_SERVICE.de, about.reference && `(${about.reference})`].filter(Boolean).join(' ');
