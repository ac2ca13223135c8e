/** Every way messaging says no. */
import type { ProblemData } from '../../kernel/refusal';
import { refusals } from '../../kernel/refusal';

export const refuse = refusals({
  VALIDATION_FAILED: { de: 'Einige Angaben fehlen oder sind falsch.', en: 'Some values are missing or wrong.' },
  TRUST_TOO_LOW: {
    de: 'Dafür ist eine sicherere Anmeldung nötig: verlangt ist das Vertrauensniveau {required}, Ihres ist {current}. Es wird erreicht mit: {means}.',
    en: 'This needs a stronger sign-in: trust level {required} is needed, yours is {current}. It is reached with: {means}.',
  },
  CODE_WRONG: { de: 'Dieser Code stimmt nicht.', en: 'This code is not right.' },
  CODE_EXPIRED: {
    de: 'Dieser Code gilt nicht mehr. Bitte fordern Sie einen neuen an.',
    en: 'This code is no longer valid. Please ask for a new one.',
  },
  TOO_MANY_CODES: {
    de: 'Für heute wurden genug Codes verschickt. Bitte versuchen Sie es morgen wieder.',
    en: 'Enough codes have been sent for today. Please try again tomorrow.',
  },
});

const PROBLEMS = {
  TOO_SHORT: { de: 'Hier fehlt eine Angabe.', en: 'A value is missing here.' },
  TOO_LONG: { de: 'Diese Angabe ist zu lang.', en: 'This value is too long.' },
  BAD_CHARACTER: {
    de: 'Diese Angabe enthält ein unzulässiges Zeichen.',
    en: 'This value has a character that is not allowed.',
  },
  TOO_MANY: { de: 'Das sind zu viele.', en: 'These are too many.' },
  BAD_EMAIL: { de: 'Das ist keine E-Mail-Adresse.', en: 'This is no e-mail address.' },
  NOTICE_STAYS: {
    de: 'Dass ein Bescheid im Postfach liegt, wird immer mitgeteilt (§ 9 OZG); das lässt sich nicht abschalten.',
    en: 'That a notice lies in the mailbox is always announced (§ 9 OZG); this cannot be switched off.',
  },
  LAST_ADDRESS: {
    de: 'Nur an diese Adresse können wir mitteilen, dass ein Bescheid im Postfach liegt (§ 9 OZG). Bitte geben Sie zuerst eine andere an und bestätigen Sie sie.',
    en: 'We can announce a notice in the mailbox to this address only (§ 9 OZG). Please give and confirm another one first.',
  },
  UNKNOWN_LANGUAGE: { de: 'Diese Sprache sprechen wir nicht.', en: 'We do not speak this language.' },
  DOCUMENT_NOT_AVAILABLE: {
    de: 'Diese Datei kann nicht angehängt werden: Sie gehört nicht zum Antrag oder ist noch nicht geprüft.',
    en: 'This file cannot be attached: it is not one of the application or has not been checked yet.',
  },
};

/** @param path a JSON pointer into the input */
export const problem = (path: string, code: keyof typeof PROBLEMS): ProblemData => ({
  path,
  code,
  text: PROBLEMS[code],
});

// tab and line breaks are text, everything else of the kind is not; PostgreSQL cannot even store NUL
// biome-ignore lint/suspicious/noControlCharactersInRegex: that is what it looks for
const CONTROL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]|\p{Surrogate}/u;

/** What is wrong with a text that somebody wrote. */
export function textProblems(path: string, text: string, most: number): ProblemData[] {
  if (text.trim() === '') return [problem(path, 'TOO_SHORT')];
  if (text.length > most) return [problem(path, 'TOO_LONG')];
  return CONTROL.test(text) ? [problem(path, 'BAD_CHARACTER')] : [];
}
