/** Where personal data must never come to rest: logs, traces, numbers, and what is kept of failures. */
import fs from 'node:fs';
import path from 'node:path';
import type pg from 'pg';
import { SUBGRAPHS } from '../../kernel/config';

/** What is kept of a failure, so that operators can find out: technical words only. */
const DIAGNOSTICS = ['detail', 'state_detail'];

/** @param words what must not be found, also in base64 or in other letters  @returns `place: word` for each that was */
export function found(words: readonly string[], place: string, text: string): string[] {
  const small = text.toLowerCase();
  return words
    .filter(word => small.includes(word.toLowerCase()) || inBase64(word).some(coded => text.includes(coded)))
    .map(word => `${place}: ${word}`);
}

/** Of shorter words too little would be left to be sure. */
const CODED_FROM = 10;

/** A text is coded otherwise at each of three places; its ends depend on what stands beside it. */
const inBase64 = (word: string): string[] =>
  word.length < CODED_FROM
    ? []
    : [0, 1, 2].map(shift =>
        Buffer.from(' '.repeat(shift) + word)
          .toString('base64')
          .slice(shift === 0 ? 0 : shift + 1, -4),
      );

export interface Place {
  readonly name: string;
  readonly text: string;
}

/** Of all processes, PostgreSQL included, which runs on this machine. @param dataDir that of the stack */
export async function logsOf(dataDir: string, client: pg.Client): Promise<Place[]> {
  const logs = path.join(dataDir, 'logs');
  const { rows } = await client.query<{ data_directory: string }>('SHOW data_directory');
  const files = [
    ...fs.readdirSync(logs).map(name => path.join(logs, name)),
    path.join(path.dirname(rows[0]!.data_directory), 'postgres.log'),
  ];
  return files.map(file => ({ name: path.basename(file), text: fs.readFileSync(file, 'utf8') }));
}

/** Dead letters whole, and the diagnostic columns of every table, as one text for each. */
export async function diagnosticsOf(client: pg.Client): Promise<Place[]> {
  const { rows } = await client.query<{ table: string; what: string }>(
    `SELECT table_schema || '.' || table_name AS table, column_name AS what FROM information_schema.columns
     WHERE table_schema = ANY($1) AND (column_name = ANY($2) OR table_name = 'dead_letter')`,
    [SUBGRAPHS, DIAGNOSTICS],
  );
  const places: Place[] = [];
  for (const { table, what } of rows) {
    const kept = await client.query<{ text: string | null }>(
      `SELECT string_agg(${what}::text, ' ') AS text FROM ${table}`,
    );
    places.push({ name: `${table}.${what}`, text: kept.rows[0]?.text ?? '' });
  }
  return places;
}

/** Tables of the subgraphs in which a word stands. */
export async function tablesWith(client: pg.Client, word: string): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT table_schema || '.' || table_name AS name FROM information_schema.tables
     WHERE table_schema = ANY($1) AND table_type = 'BASE TABLE'`,
    [[...SUBGRAPHS, 'events']],
  );
  const holding: string[] = [];
  for (const { name } of rows) {
    const { rowCount } = await client.query(`SELECT FROM ${name} AS t WHERE t::text ILIKE '%' || $1 || '%' LIMIT 1`, [
      word,
    ]);
    if (rowCount) holding.push(name);
  }
  return holding;
}
