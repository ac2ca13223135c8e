import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Decisions1763900002002 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
CREATE TABLE applications.decision (
  id uuid PRIMARY KEY,
  application_id uuid NOT NULL UNIQUE REFERENCES applications.application (id),
  outcome text NOT NULL CHECK (outcome IN ('GRANTED', 'PARTLY_GRANTED', 'REFUSED', 'SETTLED', 'DEEMED_GRANTED')),
  reasoning text NOT NULL CHECK (reasoning <> ''),
  legal_remedy text NOT NULL CHECK (legal_remedy <> ''),
  notice_document_id uuid NOT NULL,
  decided_at timestamptz NOT NULL,
  decided_by uuid NOT NULL,
  available_at timestamptz
);
COMMENT ON TABLE applications.decision IS 'Decisions (Bescheid). The dates of notification and objection follow from available_at.';
COMMENT ON COLUMN applications.decision.available_at IS 'When the notice could be read in the mailbox (Bereitstellung).';
CREATE INDEX decision_notice ON applications.decision (notice_document_id);
ALTER TABLE applications.decision ENABLE ROW LEVEL SECURITY;
ALTER TABLE applications.decision FORCE ROW LEVEL SECURITY;
CREATE POLICY decision_of_visible ON applications.decision USING (
  (SELECT current_setting('app.kind', true)) = 'service'
  OR EXISTS (SELECT FROM applications.application WHERE application.id = decision.application_id)
);
GRANT SELECT, INSERT, UPDATE (available_at) ON applications.decision TO applications_app;

CREATE TABLE applications.archive_record (
  application_id uuid PRIMARY KEY REFERENCES applications.application (id),
  version int NOT NULL CHECK (version > 0),
  state text NOT NULL CHECK (state IN ('RETAINED', 'OFFERED', 'APPRAISED', 'TRANSFERRED', 'DESTROYED')),
  appraisal text CHECK (appraisal IN ('ARCHIVE', 'APPRAISE', 'DESTROY')),
  retention_until date NOT NULL,
  legal_rule_id uuid NOT NULL REFERENCES applications.legal_rule (id)
);
COMMENT ON TABLE applications.archive_record IS 'How long a closed case is kept, and what the archive does with it (Aussonderung).';
CREATE INDEX archive_record_rule ON applications.archive_record (legal_rule_id);
CREATE INDEX archive_record_due ON applications.archive_record (state, retention_until);
ALTER TABLE applications.archive_record ENABLE ROW LEVEL SECURITY;
ALTER TABLE applications.archive_record FORCE ROW LEVEL SECURITY;
CREATE POLICY archiving_of_visible ON applications.archive_record USING (
  (SELECT current_setting('app.kind', true)) = 'service'
  OR EXISTS (SELECT FROM applications.application WHERE application.id = archive_record.application_id)
);
GRANT SELECT, INSERT, UPDATE ON applications.archive_record TO applications_app;
`);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only.');
  }
}
