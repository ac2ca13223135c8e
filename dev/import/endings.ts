/**
 * Areas that are no longer in the files end: the day before is their last. Their keys, authorities and cases stay; only whoever
 * looks for a place does not find them any more. A file that lost a part on its way must not end half the country.
 */
import { addDays, today } from '../../kernel/clock';
import type { Database } from '../../kernel/database/database';
import { serviceOf } from '../../kernel/principal';
import { MUSTERSTADT } from '../demo/facts';

/** In a year of reforms far fewer areas end. */
const MOST_OF_ALL = 0.05;
const MOST_OF_A_STATE = 0.1;
/** So few are believed in any case. */
const FEW = 2;
const SHOWN = 20;
/** The district of what the demo has made up is in no file. */
const MADE_UP = MUSTERSTADT.associationArs.slice(0, 5);

/** The keys that a file names, rows that are bad included: those areas are not gone. */
export class Present {
  readonly keys = new Set<string>();
  /** A row that cannot be read and shows no key could be anybody's. */
  isUncertain = false;

  constructor(private readonly digits: number) {}

  /** A key that is malformed stands for one that nobody can tell. */
  add(key: string): void {
    if (/^\d+$/.test(key) && key.length === this.digits) this.keys.add(key);
    else this.isUncertain = true;
  }

  readonly unread = (text: string): void => {
    const found = text.match(/\d+/g)?.filter(({ length }) => length === this.digits) ?? [];
    for (const key of found) this.keys.add(key);
    if (found.length === 0) this.isUncertain = true;
  };
}

interface Ending {
  readonly ended: number;
  readonly note?: string;
  /** Why nothing has ended although something is missing. */
  readonly refused?: string;
}

interface Known {
  readonly ars: string;
  readonly name: string;
}

export async function endAreas(db: Database, level: string, present: Present, endMissing: boolean): Promise<Ending> {
  const found: Known[] = await db.source.query(
    `SELECT ars, name FROM area WHERE level = $1 AND valid_to IS NULL AND NOT starts_with(ars, $2) ORDER BY ars`,
    [level, MADE_UP],
  );
  const gone = found.filter(({ ars }) => !present.keys.has(ars));
  if (gone.length === 0) return { ended: 0 };
  const missing = `${gone.length} of ${found.length} areas are missing`;
  if (!endMissing && present.isUncertain)
    return {
      ended: 0,
      note: `${missing}; nothing has ended, since a row cannot be read and shows no key, or the last one is cut off`,
    };
  if (!endMissing && (level === 'STATE' || isImplausible(gone, found, present)))
    return {
      ended: 0,
      refused: `${missing}, so the file may be cut off: nothing has ended. If it is whole, run again with --end-missing.`,
    };
  await db.tx(serviceOf(db.name), tx =>
    tx.query(`UPDATE area SET valid_to = $2 WHERE ars = ANY($1)`, [gone.map(({ ars }) => ars), addDays(today(), -1)]),
  );
  const successors = successorsOf(found.filter(({ ars }) => present.keys.has(ars)));
  const named = gone.slice(0, SHOWN).map(({ ars, name }) => {
    const now = successors.get(withoutAssociation(ars));
    return `${name.replace(/\s+/g, ' ')} (${ars}${now ? `, now ${now}` : ''})`;
  });
  const more = gone.length > SHOWN ? [`and ${gone.length - SHOWN} more`] : [];
  const are = gone.length === 1 ? '1 area is' : `${gone.length} areas are`;
  const have = gone.length === 1 ? 'has' : 'have';
  return {
    ended: gone.length,
    note: `${are} no longer in the file and ${have} ended: ${[...named, ...more].join(', ')}`,
  };
}

const isTooMuch = (some: number, all: number, share: number): boolean => some > FEW && some > all * share;

function isImplausible(gone: readonly Known[], found: readonly Known[], { keys }: Present): boolean {
  if (keys.size === 0) return true;
  if (isTooMuch(gone.length, found.length, MOST_OF_ALL)) return true;
  const inState = (all: readonly Known[], state: string) => all.filter(({ ars }) => ars.startsWith(state)).length;
  const states = new Set(gone.map(({ ars }) => ars.slice(0, 2)));
  return [...states].some(state => isTooMuch(inState(gone, state), inState(found, state), MOST_OF_A_STATE));
}

/** The key that stays when a municipality only changes its association (AGS). */
const withoutAssociation = (ars: string): string => `${ars.slice(0, 5)}${ars.slice(9)}`;

const successorsOf = (areas: readonly Known[]): Map<string, string> =>
  new Map(areas.filter(({ ars }) => ars.length === 12).map(({ ars }) => [withoutAssociation(ars), ars]));

/**
 * Postcodes that a place has no longer; those of areas that have ended stay with them.
 * @param pairs `postcode ars`, as the file names them
 * @param named postcodes and keys of rows that are bad: what belongs to them stays
 */
export async function endPostcodes(
  db: Database,
  pairs: ReadonlySet<string>,
  named: ReadonlySet<string>,
  endMissing: boolean,
): Promise<Ending> {
  const found: { pair: string }[] = await db.source.query(
    `SELECT postcode || ' ' || ars AS pair FROM postcode JOIN area USING (ars) WHERE valid_to IS NULL AND NOT starts_with(ars, $1)`,
    [MADE_UP],
  );
  const gone = found
    .map(({ pair }) => pair)
    .filter(pair => !pairs.has(pair) && !pair.split(' ').some(one => named.has(one)));
  if (gone.length === 0) return { ended: 0 };
  if (!endMissing && (pairs.size === 0 || isTooMuch(gone.length, found.length, MOST_OF_ALL)))
    return {
      ended: 0,
      refused: `${gone.length} of ${found.length} postcodes are missing, so the file may be cut off: all have stayed. If it is whole, run again with --end-missing.`,
    };
  await db.tx(serviceOf(db.name), tx =>
    tx.query(`DELETE FROM postcode WHERE postcode || ' ' || ars = ANY($1)`, [gone]),
  );
  return { ended: gone.length };
}
