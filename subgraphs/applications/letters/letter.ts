/** A letter as a PDF: A4, tagged, with its fonts embedded (PDF/A-2a), so that every name prints as it is written. */
import PDFDocument from 'pdfkit';
import { now } from '../../../kernel/clock';
import { cleaned, isPrintable, NOT_PRINTABLE, print } from '../../../kernel/printing';

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

/** Millimetres as points, for the measures of DIN 5008. */
const mm = (length: number): number => (length * 72) / 25.4;
const LEFT = mm(25);
const RIGHT = mm(20);
const WIDTH = mm(210) - LEFT - RIGHT;
const SIZE = 10;

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
    font: '',
    info: { Title: cleaned(letter.subject), Author: cleaned(letter.sender), CreationDate: now(), ModDate: now() },
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

  const bold = (text: string) => [{ text, bold: true }];
  const body = { size: SIZE, width: WIDTH };

  say('P', () => print(doc, bold(letter.sender), { size: 12, width: WIDTH }));
  say('P', () => print(doc, letter.recipient, { size: SIZE, x: LEFT, y: mm(50), width: mm(85) }));
  const addressEnds = doc.y;
  say('P', () => {
    doc.y = mm(50);
    for (const [label, value] of letter.particulars) {
      print(doc, label, { size: 8, x: mm(125), width: mm(65) });
      print(doc, value, { size: SIZE, x: mm(125), width: mm(65) });
      doc.moveDown(0.3);
    }
  });
  const bodyStarts = Math.max(addressEnds, doc.y, mm(90)) + mm(8);
  say('H1', () => print(doc, bold(letter.subject), { size: 12, x: LEFT, y: bodyStarts, width: WIDTH }));
  const below = (lines: number, tag: string, pieces: Parameters<typeof print>[1], given = {}) =>
    say(tag, () => print(doc.moveDown(lines), pieces, { ...body, ...given }));
  below(1, 'P', letter.salutation);
  for (const { heading, text, table } of letter.parts) {
    if (heading) below(1, 'H2', bold(heading));
    for (const paragraph of cleaned(text ?? '').split(/\n{2,}/)) {
      if (paragraph.trim() !== '') below(0.6, 'P', paragraph.trim(), { lineGap: 2 });
    }
    for (const [label, value] of table ?? []) {
      below(0.6, 'P', [{ text: `${label}: ` }, { text: value, bold: true }]);
    }
  }
  below(1.5, 'P', 'Mit freundlichen Grüßen');
  doc.moveDown(0.6);
  for (const line of letter.signature) below(0, 'P', line);
  below(1.5, 'P', letter.remark, { size: 8 });
  if (!textsOf(letter).every(isPrintable)) below(0.6, 'P', NOT_PRINTABLE, { size: 8 });
  root.end();
  numberPages(doc, letter);
}

const textsOf = ({
  sender,
  recipient,
  subject,
  salutation,
  particulars,
  parts,
  signature,
  remark,
}: Letter): string[] => [
  ...[sender, recipient, subject, salutation, remark, ...signature, ...particulars.flat()],
  ...parts.flatMap(({ heading = '', text = '', table = [] }) => [heading, text, ...table.flat()]),
];

/** "Seite 1 von 2" and the reference, outside of the text that is read aloud. */
function numberPages(doc: Document, letter: Letter): void {
  const { start, count } = doc.bufferedPageRange();
  const reference = letter.particulars[0]?.[1] ?? '';
  for (let page = start; page < start + count; page++) {
    doc.switchToPage(page);
    const bottom = doc.page.margins.bottom;
    doc.page.margins.bottom = 0; // else the footer would start a page of its own
    doc.markContent('Artifact', { type: 'Pagination' });
    print(doc, `${reference} · Seite ${page - start + 1} von ${count}`, {
      ...{ size: 8, x: LEFT, y: mm(297) - mm(18), width: WIDTH, align: 'right' },
    });
    doc.endMarkedContent();
    doc.page.margins.bottom = bottom;
  }
}
