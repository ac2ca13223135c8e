/** Anchors with time stamps: whoever holds our key can sign another history, but not make an authority stamp it for the past. */
import type { Certificate } from 'pkijs';
import { type AnchorStore, AnchorTaken, type StoredAnchor } from './anchor';
import { momentOf, requestStamp, StampFlaw } from './time-stamp';

export interface Stamping {
  /** Address of the authority; null checks stamps and makes none. */
  readonly url: string | null;
  readonly roots: readonly Certificate[];
}

const STAMP = /\nstamp ([A-Za-z0-9+/=]+)\n$/;

/** @param stamping null neither makes nor checks stamps, and reads past those that are there */
export function stampedAnchors(inner: AnchorStore, stamping: Stamping | null): AnchorStore {
  async function isThere(number: number, text: string): Promise<boolean> {
    const before = await inner.find(number);
    if (before !== null && before.replace(STAMP, '') !== text) throw new AnchorTaken(number);
    return before !== null;
  }

  return {
    name: inner.name,
    async put(number, text) {
      if (await isThere(number, text)) return;
      const stamp = stamping?.url ? await requestStamp(stamping.url, text, stamping.roots) : null;
      try {
        await inner.put(number, stamp ? `${text}\nstamp ${stamp.toString('base64')}\n` : text);
      } catch (error) {
        // two that stamp the same text have two stamps: the first one counts
        if (!(error instanceof AnchorTaken) || !(await isThere(number, text))) throw error;
      }
    },
    async find(number) {
      return (await inner.find(number))?.replace(STAMP, '') ?? null;
    },
    async *read() {
      for await (const { number, text: whole } of inner.read()) {
        const text = whole.replace(STAMP, '');
        yield stamping ? { number, text, stamp: await read(STAMP.exec(whole)?.[1], text, stamping) } : { number, text };
      }
    },
  };
}

async function read(stamp: string | undefined, text: string, { roots }: Stamping): Promise<StoredAnchor['stamp']> {
  if (stamp === undefined) return null;
  try {
    return { at: (await momentOf(Buffer.from(stamp, 'base64'), text, roots)).toISOString() };
  } catch (error) {
    if (error instanceof StampFlaw) return { flaw: error.message };
    throw error;
  }
}
