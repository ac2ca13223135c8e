/** Finds a place by what people write: a name, a part of it, a spelling near it, or a postcode. */
import type { Context } from '../../../kernel/context';
import { asEntity, rows, type Tx } from '../../../kernel/database/database';
import { badInput } from '../../../kernel/errors';
import { checkFirst } from '../../../kernel/page';
import { Area, type AreaLookup } from './area.entity';

const MOST = 50;
const LONGEST = 100;
/** How near a name is: up to this one it is the name asked for. */
const EXACT = 1;

/** @throws BAD_INPUT for an empty or overlong text, or more than 50 candidates */
export async function lookUpArea(ctx: Context, text: string, first: number): Promise<AreaLookup> {
  checkFirst(first, MOST);
  const asked = text.replace(/[%_\\]/g, ' ').trim();
  if (!/[\p{L}\d]/u.test(asked) || asked.length > LONGEST) throw badInput('text');
  const found = await ctx.read(tx => (/^\d{5}$/.test(asked) ? byPostcode(tx, asked) : byName(tx, asked)));
  const exact = found.filter(({ nearness }) => nearness <= EXACT);
  const fitting = exact.length > 0 ? exact : found.filter(({ nearness }) => Number.isFinite(nearness));
  const area = fitting.length === 1 ? fitting[0]!.area : null;
  const candidates = found.slice(0, first).map(one => one.area);
  return { area, candidates, ambiguous: area === null && candidates.length > 0 };
}

interface Found {
  area: Area;
  /** 0 and 1 the name, then parts of it; infinite when only the spelling is near. */
  nearness: number;
}

async function byPostcode(tx: Tx, postcode: string): Promise<Found[]> {
  const areas = await rows(
    tx,
    Area,
    `SELECT area.* FROM postcode JOIN area USING (ars) WHERE postcode = $1 ORDER BY name, ars LIMIT ${MOST + 1}`,
    [postcode],
  );
  return areas.map(area => ({ area, nearness: 0 }));
}

/** An area above another one of the same name, such as the district Kiel, is left out: the city is meant. */
const NOT_REPEATED_BELOW = `NOT EXISTS (
  SELECT FROM area AS below WHERE below.parent_ars = area.ars AND short_name(below.name) = short_name(area.name))`;

async function byName(tx: Tx, text: string): Promise<Found[]> {
  const parts: Record<string, unknown>[] = await tx.query(
    `SELECT area.*, CASE
       WHEN fold(name) = fold($1) THEN 0
       WHEN short_name(name) = fold($1) THEN 1
       WHEN fold(name) LIKE fold($1) || '%' THEN 2
       WHEN fold(name) ~ ('[^a-z0-9]' || regexp_replace(fold($1), '([^a-z0-9 ])', '\\\\\\1', 'g')) THEN 3
       ELSE 4 END AS nearness
     FROM area WHERE fold(name) LIKE '%' || fold($1) || '%' AND ${NOT_REPEATED_BELOW}
     ORDER BY nearness, length(name), name, ars LIMIT ${MOST + 1}`,
    [text],
  );
  if (parts.length > 0) {
    return parts.map(row => ({ area: asEntity(tx, Area, row), nearness: Number(row.nearness) }));
  }
  const near = await rows(
    tx,
    Area,
    `SELECT area.* FROM area WHERE fold(name) % fold($1) AND ${NOT_REPEATED_BELOW}
     ORDER BY similarity(short_name(name), fold($1)) DESC, name, ars LIMIT ${MOST + 1}`,
    [text],
  );
  return near.map(area => ({ area, nearness: Number.POSITIVE_INFINITY }));
}
