/** The types of file we take, and what their bytes must look like; names and announced types prove nothing. */
import { fromBuffer } from './file-type';

export const DEFAULT_MOST_BYTES = 10 * 1024 * 1024;

/** Four types: an allow-list, because everything else can be active content. */
export const ALLOWED_TYPES = ['application/pdf', 'image/jpeg', 'image/png', 'image/tiff'] as const;
export type AllowedType = (typeof ALLOWED_TYPES)[number];

export const isAllowedType = (type: string): type is AllowedType => (ALLOWED_TYPES as readonly string[]).includes(type);

/** How much of the beginning and the end is looked at. */
export const HEAD_BYTES = 4_100;
export const TAIL_BYTES = 1_024;

/** @returns whether the bytes are of the announced type, from their first and last ones. */
export async function looksLike(type: AllowedType, head: Buffer, tail: Buffer): Promise<boolean> {
  if ((await fromBuffer(head)) !== type) return false;
  switch (type) {
    case 'application/pdf':
      // at the very start, so that no other format hides before it
      return head.subarray(0, 5).toString('latin1') === '%PDF-' && tail.includes('%%EOF');
    case 'image/png':
      return tail.subarray(-8, -4).toString('latin1') === 'IEND'; // nothing is appended
    default:
      return true;
  }
}

/** Names in a PDF that make it act on its own; what hides in compressed streams is for the scanner. */
const ACTIVE = ['/JavaScript', '/Launch', '/EmbeddedFile', '/RichMedia'].map(name => Buffer.from(name));
export const LONGEST_ACTIVE = Math.max(...ACTIVE.map(({ length }) => length));
export const hasActiveContent = (part: Buffer): boolean => ACTIVE.some(name => part.includes(name));
