import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Privacy1764000001002 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
ALTER TABLE identity.account
  ADD COLUMN erased_at timestamptz,
  ADD COLUMN last_seen_on date NOT NULL DEFAULT current_date,
  ADD COLUMN idle_notice_on date;
COMMENT ON COLUMN identity.account.erased_at IS 'When everything about its holder was erased; what is left is an id that other rows point at.';
COMMENT ON COLUMN identity.account.last_seen_on IS 'The day of the last sign-in.';
COMMENT ON COLUMN identity.account.idle_notice_on IS 'When its holder was told that it will be erased because nobody uses it.';
CREATE INDEX account_idle ON identity.account (last_seen_on) WHERE erased_at IS NULL;
GRANT DELETE ON identity.verified_attribute TO identity_app;

CREATE TABLE identity.privacy_request (
  id uuid PRIMARY KEY,
  version int NOT NULL,
  account_id uuid NOT NULL REFERENCES identity.account,
  kind text NOT NULL CHECK (kind IN ('EXPORT', 'ERASURE')),
  state text NOT NULL CHECK (state IN ('REQUESTED', 'RUNNING', 'COMPLETED', 'EXPIRED')),
  requested_by_id uuid REFERENCES identity.account,
  session_id uuid,
  requested_at timestamptz NOT NULL,
  completed_at timestamptz,
  expires_at timestamptz,
  retained jsonb NOT NULL DEFAULT '[]',
  required_trust_level text NOT NULL CHECK (required_trust_level IN ('BASIC', 'LOW', 'SUBSTANTIAL', 'HIGH')),
  seal_salt text,
  round int NOT NULL DEFAULT 0,
  is_due boolean NOT NULL,
  attempts int NOT NULL DEFAULT 0,
  next_attempt_at timestamptz NOT NULL,
  CONSTRAINT completed_has_time CHECK ((completed_at IS NULL) = (state IN ('REQUESTED', 'RUNNING')))
);
COMMENT ON TABLE identity.privacy_request IS 'Requests for a copy (Auskunft) or the deletion (Löschung) of the data of an account; the row is its own queue.';
COMMENT ON COLUMN identity.privacy_request.requested_by_id IS 'Who asked; null: the clock, because nobody has used the account for long.';
COMMENT ON COLUMN identity.privacy_request.session_id IS 'The session that asked; it alone outlives the account, to read the outcome.';
COMMENT ON COLUMN identity.privacy_request.seal_salt IS 'Opens the parts of a copy; forgotten when it is complete, so that what passed through the event stream is unreadable.';
COMMENT ON COLUMN identity.privacy_request.is_due IS 'True when it is our turn: to ask the parts, or to go on once all have answered.';
CREATE INDEX privacy_request_account ON identity.privacy_request (account_id, id);
CREATE INDEX privacy_request_requested_by ON identity.privacy_request (requested_by_id);
CREATE INDEX privacy_request_due ON identity.privacy_request (next_attempt_at) WHERE is_due;
CREATE INDEX privacy_request_expires ON identity.privacy_request (expires_at) WHERE state = 'COMPLETED';
CREATE UNIQUE INDEX privacy_request_one_open ON identity.privacy_request (account_id, kind)
  WHERE state IN ('REQUESTED', 'RUNNING');

CREATE TABLE identity.privacy_part (
  request_id uuid NOT NULL REFERENCES identity.privacy_request,
  round int NOT NULL,
  subgraph text NOT NULL,
  piece int NOT NULL,
  pieces int NOT NULL,
  sealed text,
  retained jsonb NOT NULL,
  running boolean NOT NULL,
  required_trust_level text NOT NULL,
  PRIMARY KEY (request_id, round, subgraph, piece)
);
COMMENT ON TABLE identity.privacy_part IS 'What each subgraph answered, until all have.';

CREATE TABLE identity.privacy_copy (
  request_id uuid PRIMARY KEY REFERENCES identity.privacy_request,
  data text NOT NULL,
  pdf bytea NOT NULL
);
COMMENT ON TABLE identity.privacy_copy IS 'The copy as JSON and as PDF, until it expires.';

ALTER TABLE identity.privacy_request ENABLE ROW LEVEL SECURITY;
ALTER TABLE identity.privacy_request FORCE ROW LEVEL SECURITY;
CREATE POLICY own_account ON identity.privacy_request USING (
  current_setting('app.kind', true) = 'service' OR account_id::text = current_setting('app.account', true)
);
ALTER TABLE identity.privacy_part ENABLE ROW LEVEL SECURITY;
ALTER TABLE identity.privacy_part FORCE ROW LEVEL SECURITY;
CREATE POLICY platform ON identity.privacy_part USING (current_setting('app.kind', true) = 'service');
ALTER TABLE identity.privacy_copy ENABLE ROW LEVEL SECURITY;
ALTER TABLE identity.privacy_copy FORCE ROW LEVEL SECURITY;
CREATE POLICY platform ON identity.privacy_copy USING (current_setting('app.kind', true) = 'service');

GRANT SELECT, INSERT, UPDATE, DELETE ON identity.privacy_request, identity.privacy_part, identity.privacy_copy TO identity_app;
`);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only.');
  }
}
