/** What may stand in the queries of sign-in addresses. */

/** A name as people and providers write it: no control characters, which no row can hold, and no half ones. */
export const isName = (value: unknown, longest: number): value is string =>
  typeof value === 'string' && value !== '' && value.length <= longest && !/[\p{Cc}\p{Cs}]/u.test(value);
