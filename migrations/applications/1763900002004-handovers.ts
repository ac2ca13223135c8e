import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Handovers1763900002004 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
CREATE TABLE applications.handover (
  id uuid PRIMARY KEY,
  version int NOT NULL CHECK (version > 0),
  application_id uuid NOT NULL REFERENCES applications.application (id),
  system text NOT NULL,
  state text NOT NULL CHECK (state IN ('SENDING', 'SENT', 'ACKNOWLEDGED', 'REJECTED', 'FAILED')),
  content_hash text NOT NULL CHECK (content_hash ~ '^[0-9a-f]{64}$'),
  storage_key uuid NOT NULL UNIQUE,
  started_by uuid NOT NULL,
  started_at timestamptz NOT NULL,
  sent_at timestamptz,
  acknowledged_at timestamptz,
  external_reference text,
  rejection_reason text,
  attempts int NOT NULL DEFAULT 0,
  next_attempt_at timestamptz NOT NULL
);
COMMENT ON TABLE applications.handover IS 'Cases handed to a line-of-business system (Fachverfahren); the row is its own queue while SENDING.';
COMMENT ON COLUMN applications.handover.content_hash IS 'SHA-256 of the package, whose bytes lie in the document store under storage_key.';
CREATE INDEX handover_application ON applications.handover (application_id, id);
CREATE INDEX handover_due ON applications.handover (next_attempt_at) WHERE state = 'SENDING';
CREATE UNIQUE INDEX handover_one_at_a_time ON applications.handover (application_id, system)
  WHERE state IN ('SENDING', 'SENT', 'ACKNOWLEDGED');
ALTER TABLE applications.handover ENABLE ROW LEVEL SECURITY;
ALTER TABLE applications.handover FORCE ROW LEVEL SECURITY;
CREATE POLICY handover_of_authority ON applications.handover USING (
  (SELECT current_setting('app.kind', true)) IN ('service', 'machine')
  OR ((SELECT current_setting('app.kind', true)) = 'staff'
      AND EXISTS (SELECT FROM applications.application WHERE application.id = handover.application_id))
);
GRANT SELECT, INSERT, UPDATE ON applications.handover TO applications_app;

CREATE TABLE applications.payment_receipt (
  id uuid PRIMARY KEY,
  version int NOT NULL CHECK (version > 0),
  payment_id uuid NOT NULL UNIQUE,
  application_id uuid NOT NULL REFERENCES applications.application (id),
  authority_id uuid NOT NULL,
  total_minor int NOT NULL,
  paid_at timestamptz NOT NULL,
  cash_reference text,
  purpose text NOT NULL,
  document_id uuid NOT NULL,
  state text NOT NULL CHECK (state IN ('TO_RENDER', 'RENDERED')),
  attempts int NOT NULL DEFAULT 0,
  next_attempt_at timestamptz NOT NULL
);
COMMENT ON TABLE applications.payment_receipt IS 'Receipts of payments (Quittung) to be rendered; the row is its own queue.';
CREATE INDEX payment_receipt_application ON applications.payment_receipt (application_id);
CREATE INDEX payment_receipt_due ON applications.payment_receipt (next_attempt_at) WHERE state = 'TO_RENDER';
ALTER TABLE applications.payment_receipt ENABLE ROW LEVEL SECURITY;
ALTER TABLE applications.payment_receipt FORCE ROW LEVEL SECURITY;
CREATE POLICY receipt_for_us ON applications.payment_receipt
  USING ((SELECT current_setting('app.kind', true)) = 'service');
GRANT SELECT, INSERT, UPDATE ON applications.payment_receipt TO applications_app;
`);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only.');
  }
}
