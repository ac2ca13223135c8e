/** What the status page says, in both languages. */
import type { Text } from '../../kernel/language';

export const TEXTS = {
  about: {
    de: 'Eine Schnittstelle für Verwaltungsleistungen: von der Suche bis zum Bescheid.',
    en: 'One endpoint for public services: from the search to the decision.',
  },
  allUp: { de: 'Alles ist verfügbar.', en: 'Everything is available.' },
  someDown: { de: 'Ein Teil ist zurzeit nicht verfügbar.', en: 'A part is not available at the moment.' },
  deadLetters: {
    de: 'Ereignisse ließen sich nicht verarbeiten und warten auf den Betrieb.',
    en: 'events could not be handled and wait for an operator.',
  },
  deadLettersHow: { de: 'Was zu tun ist', en: 'What to do' },
  parts: { de: 'Teile', en: 'Parts' },
  up: { de: 'verfügbar', en: 'available' },
  down: { de: 'nicht verfügbar', en: 'not available' },
  schema: { de: 'Schema', en: 'Schema' },
  asOf: { de: 'Stand', en: 'As of' },
  reload: { de: 'neu laden', en: 'reload' },
  start: { de: 'Loslegen', en: 'Get started' },
  playground: { de: 'Spielwiese', en: 'Playground' },
  playgroundAbout: {
    de: 'Abfragen ausprobieren, mit der ganzen Geschichte eines Antrags als Beispielen',
    en: 'try queries, with the whole story of an application as examples',
  },
  cases: { de: 'Für Behörden', en: 'For authorities' },
  casesAbout: {
    de: 'Sie haben eine Mail über einen neuen Antrag bekommen? Geben Sie sein Aktenzeichen ein.',
    en: 'You got a mail about a new application? Type its file number.',
  },
  docs: { de: 'Unterlagen (englisch)', en: 'Documents' },
  lifecycles: { de: 'Lebensläufe', en: 'Lifecycles' },
  lifecyclesAbout: {
    de: 'Welche Zustände etwas hat, und was von einem zum nächsten führt.',
    en: 'Which states a thing has, and what leads from one to the next.',
  },
  pictureOf: { de: 'Zustandsdiagramm', en: 'State diagram' },
  otherLanguage: { de: 'English', en: 'Deutsch' },
  catalogue: { de: 'Leistungen und Zuständigkeiten', en: 'services, areas, who is responsible' },
  identity: { de: 'Servicekonto und Vollmachten', en: 'accounts, mandates, staff' },
  applications: { de: 'Anträge und ihre Bearbeitung', en: 'applications and casework' },
  messaging: { de: 'Postfach', en: 'mailbox' },
  payment: { de: 'Gebühren und Zahlungen', en: 'fees and payments' },
} as const satisfies Record<string, Text>;
