import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Applications1763900001001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
CREATE TABLE applications.application (
  id uuid PRIMARY KEY,
  version int NOT NULL CHECK (version > 0),
  reference text UNIQUE,
  state text NOT NULL CHECK (state IN ('DRAFT', 'SUBMITTED', 'RECEIVED', 'IN_REVIEW', 'AWAITING_DOCUMENTS', 'DECIDED',
    'NOTIFIED', 'CLOSED', 'WITHDRAWN', 'UNDELIVERABLE', 'ARCHIVED', 'DESTROYED')),
  leika_key text NOT NULL CHECK (leika_key ~ '^99[0-9]{12}$'),
  ars text NOT NULL,
  service_title text NOT NULL,
  area_name text NOT NULL,
  account_id uuid NOT NULL,
  agent_account_id uuid,
  applicant_name text,
  authority_id uuid,
  authority_name text,
  department_id uuid,
  assignee_id uuid,
  online_service_version_id uuid NOT NULL,
  form_id uuid NOT NULL REFERENCES applications.form (id),
  required_trust_level text NOT NULL CHECK (required_trust_level IN ('BASIC', 'LOW', 'SUBSTANTIAL', 'HIGH')),
  trust_level text CHECK (trust_level IN ('BASIC', 'LOW', 'SUBSTANTIAL', 'HIGH')),
  required_documents jsonb NOT NULL,
  fee_override_minor int,
  fee_minor int,
  prepayment_required boolean NOT NULL,
  single_contact_id uuid,
  responsibility_id uuid,
  channel text CHECK (channel IN ('SHARED_MAILBOX', 'MESSAGE_BROKER', 'CASE_CLOUD')),
  processing_days int,
  form_data jsonb,
  search_text text,
  created_at timestamptz NOT NULL,
  submitted_at timestamptz,
  received_at timestamptz,
  complete_at timestamptz,
  changed_at timestamptz NOT NULL,
  withdrawal_reason text,
  next_due_on date,
  CONSTRAINT submitted_is_whole CHECK (submitted_at IS NULL OR (reference IS NOT NULL AND authority_id IS NOT NULL
    AND applicant_name IS NOT NULL AND channel IS NOT NULL)),
  CONSTRAINT draft_is_not_submitted CHECK (state <> 'DRAFT' OR submitted_at IS NULL)
);
COMMENT ON TABLE applications.application IS 'Applications (Antrag, Vorgang), from the draft to the archive.';
COMMENT ON COLUMN applications.application.account_id IS 'The account applied for.';
COMMENT ON COLUMN applications.application.received_at IS 'Eingangsdatum: set once, never moved by forwarding.';
COMMENT ON COLUMN applications.application.required_trust_level IS 'Frozen when the draft was begun, as are required_documents, fee_override_minor, service_title and area_name.';
COMMENT ON COLUMN applications.application.next_due_on IS 'The day of the next deadline, for order and filter only.';
CREATE INDEX application_account ON applications.application (account_id, id DESC);
CREATE INDEX application_agent ON applications.application (agent_account_id);
CREATE INDEX application_form ON applications.application (form_id);
CREATE INDEX application_assignee ON applications.application (assignee_id);
CREATE INDEX application_inbox_arrival ON applications.application (authority_id, (coalesce(received_at, submitted_at)), id);
CREATE INDEX application_inbox_deadline ON applications.application (authority_id, (coalesce(next_due_on, 'infinity'::date)), id);
CREATE INDEX application_inbox_change ON applications.application (authority_id, changed_at, id);
CREATE INDEX application_idle_draft ON applications.application (next_due_on) WHERE state = 'DRAFT';

ALTER TABLE applications.application ENABLE ROW LEVEL SECURITY;
ALTER TABLE applications.application FORCE ROW LEVEL SECURITY;
CREATE POLICY application_parties ON applications.application USING (
  (SELECT current_setting('app.kind', true)) = 'service'
  OR ((SELECT current_setting('app.kind', true)) = 'person'
      AND account_id = (SELECT nullif(current_setting('app.account', true), '')::uuid))
  OR ((SELECT current_setting('app.kind', true)) = 'staff' AND state <> 'DRAFT'
      AND authority_id = (SELECT nullif(current_setting('app.authority', true), '')::uuid))
);
GRANT SELECT, INSERT, UPDATE ON applications.application TO applications_app;

CREATE TABLE applications.history_entry (
  application_id uuid NOT NULL REFERENCES applications.application (id),
  audience text NOT NULL CHECK (audience IN ('APPLICANT', 'STAFF')),
  sequence int NOT NULL CHECK (sequence > 0),
  occurred_at timestamptz NOT NULL,
  action text NOT NULL,
  actor_name text,
  salt text,
  public_status text NOT NULL,
  state text,
  canonical text NOT NULL,
  previous_hash text NOT NULL,
  hash text NOT NULL,
  PRIMARY KEY (application_id, audience, sequence)
);
COMMENT ON TABLE applications.history_entry IS 'What happened to an application (Historie): a hash chain for the applicant and one for the staff. Append-only.';
COMMENT ON COLUMN applications.history_entry.salt IS 'Salt of the hash of actor_name in canonical; erasing both leaves the chain whole.';
ALTER TABLE applications.history_entry ENABLE ROW LEVEL SECURITY;
ALTER TABLE applications.history_entry FORCE ROW LEVEL SECURITY;
CREATE POLICY history_of_visible ON applications.history_entry USING (
  (SELECT current_setting('app.kind', true)) = 'service'
  OR EXISTS (SELECT FROM applications.application WHERE application.id = history_entry.application_id)
);
GRANT SELECT, INSERT, UPDATE (actor_name, salt) ON applications.history_entry TO applications_app;

CREATE TABLE applications.staff_name (
  staff_member_id uuid PRIMARY KEY,
  display_name text NOT NULL,
  position bigint NOT NULL
);
COMMENT ON TABLE applications.staff_name IS 'Projection of identity: how a staff member is called, for the history of cases.';
GRANT SELECT, INSERT, UPDATE ON applications.staff_name TO applications_app;

CREATE TABLE applications.authority_unit (
  unit_id uuid PRIMARY KEY,
  parent_id uuid,
  position bigint NOT NULL
);
COMMENT ON TABLE applications.authority_unit IS 'Projection of catalogue: which authority a department belongs to.';
GRANT SELECT, INSERT, UPDATE ON applications.authority_unit TO applications_app;

CREATE TABLE applications.reference_counter (
  series text NOT NULL,
  year int NOT NULL,
  issued int NOT NULL,
  PRIMARY KEY (series, year)
);
COMMENT ON TABLE applications.reference_counter IS 'How many file references (Aktenzeichen) were issued in a series, which an authority has, in a year.';
GRANT SELECT, INSERT, UPDATE ON applications.reference_counter TO applications_app;

CREATE TABLE applications.payment_state (
  payment_id uuid PRIMARY KEY,
  application_id uuid NOT NULL,
  state text NOT NULL,
  total_minor int NOT NULL,
  position bigint NOT NULL
);
COMMENT ON TABLE applications.payment_state IS 'Projection of payment: what was paid for an application, in cents.';
CREATE INDEX payment_state_application ON applications.payment_state (application_id);
GRANT SELECT, INSERT, UPDATE ON applications.payment_state TO applications_app;
`);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only.');
  }
}
