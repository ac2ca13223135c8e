import type { MigrationInterface, QueryRunner } from 'typeorm';

export class DocumentRequests1763900002001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
CREATE TABLE applications.document_request (
  id uuid PRIMARY KEY,
  version int NOT NULL CHECK (version > 0),
  application_id uuid NOT NULL REFERENCES applications.application (id),
  items jsonb NOT NULL CHECK (jsonb_array_length(items) > 0),
  reason text NOT NULL CHECK (reason <> ''),
  due_on date NOT NULL,
  state text NOT NULL CHECK (state IN ('OPEN', 'SUBMITTED', 'ACCEPTED', 'CANCELED')),
  round int NOT NULL CHECK (round > 0),
  opened_by uuid NOT NULL,
  opened_at timestamptz NOT NULL,
  asked_at timestamptz NOT NULL,
  answered_at timestamptz,
  closed_at timestamptz,
  cancel_reason text,
  CONSTRAINT answered_when_submitted CHECK (state NOT IN ('SUBMITTED', 'ACCEPTED') OR answered_at IS NOT NULL)
);
COMMENT ON TABLE applications.document_request IS 'Documents asked of the applicant (Nachforderung).';
COMMENT ON COLUMN applications.document_request.state IS 'As stored; OPEN past its due day shows as OVERDUE.';
COMMENT ON COLUMN applications.document_request.asked_at IS 'When the present round began; answered_at belongs to the same round.';
CREATE INDEX document_request_application ON applications.document_request (application_id, id DESC);
CREATE INDEX document_request_open ON applications.document_request (due_on) WHERE state = 'OPEN';
ALTER TABLE applications.document_request ENABLE ROW LEVEL SECURITY;
ALTER TABLE applications.document_request FORCE ROW LEVEL SECURITY;
CREATE POLICY request_of_visible ON applications.document_request USING (
  (SELECT current_setting('app.kind', true)) = 'service'
  OR EXISTS (SELECT FROM applications.application WHERE application.id = document_request.application_id)
);
ALTER TABLE applications.document ADD FOREIGN KEY (document_request_id) REFERENCES applications.document_request (id);
GRANT SELECT, INSERT, UPDATE ON applications.document_request TO applications_app;

CREATE TABLE applications.document_request_answer (
  id uuid PRIMARY KEY,
  document_request_id uuid NOT NULL REFERENCES applications.document_request (id),
  round int NOT NULL,
  document_ids uuid[] NOT NULL,
  comment text,
  submitted_at timestamptz NOT NULL,
  accepted boolean,
  rejection_reason text,
  UNIQUE (document_request_id, round)
);
COMMENT ON TABLE applications.document_request_answer IS 'What an applicant handed in, one per round (Nachreichung).';
ALTER TABLE applications.document_request_answer ENABLE ROW LEVEL SECURITY;
ALTER TABLE applications.document_request_answer FORCE ROW LEVEL SECURITY;
CREATE POLICY answer_of_visible ON applications.document_request_answer USING (
  (SELECT current_setting('app.kind', true)) = 'service'
  OR EXISTS (SELECT FROM applications.document_request AS asked WHERE asked.id = document_request_answer.document_request_id)
);
GRANT SELECT, INSERT, UPDATE ON applications.document_request_answer TO applications_app;
`);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only.');
  }
}
