import type { MigrationInterface, QueryRunner } from 'typeorm';

export class AccessLog1763900001021 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
CREATE TABLE identity.access_record (
  id uuid PRIMARY KEY,
  account_id uuid NOT NULL,
  reader text NOT NULL,
  staff_member_id uuid,
  actor_name text NOT NULL,
  authority_id uuid,
  action text NOT NULL,
  purpose text NOT NULL,
  subject_type text NOT NULL,
  subject_id uuid NOT NULL,
  application_id uuid,
  occurred_at timestamptz NOT NULL,
  hour timestamptz NOT NULL,
  salt text NOT NULL
);
COMMENT ON TABLE identity.access_record IS 'Who read or changed personal data (Datenschutzcockpit); append-only.';
COMMENT ON COLUMN identity.access_record.salt IS 'Hides the reader in the chain: without it the chain stays verifiable and says no name.';
CREATE UNIQUE INDEX access_record_once ON identity.access_record
  (account_id, application_id, reader, action, purpose, hour) NULLS NOT DISTINCT;
CREATE INDEX access_record_application ON identity.access_record (application_id);
CREATE INDEX access_record_staff_member ON identity.access_record (staff_member_id);

CREATE TABLE identity.access_chain (
  id uuid PRIMARY KEY,
  length int NOT NULL,
  head_hash text NOT NULL
);
COMMENT ON TABLE identity.access_chain IS 'Where a chain stands: one per account for its holder, one per authority for its auditors.';

CREATE TABLE identity.access_link (
  chain_id uuid NOT NULL REFERENCES identity.access_chain,
  sequence int NOT NULL,
  record_id uuid NOT NULL REFERENCES identity.access_record,
  canonical text NOT NULL,
  previous_hash text NOT NULL,
  hash text NOT NULL,
  PRIMARY KEY (chain_id, sequence)
);
COMMENT ON TABLE identity.access_link IS 'An access record in a chain: each hash is made of the one before and of the canonical text; append-only.';
CREATE INDEX access_link_record ON identity.access_link (record_id);

ALTER TABLE identity.access_record ENABLE ROW LEVEL SECURITY;
ALTER TABLE identity.access_record FORCE ROW LEVEL SECURITY;
CREATE POLICY own_data ON identity.access_record FOR SELECT USING (
  current_setting('app.kind', true) = 'service'
  OR account_id::text = current_setting('app.account', true)
  OR authority_id::text = current_setting('app.authority', true)
);
CREATE POLICY written_by_reaction ON identity.access_record FOR INSERT
  WITH CHECK (current_setting('app.kind', true) = 'service');
ALTER TABLE identity.access_link ENABLE ROW LEVEL SECURITY;
ALTER TABLE identity.access_link FORCE ROW LEVEL SECURITY;
CREATE POLICY own_chain ON identity.access_link FOR SELECT USING (
  current_setting('app.kind', true) = 'service'
  OR chain_id::text = current_setting('app.account', true)
  OR chain_id::text = current_setting('app.authority', true)
);
CREATE POLICY written_by_reaction ON identity.access_link FOR INSERT
  WITH CHECK (current_setting('app.kind', true) = 'service');

GRANT SELECT, INSERT ON identity.access_record, identity.access_link TO identity_app;
GRANT SELECT, INSERT, UPDATE ON identity.access_chain TO identity_app;
`);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only.');
  }
}
