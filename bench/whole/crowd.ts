/**
 * A crowd of cases as a state would have them, written straight into the tables: 200 authorities, the first with 5 % of
 * all cases, each case of another applicant, with its payment, thread and a note in the access log.
 */
import type pg from 'pg';
import type { SubgraphName } from '../../kernel/config';

export interface Crowd {
  /** The authority with 5 % of all cases. */
  readonly authorityId: string;
  readonly departmentId: string;
  /** Somebody of that authority to whom every 40th of its cases is assigned. */
  readonly assigneeId: string;
}

const AUTHORITIES = 200;

/** `a-<n>`, `c-<n>` … as a uuid: the same in every run. */
const uuid = (kind: string, number: string) => `md5('${kind}-' || ${number})::uuid`;
const AUTHORITY_OF = `CASE WHEN n % 20 = 0 THEN 0 ELSE 1 + n % ${AUTHORITIES - 1} END`;
/** A number that looks like chance and is the same in every run. */
const chance = (salt: number, below: number) => `(hashint4(n + ${salt}) & 2147483647) % ${below}`;
/** Of the newest 3 % most are open; the rest is closed, up to one in 500 that was forgotten. */
const STATE = (cases: number) => `CASE WHEN n > ${Math.floor(cases * 0.97)} OR ${chance(1, 500)} = 0
  THEN (ARRAY['RECEIVED','IN_REVIEW','IN_REVIEW','AWAITING_DOCUMENTS','DECIDED','NOTIFIED'])[1 + ${chance(2, 6)}]
  ELSE (ARRAY['CLOSED','CLOSED','CLOSED','WITHDRAWN'])[1 + ${chance(3, 4)}] END`;
const FAMILIES = [
  'müller',
  'schmidt',
  'schneider',
  'fischer',
  'weber',
  'meyer',
  'wagner',
  'becker',
  'schulz',
  'öztürk',
];
const FAMILY = `(ARRAY['${FAMILIES.join("','")}'])[1 + ${chance(4, FAMILIES.length)}]`;

