/**
 * Authorities of Schleswig-Holstein. No file names them: they are derived from the areas, one for each that runs itself,
 * which is the state, a district, an independent city, an Amt, and a municipality outside any Amt. A municipality in an
 * Amt is run by the Amt; an uninhabited area by its district. What an editor changed of an authority stays.
 */
import type { SubgraphName } from '../../kernel/config';
import type { Database } from '../../kernel/database/database';
import { serviceOf } from '../../kernel/principal';
import { authorityIdOf } from '../demo/facts';
import type { Report } from './report';
import { upsert, Writer } from './upsert';

/** What an import works with. */
export interface Run {
  readonly folder: string;
  readonly report: Report;
  /** The database as the role of a subgraph. */
  readonly db: (name: SubgraphName) => Promise<Database>;
  /** Ends what is no longer in the files however much it is. */
  readonly endMissing: boolean;
}

/** An area as the files describe it. */
export interface Source {
  readonly ars: string;
  readonly name: string;
  readonly type: string;
}

interface Derived {
  readonly ars: string;
  readonly name: string;
  readonly kind: 'STATE' | 'DISTRICT' | 'ASSOCIATION' | 'MUNICIPALITY';
}

const JOINT = ['Amt', 'Kirchspielslandgemeinde'];

/** "Kiel, Landeshauptstadt" is run by the "Landeshauptstadt Kiel". */
function cityName(name: string): string {
  const [own = name, title] = name.split(', ');
  return title && /[Ss]tadt/.test(title) ? `${title} ${own}` : `Gemeinde ${name}`;
}

/** The authority that an area has of its own; null when another one runs it. */
function ownAuthority({ ars, name, type }: Source, associationType: (ars: string) => string): Derived | null {
  if (ars.length === 2) return { ars, name: `Land ${name}`, kind: 'STATE' };
  if (ars.length === 5) {
    return type === 'Kreis'
      ? { ars, name: `Kreis ${name}`, kind: 'DISTRICT' }
      : { ars, name: cityName(name), kind: 'MUNICIPALITY' };
  }
  if (ars.length === 9) {
    const named = name.startsWith(`${type} `) ? name : `${type} ${name}`;
    return JOINT.includes(type) ? { ars, name: named, kind: 'ASSOCIATION' } : null;
  }
  const alone = !JOINT.includes(associationType(ars.slice(0, 9)));
  const inhabited = !type.endsWith('unbewohnt');
  const independent = type === 'Kreisfreie Stadt'; // its district is the city itself
  return alone && inhabited && !independent ? { ars, name: cityName(name), kind: 'MUNICIPALITY' } : null;
}

export async function importAuthorities(db: Database, report: Report, sources: readonly Source[]): Promise<void> {
  const file = report.begin('authorities (derived)');
  const types = new Map(sources.map(({ ars, type }) => [ars, type]));
  const authorities = sources.flatMap(source => ownAuthority(source, ars => types.get(ars) ?? '') ?? []);
  const own = new Set(authorities.map(({ ars }) => ars));
  file.read = authorities.length;
  const writer = new Writer(
    report,
    file,
    upsert(db, {
      table: 'authority',
      columns: { id: 'uuid', version: 'int', name: 'text', kind: 'text', ars: 'text', parent_id: 'uuid' },
      key: ['id'],
      follows: [],
    }),
  );
  for (const [i, { ars, name, kind }] of authorities.entries()) {
    const above = [5, 2].map(length => ars.slice(0, length)).find(prefix => prefix !== ars && own.has(prefix));
    await writer.add({
      line: i + 1,
      values: {
        id: authorityIdOf(ars),
        version: 1,
        name,
        kind,
        ars,
        parent_id: above ? authorityIdOf(above) : null,
      },
    });
  }
  await writer.flush();
  await sayWhoRuns(db, sources, own);
  report.end(file);
}

/** Each area is run by its own authority or by the nearest one above; a single municipality's also runs its association's key. */
async function sayWhoRuns(db: Database, sources: readonly Source[], own: ReadonlySet<string>): Promise<void> {
  const alone = new Map([...own].filter(ars => ars.length === 12).map(ars => [ars.slice(0, 9), ars]));
  const runs = sources.flatMap(({ ars }) => {
    const by =
      [12, 9].map(length => ars.slice(0, length)).find(prefix => own.has(prefix)) ??
      alone.get(ars) ??
      [5, 2].map(length => ars.slice(0, length)).find(prefix => own.has(prefix));
    return by ? [{ ars, id: authorityIdOf(by) }] : [];
  });
  await db.tx(serviceOf(db.name), tx =>
    tx.query(
      `UPDATE area SET administered_by_id = run.id FROM jsonb_to_recordset($1::jsonb) AS run(ars text, id uuid)
       WHERE area.ars = run.ars AND area.administered_by_id IS NULL
         AND EXISTS (SELECT FROM authority WHERE authority.id = run.id)`,
      [JSON.stringify(runs)],
    ),
  );
}
