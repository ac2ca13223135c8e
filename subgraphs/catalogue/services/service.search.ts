/** The SQL of every list of services: by words, by filters, and by place. */
import { today } from '../../../kernel/clock';
import type { ListQuery } from '../../../kernel/page';
import { isWithin, upwards } from '../areas/ars';
import { inForce } from '../entries/in-force';
import type { Understanding } from './search-words';
import type { ServiceSearch } from './service.inputs';

/** How alike a title or everyday name must be to the text as a whole. */
const ALIKE = 0.45;

export interface Search {
  readonly filter: ServiceSearch;
  /** Null: all services by title. */
  readonly words: Understanding | null;
  /** Only what is offered in the areas of the portal that is the parent of the list. */
  readonly inPortal?: boolean;
}

/** Lists service versions in force today; the best first, or by title when there is no text. */
export function serviceList({ filter, words, inPortal = false }: Search): ListQuery {
  const values: unknown[] = [];
  const bind = (value: unknown): string => `$${values.push(value)}`;
  const day = `${bind(today())}::date`;
  const conditions = [inForce('version', day)];
  if (filter.lifeTopic) conditions.push(`version.life_topic = ${bind(filter.lifeTopic)}`);
  if (filter.lifeSituationId) {
    conditions.push(`version.life_situation_ids @> ARRAY[${bind(filter.lifeSituationId)}::uuid]`);
  }
  if (filter.audience) conditions.push(`${bind(filter.audience)} = ANY(version.audiences)`);
  if (filter.programme) conditions.push(`version.programme = ${bind(filter.programme)}`);
  if (filter.boosterOnly) conditions.push('version.on_booster_list');
  if (filter.singleContactOnly) conditions.push('version.single_contact_possible');
  if (filter.ars) conditions.push(responsibleAt(`= ANY(${bind(upwards(filter.ars))})`, day));
  if (inPortal) conditions.push(responsibleInPortal(day));
  if (filter.onlineOnly) {
    const place = filter.ars ? { ars: bind(upwards(filter.ars)) } : inPortal ? 'portal' : null;
    conditions.push(onlineAt(place, day));
  }
  const where = conditions.join(' AND ');
  const { source, position, cast } = ranked(words, bind);
  return {
    subgraph: 'catalogue',
    kind: words === null ? 'services' : 'found services',
    sql: `SELECT version.*, ${position} AS position FROM ${source} WHERE ${where}`,
    values,
    order: [
      { column: 'position', cast },
      { column: 'leika_key', cast: 'text' },
    ],
  };
}

function ranked(
  words: Understanding | null,
  bind: (value: unknown) => string,
): { source: string; position: string; cast: 'text' | 'bigint' } {
  if (words === null) {
    return { source: 'service_version AS version', position: `fold(version.title ->> 'de')`, cast: 'text' };
  }
  const parts = [
    `SELECT version_id, max(CASE WHEN term = text THEN 10 ELSE 3 * similarity(term, text) END) AS score
     FROM (SELECT compact(text) AS text FROM unnest(${bind(words.texts)}::text[]) AS text) AS asked
     JOIN service_term ON term % text
     WHERE term = text OR similarity(term, text) >= ${ALIKE} GROUP BY version_id`,
  ];
  if (words.query !== null) {
    const query = `${bind(words.query)}::tsquery`;
    parts.push(
      `SELECT version_id, 1 + 2 * ts_rank(document, ${query}) AS score FROM service_index WHERE document @@ ${query}`,
    );
  }
  return {
    source: `(SELECT version_id, sum(score) AS score FROM (${parts.join(' UNION ALL ')}) AS hit GROUP BY version_id) AS found
      JOIN service_version AS version ON version.id = found.version_id`,
    position: `(-round((found.score * 1000000)::numeric))::bigint`,
    cast: 'bigint',
  };
}

const responsibleAt = (areas: string, day: string): string =>
  `EXISTS (SELECT FROM responsibility WHERE responsibility.leika_key = version.leika_key
     AND responsibility.ars ${areas} AND ${inForce('responsibility', day)})`;

/** Above, in and below an area of the portal; `column` is the area a thing holds for. */
const touchesPortal = (column: string): string =>
  `(${column} = ANY(ARRAY[left(served.ars, 2), left(served.ars, 3), left(served.ars, 5), left(served.ars, 9), served.ars])
    OR ${isWithin(column, 'served.ars')})`;

const responsibleInPortal = (day: string): string =>
  `EXISTS (SELECT FROM portal_area AS served JOIN responsibility ON ${touchesPortal('responsibility.ars')}
     WHERE served.portal_id = parent.key AND responsibility.leika_key = version.leika_key
     AND ${inForce('responsibility', day)})`;

/** Offered by an area around the place, or adopted by one; anywhere when no place is given. */
function onlineAt(place: { ars: string } | 'portal' | null, day: string): string {
  const served = place === 'portal' ? 'CROSS JOIN portal_area AS served' : '';
  const usable = (column: string) => {
    if (place === null) return 'true';
    return place === 'portal'
      ? `${touchesPortal(column)} AND served.portal_id = parent.key`
      : `${column} = ANY(${place.ars})`;
  };
  const covers = 'online_service.leika_keys @> ARRAY[version.leika_key::text]';
  return `(
    EXISTS (SELECT FROM online_service JOIN online_service_version AS offer ON offer.online_service_id = online_service.id ${served}
      WHERE ${covers} AND ${inForce('offer', day)} AND ${usable('online_service.offered_by_ars')})
    OR EXISTS (SELECT FROM adoption JOIN online_service ON online_service.id = adoption.online_service_id ${served}
      WHERE ${covers} AND ${usable('adoption.ars')}
      AND adoption.valid_from <= ${day} AND (adoption.valid_to IS NULL OR adoption.valid_to >= ${day})))`;
}
