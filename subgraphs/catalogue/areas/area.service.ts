/** Finds a place by what people write: a name, a part of it, a spelling near it, or a postcode. */
import type { Context } from '../../../kernel/context';
import { asEntity, rows, type Tx } from '../../../kernel/database/database';
import { badInput } from '../../../kernel/errors';
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
  const asked = text.replace(/[%_\\]/g, ' ').trim();
  if (!/[\p{L}\d]/u.test(asked) || asked.length > LONGEST) throw badInput('text');
  const found = await ctx.read(tx => (/^\d{5}$/.test(asked) ? byPostcode(tx, asked) : byName(tx, asked)));
  const area = theOne(found);
  const candidates = found.slice(0, first).map(one => one.area);
  return { area, candidates, ambiguous: area === null && candidates.length > 0 };
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

async function byPostcode(tx: Tx, postcode: string): Promise<Found[]> {
  const areas = await rows(
    tx,
    Area,
    `SELECT area.* FROM postcode JOIN area USING (ars) WHERE postcode = $1 AND ${isCurrent('area')} ORDER BY name, ars LIMIT ${MOST + 1}`,
    [postcode],
  );
  return areas.map(area => ({ area, nearness: Nearness.CalledSo }));
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
