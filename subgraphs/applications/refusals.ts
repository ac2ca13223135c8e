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
    de: 'Dafür ist eine sicherere Anmeldung nötig: verlangt ist das Vertrauensniveau {required}, nachgewiesen ist {current}. Es wird erreicht mit: {means}.',
    en: 'This needs a stronger sign-in: trust level {required} is needed, {current} is proven. It is reached with: {means}.',
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
  // casework
  OWN_CASE: {
    de: 'Über den eigenen Antrag oder den einer vertretenen Person entscheidet jemand anderes.',
    en: 'Somebody else decides about one’s own application, or that of a person one acts for.',
  },
  FOUR_EYES_REQUIRED: {
    de: 'Der Antrag könnte der eigene sein oder der einer vertretenen Person. Eine zweite Person muss bestätigen, dass er es nicht ist (Vier-Augen-Prinzip).',
    en: 'The application may be one’s own, or that of a person one acts for. A second person must confirm that it is not.',
  },
  NOTHING_TO_CONFIRM: {
    de: 'Für diese Person ist hier nichts zu bestätigen.',
    en: 'There is nothing to confirm here for this person.',
  },
  NOT_ASSIGNABLE: {
    de: 'Diese Person bearbeitet keine Vorgänge dieser Behörde.',
    en: 'This person does not work on cases of this authority.',
  },
  ALREADY_THERE: { de: 'Der Vorgang liegt schon dort.', en: 'The case is there already.' },
  DELIVERY_NOT_GIVEN_UP: {
    de: 'Die Zustellung läuft noch oder ist noch nicht aufgegeben.',
    en: 'The delivery still goes on or has not been given up yet.',
  },
  HANDOVER_PENDING: {
    de: 'Das Fachverfahren hat auf eine Übergabe noch nicht geantwortet.',
    en: 'The line-of-business system has not answered a handover yet.',
  },
  ALREADY_COMPLETE: {
    de: 'Die Vollständigkeit ist schon festgestellt.',
    en: 'The case was found complete before.',
  },
  DOCUMENT_REQUEST_OPEN: {
    de: 'Eine Nachforderung ist noch nicht erledigt.',
    en: 'A document request is not settled yet.',
  },
  BAD_DUE_DATE: { de: 'Der Tag muss in der Zukunft liegen.', en: 'The day must lie in the future.' },
  DOCUMENTS_NOT_READY: {
    de: 'Einige Dateien können nicht eingereicht werden.',
    en: 'Some files cannot be handed in.',
  },
  // deadlines
  DEADLINE_NOT_EXTENDABLE: {
    de: 'Diese Frist kann nicht verlängert werden.',
    en: 'This deadline cannot be extended.',
  },
  EXTENSION_USED: { de: 'Die Frist wurde schon einmal verlängert.', en: 'The deadline was extended once before.' },
  // decisions
  LEGAL_REMEDY_MISSING: {
    de: 'Die Rechtsbehelfsbelehrung fehlt (§ 37 Abs. 6 VwVfG).',
    en: 'The information on legal remedies is missing (§ 37 (6) VwVfG).',
  },
  ONLY_THE_CLOCK: {
    de: 'Eine Genehmigungsfiktion (§ 42a VwVfG) kann niemand auswählen; sie tritt durch Zeitablauf ein.',
    en: 'Nobody can choose a deemed approval (§ 42a VwVfG); it comes by the passing of time.',
  },
  BAD_NOTICE: {
    de: 'Der Bescheid muss ein fertig geprüftes PDF dieses Vorgangs sein.',
    en: 'The notice must be a checked PDF of this case.',
  },
  // handovers
  UNKNOWN_SYSTEM: {
    de: 'An dieses Fachverfahren kann der Vorgang nicht übergeben werden.',
    en: 'The case cannot be handed to this line-of-business system.',
  },
  HANDED_OVER: {
    de: 'Dieses Fachverfahren hat den Vorgang schon übernommen.',
    en: 'This line-of-business system has taken the case over already.',
  },
  HASH_MISMATCH: {
    de: 'Die Prüfsumme stimmt nicht mit dem Übergebenen überein.',
    en: 'The hash does not match what was handed over.',
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
    de: 'Der Inhalt ist keine vollständige, lesbare Datei des angekündigten Typs, oder vor oder hinter ihm steht noch etwas anderes.',
    en: 'The content is no complete, readable file of the announced type, or something else stands before or behind it.',
  },
  FILE_ENCRYPTED: {
    de: 'Die Datei ist verschlüsselt oder durch ein Kennwort geschützt und kann nicht geprüft werden. Bitte speichern Sie sie ohne Schutz.',
    en: 'The file is encrypted or protected by a password and cannot be checked. Please save it without protection.',
  },
  FILE_REJECTED: {
    de: 'Die Datei enthält aktive Inhalte (etwa Skripte oder angehängte Dateien) oder ein Schadprogramm. Als PDF gedruckt enthält sie keine aktiven Inhalte.',
    en: 'The file holds active content (such as scripts or attached files) or malware. Printed to a PDF, it holds no active content.',
  },
} as const;
export type RejectionCode = keyof typeof REJECTIONS;
