/**
 * What guards a commit: staff memberships, substitutions and mandates, kept in each subgraph's own schema by identity's
 * events and checked inside the transaction, locked FOR SHARE, with the database's clock. So a right ends here as soon
 * as its end has been applied here, whatever an older principal token still says.
 *
 * Who covers for an absent colleague (Vertretung) may do the colleague's casework meanwhile, and nothing else of theirs.
 */
import type { SubgraphName } from './config';
import type { Tx } from './database/database';
import { forbidden } from './errors';
import type { Reactions } from './events/reactions';
import type { Person, Principal, Staff } from './principal';

export const membershipTables = (name: SubgraphName): string => `
CREATE TABLE ${name}.staff_membership (
  staff_member_id uuid PRIMARY KEY,
  authority_id uuid NOT NULL,
  department_id uuid,
  scopes text[] NOT NULL,
  active boolean NOT NULL,
  position bigint NOT NULL
);
COMMENT ON TABLE ${name}.staff_membership IS 'Projection of identity: who works for which authority with which scopes.';
CREATE INDEX staff_membership_authority ON ${name}.staff_membership (authority_id);

CREATE TABLE ${name}.substitution_period (
  substitution_id uuid PRIMARY KEY,
  absent_staff_member_id uuid NOT NULL,
  substitute_staff_member_id uuid NOT NULL,
  authority_id uuid NOT NULL,
  valid_from timestamptz NOT NULL,
  valid_to timestamptz NOT NULL,
  position bigint NOT NULL
);
COMMENT ON TABLE ${name}.substitution_period IS 'Projection of identity: who covers for whom (Vertretung), and when.';
CREATE INDEX substitution_period_substitute ON ${name}.substitution_period (substitute_staff_member_id);
CREATE INDEX substitution_period_absent ON ${name}.substitution_period (absent_staff_member_id);

CREATE TABLE ${name}.mandate_period (
  mandate_id uuid PRIMARY KEY,
  principal_account_id uuid NOT NULL,
  agent_account_id uuid NOT NULL,
  leika_keys text[] NOT NULL,
  valid_from timestamptz NOT NULL,
  valid_to timestamptz,
  position bigint NOT NULL
);
COMMENT ON TABLE ${name}.mandate_period IS 'Projection of identity: who may act for whom (Vollmacht), for which services, and when.';
CREATE INDEX mandate_period_agent ON ${name}.mandate_period (agent_account_id, principal_account_id);

GRANT SELECT, INSERT, UPDATE, DELETE ON ${name}.staff_membership, ${name}.substitution_period, ${name}.mandate_period TO ${name}_app;
`;

/** To be spread into a subgraph's reactions. An older event never overwrites a newer one. */
export const membershipReactions: Reactions = {
  async 'staff.changed'(tx, { payload, position }) {
    await tx.query(
      `INSERT INTO staff_membership VALUES ($1, $2, $3, $4, $5, $6)
       ON CONFLICT (staff_member_id) DO UPDATE SET authority_id = excluded.authority_id,
         department_id = excluded.department_id, scopes = excluded.scopes, active = excluded.active,
         position = excluded.position
       WHERE staff_membership.position < excluded.position`,
      [payload.staffMemberId, payload.authorityId, payload.departmentId, payload.scopes, payload.active, position],
    );
  },
  async 'substitution.changed'(tx, { payload, position }) {
    await tx.query(
      `INSERT INTO substitution_period VALUES ($1, $2, $3, $4, $5, $6, $7)
       ON CONFLICT (substitution_id) DO UPDATE SET valid_from = excluded.valid_from, valid_to = excluded.valid_to,
         position = excluded.position
       WHERE substitution_period.position < excluded.position`,
      [
        payload.substitutionId,
        payload.absentStaffMemberId,
        payload.substituteStaffMemberId,
        payload.authorityId,
        payload.validFrom,
        payload.validTo,
        position,
      ],
    );
  },
  async 'mandate.changed'(tx, { payload, position }) {
    await tx.query(
      `INSERT INTO mandate_period VALUES ($1, $2, $3, $4, $5, $6, $7)
       ON CONFLICT (mandate_id) DO UPDATE SET leika_keys = excluded.leika_keys, valid_from = excluded.valid_from,
         valid_to = excluded.valid_to, position = excluded.position
       WHERE mandate_period.position < excluded.position`,
      [
        payload.mandateId,
        payload.principalAccountId,
        payload.agentAccountId,
        payload.leikaKeys,
        payload.validFrom,
        payload.validTo,
        position,
      ],
    );
  },
};

