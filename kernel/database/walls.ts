/**
 * Row-level security, the second wall, as SQL for migrations. Whoever asks stands in settings of the transaction: app.kind,
 * app.account (acted for), app.person (signed in), app.authority, app.staff, app.scopes; see {@link Database}.
 */
import type { SubgraphName } from '../config';

/** `condition` is judged for reading and for writing, by the owner of the table too. */
export const wall = (table: string, condition: string): string => `
ALTER TABLE ${table} ENABLE ROW LEVEL SECURITY;
ALTER TABLE ${table} FORCE ROW LEVEL SECURITY;
CREATE POLICY parties ON ${table} USING (${IS_SERVICE} OR ${condition});
`;

/** Evaluated once per statement, not once per row. */
const setting = (name: string): string => `(SELECT nullif(current_setting('app.${name}', true), ''))`;

export const IS_SERVICE = `${setting('kind')} = 'service'`;
export const isKind = (kind: 'person' | 'staff' | 'machine'): string => `${setting('kind')} = '${kind}'`;
export const ACCOUNT = `${setting('account')}::uuid`;
export const PERSON = `${setting('person')}::uuid`;
export const AUTHORITY = `${setting('authority')}::uuid`;
export const STAFF = `${setting('staff')}::uuid`;
export const holds = (scope: string): string => `'${scope}' = ANY (string_to_array(${setting('scopes')}, ' '))`;

/**
 * A condition for each kind of asker, for tables that are listed in an order; our own work sees all.
 * PostgreSQL expects an OR over who asks to leave next to no rows, and then reads and sorts all of them; it expects a
 * CASE to leave half of them, and walks an index in the order that is asked for (ADR 0017).
 */
export const byKind = (conditions: Partial<Record<'person' | 'staff' | 'machine', string>>): string =>
  `CASE ${setting('kind')} WHEN 'service' THEN true ${Object.entries(conditions)
    .map(([kind, condition]) => `WHEN '${kind}' THEN ${condition}`)
    .join(' ')} ELSE false END`;

/** Everybody adds to the outbox and only the relay reads it; keys are their actor's. */
export const kernelWalls = (name: SubgraphName): string => `
ALTER TABLE ${name}.outbox ENABLE ROW LEVEL SECURITY;
ALTER TABLE ${name}.outbox FORCE ROW LEVEL SECURITY;
CREATE POLICY everybody_adds ON ${name}.outbox FOR INSERT WITH CHECK (true);
CREATE POLICY relay ON ${name}.outbox USING (${IS_SERVICE});
${wall(
  `${name}.idempotency_key`,
  `actor = CASE ${setting('kind')} WHEN 'person' THEN 'account:' || ${setting('account')}
    WHEN 'staff' THEN 'staff:' || ${setting('staff')} END OR (${isKind('machine')} AND actor LIKE 'machine:%')`,
)}`;

/** Who works where and for whom, for those it is about. */
export const membershipWalls = (name: SubgraphName): string => `
${wall(`${name}.staff_membership`, `authority_id = ${AUTHORITY}`)}
${wall(`${name}.substitution_period`, `authority_id = ${AUTHORITY}`)}
${wall(`${name}.mandate_period`, `principal_account_id = ${ACCOUNT} OR agent_account_id = ${PERSON}`)}`;
