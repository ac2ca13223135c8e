/**
 * Walks through the parts of an image from its first byte to its last, without unpacking a pixel: nothing is missing, nothing
 * stands behind its end, and its dimensions are what a viewer can hold.
 */
import { crc32 } from 'node:zlib';

const MOST_PIXELS = 250_000_000;
const MOST_PAGES = 1_000;
const MOST_TAGS = 100_000;
/** Cameras fill up with zeros. */
const isPadding = (bytes: Buffer): boolean => bytes.every(byte => byte === 0);
const areDimensions = (width: number, height: number): boolean =>
  width > 0 && height > 0 && width * height <= MOST_PIXELS;

/** Signature, chunks with their checksums, IEND as the last (PNG, ISO 15948). */
export function isWholePng(bytes: Buffer): boolean {
  let hasPixels = false;
  for (let at = 8; at + 12 <= bytes.length; ) {
    const length = bytes.readUInt32BE(at);
    const end = at + 12 + length;
    if (end > bytes.length || crc32(bytes.subarray(at + 4, end - 4)) !== bytes.readUInt32BE(end - 4)) return false;
    const name = bytes.toString('latin1', at + 4, at + 8);
    if ((at === 8) !== (name === 'IHDR')) return false;
    if (name === 'IHDR' && (length !== 13 || !areDimensions(bytes.readUInt32BE(16), bytes.readUInt32BE(20))))
      return false;
    hasPixels ||= name === 'IDAT' && length > 0;
    if (name === 'IEND') return hasPixels && end === bytes.length;
    at = end;
  }
  return false;
}

/**
 * One picture (JPEG, ITU-T T.81); behind it only what telephones add: more pictures, such as a preview or the brightness
 * (CIPA DC-007), or Samsung's list of blocks.
 */
export function isWholeJpeg(bytes: Buffer): boolean {
  let end = endOfJpeg(bytes, 0);
  while (end !== null) {
    const rest = bytes.subarray(end);
    if (isPadding(rest) || isBlockList(rest)) return true;
    end = endOfJpeg(bytes, end);
  }
  return false;
}

/** Blocks, then SEFH, a version, how many there are and where (from SEFH backwards), the length of that list, SEFT. */
function isBlockList(bytes: Buffer): boolean {
  if (bytes.length < 20 || bytes.toString('latin1', bytes.length - 4) !== 'SEFT') return false;
  const start = bytes.length - 8 - bytes.readUInt32LE(bytes.length - 8);
  if (start < 0 || bytes.toString('latin1', start, start + 4) !== 'SEFH') return false;
  const count = bytes.readUInt32LE(start + 8);
  if (start + 12 + count * 12 !== bytes.length - 8) return false;
  let total = 0;
  for (let at = start + 12; at < bytes.length - 8; at += 12) {
    const [back, size] = [bytes.readUInt32LE(at + 4), bytes.readUInt32LE(at + 8)];
    if (back > start || size > back) return false;
    total += size;
  }
  return total === start;
}

/** @returns where the picture that begins here ends, or null when it is none or not whole. */
function endOfJpeg(bytes: Buffer, start: number): number | null {
  if (start + 2 > bytes.length || bytes.readUInt16BE(start) !== 0xffd8) return null;
  let hasFrame = false;
  let hasScan = false;
  for (let at = start + 2; at + 1 < bytes.length; ) {
    if (bytes[at] !== 0xff) return null;
    const marker = bytes[at + 1]!;
    if (marker === 0xff)
      at++; // filling
    else if (marker === 0xd9) return hasFrame && hasScan ? at + 2 : null;
    else if (marker < 0xc0 || (marker >= 0xd0 && marker <= 0xd8)) return null;
    else {
      if (at + 4 > bytes.length) return null;
      const length = bytes.readUInt16BE(at + 2);
      const end = at + 2 + length;
      if (length < 2 || end > bytes.length) return null;
      if (marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)) {
        if (length < 8 || !areDimensions(bytes.readUInt16BE(at + 7), bytes.readUInt16BE(at + 5))) return null;
        hasFrame = true;
      }
      at = end;
      if (marker === 0xda) {
        hasScan = true;
        at = endOfScan(bytes, end);
      }
    }
  }
  return null;
}

