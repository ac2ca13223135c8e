/**
 * Public holidays, for legal deadlines. The file lists the holidays of some states in full and, as BUND, those of the
 * whole federation once more; a state that only had the latter would get wrong deadlines, so BUND is skipped.
 */
import { refuse } from './areas';
import type { Run } from './authorities';
import { csvRows } from './csv';
import { BadRow } from './report';
import { upsert, Writer } from './upsert';

const isDay = (text: string): boolean =>
  /^\d{4}-\d{2}-\d{2}$/.test(text) && new Date(`${text}T00:00:00Z`).toJSON()?.startsWith(text) === true;

export async function importHolidays({ folder, report, db }: Run): Promise<void> {
  const file = report.begin('calendar/feiertage_2024_2030_SH_HH_BUND.csv');
  const lineOf = new Map<string, number>();
  const writer = new Writer(
    report,
    file,
    upsert(await db('applications'), {
      table: 'holiday',
      columns: { day: 'date', name: 'text', state: 'text' },
      key: ['state', 'day'],
      follows: ['name'],
    }),
  );
  for await (const { line, row } of csvRows(folder, report, file, ['date', 'name_de', 'state'])) {
    try {
      if (row.state === 'BUND') throw new BadRow('BUND only repeats what each state has', true);
      if (!isDay(row.date)) throw new BadRow(`“${row.date}” is no day`);
      if (!/^[A-Z]{2}$/.test(row.state)) throw new BadRow(`“${row.state}” is no state`);
      if (row.name_de === '') throw new BadRow(`${row.date} has no name`);
      const key = `${row.state} ${row.date}`;
      const before = lineOf.get(key);
      if (before) throw new BadRow(`“${key}” was there before (line ${before})`);
      lineOf.set(key, line);
      await writer.add({ line, values: { day: row.date, name: row.name_de, state: row.state } });
    } catch (error) {
      refuse(report, file, line, error);
    }
  }
  await writer.flush();
  report.end(file);
}
