/** Hash chains: every entry holds the hash of the one before, so that no entry can be changed or taken out unseen. */
import { createHash } from 'node:crypto';

/** What the first entry follows. */
export const GENESIS = '0'.repeat(64);

/** @returns SHA-256 of previousHash and canonical, as hex; anybody can recompute it. */
export const linkHash = (previousHash: string, canonical: string): string =>
  createHash('sha256').update(previousHash).update(canonical).digest('hex');

/** A personal value inside a canonical text: only its salted hash, so that erasing value and salt leaves the chain whole. */
export const saltedHash = (salt: string, value: string): string =>
  createHash('sha256').update(salt).update('\u0000').update(value).digest('hex');

/** JSON with sorted keys and without blanks, so that the same content is the same text. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (value instanceof Date) return JSON.stringify(value.toISOString());
  if (value !== null && typeof value === 'object') {
    const entries = Object.entries(value)
      .filter(([, member]) => member !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1));
    return `{${entries.map(([key, member]) => `${JSON.stringify(key)}:${canonicalJson(member)}`).join(',')}}`;
  }
  return JSON.stringify(value ?? null);
}

export interface Link {
  readonly sequence: number;
  readonly canonical: string;
  readonly previousHash: string;
  readonly hash: string;
}

export interface ChainCheck {
  readonly valid: boolean;
  readonly length: number;
  readonly headHash: string;
  readonly brokenAt: number | null;
}

/** Checks links in their order, from the first. */
export function checkChain(links: Iterable<Link>): ChainCheck {
  let head = GENESIS;
  let length = 0;
  for (const link of links) {
    length += 1;
    const right =
      link.sequence === length && link.previousHash === head && link.hash === linkHash(head, link.canonical);
    if (!right) return { valid: false, length, headHash: link.hash, brokenAt: link.sequence };
    head = link.hash;
  }
  return { valid: true, length, headHash: head, brokenAt: null };
}
