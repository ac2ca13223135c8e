/** A letter as a PDF: A4, tagged, with its fonts embedded (PDF/A-2a), so that every name of DIN 91379 prints as it is written. */
import PDFDocument from 'pdfkit';
import { now } from '../../../kernel/clock';

export interface Letter {
  /** The authority. */
  readonly sender: string;
  readonly recipient: string;
  /** Beside the address: what the letter is about, such as `Aktenzeichen` → `MUS-2026-1`. */
  readonly particulars: readonly (readonly [label: string, value: string])[];
  readonly subject: string;
  readonly salutation: string;
  readonly parts: readonly LetterPart[];
  /** Below the greeting, one line each: the authority, who signs. */
  readonly signature: readonly string[];
  /** Small print after the signature. */
  readonly remark: string;
}

export interface LetterPart {
  readonly heading?: string;
  /** Paragraphs are separated by an empty line; it is text, never markup. */
  readonly text?: string;
  readonly table?: readonly (readonly [label: string, value: string])[];
}

const FONT = require.resolve('dejavu-fonts-ttf/ttf/DejaVuSans.ttf');
const BOLD = require.resolve('dejavu-fonts-ttf/ttf/DejaVuSans-Bold.ttf');
/** Millimetres as points, for the measures of DIN 5008. */
const mm = (length: number): number => (length * 72) / 25.4;
const LEFT = mm(25);
const RIGHT = mm(20);
const WIDTH = mm(210) - LEFT - RIGHT;
const SIZE = 10;

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what must not reach a letter
const CONTROL = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028\u2029\ufeff]/g;
/** Endless words get places to break at: laying one out as a whole would take minutes. */
const clean = (text: string): string =>
  text
    .replace(/\r\n?/g, '\n')
    .replace(CONTROL, ' ')
    .normalize('NFC')
    .replace(/\S{60}/g, '$&\u200b');

type Document = PDFKit.PDFDocument;

/** @returns the bytes of the PDF. */
export function renderLetter(letter: Letter): Promise<Buffer> {
  const doc = new PDFDocument({
    size: 'A4',
    margins: { top: mm(27), bottom: mm(27), left: LEFT, right: RIGHT },
    pdfVersion: '1.7',
    subset: 'PDF/A-2a',
    tagged: true,
    lang: 'de-DE',
    displayTitle: true,
    bufferPages: true,
    font: FONT,
    info: { Title: clean(letter.subject), Author: clean(letter.sender), CreationDate: now(), ModDate: now() },
  });
  const chunks: Buffer[] = [];
  doc.on('data', (chunk: Buffer) => chunks.push(chunk));
  const whole = new Promise<Buffer>((resolve, reject) => {
    doc.on('end', () => resolve(Buffer.concat(chunks)));
    doc.on('error', reject);
  });
  write(doc, letter);
  doc.end();
  return whole;
}

function write(doc: Document, letter: Letter): void {
  const root = doc.struct('Document');
  doc.addStructure(root);
  const say = (tag: string, draw: () => void) => root.add(doc.struct(tag, {}, draw));

  say('P', () => doc.font(BOLD, 12).text(clean(letter.sender), { width: WIDTH }));
  say('P', () => doc.font(FONT, SIZE).text(clean(letter.recipient), LEFT, mm(50), { width: mm(85) }));
  const addressEnds = doc.y;
  say('P', () => {
    doc.y = mm(50);
    for (const [label, value] of letter.particulars) {
      doc.font(FONT, 8).text(clean(label), mm(125), doc.y, { width: mm(65) });
      doc
        .font(FONT, SIZE)
        .text(clean(value), { width: mm(65) })
        .moveDown(0.3);
    }
  });
  const bodyStarts = Math.max(addressEnds, doc.y, mm(90)) + mm(8);
  say('H1', () => doc.font(BOLD, 12).text(clean(letter.subject), LEFT, bodyStarts, { width: WIDTH }));
  say('P', () => doc.moveDown().font(FONT, SIZE).text(clean(letter.salutation), { width: WIDTH }));
  for (const part of letter.parts) {
    const { heading, text, table } = part;
    if (heading) say('H2', () => doc.moveDown().font(BOLD, SIZE).text(clean(heading), { width: WIDTH }));
    for (const paragraph of clean(text ?? '').split(/\n{2,}/)) {
      if (paragraph.trim() === '') continue;
      say('P', () => doc.moveDown(0.6).font(FONT, SIZE).text(paragraph.trim(), { width: WIDTH, lineGap: 2 }));
    }
    for (const [label, value] of table ?? []) {
      say('P', () => {
        doc
          .moveDown(0.6)
          .font(FONT, SIZE)
          .text(`${clean(label)}: `, { width: WIDTH, continued: true });
        doc.font(BOLD, SIZE).text(clean(value));
      });
    }
  }
  say('P', () => doc.moveDown(1.5).font(FONT, SIZE).text('Mit freundlichen Grüßen', { width: WIDTH }).moveDown(0.6));
  for (const line of letter.signature) say('P', () => doc.text(clean(line), { width: WIDTH }));
  say('P', () => doc.moveDown(1.5).font(FONT, 8).text(clean(letter.remark), { width: WIDTH }));
  root.end();
  numberPages(doc, letter);
}

/** "Seite 1 von 2" and the reference, outside of the text that is read aloud. */
function numberPages(doc: Document, letter: Letter): void {
  const { start, count } = doc.bufferedPageRange();
  const reference = clean(letter.particulars[0]?.[1] ?? '');
  for (let page = start; page < start + count; page++) {
    doc.switchToPage(page);
    const bottom = doc.page.margins.bottom;
    doc.page.margins.bottom = 0; // else the footer would start a page of its own
    doc.markContent('Artifact', { type: 'Pagination' });
    doc.font(FONT, 8).text(`${reference} · Seite ${page - start + 1} von ${count}`, LEFT, mm(297) - mm(18), {
      width: WIDTH,
      align: 'right',
      lineBreak: false,
    });
    doc.endMarkedContent();
    doc.page.margins.bottom = bottom;
  }
}
