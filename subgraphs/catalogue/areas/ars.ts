/** What a regional key (Amtlicher Regionalschlüssel) tells by itself: which areas lie above and below. */

const LENGTHS = [12, 9, 5, 3, 2];

/** The keys of a place and of all areas that may lie above it, from the place upwards. */
export const upwards = (ars: string): string[] =>
  LENGTHS.filter(length => length <= ars.length).map(length => ars.slice(0, length));

/** Does `ars` lie in `area`, or is it the same? */
export const covers = (area: string, ars: string): boolean => ars.startsWith(area);

/** SQL: a column's area is the one of the parameter or lies below it; an index on the column serves. */
export const isWithin = (column: string, parameter: string): string =>
  `(${column} >= ${parameter} AND ${column} < ${parameter} || ':')`;

/** SQL: the area, by the name of its table in the statement, has not ended. */
export const isCurrent = (area: string): string => `(${area}.valid_to IS NULL OR ${area}.valid_to >= current_date)`;
