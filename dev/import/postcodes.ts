/** Which postcodes belong to which municipality; the source knows only the key without the association (AGS). */
import { refuse } from './areas';
import type { Run } from './authorities';
import { csvRows } from './csv';
import { endPostcodes } from './endings';
import { BadRow } from './report';
import { upsert, Writer } from './upsert';

export async function importPostcodes({ folder, report, db, endMissing }: Run): Promise<void> {
  const catalogue = await db('catalogue');
  const found: { ars: string }[] = await catalogue.source.query(
    `SELECT ars FROM area WHERE level = 'MUNICIPALITY' AND valid_to IS NULL`,
  );
  // the ARS without the four digits of the association
  const byAgs = new Map(found.map(({ ars }) => [`${ars.slice(0, 5)}${ars.slice(9)}`, ars]));
  if (byAgs.size === 0) throw new Error('There are no municipalities yet: import the areas first.');
  const file = report.begin('postcodes/plz_gemeinde.csv');
  const lineOf = new Map<string, number>();
  const named = new Set<string>();
  let isUncertain = false; // a row that cannot be read could be any of them
  const unread = () => {
    isUncertain = true;
  };
  const writer = new Writer(
    report,
    file,
    upsert(catalogue, {
      table: 'postcode',
      columns: { postcode: 'text', ars: 'text' },
      key: ['postcode', 'ars'],
      follows: [],
    }),
  );
  for await (const { line, row } of csvRows(folder, report, file, ['ags', 'ort', 'plz'], unread)) {
    const ars = byAgs.get(row.ags);
    try {
      if (!/^\d{5}$/.test(row.plz)) throw new BadRow(`“${row.plz}” is no postcode`);
      if (!ars) throw new BadRow(`the municipality “${row.ags}” (${row.ort}) does not exist`);
      const key = `${row.plz} ${ars}`;
      const before = lineOf.get(key);
      if (before) throw new BadRow(`“${key}” was there before (line ${before})`);
      lineOf.set(key, line);
      await writer.add({ line, values: { postcode: row.plz, ars } });
    } catch (error) {
      if (!lineOf.has(`${row.plz} ${ars}`)) named.add(ars ?? row.plz);
      refuse(report, file, line, error);
    }
  }
  await writer.flush();
  const { ended, refused } = isUncertain
    ? { ended: 0, refused: undefined }
    : await endPostcodes(catalogue, new Set(lineOf.keys()), named, endMissing);
  file.ended = ended;
  report.end(file);
  if (refused) throw new Error(`${file.file}: ${refused}`);
}
