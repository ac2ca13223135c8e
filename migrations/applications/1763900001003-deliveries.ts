import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Deliveries1763900001003 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
CREATE TABLE applications.delivery (
  id uuid PRIMARY KEY,
  version int NOT NULL CHECK (version > 0),
  application_id uuid NOT NULL REFERENCES applications.application (id),
  reference text NOT NULL,
  authority_id uuid NOT NULL,
  channel text NOT NULL CHECK (channel IN ('SHARED_MAILBOX', 'MESSAGE_BROKER', 'CASE_CLOUD')),
  channel_address text,
  state text NOT NULL CHECK (state IN ('PENDING', 'SENDING', 'RETRYING', 'DELIVERED', 'UNDELIVERABLE', 'ABANDONED')),
  attempts int NOT NULL,
  next_attempt_at timestamptz NOT NULL,
  created_at timestamptz NOT NULL,
  delivered_at timestamptz,
  failed_at timestamptz,
  abandon_reason text
);
COMMENT ON TABLE applications.delivery IS 'Handing an application to the authority on a channel (Zustellung); the row is its own queue.';
COMMENT ON COLUMN applications.delivery.attempts IS 'Attempts of this round; an operator starts a new one.';
CREATE INDEX delivery_application ON applications.delivery (application_id, id);
CREATE INDEX delivery_due ON applications.delivery (next_attempt_at) WHERE state IN ('PENDING', 'RETRYING', 'SENDING');
CREATE INDEX delivery_undeliverable ON applications.delivery (failed_at, id) WHERE state = 'UNDELIVERABLE';
CREATE INDEX delivery_undeliverable_authority ON applications.delivery (authority_id, failed_at, id) WHERE state = 'UNDELIVERABLE';
GRANT SELECT, INSERT, UPDATE ON applications.delivery TO applications_app;

CREATE TABLE applications.delivery_attempt (
  delivery_id uuid NOT NULL REFERENCES applications.delivery (id),
  number int NOT NULL CHECK (number > 0),
  started_at timestamptz NOT NULL,
  ended_at timestamptz,
  succeeded boolean NOT NULL,
  detail text,
  PRIMARY KEY (delivery_id, number)
);
COMMENT ON TABLE applications.delivery_attempt IS 'One attempt to deliver (Zustellversuch); detail is technical and never about the case.';
GRANT SELECT, INSERT, UPDATE ON applications.delivery_attempt TO applications_app;
`);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only.');
  }
}
