/** The contract of a place outside the database where anchors of the access log are kept: written once, never changed. */

export interface AnchorStore {
  readonly name: string;
  /**
   * Keeps a text for good; the same text again is fine.
   * @param number 1, 2, 3 … without a gap
   * @throws AnchorTaken when another text has that number  @throws Error when the place cannot be reached
   */
  put(number: number, text: string): Promise<void>;
  /** Null for a number that is not there. */
  find(number: number): Promise<string | null>;
  /** All texts, by their numbers, upwards. */
  read(): AsyncGenerator<StoredAnchor, void, undefined>;
}

export interface StoredAnchor {
  readonly number: number;
  readonly text: string;
  /** Its time stamp: when, or why it proves nothing; null where it has none, undefined where none are asked for. */
  readonly stamp?: { readonly at: string } | { readonly flaw: string } | null;
}

/** Somebody has anchored another history before. */
export class AnchorTaken extends Error {
  constructor(number: number) {
    super(`Anchor ${number} is there already, with another text.`);
    this.name = 'AnchorTaken';
  }
}

/** Numbers sort as texts do. */
export const anchorName = (number: number): string => `${String(number).padStart(10, '0')}.anchor`;

/** @returns null for a name that is none of ours */
export const anchorNumber = (name: string): number | null => {
  const digits = /(?:^|\/)(\d{10})\.anchor$/.exec(name)?.[1];
  return digits === undefined ? null : Number(digits);
};
