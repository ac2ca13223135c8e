/** Finds a place by what people write: a name, a part of it, a spelling near it, or a postcode. */
import type { Context } from '../../../kernel/context';
import { asEntity, rows, type Tx } from '../../../kernel/database/database';
import { badInput } from '../../../kernel/errors';
import { fold } from '../../../kernel/fold';
import { checkFirst } from '../../../kernel/page';
import { Area, AreaLevel, type AreaLookup } from './area.entity';
import { isCurrent } from './ars';

const MOST = 50;
const LONGEST = 100;

/** How near a name is to the text, nearest first. */
enum Nearness {
  Same,
  /** "Kiel, Landeshauptstadt" for "Kiel". */
  CalledSo,
  /** "Frankfurt am Main" for "Frankfurt". */
  BeginsSo,
  Begins,
  HasWord,
  HasPart,
  SpelledAlike,
}

/** @throws BAD_INPUT for an empty or overlong text, or more than 50 candidates */
export async function lookUpArea(ctx: Context, text: string, first: number): Promise<AreaLookup> {
  checkFirst(first, MOST);
  const asked = text
    .normalize('NFKC')
    .replace(/[%_\\]/g, ' ')
    .trim();
  if (!/[\p{L}\d]/u.test(fold(asked)) || asked.length > LONGEST) throw badInput('text');
  const { postcode, name } = taken(asked);
  const found = await ctx.read(tx => (postcode ? byPostcode(tx, postcode, name) : byName(tx, asked)));
  const area = theOne(found);
  const candidates = found.slice(0, first).map(one => one.area);
  return { area, candidates, ambiguous: area === null && candidates.length > 0 };
}

/** "D-24103 Kiel", "Kiel24103", "(24103)": a postcode as on letters, and the name beside it, if there is one. */
function taken(text: string): { postcode: string | null; name: string } {
  const found = /(?:(?<![\p{L}\d])DE?[\s\p{Pd}]*)?(?<!\d)(\d{5})(?!\d)/iu.exec(text);
  if (!found) return { postcode: null, name: text };
  const rest = `${text.slice(0, found.index)} ${text.slice(found.index + found[0].length)}`;
  const name = rest.replace(/\(\s*\)/g, ' ').replace(/^[\s,;.:-]+|[\s,;.:-]+$/g, '');
  return { postcode: found[1]!, name: /\p{L}/u.test(name) ? name : '' };
}

/** The place that is meant, when there is no doubt. */
function theOne(found: readonly Found[]): Area | null {
  const isMunicipality = ({ area }: Found) => area.level === AreaLevel.MUNICIPALITY;
  const only = (some: readonly Found[]) => (some.length === 1 ? some[0]!.area : null);
  const same = found.filter(one => one.nearness === Nearness.Same && isMunicipality(one));
  const called = found.filter(
    one => one.nearness <= Nearness.CalledSo || (one.nearness === Nearness.BeginsSo && isMunicipality(one)),
  );
  const calledSoToo = called.filter(one => one.nearness <= Nearness.CalledSo && isMunicipality(one));
  if (calledSoToo.length < 2 && same.length === 1) return same[0]!.area;
  if (called.length > 0) return only(called);
  return only(found.filter(one => one.nearness !== Nearness.SpelledAlike));
}

interface Found {
  readonly area: Area;
  readonly nearness: Nearness;
}

/** Of several places with one postcode that whose name stands beside it, or is like what does. */
async function byPostcode(tx: Tx, postcode: string, name: string): Promise<Found[]> {
  const rows: (Record<string, unknown> & { named: boolean; alike: boolean })[] = await tx.query(
    `SELECT area.*, strpos(' ' || asked || ' ', ' ' || words(short_name(name)) || ' ') > 0 AS named,
            strpos(words(fold(name)), asked) > 0 OR asked % words(short_name(name)) AS alike
     FROM postcode JOIN area USING (ars), words(fold($2)) AS asked WHERE postcode = $1 AND ${isCurrent('area')}
     ORDER BY name, ars LIMIT ${MOST + 1}`,
    [postcode, name],
  );
  const called = (some: typeof rows): Found[] =>
    some.map(row => ({ area: asEntity(tx, Area, row), nearness: Nearness.CalledSo }));
  if (!name) return called(rows);
  for (const fits of ['named', 'alike'] as const) {
    if (rows.some(row => row[fits])) return called(rows.filter(row => row[fits]));
  }
  // a quarter that is no place here, or the postcode of another place
  const others = (await byName(tx, name)).filter(one => one.nearness !== Nearness.SpelledAlike);
  return [...called(rows), ...others].slice(0, MOST + 1);
}

/** An area above another one of the same name, such as the district Kiel, is left out: the city is meant. */
const NOT_REPEATED_BELOW = `NOT EXISTS (
  SELECT FROM area AS below WHERE below.parent_ars = area.ars AND ${isCurrent('below')} AND short_name(below.name) = short_name(area.name))`;

async function byName(tx: Tx, text: string): Promise<Found[]> {
  // one or two letters are in nearly every name
  const anywhere = text.length > 2 ? `'%' || ` : '';
  const parts: Record<string, unknown>[] = await tx.query(
    `SELECT area.*, CASE
       WHEN fold(name) = asked THEN ${Nearness.Same}
       WHEN short_name(name) = asked THEN ${Nearness.CalledSo}
       WHEN fold(name) LIKE asked || '%' THEN
         CASE WHEN substr(fold(name), length(asked) + 1, 1) ~ '[a-z0-9]' THEN ${Nearness.Begins} ELSE ${Nearness.BeginsSo} END
       WHEN strpos(regexp_replace(fold(name), '[^a-z0-9]', ' ', 'g'), ' ' || asked) > 0 THEN ${Nearness.HasWord}
       ELSE ${Nearness.HasPart} END AS nearness
     FROM fold($1) AS asked JOIN area ON fold(name) LIKE ${anywhere}asked || '%' AND ${isCurrent('area')} AND ${NOT_REPEATED_BELOW}
     ORDER BY nearness, length(name), name, ars LIMIT ${MOST + 1}`,
    [text],
  );
  if (parts.length > 0) {
    return parts.map(row => ({ area: asEntity(tx, Area, row), nearness: Number(row.nearness) }));
  }
  const near = await rows(
    tx,
    Area,
    `SELECT area.* FROM area WHERE fold(name) % fold($1) AND ${isCurrent('area')} AND ${NOT_REPEATED_BELOW}
     ORDER BY similarity(short_name(name), fold($1)) DESC, name, ars LIMIT ${MOST + 1}`,
    [text],
  );
  return near.map(area => ({ area, nearness: Nearness.SpelledAlike }));
}
