/** Who may act for an account, and who may see what of it: for staff and strangers it has no more than a name, or none. */
import type { Tx } from '../../../kernel/database/database';
import { forbidden } from '../../../kernel/errors';
import type { Person, Principal, Staff } from '../../../kernel/principal';
import { Rights, rights } from '../../../kernel/rights';
import { activeSql } from '../grant-state';
import { refuse } from '../refusals';
import { Account, OrganisationRole } from './account.entity';

/** What somebody may do when acting for another account. */
export interface ActingRight {
  /** The LeiKa keys it is limited to; null means all. */
  readonly services: readonly string[] | null;
  readonly readOnly: boolean;
}

/** What {@link actingRight} is made of, as columns: the role in the organisation, the services of each mandate. */
export const actingColumns = (account: string, actingFor: string): string => `
  (SELECT role FROM organisation_member WHERE organisation_id = ${actingFor} AND account_id = ${account}) AS role,
  (SELECT json_agg(leika_keys) FROM mandate
   WHERE principal_account_id = ${actingFor} AND agent_account_id = ${account} AND ${activeSql('mandate')}) AS mandates`;

export interface ActingRow {
  readonly role: OrganisationRole | null;
  readonly mandates: string[][] | null;
}

/** @returns null when there is no right */
export function actingRight({ role, mandates }: ActingRow): ActingRight | null {
  if (role && role !== OrganisationRole.READER) return { services: null, readOnly: false };
  if (mandates?.some(keys => keys.length === 0)) return { services: null, readOnly: false };
  if (mandates?.length) return { services: [...new Set(mandates.flat())], readOnly: false };
  return role ? { services: null, readOnly: true } : null;
}

export async function findActingRight(tx: Tx, accountId: string, actingFor: string): Promise<ActingRight | null> {
  const [row]: ActingRow[] = await tx.query(`SELECT ${actingColumns('$1::uuid', '$2::uuid')}`, [accountId, actingFor]);
  return row ? actingRight(row) : null;
}

/** The accounts somebody may act for, at most 100. */
export const representedSql = `
  SELECT organisation_id AS id FROM organisation_member WHERE account_id = $1
  UNION
  SELECT principal_account_id FROM mandate WHERE agent_account_id = $1 AND ${activeSql('mandate')}`;

/**
 * A citizen with a running session and an account that was not erased, proven inside this transaction.
 * @throws FORBIDDEN for everybody else
 */
export async function provenSession(tx: Tx, who: Principal): Promise<Person> {
  if (who.kind !== 'person') throw forbidden();
  const found: unknown[] = await tx.query(
    `SELECT 1 FROM session JOIN account ON account.id = session.account_id
     WHERE session.id = $1 AND session.account_id = $2 AND ended_at IS NULL AND erased_at IS NULL FOR SHARE OF session`,
    [who.sessionId, who.accountId],
  );
  if (found.length === 0) throw forbidden();
  return who;
}

/**
 * The account whose affairs the asker manages: their own, or that of the organisation they act for as administrator.
 * @throws Refusal BEYOND_OWN_RIGHTS for who acts by a mandate or with a lesser role: it is not theirs to pass on
 */
export async function managedAccount(tx: Tx, who: Person): Promise<string> {
  if (who.actingFor === who.accountId) return who.accountId;
  const found: unknown[] = await tx.query(
    `SELECT 1 FROM organisation_member WHERE organisation_id = $1 AND account_id = $2 AND role = 'ADMINISTRATOR' FOR SHARE`,
    [who.actingFor, who.accountId],
  );
  if (found.length === 0) throw refuse('BEYOND_OWN_RIGHTS', { allowedActions: ['actFor'] });
  return who.actingFor;
}

interface Seen {
  readonly id: string;
  /** The accounts of its members; none for a person. */
  readonly memberIds?: readonly string[];
}

const owns = ({ id }: Seen, asker: Principal): boolean => asker.kind === 'person' && asker.accountId === id;

