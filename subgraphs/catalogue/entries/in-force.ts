/** When a catalogue entry holds. */

/**
 * SQL: what was published holds in its period, whatever its state became since: a superseded or withdrawn entry goes on
 * holding until its last day, and answers for past days stay what they were.
 * @param table name or alias  @param day parameter or expression of type date
 */
export const inForce = (table: string, day: string): string =>
  `(${table}.published_at IS NOT NULL AND ${table}.valid_from <= ${day} AND (${table}.valid_to IS NULL OR ${table}.valid_to >= ${day}))`;

/** The same for a loaded entry. @param day `YYYY-MM-DD` */
export const holdsOn = (
  entry: { publishedAt: Date | null; validFrom: string; validTo: string | null },
  day: string,
): boolean => entry.publishedAt !== null && entry.validFrom <= day && (entry.validTo === null || entry.validTo >= day);
