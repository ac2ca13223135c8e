/** The contract of a document store: where the bytes of documents lie. */
import type { Readable } from 'node:stream';

export interface DocumentStore {
  readonly name: string;
  /** Keeps the bytes for good before it resolves; an existing key is replaced as a whole, never seen in part. */
  put(key: string, bytes: Buffer | AsyncIterable<Buffer>): Promise<void>;
  /**
   * @returns the bytes from the start, or null when there are none under this key
   */
  get(key: string): Promise<Readable | null>;
  /** Deletes the bytes; a missing key is no error. */
  delete(key: string): Promise<void>;
}
