/** The contract of a malware scanner. */
import type { Readable } from 'node:stream';

export interface Scanner {
  readonly name: string;
  /**
   * @returns true when nothing was found
   * @throws Error when it cannot tell; the upload then stays unfinished and can be repeated
   */
  isClean(bytes: Readable): Promise<boolean>;
}
