/** The parts of an import, in the order of need, each on its own connection as the role of the subgraph that owns it. */
import pg from 'pg';
import { type SubgraphName, setting } from '../../kernel/config';
import { Database } from '../../kernel/database/database';
import { importAreas } from './areas';
import type { Run } from './authorities';
import { importHolidays } from './holidays';
import { importPostcodes } from './postcodes';
import type { Report } from './report';
import { importServices } from './services';

export const PARTS = {
  areas: importAreas,
  postcodes: importPostcodes,
  services: importServices,
  holidays: importHolidays,
} as const satisfies Record<string, (run: Run) => Promise<void>>;
export type Part = keyof typeof PARTS;

export const isPart = (name: string): name is Part => Object.hasOwn(PARTS, name);

/**
 * Imports into the database of DATABASE_URL. A part that cannot be read is told and does not keep the others from being read.
 * @param endMissing see {@link Run}
 * @returns false when a part failed
 */
export async function importParts(
  folder: string,
  parts: readonly Part[],
  report: Report,
  { endMissing = false }: { endMissing?: boolean } = {},
): Promise<boolean> {
  const connected = new Map<SubgraphName, Promise<Database>>();
  const db: Run['db'] = name => {
    const found = connected.get(name) ?? Database.connect(name, []);
    connected.set(name, found);
    return found;
  };
  let complete = true;
  try {
    for (const [part, load] of Object.entries(PARTS)) {
      if (!parts.includes(part as Part)) continue;
      report.line(part);
      try {
        await load({ folder, report, db, endMissing });
      } catch (error) {
        complete = false;
        report.line(`  ${part} could not be imported: ${(error as Error).message}`);
      }
    }
    await analyze();
  } finally {
    for (const one of connected.values()) await (await one).close();
  }
  return complete;
}

/** So that the planner knows the new sizes at once. */
async function analyze(): Promise<void> {
  const client = new pg.Client({ connectionString: setting('DATABASE_URL') });
  await client.connect();
  try {
    await client.query(`ANALYZE catalogue.area, catalogue.postcode, catalogue.authority, catalogue.service, catalogue.ozg_service,
      catalogue.service_version, catalogue.service_index, catalogue.service_term, catalogue.service_word, applications.holiday`);
  } finally {
    await client.end();
  }
}
