/** Every way the catalogue says no. */
import { refusals } from '../../kernel/refusal';

export const refuse = refusals({
  NO_RESPONSIBILITY: {
    de: 'Für diese Leistung ist hier keine zuständige Stelle eingetragen.',
    en: 'No responsible authority is entered for this service here.',
  },
  AMBIGUOUS_RESPONSIBILITY: {
    de: 'In diesem Gebiet sind mehrere Stellen zuständig. Bitte wählen Sie einen genaueren Ort.',
    en: 'Several authorities are responsible in this area. Please choose a more exact place.',
  },
  OVERLAPPING_VALIDITY: {
    de: 'Für diesen Zeitraum ist schon etwas anderes veröffentlicht ({period}).',
    en: 'Something else is already published for this period ({period}).',
  },
  CHANNEL_NOT_INSTALLED: {
    de: 'Den Übertragungsweg {channel} gibt es in dieser Installation nicht; kein Antrag käme an.',
    en: 'This installation does not have the channel {channel}; no application would arrive.',
  },
  VALIDATION_FAILED: { de: 'Bitte prüfen Sie die Angaben.', en: 'Please check what you entered.' },
});

/** Texts of the single problems of VALIDATION_FAILED, by their code. */
const PROBLEMS = {
  UNKNOWN_SERVICE: { de: 'Diese Leistung gibt es nicht.', en: 'There is no such service.' },
  UNKNOWN_AREA: { de: 'Dieses Gebiet gibt es nicht.', en: 'There is no such area.' },
  UNKNOWN_AUTHORITY: {
    de: 'Diese Stelle gibt es in Ihrem Gebiet nicht.',
    en: 'There is no such authority in your area.',
  },
  UNKNOWN_DEPARTMENT: {
    de: 'Diese Fachabteilung gehört nicht zur zuständigen Stelle.',
    en: 'This department is not one of the responsible authority.',
  },
  UNKNOWN_SITUATION: { de: 'Diese Lebenslage gibt es nicht.', en: 'There is no such life situation.' },
  BAD_POINTER: { de: 'Das ist kein JSON-Zeiger.', en: 'This is no JSON pointer.' },
  BAD_PERIOD: { de: 'Das Ende liegt vor dem Anfang.', en: 'The end lies before the beginning.' },
  BAD_END: {
    de: 'Das Ende liegt in der Vergangenheit oder nach dem bisherigen Ende.',
    en: 'The end lies in the past or after the present end.',
  },
  ADDRESS_MISSING: { de: 'Dieser Übertragungsweg braucht eine Adresse.', en: 'This channel needs an address.' },
  BAD_ADDRESS: { de: 'Das ist keine E-Mail-Adresse.', en: 'This is no e-mail address.' },
  CHANNEL_NOT_INSTALLED: {
    de: 'Diesen Übertragungsweg gibt es hier nicht.',
    en: 'This channel does not exist here.',
  },
  OUT_OF_RANGE: { de: 'Der Wert liegt außerhalb des Erlaubten.', en: 'The value is out of range.' },
  TOO_LONG: { de: 'Der Text ist zu lang.', en: 'The text is too long.' },
  EMPTY: { de: 'Hier fehlt etwas.', en: 'Something is missing here.' },
} as const;

export type ProblemCode = keyof typeof PROBLEMS;

/** @param path a JSON pointer into the input */
export const problem = (path: string, code: ProblemCode) => ({ path, code, text: PROBLEMS[code] });
export type Problem = ReturnType<typeof problem>;

/** @throws Refusal VALIDATION_FAILED when there is any problem */
export function refuseProblems(problems: readonly Problem[]): void {
  if (problems.length > 0) throw refuse('VALIDATION_FAILED', { problems });
}
