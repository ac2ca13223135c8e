/**
 * Text in PDFs: each letter is printed by the first of our fonts that has it, or as its number, never as an empty box and
 * never cut in two; lines that hold Hebrew or Arabic run in their direction.
 */
import fs from 'node:fs';
import { inflateSync } from 'node:zlib';
import bidiFactory from 'bidi-js';

/** What we need of fontkit, which brings no types. */
interface Coverage {
  hasGlyphForCodePoint(code: number): boolean;
}
const fontkit: { create(font: Buffer): Coverage } = require('fontkit');
const bidi = bidiFactory();

const lazily = <T>(make: () => T): (() => T) => {
  let made: T | undefined;
  return () => {
    made ??= make();
    return made;
  };
};

interface Font {
  readonly name: string;
  readonly source: () => Buffer;
  readonly has: (code: number) => boolean;
}

function font(name: string, read: () => Buffer): Font {
  const source = lazily(read);
  const coverage = lazily(() => fontkit.create(source()));
  const known = new Map<number, boolean>();
  return {
    name,
    source,
    has(code) {
      const found = known.get(code) ?? coverage().hasGlyphForCodePoint(code);
      known.set(code, found);
      return found;
    },
  };
}

const file = (name: string) => fs.readFileSync(require.resolve(name));
const REGULAR = font('regular', () => file('dejavu-fonts-ttf/ttf/DejaVuSans.ttf'));
const BOLD = font('bold', () => file('dejavu-fonts-ttf/ttf/DejaVuSans-Bold.ttf'));
/** All of the basic plane, plain to look at; read only when a letter needs it. */
const EVERYTHING = font('everything', () => unpacked(file('@fontsource/unifont/files/unifont-latin-400-normal.woff')));

/** WOFF 1.0 as the font it holds; fontkit would unpack it again for each document. */
function unpacked(woff: Buffer): Buffer {
  const count = woff.readUInt16BE(12);
  const power = 2 ** Math.floor(Math.log2(count));
  const head = Buffer.alloc(12 + 16 * count);
  woff.copy(head, 0, 4, 8);
  for (const [i, value] of [count, power * 16, Math.log2(power), (count - power) * 16].entries()) {
    head.writeUInt16BE(value, 4 + 2 * i);
  }
  const parts: Buffer[] = [head];
  let at = head.length;
  for (let i = 0; i < count; i++) {
    const entry = woff.subarray(44 + 20 * i, 64 + 20 * i);
    const [offset, packed, length] = [4, 8, 12].map(field => entry.readUInt32BE(field)) as [number, number, number];
    const data = woff.subarray(offset, offset + packed);
    const table = packed < length ? inflateSync(data) : data;
    entry.copy(head, 12 + 16 * i, 0, 4);
    entry.copy(head, 16 + 16 * i, 16, 20);
    head.writeUInt32BE(at, 20 + 16 * i);
    head.writeUInt32BE(length, 24 + 16 * i);
    const padding = Buffer.alloc(-length & 3);
    parts.push(table, padding);
    at += length + padding.length;
  }
  return Buffer.concat(parts);
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what must not reach a page
const CONTROL = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028\u2029\ufeff\ufff9-\ufffb]/g;
/** What turns directions by itself; the direction of a line follows from its letters. */
const TURNING = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;
const INVISIBLE = /\p{Default_Ignorable_Code_Point}/u;
const BREAK = '\u200b';

export const cleaned = (text: string): string =>
  text.toWellFormed().replace(/\r\n?/g, '\n').replace(CONTROL, ' ').replace(TURNING, '').normalize('NFC');

/** Said once in a document that {@link isPrintable} is false for. */
export const NOT_PRINTABLE =
  'Schriftzeichen, die hier nicht dargestellt werden können, stehen als ihre Nummer in Unicode, etwa [U+1F680].';

/** Has every letter of the text a shape in one of our fonts? */
export const isPrintable = (text: string): boolean =>
  [...letters.segment(cleaned(text))].every(({ segment }) => shape(segment, false).isShown);

const letters = new Intl.Segmenter('de', { granularity: 'grapheme' });

interface Shape {
  readonly text: string;
  readonly font: Font;
  readonly isShown: boolean;
}

