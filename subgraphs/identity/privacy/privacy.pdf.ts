/** The copy for people: everything of the JSON as a PDF, part by part. */
import PDFDocument from 'pdfkit';
import { now } from '../../../kernel/clock';
import { isPrintable, NOT_PRINTABLE, type Piece, print } from '../../../kernel/printing';

const MARGIN = 56;
const INDENT = 10;
const DEEPEST = 8;
/** Longer texts and lists are cut here; the machine-readable file has them whole. */
const LONGEST = 4_000;
const MOST_LINES = 5_000;
const CUT = '… vollständig in der maschinenlesbaren Datei';

const TITLES: Readonly<Record<string, string>> = {
  identity: 'Konto, Anmeldung, Vollmachten, Zugriffsprotokoll',
  applications: 'Anträge',
  messaging: 'Postfach und Benachrichtigungen',
  payment: 'Zahlungen',
};

const shortened = (text: string): string =>
  (text.length > LONGEST ? `${text.slice(0, LONGEST)} ${CUT}` : text).replace(/\s+/g, ' ');

interface Line {
  readonly depth: number;
  readonly label: string;
  /** Empty for what has lines below it. */
  readonly value: string;
}

/** Every value on a line of its own, under the names of its place. */
function* linesOf(label: string, value: unknown, depth: number): Generator<Line> {
  if (value === null || value === undefined || value === '') return;
  if (value instanceof Date) return yield { depth, label, value: value.toISOString() };
  if (typeof value !== 'object') return yield { depth, label, value: String(value) };
  if (depth >= DEEPEST) return yield { depth, label, value: JSON.stringify(value) };
  const members = Object.entries(value);
  if (members.length === 0) return;
  yield { depth, label: Array.isArray(value) ? `${label} (${members.length})` : label, value: '' };
  for (const [name, member] of members) {
    yield* linesOf(Array.isArray(value) ? `${Number(name) + 1}.` : name, member, depth + 1);
  }
}

export interface CopyOfAll {
  readonly accountId: string;
  readonly madeAt: Date;
  readonly parts: Readonly<Record<string, object>>;
}

/** @returns the bytes of the PDF. */
export function renderCopy({ accountId, madeAt, parts }: CopyOfAll): Promise<Buffer> {
  const title = 'Auskunft über Ihre Daten (Art. 15 DSGVO)';
  const doc = new PDFDocument({
    size: 'A4',
    margin: MARGIN,
    pdfVersion: '1.7',
    subset: 'PDF/A-2a',
    tagged: true,
    lang: 'de-DE',
    displayTitle: true,
    font: '',
    info: { Title: title, CreationDate: now(), ModDate: now() },
  });
  const chunks: Buffer[] = [];
  doc.on('data', (chunk: Buffer) => chunks.push(chunk));
  const whole = new Promise<Buffer>((resolve, reject) => {
    doc.on('end', () => resolve(Buffer.concat(chunks)));
    doc.on('error', reject);
  });
  const root = doc.struct('Document');
  doc.addStructure(root);
  const width = doc.page.width - 2 * MARGIN;
  const say = (tag: string, draw: () => void) => root.add(doc.struct(tag, {}, draw));
  say('H1', () => print(doc, [{ text: title, bold: true }], { size: 14, width }));
  say('P', () => print(doc.moveDown(0.5), `Konto ${accountId}, Stand ${madeAt.toISOString()}`, { size: 9, width }));
  let allPrintable = true;
  for (const [name, part] of Object.entries(parts)) {
    say('H2', () =>
      print(doc.moveDown(), [{ text: TITLES[name] ?? name, bold: true }], { size: 11, x: MARGIN, width }),
    );
    let count = 0;
    for (const [label, value] of Object.entries(part)) {
      for (const line of linesOf(label, value, 0)) {
        count += 1;
        if (count > MOST_LINES) break;
        const pieces = piecesOf(line);
        allPrintable &&= pieces.every(({ text }) => isPrintable(text));
        say('P', () => draw(doc, line.depth, pieces));
      }
    }
    if (count > MOST_LINES) say('P', () => draw(doc, 0, [{ text: CUT, bold: true }]));
  }
  if (!allPrintable) say('P', () => draw(doc, 0, [{ text: NOT_PRINTABLE }]));
  root.end();
  doc.end();
  return whole;
}

const piecesOf = ({ label, value }: Line): Piece[] =>
  value === '' ? [{ text: shortened(label), bold: true }] : [{ text: `${shortened(label)}: ${shortened(value)}` }];

function draw(doc: PDFKit.PDFDocument, depth: number, pieces: readonly Piece[]): void {
  const x = MARGIN + depth * INDENT;
  print(doc, pieces, { size: 8, x, width: doc.page.width - MARGIN - x });
}