/** What is lent to who covers, as far as the absent colleague holds it. */
export const CASEWORK: readonly string[] = ['staff:read', 'staff:work', 'staff:decide'];

/** `$1` the staff member, `$2` the authority: everybody they cover for now, both still working there. */
const COVERED = `substitution_period AS period
  JOIN staff_membership AS own ON own.staff_member_id = period.substitute_staff_member_id
  JOIN staff_membership AS absent ON absent.staff_member_id = period.absent_staff_member_id
  WHERE period.substitute_staff_member_id = $1 AND period.authority_id = $2
    AND period.valid_from <= clock_timestamp() AND period.valid_to > clock_timestamp()
    AND own.active AND own.authority_id = $2 AND absent.active AND absent.authority_id = $2`;

/**
 * The staff member who asks, proven inside this transaction.
 * @param scope what the deed needs, such as `staff:work`
 * @throws FORBIDDEN when the asker is no staff, has left, changed authority, lost the scope, or covers no more
 */
export async function provenStaff(tx: Tx, who: Principal, scope: string): Promise<Staff> {
  if (who.kind !== 'staff' || !who.scopes.includes(scope)) throw forbidden();
  const values = [who.staffMemberId, who.authorityId, scope];
  const held: unknown[] = await tx.query(
    `SELECT 1 FROM staff_membership
     WHERE staff_member_id = $1 AND authority_id = $2 AND active AND $3 = ANY(scopes) FOR SHARE`,
    values,
  );
  if (held.length > 0) return who;
  if (!CASEWORK.includes(scope)) throw forbidden();
  const lent: unknown[] = await tx.query(`SELECT 1 FROM ${COVERED} AND $3 = ANY(absent.scopes) FOR SHARE`, values);
  if (lent.length === 0) throw forbidden();
  return who;
}

/** The scopes the staff member holds now, by their own membership or while covering; empty for who has left. */
export async function scopesNow(tx: Tx, who: Staff): Promise<readonly string[]> {
  const found: { scope: string }[] = await tx.query(
    `SELECT unnest(scopes) AS scope FROM staff_membership WHERE staff_member_id = $1 AND authority_id = $2 AND active
     UNION SELECT scope FROM (SELECT unnest(absent.scopes) AS scope FROM ${COVERED}) AS lent WHERE scope = ANY($3)`,
    [who.staffMemberId, who.authorityId, CASEWORK],
  );
  return found.map(({ scope }) => scope);
}

/** Is the staff member still one, with this scope? For live streams, which ask anew for each event. */
export const isStaff = async (tx: Tx, who: Staff, scope: string): Promise<boolean> =>
  (await scopesNow(tx, who)).includes(scope);

/**
 * The citizen who asks, with the right to act for the account acted for, proven inside this transaction.
 * @param leikaKey the service it is about; null when it is about none
 * @throws FORBIDDEN when the mandate has ended, does not hold for the service, or only lets read
 */
export async function provenPerson(tx: Tx, who: Principal, leikaKey: string | null): Promise<Person> {
  if (who.kind !== 'person' || who.readOnly) throw forbidden();
  if (who.actingFor === who.accountId) return who;
  const found: unknown[] = await tx.query(
    `SELECT 1 FROM mandate_period
     WHERE agent_account_id = $1 AND principal_account_id = $2 AND valid_from <= clock_timestamp()
       AND (valid_to IS NULL OR valid_to > clock_timestamp())
       AND ($3::text IS NULL OR cardinality(leika_keys) = 0 OR $3 = ANY(leika_keys)) FOR SHARE`,
    [who.accountId, who.actingFor, leikaKey],
  );
  if (found.length === 0) throw forbidden();
  return who;
}

/**
 * May the citizen still act for the account acted for? For live streams, which ask anew for each event. Those who may
 * only read have no mandate to go by; they read as long as their principal says so.
 * @param leikaKey the service it is about; null: in any service at all
 */
export async function mayStillAct(tx: Tx, who: Person, leikaKey: string | null): Promise<boolean> {
  if (who.actingFor === who.accountId || who.readOnly) return true;
  const found: unknown[] = await tx.query(
    `SELECT 1 FROM mandate_period
     WHERE agent_account_id = $1 AND principal_account_id = $2 AND valid_from <= clock_timestamp()
       AND (valid_to IS NULL OR valid_to > clock_timestamp())
       AND ($3::text IS NULL OR cardinality(leika_keys) = 0 OR $3 = ANY(leika_keys))`,
    [who.accountId, who.actingFor, leikaKey],
  );
  return found.length > 0;
}
