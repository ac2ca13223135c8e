/** Batched loads of responsibilities. */
import { today } from '../../../kernel/clock';
import { batch } from '../../../kernel/context';
import { rows } from '../../../kernel/database/database';
import { nestedPages } from '../../../kernel/page.nested';
import { isWithin, upwards } from '../areas/ars';
import { inForce } from '../entries/in-force';
import { Responsibility } from './responsibility.entity';

/** A question: which service, where, on which day. */
export interface Asked {
  readonly leikaKey: string;
  readonly ars: string;
  readonly on: string;
}
export const askedKey = ({ leikaKey, ars, on }: Asked): string => `${leikaKey} ${ars} ${on}`;
const askedOf = (key: string): Asked => {
  const [leikaKey, ars, on] = key.split(' ') as [string, string, string];
  return { leikaKey, ars, on };
};

/** The responsibility that holds at a place: its own, or that of the smallest area around it. Key: {@link askedKey}. */
export const responsibilityAround = batch<string, Responsibility>(async (keys, ctx) => {
  const asked = keys.map(askedOf);
  const places = asked.flatMap(one => upwards(one.ars).map(area => ({ ...one, area })));
  const found = await ctx.read(tx =>
    rows(
      tx,
      Responsibility,
      `SELECT DISTINCT responsibility.*
       FROM unnest($1::text[], $2::text[], $3::date[]) AS asked(leika_key, ars, on_day)
       JOIN responsibility ON responsibility.leika_key = asked.leika_key AND responsibility.ars = asked.ars
         AND ${inForce('responsibility', 'asked.on_day')}`,
      [places.map(one => one.leikaKey), places.map(one => one.area), places.map(one => one.on)],
    ),
  );
  const holding = (one: Asked) =>
    found
      .filter(
        ({ leikaKey, ars, validFrom, validTo }) =>
          leikaKey === one.leikaKey &&
          one.ars.startsWith(ars) &&
          validFrom <= one.on &&
          (validTo === null || validTo >= one.on),
      )
      .sort((a, b) => b.ars.length - a.ars.length)[0];
  return new Map(
    keys.flatMap((key, i) => {
      const nearest = holding(asked[i]!);
      return nearest ? [[key, nearest] as const] : [];
    }),
  );
});

/** How many authorities are responsible in areas below a place. Key: {@link askedKey}. */
export const authoritiesBelow = batch<string, number>(async (keys, ctx) => {
  const asked = keys.map(askedOf);
  const found: { place: number; count: number }[] = await ctx.read(tx =>
    tx.query(
      `SELECT asked.place::int, count(DISTINCT responsibility.authority_id)::int AS count
       FROM unnest($1::text[], $2::text[], $3::date[]) WITH ORDINALITY AS asked(leika_key, ars, on_day, place)
       JOIN responsibility ON responsibility.leika_key = asked.leika_key AND ${inForce('responsibility', 'asked.on_day')}
         AND ${isWithin('responsibility.ars', 'asked.ars')}
       GROUP BY asked.place`,
      [asked.map(one => one.leikaKey), asked.map(one => one.ars), asked.map(one => one.on)],
    ),
  );
  return new Map(found.map(({ place, count }) => [keys[place - 1]!, count]));
});

/** Published responsibilities of a service, in an area or below when one is named. */
export const responsibilitiesOf = nestedPages<Responsibility, { ars: string | null }>(Responsibility, ({ ars }) => ({
  subgraph: 'catalogue',
  kind: 'responsibilities',
  parent: 'text',
  sql: `SELECT * FROM responsibility WHERE leika_key = parent.key AND ${inForce('responsibility', '$1::date')}
        AND ($2::text IS NULL OR ${isWithin('ars', '$2')})`,
  values: [today(), ars],
  order: [{ column: 'ars', cast: 'text' }],
}));