/** How one letter, with all that belongs to it, is printed. */
function shape(segment: string, bold: boolean): Shape {
  if (segment === '\n' || segment === BREAK) return { text: segment, font: bold ? BOLD : REGULAR, isShown: true };
  const codes = [...segment];
  const fonts = bold ? [BOLD, REGULAR] : [REGULAR];
  for (const one of fonts) {
    if (codes.every(code => one.has(code.codePointAt(0)!))) return { text: segment, font: one, isShown: true };
  }
  const visible = codes.filter(code => !INVISIBLE.test(code));
  for (const one of [...fonts, EVERYTHING]) {
    if (visible.every(code => one.has(code.codePointAt(0)!)))
      return { text: visible.join(''), font: one, isShown: true };
  }
  const numbers = codes.map(code => `U+${code.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}`);
  return { text: `[${numbers.join(' ')}]`, font: bold ? BOLD : REGULAR, isShown: false };
}

export interface Piece {
  readonly text: string;
  readonly bold?: boolean;
}

export interface Placing {
  readonly size: number;
  readonly width: number;
  readonly x?: number;
  readonly y?: number;
  readonly lineGap?: number;
  readonly align?: 'left' | 'right';
}

/** A letter with its font and place in the line. */
interface Unit extends Shape {
  readonly width: number;
}

type Document = PDFKit.PDFDocument;

/** A document opens a font once, by its name. */
const using = (doc: Document, { name, source }: Font, size: number): Document =>
  doc.registerFont(name, source()).font(name, size);

/** Prints a paragraph, its pieces one behind the other. */
export function print(doc: Document, pieces: string | readonly Piece[], placing: Placing): void {
  const list = typeof pieces === 'string' ? [{ text: pieces }] : pieces;
  const units = list.flatMap(({ text, bold = false }) => unitsOf(doc, cleaned(text), bold, placing.size));
  const text = units.map(unit => unit.text).join('');
  if (placing.align === 'right' || RIGHT_TO_LEFT.test(text)) {
    printByLines(doc, units, placing);
    return;
  }
  const runs = runsOf(breakable(units, placing.width));
  const { x, y, size, ...options } = placing;
  for (const [i, run] of runs.entries()) {
    using(doc, run.font, size);
    const how = { ...options, continued: i < runs.length - 1 };
    if (i === 0 && (x !== undefined || y !== undefined)) doc.text(run.text, x ?? doc.x, y ?? doc.y, how);
    else doc.text(run.text, how);
  }
}

function unitsOf(doc: Document, text: string, bold: boolean, size: number): Unit[] {
  const known = new Map<string, Unit>();
  return [...letters.segment(text)].map(({ segment }) => {
    const found = known.get(segment);
    if (found) return found;
    const shaped = shape(segment, bold);
    const width = segment === '\n' || segment === BREAK ? 0 : using(doc, shaped.font, size).widthOfString(shaped.text);
    const unit = { ...shaped, width };
    known.set(segment, unit);
    return unit;
  });
}

/** A word that is wider than the line gets places to break at, between two letters. */
function breakable(units: readonly Unit[], width: number): Unit[] {
  const most = width * 0.97; // letters beside each other may take more than each alone
  let wide = 0;
  return units.flatMap(unit => {
    if (/\s/.test(unit.text) || unit.text === BREAK) wide = 0;
    else if (wide + unit.width > most) {
      wide = unit.width;
      return [{ text: BREAK, font: REGULAR, isShown: true, width: 0 }, unit];
    } else wide += unit.width;
    return [unit];
  });
}

function runsOf(units: readonly Unit[]): { text: string; font: Font }[] {
  const runs: { parts: string[]; font: Font }[] = [];
  for (const { text, font: used } of units) {
    const last = runs.at(-1);
    // a blank looks the same in all fonts
    if (last && (last.font === used || (text === ' ' && last.font.has(0x20)))) last.parts.push(text);
    else runs.push({ parts: [text], font: used });
  }
  const found = runs.map(({ parts, font: used }) => ({ text: parts.join(''), font: used }));
  return found.length > 0 ? found : [{ text: '', font: REGULAR }];
}

