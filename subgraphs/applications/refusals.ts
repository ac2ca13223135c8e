/** Every way this subgraph says no. */
import { refusals } from '../../kernel/refusal';

export const refuse = refusals({
  // drafts and submission
  NO_ONLINE_SERVICE: {
    de: 'Diese Leistung kann an diesem Ort nicht online beantragt werden.',
    en: 'This service cannot be applied for online at this place.',
  },
  NO_SINGLE_CONTACT: {
    de: 'Für diese Leistung gibt es hier keinen Einheitlichen Ansprechpartner.',
    en: 'There is no point of single contact for this service here.',
  },
  TRUST_TOO_LOW: {
    de: 'Dafür ist eine sicherere Anmeldung nötig (Vertrauensniveau {required}).',
    en: 'This needs a stronger sign-in (trust level {required}).',
  },
  VALIDATION_FAILED: {
    de: 'Einige Angaben fehlen oder sind fehlerhaft.',
    en: 'Some answers are missing or wrong.',
  },
  DOCUMENTS_MISSING: { de: 'Es fehlen Unterlagen.', en: 'Documents are missing.' },
  PAYMENT_REQUIRED: {
    de: 'Die Gebühr muss vor dem Absenden bezahlt werden.',
    en: 'The fee must be paid before submission.',
  },
  NO_RESPONSIBILITY: {
    de: 'Für diesen Ort ist keine zuständige Stelle eingetragen.',
    en: 'No authority is entered as responsible for this place.',
  },
  AMBIGUOUS_RESPONSIBILITY: {
    de: 'Für diesen Ort sind mehrere Stellen als zuständig eingetragen.',
    en: 'More than one authority is entered as responsible for this place.',
  },
  // forms
  BAD_SCHEMA: { de: 'Das JSON-Schema ist nicht verwendbar.', en: 'The JSON Schema cannot be used.' },
  // documents
  BAD_FILENAME: { de: 'Der Dateiname ist nicht zulässig.', en: 'The file name is not allowed.' },
  BAD_HASH: { de: 'Das ist kein SHA-256 als Hexadezimalzahl.', en: 'This is no SHA-256 in hexadecimal.' },
  FILE_TOO_LARGE: {
    de: 'Die Datei ist zu groß (höchstens {most} Bytes).',
    en: 'The file is too large (at most {most} bytes).',
  },
  FILE_TYPE_NOT_ALLOWED: {
    de: 'Dieser Dateityp ist hier nicht zulässig.',
    en: 'This type of file is not allowed here.',
  },
  TOO_MANY_FILES: { de: 'Es sind schon {most} Dateien da.', en: 'There are {most} files already.' },
  PURPOSE_NOT_ALLOWED: {
    de: 'Für diesen Zweck können Sie hier keine Datei senden.',
    en: 'You cannot send a file for this purpose here.',
  },
  UNKNOWN_REQUIREMENT: {
    de: 'Eine solche Unterlage wird hier nicht verlangt.',
    en: 'No such document is asked for here.',
  },
});

/** Why the bytes of an upload were not accepted; stored with the document, shown as its rejection. */
export const REJECTIONS = {
  HASH_MISMATCH: {
    de: 'Der Inhalt stimmt nicht mit der angekündigten Prüfsumme überein.',
    en: 'The content does not match the announced hash.',
  },
  FILE_TOO_LARGE: { de: 'Die Datei ist größer als angekündigt.', en: 'The file is larger than announced.' },
  FILE_TYPE_NOT_ALLOWED: {
    de: 'Der Inhalt ist nicht vom angekündigten Dateityp.',
    en: 'The content is not of the announced type.',
  },
  FILE_REJECTED: { de: 'Die Prüfung auf Schadprogramme ist fehlgeschlagen.', en: 'The check for malware failed.' },
} as const;
export type RejectionCode = keyof typeof REJECTIONS;
