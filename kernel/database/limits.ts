/** How long the database may take, in milliseconds, by the names of PostgreSQL and of its driver. */
export const DATABASE_LIMITS = {
  connection_timeout: 5_000,
  statement_timeout: 20_000,
  query_timeout: 25_000,
  lock_timeout: 8_000,
  idle_in_transaction_session_timeout: 30_000,
} as const;
