/** The state of a mandate or substitution: it follows from its times and is never stored. */
import { registerEnumType } from 'type-graphql';
import { now } from '../../kernel/clock';

export enum GrantState {
  PLANNED = 'PLANNED',
  ACTIVE = 'ACTIVE',
  EXPIRED = 'EXPIRED',
  REVOKED = 'REVOKED',
}
registerEnumType(GrantState, {
  name: 'GrantState',
  description: 'The state of a mandate or substitution.',
  valuesConfig: {
    PLANNED: { description: 'Begins later.' },
    ACTIVE: { description: 'In force.' },
    EXPIRED: { description: 'Its time is over.' },
    REVOKED: { description: 'Ended before its time.' },
  },
});

interface Grant {
  readonly validFrom: Date;
  readonly validTo: Date | null;
  readonly revokedAt: Date | null;
}

export function stateOf({ validFrom, validTo, revokedAt }: Grant): GrantState {
  if (revokedAt) return GrantState.REVOKED;
  const moment = now();
  if (validTo && validTo <= moment) return GrantState.EXPIRED;
  return validFrom > moment ? GrantState.PLANNED : GrantState.ACTIVE;
}

export const isOver = (grant: Grant): boolean => [GrantState.EXPIRED, GrantState.REVOKED].includes(stateOf(grant));

/** The same in SQL, for lists. @param moment the place of the moment, such as `$3` */
export const stateSql = (moment: string): string =>
  `CASE WHEN revoked_at IS NOT NULL THEN 'REVOKED' WHEN valid_to <= ${moment} THEN 'EXPIRED'
        WHEN valid_from > ${moment} THEN 'PLANNED' ELSE 'ACTIVE' END`;

/** In force by the database's clock, for whatever gives a right. @param row the table or its alias */
export const activeSql = (row: string): string =>
  `(${row}.revoked_at IS NULL AND ${row}.valid_from <= clock_timestamp()
    AND (${row}.valid_to IS NULL OR ${row}.valid_to > clock_timestamp()))`;

/** Milliseconds until the next of these grants begins or ends by the clock alone; null when none will. @param condition which rows of the table */
export const changesInMsSql = (table: string, condition: string): string => `
  (SELECT ceil(extract(epoch FROM min(moment) - clock_timestamp()) * 1000)::float8
   FROM ${table} CROSS JOIN LATERAL (VALUES (valid_from), (valid_to)) AS times (moment)
   WHERE ${condition} AND revoked_at IS NULL AND moment > clock_timestamp())`;