/** The next marker that is neither a stuffed byte nor a restart. */
function endOfScan(bytes: Buffer, from: number): number {
  let at = bytes.indexOf(0xff, from);
  while (at >= 0 && at + 1 < bytes.length) {
    const next = bytes[at + 1]!;
    if (next !== 0 && next !== 0xff && (next < 0xd0 || next > 0xd7)) return at;
    at = bytes.indexOf(0xff, at + (next === 0xff ? 1 : 2));
  }
  return bytes.length;
}

/** Bytes of one value by its type (TIFF 6.0). */
const VALUE_BYTES = [0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4];
const TAGS = {
  width: 256,
  height: 257,
  /** Offsets and how many bytes lie there: strips, tiles, a preview, tables of old JPEG. */
  data: [
    [273, 279],
    [324, 325],
    [513, 514],
  ],
  folders: [330, 34665, 34853, 40965],
} as const;

/** Folders, what their tags point to and the strips of all pages lie within the file, and nothing behind them. */
export function isWholeTiff(bytes: Buffer): boolean {
  if (bytes.length < 16) return false;
  const isLittle = bytes[0] === 0x49;
  const short = (at: number) => (isLittle ? bytes.readUInt16LE(at) : bytes.readUInt16BE(at));
  const long = (at: number) => (isLittle ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at));
  if (short(2) !== 42) return false;
  const waiting = [{ folder: long(4), isPage: true }];
  const seen = new Set<number>();
  let furthest = 8;
  let pictures = 0;
  let tags = 0;
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { folder, isPage } = next;
    if (folder === 0) continue;
    if (seen.has(folder) || seen.size >= MOST_PAGES || folder + 2 > bytes.length) return false;
    seen.add(folder);
    const count = short(folder);
    const end = folder + 2 + count * 12;
    tags += count;
    if (end + 4 > bytes.length || tags > MOST_TAGS) return false;
    furthest = Math.max(furthest, end + 4);
    const numbers = new Map<number, number[]>();
    for (let at = folder + 2; at < end; at += 12) {
      const [tag, type, many] = [short(at), short(at + 2), long(at + 4)];
      const size = (VALUE_BYTES[type] ?? 1) * many;
      const place = size <= 4 ? at + 8 : long(at + 8);
      if (place + size > bytes.length) return false;
      furthest = Math.max(furthest, place + size);
      if (!isPlaceOrSize(tag)) continue;
      const step = type === 3 ? 2 : 4;
      if ((type !== 3 && type !== 4 && type !== 13) || many > MOST_TAGS) return false;
      numbers.set(
        tag,
        Array.from({ length: many }, (_, i) => (step === 2 ? short(place + 2 * i) : long(place + 4 * i))),
      );
    }
    for (const [offsets, sizes] of TAGS.data) {
      const places = numbers.get(offsets) ?? [];
      const lengths = numbers.get(sizes) ?? [];
      if (places.length !== lengths.length) return false;
      for (const [i, place] of places.entries()) {
        if (place + lengths[i]! > bytes.length) return false;
        furthest = Math.max(furthest, place + lengths[i]!);
      }
      if (offsets !== 513 && places.length > 0) pictures++;
    }
    const [width, height] = [numbers.get(TAGS.width)?.[0], numbers.get(TAGS.height)?.[0]];
    if (width !== undefined && height !== undefined && !areDimensions(width, height)) return false;
    for (const tag of TAGS.folders) {
      for (const inner of numbers.get(tag) ?? []) waiting.push({ folder: inner, isPage: false });
    }
    if (isPage) waiting.push({ folder: long(end), isPage });
    if (waiting.length > MOST_PAGES) return false;
  }
  return pictures > 0 && isPadding(bytes.subarray(furthest));
}

const isPlaceOrSize = (tag: number): boolean =>
  tag === TAGS.width ||
  tag === TAGS.height ||
  TAGS.data.some(pair => (pair as readonly number[]).includes(tag)) ||
  (TAGS.folders as readonly number[]).includes(tag);
