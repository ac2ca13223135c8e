/** Which fee rule holds: that of the nearest area upwards, Gemeinde → Amt → Kreis → Regierungsbezirk → Land. */
import { rows, type Tx } from '../../../kernel/database/database';
import { Fee } from './fee.entity';

/** An area and all areas above it. @example areasUpwards('010515163016') */
export const areasUpwards = (ars: string): string[] => [
  ...new Set([12, 9, 5, 3, 2].filter(length => length <= ars.length).map(length => ars.slice(0, length))),
];

export interface ServicePlace {
  readonly leikaKey: string;
  readonly ars: string;
}
export const placeKey = ({ leikaKey, ars }: ServicePlace): string => `${leikaKey} ${ars}`;

/** The rule in force on a day for each pair that has one, by {@link placeKey}. */
export async function rulesInForce(tx: Tx, places: readonly ServicePlace[], on: string): Promise<Map<string, Fee>> {
  const found: (Record<string, unknown> & { place: string })[] = await tx.query(
    `SELECT DISTINCT ON (place) place.leika_key || ' ' || place.ars AS place, fee.id
     FROM unnest($1::text[], $2::text[]) AS place (leika_key, ars)
     JOIN fee ON fee.leika_key = place.leika_key
       AND fee.ars IN (place.ars, left(place.ars, 9), left(place.ars, 5), left(place.ars, 3), left(place.ars, 2))
       AND fee.valid_from <= $3 AND (fee.valid_to IS NULL OR fee.valid_to >= $3)
     ORDER BY place, length(fee.ars) DESC`,
    [places.map(({ leikaKey }) => leikaKey), places.map(({ ars }) => ars), on],
  );
  const fees = await rows(tx, Fee, 'SELECT * FROM fee WHERE id = ANY($1)', [found.map(({ id }) => id)]);
  const byId = new Map(fees.map(fee => [fee.id, fee]));
  return new Map(found.map(({ place, id }) => [place, byId.get(String(id))!]));
}

/** What is charged: the rule, or the local amount that replaces it. */
export interface Price {
  readonly rule: Fee | null;
  readonly overrideMinor: number | null;
  readonly totalMinor: number;
}

/** @returns null when neither a rule nor a local amount is known */
export function priceOf(rule: Fee | null | undefined, overrideMinor: number | null): Price | null {
  const totalMinor = overrideMinor ?? rule?.totalMinor;
  return totalMinor === undefined ? null : { rule: rule ?? null, overrideMinor, totalMinor };
}