const RIGHT_TO_LEFT = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u;

/** Places every line itself: broken at blanks, then put into the order of the eye (UAX #9); for reading aloud the order of speech is kept. */
function printByLines(doc: Document, units: readonly Unit[], placing: Placing): void {
  const { size, width, lineGap = 0, x = doc.x } = placing;
  let y = placing.y ?? doc.y;
  const height = using(doc, REGULAR, size).currentLineHeight(true) + lineGap;
  for (const line of linesOf(breakable(units, width), width)) {
    if (y + height > doc.page.maxY()) {
      doc.continueOnNewPage();
      y = doc.page.margins.top;
    }
    const text = line.map(unit => unit.text).join('');
    const { levels, paragraphs } = bidi.getEmbeddingLevels(text);
    let from = 0;
    const placed = line.map(unit => {
      const level = levels[from] ?? 0;
      from += unit.text.length;
      return { ...unit, level };
    });
    const runs = inOrderOfTheEye(placed);
    const widths = runs.map(run => using(doc, run.font, size).widthOfString(run.text, { features: [] }));
    const free = width - widths.reduce((sum, one) => sum + one, 0);
    let at = (paragraphs[0]?.level ?? 0) % 2 === 1 || placing.align === 'right' ? x + free : x;
    doc.markContent('Span', { actual: text });
    for (const [i, run] of runs.entries()) {
      using(doc, run.font, size).text(run.text, at, y, { lineBreak: false, features: [] });
      at += widths[i]!;
    }
    doc.endMarkedContent();
    y += height;
  }
  doc.x = x;
  doc.y = y;
}

function linesOf(units: readonly Unit[], width: number): Unit[][] {
  const lines: Unit[][] = [[]];
  let used = 0;
  for (const word of wordsOf(units)) {
    const wide = word.reduce((sum, unit) => sum + unit.width, 0);
    const isEnd = word[0]?.text === '\n';
    if (isEnd || (used > 0 && used + wide > width && word[0]?.text !== ' ')) {
      lines.push([]);
      used = 0;
    }
    if (isEnd) continue;
    lines.at(-1)!.push(...word.filter(({ text }) => text !== BREAK));
    used += wide;
  }
  return lines;
}

/** Words, and between them blanks, ends of lines and places to break at, each by itself. */
function wordsOf(units: readonly Unit[]): Unit[][] {
  const words: Unit[][] = [];
  let isOpen = false;
  for (const unit of units) {
    const isBlank = unit.text === ' ' || unit.text === '\n' || unit.text === BREAK;
    if (isOpen && !isBlank) words.at(-1)!.push(unit);
    else words.push([unit]);
    isOpen = !isBlank;
  }
  return words;
}

interface Placed extends Unit {
  readonly level: number;
}

/** Rule L2: from the highest level to the lowest odd one, what has at least that level is turned around. */
function inOrderOfTheEye(line: readonly Placed[]): { text: string; font: Font }[] {
  const turned = [...line];
  for (let level = Math.max(0, ...line.map(unit => unit.level)); level > 0; level--) {
    for (let start = 0; start < turned.length; start++) {
      if (turned[start]!.level < level) continue;
      let end = start;
      while (end < turned.length && turned[end]!.level >= level) end++;
      turned.splice(start, end - start, ...turned.slice(start, end).reverse());
      start = end;
    }
  }
  const runs: { units: Placed[]; font: Font; level: number; isScript: boolean }[] = [];
  for (const unit of turned) {
    const last = runs.at(-1);
    const isScript = RIGHT_TO_LEFT.test(unit.text);
    if (last && last.font === unit.font && last.level === unit.level && last.isScript === isScript)
      last.units.push(unit);
    else runs.push({ units: [unit], font: unit.font, level: unit.level, isScript });
  }
  return runs.map(({ units, font: used, level, isScript }) => {
    const texts = units.map(({ text }) => (level % 2 === 1 ? (bidi.getMirroredCharacter(text) ?? text) : text));
    // fontkit turns letters of these scripts around by itself, and joins them
    return { text: (isScript && level % 2 === 1 ? texts.reverse() : texts).join(''), font: used };
  });
}
