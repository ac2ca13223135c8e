/** What of a subgraph's answer reaches the client as it is: it stays text, and is neither parsed nor written again. */

import { parseJson } from './numbers';

/** Members of an object as they came, `"id":"a1","title":"…"`: each character a byte of UTF-8. */
export class Verbatim {
  constructor(readonly text: string) {}

  members(): Record<string, unknown> {
    return parseJson(textOf(`{${this.text}}`)) as Record<string, unknown>;
  }
}

const NOT_ASCII = /[^\0-\x7f]/;

/** Text with a character for each byte of its UTF-8. */
export const bytesOf = (text: string): string =>
  NOT_ASCII.test(text) ? Buffer.from(text, 'utf8').toString('latin1') : text;

/** The text that such bytes stand for. */
export const textOf = (bytes: string): string =>
  NOT_ASCII.test(bytes) ? Buffer.from(bytes, 'latin1').toString('utf8') : bytes;
