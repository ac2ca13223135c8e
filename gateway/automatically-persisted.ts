/** Texts that clients have sent with their hash (Apollo's automatic persisted queries), within a bound of memory. */
import { BoundedMap } from './bounded-map';

const KEPT = 10_000;
/** Of all texts and their keys; JavaScript takes one or two bytes for a character. */
const KEPT_CHARACTERS = 4 * 1024 * 1024;

export class AutomaticallyPersisted {
  private readonly texts = new BoundedMap<string, string>(
    KEPT,
    KEPT_CHARACTERS,
    (key, text) => key.length + text.length,
  );

  async get(key: string): Promise<string | undefined> {
    return this.texts.get(key);
  }

  async set(key: string, text: string): Promise<void> {
    this.texts.set(key, text);
  }

  async delete(key: string): Promise<void> {
    this.texts.delete(key);
  }
}