/** The lines of the name are SQL about `one.id`, a list of accounts; `$2` is the account that has signed in. */
export const accountRights = rights<Seen, 'name' | 'attributes' | 'members'>(
  'Account',
  { de: 'Servicekonto, Unternehmenskonto', en: 'Account' },
  {
    with: ['OrganisationMember', 'VerifiedAttribute'],
    sees: [
      {
        who: 'everybody',
        when: 'signed in and holding its id: that it exists, whether of a person or an organisation, and no more',
        holds: (_, asker) => asker.kind !== 'anonymous',
      },
    ],
    parts: {
      name: {
        fields: ['Account.displayName'],
        lines: [
          { who: 'oneself', sql: 'one.id = $2' },
          {
            who: 'agent',
            when: 'the name of whom they act for, while the mandate is in force',
            sql: `EXISTS (SELECT FROM mandate WHERE principal_account_id = one.id AND agent_account_id = $2 AND ${activeSql('mandate')})`,
          },
          {
            who: 'member',
            when: 'the name of the organisation',
            sql: 'EXISTS (SELECT FROM organisation_member WHERE organisation_id = one.id AND account_id = $2)',
          },
          {
            who: 'member',
            when: 'the names of each other, and the organisation those of its members, once they have acted for it or its provider has named them',
            sql: `EXISTS (SELECT FROM organisation_member WHERE organisation_id = $2 AND account_id = one.id AND has_acted)
              OR EXISTS (SELECT FROM organisation_member AS mine JOIN organisation_member AS other USING (organisation_id)
                WHERE mine.account_id = $2 AND other.account_id = one.id AND other.has_acted)`,
          },
          {
            who: 'authority',
            when: 'the names of who applies, and of who acts for them; noted in the access log (Datenschutzcockpit), in an inbox with the reading of the case',
            holds: () => false, // by FOR_AUTHORITY, which also tells the case that is the reason
          },
        ],
      },
      attributes: {
        fields: ['Account.attributes'],
        lines: [
          { who: 'oneself', holds: owns },
          {
            who: 'platform',
            when: 'for itself: how surely they are proven, where a form names them; what it asks names no value (`schema/asks.json`)',
            holds: (_, asker) => asker.kind === 'service',
          },
        ],
      },
      members: {
        fields: ['Account.members'],
        lines: [
          { who: 'oneself', holds: owns },
          {
            who: 'member',
            holds: ({ memberIds = [] }, asker) => asker.kind === 'person' && memberIds.includes(asker.accountId),
          },
        ],
      },
    },
    does: {
      setOrganisationMember: [
        { who: 'oneself', when: 'the organisation itself' },
        { who: 'member', when: 'as ADMINISTRATOR; the last one cannot leave' },
      ],
    },
  },
);

/** Of these accounts, those whose name the asker may see: `$1` the accounts, `$2` the asker's account. */
const NAMES_FOR_PERSON = `
  SELECT one.id FROM unnest($1::uuid[]) AS one (id) WHERE ${Rights.sql(accountRights.table.parts!.name.lines)}`;

/**
 * `$1` the accounts, `$2` the authority: it sees the names of whose cases it is in charge of, and of who acts for them;
 * the newest case is the reason.
 */
export const FOR_AUTHORITY = `
  SELECT one.id, one.version, one.kind, one.display_name, party.application_id, party.reference
  FROM account AS one LEFT JOIN LATERAL (
    (SELECT application_id, reference FROM case_party WHERE account_id = one.id AND authority_id = $2
     ORDER BY application_id DESC LIMIT 1)
    UNION ALL
    (SELECT application_id, reference FROM case_party WHERE agent_account_id = one.id AND authority_id = $2
     ORDER BY application_id DESC LIMIT 1)
    ORDER BY application_id DESC LIMIT 1
  ) AS party ON true WHERE one.id = ANY($1)`;

type ForAuthority = Pick<Account, 'id' | 'version' | 'kind'> & {
  readonly display_name: string;
  /** Null for a name that is not theirs to see. */
  readonly application_id: string | null;
  readonly reference: string | null;
};

/** Accounts as an authority's desk sees them, each with the case that shows the name. */
export async function accountsForAuthority(tx: Tx, authorityId: string, ids: readonly string[]): Promise<Account[]> {
  const found: ForAuthority[] = await tx.query(FOR_AUTHORITY, [ids, authorityId]);
  return found.map(({ id, version, kind, display_name, application_id: applicationId, reference }) =>
    Object.assign(new Account(), {
      id,
      version,
      kind,
      displayName: applicationId ? display_name : '',
      shownBy: applicationId ? { applicationId, reference } : null,
    }),
  );
}

export const isDesk = (who: Principal): who is Staff => who.kind === 'staff' && who.scopes.includes('staff:read');

/** Of these accounts, those whose name the asker may see; for desks see {@link accountsForAuthority}. */
export async function visibleNames(tx: Tx, who: Principal, ids: readonly string[]): Promise<{ readonly id: string }[]> {
  if (who.kind === 'service') return ids.map(id => ({ id })); // a subgraph that asks for itself
  return who.kind === 'person' ? tx.query(NAMES_FOR_PERSON, [ids, who.accountId]) : [];
}

/** May the asker open the account: owns it, belongs to it, or acts for it? */
export async function mayOpen(tx: Tx, who: Principal, id: string): Promise<boolean> {
  if (who.kind === 'service') return true;
  if (who.kind !== 'person') return false;
  return id === who.accountId || (await findActingRight(tx, who.accountId, id)) !== null;
}
