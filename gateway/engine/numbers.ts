/** JSON whose numbers keep their digits: what JavaScript cannot hold stays as it is written, and is written so again. */

/** A number as it was written; `JSON.stringify` knows it. */
export interface WrittenNumber {
  readonly rawJSON: string;
}

// not yet among the types of TypeScript's library
interface SourceJson {
  parse(
    text: string,
    reviver: (key: string, value: unknown, context: { readonly source?: string }) => unknown,
  ): unknown;
  rawJSON(text: string): WrittenNumber;
  isRawJSON(value: unknown): value is WrittenNumber;
}
const { isRawJSON, parse, rawJSON } = JSON as unknown as SourceJson;

export const isWrittenNumber = isRawJSON;

/** Digits that JavaScript surely keeps when it reads and writes a number. */
const SURE_DIGITS = 15;
/** Whether there may be a number in it that JavaScript does not hold; reading each one's text takes several times as long. */
const MAY_LOSE = /[\d.]{16}|\d[eE][+-]?\d{3}/;

export const mayLoseDigits = (text: string): boolean => MAY_LOSE.test(text);

/** @throws SyntaxError when it is no JSON, RangeError when there are such numbers in it and it is nested without end */
export const parseJson = (text: string): unknown => (mayLoseDigits(text) ? parse(text, keepDigits) : JSON.parse(text));

/** For `JSON.parse`. */
export function keepDigits(_: string, value: unknown, { source }: { readonly source?: string } = {}): unknown {
  return typeof value === 'number' && source !== undefined && loses(source, value) ? rawJSON(source) : value;
}

function loses(source: string, value: number): boolean {
  if (String(value) === source) return false;
  const [mantissa] = source.split(/e/i) as [string];
  const digits = mantissa.replace(/^-?[0.]*|\./g, '');
  return digits.length > SURE_DIGITS || !Number.isFinite(value) || (value === 0 && digits !== '');
}
