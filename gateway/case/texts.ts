/** What the page of a case says, in both languages. */
import type { Text } from '../../kernel/language';

export const TEXTS = {
  title: { de: 'Vorgang ansehen', en: 'Look at a case' },
  reference: { de: 'Aktenzeichen', en: 'File number' },
  show: { de: 'Ansehen', en: 'Show' },
  signInFirst: {
    de: 'Ein Vorgang ist nur für die zuständige Stelle und die antragstellende Person zu sehen.',
    en: 'A case is seen only by the authority that is responsible for it and by its applicant.',
  },
  signIn: { de: 'Als Beschäftigte:r anmelden', en: 'Sign in as staff' },
  signInFailed: { de: 'Die Anmeldung ist fehlgeschlagen.', en: 'The sign-in failed.' },
  malformed: {
    de: 'Das ist kein Aktenzeichen. Es besteht aus Jahr, fünf Zeichen und einer Nummer, etwa 2026-K3M7Q-00012.',
    en: 'This is no file number. It has a year, five letters or digits and a number, such as 2026-K3M7Q-00012.',
  },
  unknown: {
    de: 'Unter diesem Aktenzeichen gibt es hier keinen Vorgang für Sie.',
    en: 'There is no case for you under this file number.',
  },
  away: {
    de: 'Das ist zurzeit nicht möglich. Bitte versuchen Sie es später noch einmal.',
    en: 'This is not possible at the moment. Please try again later.',
  },
  case: { de: 'Vorgang', en: 'Case' },
  service: { de: 'Leistung', en: 'Service' },
  area: { de: 'Ort', en: 'Place' },
  authority: { de: 'Zuständig', en: 'Responsible' },
  applicant: { de: 'Antragsteller:in', en: 'Applicant' },
  status: { de: 'Stand', en: 'Status' },
  submitted: { de: 'Abgesendet', en: 'Submitted' },
  received: { de: 'Eingegangen', en: 'Received' },
  answers: { de: 'Angaben', en: 'Answers' },
  documents: { de: 'Unterlagen', en: 'Documents' },
  documentsAbout: {
    de: 'Die Verweise gelten eine Minute; danach bitte neu laden.',
    en: 'The links work for a minute; reload the page then.',
  },
  status_INITIATED: { de: 'begonnen', en: 'begun' },
  status_SUBMITTED: { de: 'abgesendet', en: 'submitted' },
  status_RECEIVED: { de: 'eingegangen', en: 'received' },
  status_PROCESSING: { de: 'in Bearbeitung', en: 'being worked on' },
  status_ACTION_REQUIRED: { de: 'wartet auf Unterlagen', en: 'waits for documents' },
  status_COMPLETED: { de: 'abgeschlossen', en: 'completed' },
} as const satisfies Record<string, Text>;
