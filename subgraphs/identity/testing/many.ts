/** A crowd in identity's tables, and the look-ups that must stay on an index in it; for a test and for the benchmark. */
import { newId } from '../../../kernel/ids';
import { FOR_AUTHORITY } from '../accounts/account.rights';
import { ENTERED, PERSON, STAFF } from '../sessions/principal.service';

type Sql = (text: string, values?: unknown[]) => Promise<unknown>;

/** Accounts with a session and a case each, and 20,000 staff in 5,000 authorities. @param sql as the owner */
export async function crowd(sql: Sql, accounts: number): Promise<void> {
  await sql(
    `INSERT INTO identity.account (id, version, kind, display_name, created_at)
     SELECT gen_random_uuid(), 1, 'PERSON', 'Konto ' || n, now() FROM generate_series(1, $1::int) AS n`,
    [accounts],
  );
  await sql(`INSERT INTO identity.session (id, account_id, trust_level, method, opened_at, expires_at)
    SELECT gen_random_uuid(), id, 'HIGH', 'EID', now(), now() + interval '1 hour' FROM identity.account`);
  await sql(`WITH place AS MATERIALIZED (SELECT n, gen_random_uuid() AS id FROM generate_series(0, 4999) AS n)
    INSERT INTO identity.staff_member (id, version, subject, display_name, email, authority_id, roles, active, created_at)
    SELECT gen_random_uuid(), 1, 'subject-' || nr, 'Person ' || nr, nr || '@crowd.example', place.id, '{CASEWORKER}', true, now()
    FROM generate_series(1, 20000) AS nr JOIN place ON place.n = nr % 5000`);
  await sql(`WITH place AS MATERIALIZED (SELECT row_number() OVER () AS n, authority_id FROM identity.staff_member LIMIT 5000)
    INSERT INTO identity.case_party (application_id, account_id, authority_id)
    SELECT gen_random_uuid(), account.id, place.authority_id
    FROM (SELECT id, row_number() OVER () AS n FROM identity.account) AS account JOIN place ON place.n = 1 + account.n % 5000`);
  await sql('ANALYZE identity.account, identity.session, identity.staff_member, identity.case_party');
}

export interface Lookup {
  readonly name: string;
  /** Whose row-level security holds: the subgraph itself, or staff. */
  readonly as: 'service' | 'staff';
  readonly sql: string;
  readonly values: () => unknown[];
}

export const LOOKUPS: readonly Lookup[] = [
  { name: 'the principal of a citizen', as: 'service', sql: PERSON, values: () => [newId()] },
  {
    name: 'the principal of staff',
    as: 'service',
    sql: STAFF,
    values: () => [`subject-${1 + Math.floor(Math.random() * 20_000)}`, newId()],
  },
  {
    name: 'a first sign-on by e-mail',
    as: 'service',
    sql: ENTERED,
    values: () => [newId(), `${1 + Math.floor(Math.random() * 20_000)}@crowd.example`],
  },
  {
    name: '50 accounts of an inbox',
    as: 'staff',
    sql: FOR_AUTHORITY,
    values: () => [Array.from({ length: 50 }, newId), newId()],
  },
  { name: 'a session', as: 'staff', sql: 'SELECT * FROM session WHERE id = $1', values: () => [newId()] },
  {
    name: 'the staff of an authority',
    as: 'staff',
    sql: 'SELECT * FROM staff_member WHERE authority_id = $1 ORDER BY display_name, id LIMIT 21',
    values: () => [newId()],
  },
];

/** A plan that reads a whole table of the crowd. */
export const WHOLE_TABLE = /Seq Scan on (account|session|staff_member|case_party)\b/;