const ROWS: Partial<Record<SubgraphName, string>> = {
  applications: `
    INSERT INTO applications.form (id, title, schema, ui_schema, hash, registered_at)
      VALUES (${uuid('form', `'0'`)}, 'Form', '{}', '{}', md5('form') || md5('form'), now()) ON CONFLICT DO NOTHING;
    INSERT INTO applications.application (id, version, reference, state, leika_key, ars, service_title, area_name, account_id,
        applicant_name, authority_id, authority_name, department_id, assignee_id, online_service_version_id, form_id,
        required_trust_level, trust_level, required_documents, prepayment_required, channel, processing_days, form_data,
        search_text, created_at, submitted_at, received_at, complete_at, changed_at, next_due_on)
      SELECT id, 3, 'CROWD-' || n, state, leika_key, '010599999999', 'Leistung ' || n % 35, 'Musterstadt', account_id,
        'Person ' || family || ' ' || n, authority_id, 'Amt', ${uuid('department', `authority_id::text || ${chance(6, 4)}`)},
        CASE WHEN state <> 'RECEIVED' THEN ${uuid('member', `authority_id::text || ${chance(7, 40)}`)} END,
        ${uuid('version', `'0'`)}, ${uuid('form', `'0'`)}, 'SUBSTANTIAL', 'SUBSTANTIAL', '[]', false, 'CASE_CLOUD', 30,
        jsonb_build_object('familyName', family, 'number', n), 'crowd-' || n || ' person ' || family || ' ' || n || ' bäckerei am markt',
        arrived_at, arrived_at, arrived_at, arrived_at, arrived_at + (n % 90) * interval '1 day',
        CASE WHEN state NOT IN ('CLOSED', 'WITHDRAWN') THEN (arrived_at + (30 + n % 60) * interval '1 day')::date END
      FROM crowd;
    INSERT INTO applications.document_request (id, version, application_id, items, reason, due_on, ends_on, state, round, opened_by,
        opened_at, asked_at, answered_at)
      SELECT ${uuid('request', 'n')}, 1, id, '[{"code": "AUSWEIS"}]', 'fehlt', (arrived_at + interval '14 days')::date,
        (arrived_at + interval '14 days')::date, CASE WHEN state = 'AWAITING_DOCUMENTS' THEN 'SUBMITTED' ELSE 'ACCEPTED' END, 1, ${uuid('member', `authority_id::text || '0'`)},
        arrived_at, arrived_at, arrived_at + interval '3 days' FROM crowd WHERE n % 30 = 0;`,
  payment: `
    INSERT INTO payment.application (id, account_id, leika_key, ars, state, reference, authority_id, receiving_authority_id, fee_minor, position)
      SELECT id, account_id, leika_key, '010599999999', state, 'CROWD-' || n, authority_id, authority_id, 2600, n FROM crowd;
    INSERT INTO payment.payment (id, version, application_id, account_id, started_by, authority_id, state, total_minor, fee_minor,
        items, purpose, description, cash_reference, provider, return_url, started_at, expires_at, paid_at, paid_minor, counted_minor)
      SELECT ${uuid('payment', 'n')}, 2, id, account_id, account_id, authority_id,
        CASE WHEN ${chance(8, 50)} = 0 THEN 'FAILED' ELSE 'PAYED' END, 2600, 2600,
        '[{"quantity": 1, "unitNetMinor": 2600, "unitTaxMinor": 0, "netMinor": 2600, "taxMinor": 0}]', 'CROWD ' || n, 'Leistung',
        'KZ' || n, 'bench', 'http://localhost/', arrived_at, arrived_at + interval '1 hour',
        CASE WHEN ${chance(8, 50)} <> 0 THEN arrived_at END, CASE WHEN ${chance(8, 50)} <> 0 THEN 2600 END,
        CASE WHEN ${chance(8, 50)} <> 0 THEN 2600 ELSE 0 END FROM crowd;`,
  messaging: `
    INSERT INTO messaging.application_case (application_id, account_id, authority_id, leika_key, state, reference, service_title,
        applicant_name, required_trust_level)
      SELECT id, account_id, authority_id, leika_key, state, 'CROWD-' || n, 'Leistung', 'Person ' || family || ' ' || n, 'SUBSTANTIAL' FROM crowd;
    INSERT INTO messaging.thread (id, application_id, account_id, authority_id, leika_key, subject, last_message_at, last_sender_kind, last_available_at)
      SELECT ${uuid('thread', 'n')}, id, account_id, authority_id, leika_key, 'Leistung', arrived_at,
        CASE WHEN ${chance(9, 25)} = 0 THEN 'APPLICANT' ELSE 'SYSTEM' END, arrived_at FROM crowd;
    INSERT INTO messaging.message (id, thread_id, kind, sender_kind, sender_name, title, body, required_trust_level, sent_at, available_at)
      SELECT ${uuid('message', 'n')}, ${uuid('thread', 'n')}, 'RECEIPT', 'SYSTEM', 'Amt', 'Eingang', 'Ihr Antrag ist da.', 'SUBSTANTIAL',
        arrived_at, arrived_at FROM crowd;`,
  identity: `
    INSERT INTO identity.account (id, version, kind, display_name, created_at)
      SELECT account_id, 1, 'PERSON', 'Person ' || n, arrived_at FROM crowd;
    INSERT INTO identity.case_party (application_id, account_id, authority_id, reference)
      SELECT id, account_id, authority_id, 'CROWD-' || n FROM crowd;
    INSERT INTO identity.access_record (id, account_id, reader, staff_member_id, actor_name, authority_id, action, purpose,
        subject_type, subject_id, application_id, occurred_at, hour, salt)
      SELECT ${uuid('access', 'n')}, account_id, 'staff:' || authority_id, ${uuid('member', `authority_id::text || ${chance(7, 40)}`)}, 'Max', authority_id,
        'read', 'CROWD-' || n, 'Application', id, id, arrived_at, date_trunc('hour', arrived_at), 'salt' FROM crowd;
    INSERT INTO identity.access_chain (id, length, head_hash)
      SELECT account_id, 1, '' FROM crowd UNION ALL SELECT authority_id, count(*), '' FROM crowd GROUP BY authority_id;
    INSERT INTO identity.access_link (chain_id, sequence, record_id, canonical, previous_hash, hash)
      SELECT account_id, 1, ${uuid('access', 'n')}, '{}', md5(n::text), md5(n::text) FROM crowd
      UNION ALL SELECT authority_id, row_number() OVER (PARTITION BY authority_id ORDER BY n), ${uuid('access', 'n')}, '{}',
        md5(n::text), md5(n::text) FROM crowd;`,
};

/** Fills tables, of these subgraphs only where they are named, and has PostgreSQL look at them. */
export async function fillWithCases(
  owner: pg.Client,
  cases: number,
  subgraphs: readonly SubgraphName[] = Object.keys(ROWS) as SubgraphName[],
): Promise<Crowd> {
  await owner.query(`CREATE TEMP TABLE crowd AS
      SELECT n, ${uuid('case', 'n')} AS id, ${uuid('account', 'n')} AS account_id,
        ${uuid('authority', `(${AUTHORITY_OF})`)} AS authority_id, ${STATE(cases)} AS state,
        '99' || lpad((50012104000 + ${chance(5, 35)})::text, 12, '0') AS leika_key,
        timestamptz '2020-01-01' + n * (interval '6 years' / ${cases}) AS arrived_at, ${FAMILY} AS family
      FROM generate_series(1, ${cases}) AS n`);
  for (const subgraph of subgraphs) await owner.query(ROWS[subgraph]!);
  await owner.query('DROP TABLE crowd');
  await owner.query('VACUUM ANALYZE');
  const { rows } = await owner.query<Crowd>(`SELECT authority_id AS "authorityId",
      ${uuid('department', `authority_id::text || 1`)} AS "departmentId", ${uuid('member', `authority_id::text || 1`)} AS "assigneeId"
    FROM (SELECT ${uuid('authority', '0')} AS authority_id) AS one`);
  return rows[0]!;
}
