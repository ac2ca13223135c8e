/** Refusals: an expected no. Thrown inside a transaction, so that it rolls back, and returned as data. */
import type { Language, Text } from './language';
import { say } from './language';

/** One thing that is wrong at one place; `path` is a JSON pointer. */
export interface ProblemData {
  readonly path: string;
  readonly code: string;
  readonly text: Text;
}

export interface RefusalOptions {
  /** Fills the `{places}` of the text. */
  readonly values?: Record<string, string | number>;
  readonly problems?: readonly ProblemData[];
  /** Names of mutations that may be called instead. */
  readonly allowedActions?: readonly string[];
  readonly retryable?: boolean;
  /** The thing as stored, shown beside the refusal (VERSION_CONFLICT). */
  readonly stored?: unknown;
}

export class Refusal extends Error {
  constructor(
    readonly code: string,
    readonly text: Text,
    readonly options: RefusalOptions = {},
  ) {
    super(code);
    this.name = 'Refusal';
  }

  /** The refusal as the graph shows it. */
  in(language: Language) {
    const { values, problems = [], allowedActions = [], retryable = false } = this.options;
    return {
      code: this.code,
      message: say(this.text, language, values),
      problems: problems.map(({ path, code, text }) => ({ path, code, message: say(text, language) })),
      allowedActions: [...allowedActions],
      retryable,
    };
  }
}

/** The refusals every subgraph knows. */
const COMMON = {
  VERSION_CONFLICT: {
    de: 'Jemand war schneller: Der Stand hat sich inzwischen geändert.',
    en: 'Somebody was faster: this has changed in the meantime.',
  },
  IDEMPOTENCY_MISMATCH: {
    de: 'Derselbe Schlüssel wurde schon mit anderem Inhalt verwendet.',
    en: 'The same key was already used with another content.',
  },
  INVALID_TRANSITION: { de: 'Das geht im jetzigen Stand nicht.', en: 'This is not possible in the present state.' },
  TRY_AGAIN: {
    de: 'Ein beteiligter Dienst antwortet gerade nicht. Es ist nichts verloren, bitte versuchen Sie es noch einmal.',
    en: 'A part of the platform does not answer right now. Nothing is lost, please try again.',
  },
} as const satisfies Record<string, Text>;

/**
 * All the ways a subgraph says no, in its `refusals.ts`: `export const refuse = refusals({ CODE: { de, en } })`,
 * then `throw refuse('CODE')`.
 */
export function refusals<const T extends Record<string, Text>>(own: T) {
  const texts: Record<string, Text> = { ...COMMON, ...own };
  return (code: (keyof T & string) | keyof typeof COMMON, options: RefusalOptions = {}): Refusal =>
    new Refusal(code, texts[code]!, { retryable: code === 'TRY_AGAIN', ...options });
}

export const refuseCommon = refusals({});
