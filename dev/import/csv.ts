/**
 * Reads a CSV file row by row, without ever holding all of it. A record is a line, or several while a quotation is open;
 * what cannot be read costs its own line only, and the lines behind it are read anew.
 */
import fs from 'node:fs';
import path from 'node:path';
import readline from 'node:readline';
import { CsvError, parse } from 'csv-parse/sync';
import { BadRow, type FileReport, type Report } from './report';

export interface Line<C extends string> {
  /** Counted from 1, the heading included. */
  readonly line: number;
  readonly row: Readonly<Record<C, string>>;
}

/** A quotation that runs over more lines was forgotten to be closed. */
const MOST_LINES = 20;

/**
 * @param unread hears what stands in a row that cannot be read; nothing, when it is the last one
 * @throws Error in one sentence when the file is missing or lacks a column
 */
export async function* csvRows<C extends string>(
  folder: string,
  report: Report,
  file: FileReport,
  columns: readonly C[],
  unread: (text: string) => void = () => {},
): AsyncGenerator<Line<C>> {
  const place = path.join(folder, file.file);
  const found = fs.statSync(place, { throwIfNoEntry: false });
  if (!found) throw new Error(`${file.file} is missing in ${folder}.`);
  const opened = found.isFile() && (await fs.promises.open(place).catch(() => null));
  if (!opened) throw new Error(`${file.file} cannot be read.`);
  const { size } = found;
  const input = opened.createReadStream({ encoding: 'utf8' });
  const lines = new Lines(input);
  const heading = await headingOf(lines, file.file, columns);
  for (;;) {
    const first = await lines.next();
    if (!first) return;
    if (first.text.trim() === '') continue;
    file.read += 1;
    report.progress(file, input.bytesRead / size);
    const record = await recordFrom(first, lines, heading);
    if (record instanceof BadRow) {
      unread(first.text);
      if (await lines.isOver()) unread(''); // the file was cut off there: any row may have followed
      report.refuse(file, first.line, record);
    } else yield { line: first.line, row: record as Record<C, string> };
  }
}

async function headingOf(lines: Lines, file: string, columns: readonly string[]): Promise<string[]> {
  const first = await lines.next();
  if (!first) throw new Error(`${file} is empty.`);
  const heading = cellsOf(first.text.replace(/^\ufeff/, ''));
  if (heading instanceof BadRow) throw new Error(`${file}: its heading cannot be read: ${heading.message}.`);
  const missing = columns.filter(column => !heading.includes(column));
  if (missing.length > 0) throw new Error(`${file} has no column ${missing.join(', ')}.`);
  const twice = columns.find(column => heading.indexOf(column) !== heading.lastIndexOf(column));
  if (twice) throw new Error(`${file} has the column ${twice} twice.`);
  return heading;
}

interface Text {
  readonly line: number;
  readonly text: string;
}

/** The lines of a file, of which some can be given back. */
class Lines {
  private readonly waiting: Text[] = [];
  private readonly source: AsyncIterator<string>;
  private line = 0;

  constructor(input: fs.ReadStream) {
    const lines = readline.createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY });
    this.source = lines[Symbol.asyncIterator]();
  }

  async next(): Promise<Text | undefined> {
    const before = this.waiting.shift();
    if (before) return before;
    const { value, done } = await this.source.next();
    if (done) return undefined;
    this.line += 1;
    return { line: this.line, text: value };
  }

  async isOver(): Promise<boolean> {
    const next = await this.next();
    if (next) this.giveBack([next]);
    return !next;
  }

  giveBack(texts: readonly Text[]): void {
    this.waiting.unshift(...texts);
  }
}

const isOpen = (text: string): boolean => text.split('"').length % 2 === 0;

/** While a quotation is open the next lines belong to it, unless that makes no row: then they are rows of their own. */
async function recordFrom(
  first: Text,
  lines: Lines,
  heading: readonly string[],
): Promise<Record<string, string> | BadRow> {
  if (!isOpen(first.text)) return rowOf(heading, first.text);
  const more: Text[] = [];
  let text = first.text;
  while (isOpen(text) && more.length < MOST_LINES - 1) {
    const next = await lines.next();
    if (!next) break;
    more.push(next);
    text = `${text}\n${next.text}`;
  }
  const row = isOpen(text) ? null : rowOf(heading, text);
  const isGood = row !== null && !(row instanceof BadRow);
  const digits = keyLength(first.text);
  if (isGood && (digits < 2 || more.every(line => keyLength(line.text) !== digits))) return row;
  lines.giveBack(more);
  return new BadRow(isGood ? 'a quotation holds another row' : 'a quotation is not closed');
}

/** Digits before the first comma: a line that begins like the first one of a quotation is a row, however the cells add up. */
const keyLength = (text: string): number => /^\d*(?=,)/.exec(text)?.[0].length ?? 0;

const REASONS: Readonly<Record<string, string>> = {
  CSV_QUOTE_NOT_CLOSED: 'a quotation is not closed',
  INVALID_OPENING_QUOTE: 'a quotation begins in the middle of a cell',
  CSV_INVALID_CLOSING_QUOTE: 'letters follow a quotation',
  CSV_NON_TRIMABLE_CHAR_AFTER_CLOSING_QUOTE: 'letters follow a quotation',
};

/** Whatever csv-parse says about a line is about that line only. */
function cellsOf(text: string): string[] | BadRow {
  try {
    const [cells] = parse(text, { relax_column_count: true }) as string[][];
    return cells ?? [];
  } catch (error) {
    if (error instanceof CsvError) return new BadRow(REASONS[error.code] ?? `it is no CSV (${error.code})`);
    throw error;
  }
}

function rowOf(heading: readonly string[], text: string): Record<string, string> | BadRow {
  if (text.includes('\ufffd')) return new BadRow('is not UTF-8');
  if (text.includes('\u0000')) return new BadRow('holds the character NUL');
  const cells = cellsOf(text);
  if (cells instanceof BadRow) return cells;
  if (cells.length !== heading.length) return new BadRow(`has ${cells.length} cells instead of ${heading.length}`);
  return Object.fromEntries(heading.map((column, i) => [column, cells[i]!.trim()]));
}
