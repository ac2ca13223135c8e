import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Documents1763900001002 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
CREATE TABLE applications.document (
  id uuid PRIMARY KEY,
  version int NOT NULL CHECK (version > 0),
  application_id uuid NOT NULL REFERENCES applications.application (id),
  document_request_id uuid,
  filename text NOT NULL CHECK (length(filename) BETWEEN 1 AND 255),
  mime_type text NOT NULL,
  byte_size int NOT NULL CHECK (byte_size > 0),
  sha256 text NOT NULL CHECK (sha256 ~ '^[0-9a-f]{64}$'),
  purpose text NOT NULL CHECK (purpose IN ('EVIDENCE', 'MESSAGE', 'FORM', 'NOTICE', 'PAYMENT_RECEIPT', 'INTERNAL')),
  requirement_code text,
  state text NOT NULL CHECK (state IN ('AWAITING_UPLOAD', 'SCANNING', 'AVAILABLE', 'REJECTED', 'DESTROYED')),
  rejection_code text,
  origin text NOT NULL CHECK (origin IN ('APPLICANT', 'STAFF', 'PLATFORM')),
  shared_at timestamptz,
  storage_key uuid UNIQUE,
  created_at timestamptz NOT NULL,
  CONSTRAINT available_has_bytes CHECK (state <> 'AVAILABLE' OR storage_key IS NOT NULL)
);
COMMENT ON TABLE applications.document IS 'Files of applications (Dokument) with their checks; the bytes lie in the document store.';
COMMENT ON COLUMN applications.document.shared_at IS 'When the other side got it: at submission, with an answer, with the decision.';
CREATE INDEX document_application ON applications.document (application_id, id);
CREATE INDEX document_of_request ON applications.document (document_request_id);
ALTER TABLE applications.document ENABLE ROW LEVEL SECURITY;
ALTER TABLE applications.document FORCE ROW LEVEL SECURITY;
CREATE POLICY document_of_visible ON applications.document USING (
  (SELECT current_setting('app.kind', true)) = 'service'
  OR EXISTS (SELECT FROM applications.application WHERE application.id = document.application_id)
);
GRANT SELECT, INSERT, UPDATE ON applications.document TO applications_app;

CREATE TABLE applications.document_erasure (
  id uuid PRIMARY KEY,
  storage_key uuid NOT NULL,
  attempts int NOT NULL DEFAULT 0,
  next_attempt_at timestamptz NOT NULL,
  version int NOT NULL DEFAULT 1
);
COMMENT ON TABLE applications.document_erasure IS 'Bytes to be deleted from the document store, unless a document claims them before; a row is its own queue and goes when it is done.';
CREATE INDEX document_erasure_due ON applications.document_erasure (next_attempt_at);
GRANT SELECT, INSERT, UPDATE, DELETE ON applications.document_erasure TO applications_app;
`);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only.');
  }
}
