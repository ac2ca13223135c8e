/** The types of file we take, and what their bytes must be; names and announced types prove nothing. */
import type { RejectionCode } from '../refusals';
import { fromBuffer } from './file-type';
import { isWholeJpeg, isWholePng, isWholeTiff } from './image.structure';
import { pdfFault } from './pdf.structure';

export const DEFAULT_MOST_BYTES = 10 * 1024 * 1024;

/** Four types: an allow-list, because everything else can be active content. The first extension is the one we write. */
export const ALLOWED_TYPES = {
  'application/pdf': ['pdf'],
  'image/jpeg': ['jpg', 'jpeg', 'jpe', 'jfif'],
  'image/png': ['png'],
  'image/tiff': ['tif', 'tiff'],
} as const satisfies Record<string, readonly string[]>;
export type AllowedType = keyof typeof ALLOWED_TYPES;

export const isAllowedType = (type: string): type is AllowedType => Object.hasOwn(ALLOWED_TYPES, type);

const HEAD_BYTES = 4_100;
const BLANKS = new Set([0, 9, 10, 12, 13, 26, 32]);
const FAULTS: Readonly<Record<NonNullable<Awaited<ReturnType<typeof pdfFault>>>, RejectionCode>> = {
  ENCRYPTED: 'FILE_ENCRYPTED',
  ACTIVE: 'FILE_REJECTED',
  UNREADABLE: 'FILE_TYPE_NOT_ALLOWED',
};

/** @returns why bytes that were announced as this type are not taken, or null. */
export async function contentFault(type: AllowedType, bytes: Buffer): Promise<RejectionCode | null> {
  if ((await fromBuffer(bytes.subarray(0, HEAD_BYTES))) !== type) return 'FILE_TYPE_NOT_ALLOWED';
  if (isArchiveToo(bytes)) return 'FILE_REJECTED';
  switch (type) {
    case 'application/pdf': {
      if (!endsAsPdf(bytes)) return 'FILE_TYPE_NOT_ALLOWED';
      const fault = await pdfFault(bytes);
      return fault && FAULTS[fault];
    }
    case 'image/png':
      return isWholePng(bytes) ? null : 'FILE_TYPE_NOT_ALLOWED';
    case 'image/jpeg':
      return isWholeJpeg(bytes) ? null : 'FILE_TYPE_NOT_ALLOWED';
    case 'image/tiff':
      return isWholeTiff(bytes) ? null : 'FILE_TYPE_NOT_ALLOWED';
  }
}

/** From the very start to the very end, so that no other format hides before or behind it. */
function endsAsPdf(bytes: Buffer): boolean {
  const end = bytes.lastIndexOf('%%EOF');
  return (
    bytes.toString('latin1', 0, 5) === '%PDF-' && end >= 0 && bytes.subarray(end + 5).every(byte => BLANKS.has(byte))
  );
}

/** A ZIP archive is read from its end, where its directory stands, so it can be any other file as well. */
function isArchiveToo(bytes: Buffer): boolean {
  const [end, directory] = ['PK\x05\x06', 'PK\x01\x02'];
  return bytes.indexOf(end, Math.max(0, bytes.length - 65_557)) >= 0 && bytes.includes(directory);
}
