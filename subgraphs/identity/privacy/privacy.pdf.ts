/** The copy for people: everything of the JSON as a PDF, part by part. */
import PDFDocument from 'pdfkit';
import { now } from '../../../kernel/clock';

const FONT = require.resolve('dejavu-fonts-ttf/ttf/DejaVuSans.ttf');
const BOLD = require.resolve('dejavu-fonts-ttf/ttf/DejaVuSans-Bold.ttf');
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

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what must not reach a page
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\ufeff]+/g;
/** Endless words get places to break at: laying one out as a whole would take minutes. */
const clean = (text: string): string =>
  (text.length > LONGEST ? `${text.slice(0, LONGEST)} ${CUT}` : text)
    .replace(CONTROL, ' ')
    .normalize('NFC')
    .replace(/\S{60}/g, '$&\u200b');

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
    font: FONT,
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
  const say = (tag: string, draw: () => void) => root.add(doc.struct(tag, {}, draw));
  say('H1', () => doc.font(BOLD, 14).text(title));
  say('P', () => doc.font(FONT, 9).moveDown(0.5).text(`Konto ${accountId}, Stand ${madeAt.toISOString()}`));
  for (const [name, part] of Object.entries(parts)) {
    say('H2', () =>
      doc
        .moveDown()
        .font(BOLD, 11)
        .text(TITLES[name] ?? name),
    );
    let count = 0;
    for (const [label, value] of Object.entries(part)) {
      for (const line of linesOf(label, value, 0)) {
        count += 1;
        if (count > MOST_LINES) break;
        say('P', () => draw(doc, line));
      }
    }
    if (count > MOST_LINES) say('P', () => draw(doc, { depth: 0, label: CUT, value: '' }));
  }
  root.end();
  doc.end();
  return whole;
}

function draw(doc: PDFKit.PDFDocument, { depth, label, value }: Line): void {
  const x = MARGIN + depth * INDENT;
  const width = doc.page.width - MARGIN - x;
  if (value === '') doc.font(BOLD, 8).text(clean(label), x, doc.y, { width });
  else doc.font(FONT, 8).text(`${clean(label)}: ${clean(value)}`, x, doc.y, { width });
}
