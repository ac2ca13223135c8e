/** The page a browser sees when a sign-in cannot go on: no script, nothing from elsewhere, no detail of why. */
import { type Language, say, type Text } from '../../../kernel/language';

export const PAGE_HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'",
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
};

const TITLE: Text = { de: 'Anmeldung nicht möglich', en: 'Sign-in is not possible' };
const USED: Text = {
  de: 'Diese Anmeldung ist abgelaufen oder wurde schon verwendet. Bitte beginnen Sie im Portal noch einmal.',
  en: 'This sign-in has expired or was already used. Please begin again in the portal.',
};
const AWAY: Text = {
  de: 'Der Anmeldedienst antwortet gerade nicht. Bitte versuchen Sie es in wenigen Minuten noch einmal.',
  en: 'The sign-in service does not answer right now. Please try again in a few minutes.',
};

/** Both languages, that of the reader first. */
export function notPossible(status: number, language: Language): string {
  const languages: Language[] = language === 'de' ? ['de', 'en'] : ['en', 'de'];
  const text = status === 503 ? AWAY : USED;
  const part = (one: Language) =>
    `<section lang="${one}"><h1>${say(TITLE, one)}</h1><p>${say(text, one)}</p></section>`;
  return `<!doctype html><html lang="${language}"><head><meta charset="utf-8"><title>${say(TITLE, language)}</title>
<meta name="viewport" content="width=device-width"><style>body{font:1.1rem/1.5 sans-serif;max-width:40rem;margin:4rem auto;padding:0 1rem}h1{font-size:1.4rem}</style>
</head><body><main>${languages.map(part).join('')}</main></body></html>`;
}
