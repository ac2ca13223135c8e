/**
 * Reads a CSV file row by row, without ever holding all of it. A record is a line, or several while a quotation is open;
 * a quotation that is never closed costs its own line only.
 */
import fs from 'node:fs';
import path from 'node:path';
import readline from 'node:readline';
import { parse } from 'csv-parse/sync';
import { BadRow, type FileReport, type Report } from './report';

export interface Line<C extends string> {
  /** Counted from 1, the heading included. */
  readonly line: number;
  readonly row: Readonly<Record<C, string>>;
}

/** A quotation that runs over more lines was forgotten to be closed. */
const MOST_LINES = 20;

/** @throws Error in one sentence when the file is missing or lacks a column */
export async function* csvRows<C extends string>(
  folder: string,
  report: Report,
  file: FileReport,
  columns: readonly C[],
): AsyncGenerator<Line<C>> {
  const place = path.join(folder, file.file);
  const size = fs.statSync(place, { throwIfNoEntry: false })?.size;
  if (size === undefined) throw new Error(`${file.file} is missing in ${folder}.`);
  const input = fs.createReadStream(place, 'utf8');
  let heading: string[] | undefined;
  for await (const { line, text } of records(input)) {
    if (!heading) {
      heading = cellsOf(text.replace(/^\ufeff/, ''));
      const missing = columns.filter(column => !heading!.includes(column));
      if (missing.length > 0) throw new Error(`${file.file} has no column ${missing.join(', ')}.`);
      continue;
    }
    if (text.trim() === '') continue;
    file.read += 1;
    report.progress(file, input.bytesRead / size);
    try {
      yield { line, row: rowOf(heading, text) as Record<C, string> };
    } catch (error) {
      report.refuse(file, line, asBadRow(error));
    }
  }
}

const balanced = (text: string): boolean => (text.split('"').length - 1) % 2 === 0;

async function* records(input: fs.ReadStream): AsyncGenerator<{ line: number; text: string }> {
  let line = 0;
  let open: { line: number; text: string }[] = [];
  for await (const text of readline.createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
    line += 1;
    if (open.length === 0 && balanced(text)) {
      yield { line, text };
      continue;
    }
    open.push({ line, text });
    const joined = open.map(one => one.text).join('\n');
    if (balanced(joined)) {
      yield { line: open[0]!.line, text: joined };
      open = [];
    } else if (open.length === MOST_LINES) {
      yield* open;
      open = [];
    }
  }
  yield* open;
}

function cellsOf(text: string): string[] {
  const [cells] = parse(text, { relax_column_count: true }) as string[][];
  return cells ?? [];
}

function rowOf(heading: readonly string[], text: string): Record<string, string> {
  if (text.includes('\ufffd')) throw new BadRow('is not UTF-8');
  const cells = cellsOf(text);
  if (cells.length !== heading.length) throw new BadRow(`has ${cells.length} cells instead of ${heading.length}`);
  return Object.fromEntries(heading.map((column, i) => [column, cells[i]!.trim()]));
}

/** What csv-parse says about a line is about that line only. */
function asBadRow(error: unknown): BadRow {
  if (error instanceof BadRow) return error;
  if ((error as { code?: string }).code?.startsWith('CSV_')) return new BadRow('a quotation is not closed');
  throw error;
}
