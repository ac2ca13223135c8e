/**
 * Areas (Gebiete) of Destatis: states, districts, associations and municipalities as one tree. The files name no
 * government regions (Regierungsbezirke) and not every state has them, so none are made up: a district lies below its
 * state, and a key of three digits names nothing. An area lies below the nearest one whose key its own begins with;
 * where the district of the key is missing in the files, that is the state, and it is said.
 */
import type { Database } from '../../kernel/database/database';
import { importAuthorities, type Run, type Source } from './authorities';
import { csvRows } from './csv';
import { endAreas, Present } from './endings';
import { BadRow, type FileReport, type Report } from './report';
import { upsert, Writer } from './upsert';

const LEVELS = [
  { file: 'areas/laender.csv', key: 'code', columns: ['code', 'name'], level: 'STATE', digits: 2 },
  {
    file: 'areas/kreise.csv',
    key: 'kreis_code',
    columns: ['kreis_code', 'name', 'typ'],
    level: 'DISTRICT',
    digits: 5,
  },
  {
    file: 'areas/gemeindeverbaende.csv',
    key: 'verband_code',
    columns: ['verband_code', 'name', 'typ'],
    level: 'ASSOCIATION',
    digits: 9,
  },
  {
    file: 'areas/gemeinden.csv',
    key: 'ars',
    columns: ['ars', 'name', 'gemeinde_typ'],
    level: 'MUNICIPALITY',
    digits: 12,
  },
] as const;

const PARENTS = [9, 5, 2];

export async function importAreas({ folder, report, db, endMissing }: Run): Promise<void> {
  const catalogue = await db('catalogue');
  const refused: string[] = [];
  const known = await knownAreas(catalogue);
  const lineOf = new Map<string, string>();
  const sources: Source[] = [];
  for (const level of LEVELS) {
    const file = report.begin(level.file);
    const moved: string[] = [];
    const present = new Present(level.digits);
    const writer = new Writer(report, file, writeAreas(catalogue));
    for await (const { line, row } of csvRows<string>(folder, report, file, level.columns, present.unread)) {
      try {
        const ars = row[level.key]!;
        present.add(ars);
        const area = areaOf(ars, row.name!, level.digits, known, lineOf);
        lineOf.set(ars, `${level.file}:${line}`);
        known.add(ars);
        if (area.parent !== null && isOdd(ars, area.parent)) moved.push(`${level.file}:${line}: ${row.name}`);
        if (ars.startsWith('01')) sources.push({ ars, name: row.name!, type: row.gemeinde_typ ?? row.typ ?? '' });
        await writer.add({
          line,
          values: { ars, name: row.name, level: level.level, parent_ars: area.parent, valid_to: null },
        });
      } catch (error) {
        refuse(report, file, line, error);
      }
    }
    await writer.flush();
    const told = await endAreas(catalogue, level.level, present, endMissing);
    file.ended = told.ended;
    report.end(file);
    for (const one of moved) report.note(`${one} has no district in the files and lies below the state`);
    if (told.note) report.note(told.note);
    if (told.refused) refused.push(`${level.file}: ${told.refused}`);
  }
  await importAuthorities(catalogue, report, sources);
  if (refused.length > 0) throw new Error(refused.join(' '));
}

/** @throws BadRow when the key is malformed, was there before, or nothing lies above it */
function areaOf(
  ars: string,
  name: string,
  digits: number,
  known: ReadonlySet<string>,
  lineOf: ReadonlyMap<string, string>,
): { parent: string | null } {
  if (!/^\d+$/.test(ars) || ars.length !== digits) throw new BadRow(`“${ars}” is no key of ${digits} digits`);
  if (name === '') throw new BadRow(`${ars} has no name`);
  const before = lineOf.get(ars);
  if (before) throw new BadRow(`“${ars}” was there before (${before})`);
  if (digits === 2) return { parent: null };
  const parent = PARENTS.filter(length => length < digits)
    .map(length => ars.slice(0, length))
    .find(prefix => known.has(prefix));
  if (!parent) throw new BadRow(`nothing lies above “${ars}”`);
  return { parent };
}

/** An association directly below a state is worth a word. */
const isOdd = (ars: string, parent: string): boolean => ars.length > 5 && parent.length === 2;

const writeAreas = (db: Database) =>
  upsert(db, {
    table: 'area',
    columns: { ars: 'text', name: 'text', level: 'text', parent_ars: 'text', valid_to: 'date' },
    key: ['ars'],
    follows: ['name', 'level', 'parent_ars', 'valid_to'],
  });

async function knownAreas(db: Database): Promise<Set<string>> {
  const found: { ars: string }[] = await db.source.query('SELECT ars FROM area');
  return new Set(found.map(({ ars }) => ars));
}

/** Reports a bad row; anything else goes on. */
export function refuse(report: Report, file: FileReport, line: number, error: unknown): void {
  if (!(error instanceof BadRow)) throw error;
  report.refuse(file, line, error);
}
