/** The tables of the mailbox: cases as messaging knows them, threads, messages, deliveries, and how accounts are told. */
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Mailbox1763900001020 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(CASES);
    await runner.query(THREADS);
    await runner.query(DELIVERIES);
    await runner.query(NOTIFICATIONS);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only.');
  }
}

/** Row-level security, the second wall: the applicant's account, the authority in charge, and our own work. */
const wall = (table: string, rule: string): string => `
ALTER TABLE messaging.${table} ENABLE ROW LEVEL SECURITY;
ALTER TABLE messaging.${table} FORCE ROW LEVEL SECURITY;
CREATE POLICY ours ON messaging.${table} USING (current_setting('app.kind', true) = 'service' OR ${rule});
`;
const PARTIES = `account_id::text = current_setting('app.account', true)
  OR authority_id::text = current_setting('app.authority', true)`;

const CASES = `
CREATE TABLE messaging.application_case (
  application_id uuid PRIMARY KEY,
  account_id uuid NOT NULL,
  authority_id uuid,
  leika_key text NOT NULL,
  state text NOT NULL,
  reference text,
  service_title text,
  applicant_name text,
  required_trust_level text CHECK (required_trust_level IN ('BASIC', 'LOW', 'SUBSTANTIAL', 'HIGH'))
);
COMMENT ON TABLE messaging.application_case IS 'Projection of applications: whose case it is and which authority is in charge.';
COMMENT ON COLUMN messaging.application_case.authority_id IS 'The authority in charge, never a department; null until submission.';
COMMENT ON COLUMN messaging.application_case.required_trust_level IS 'Frozen by applications; null counts as HIGH.';
CREATE INDEX application_case_account ON messaging.application_case (account_id);
CREATE INDEX application_case_authority ON messaging.application_case (authority_id);
${wall('application_case', PARTIES)}

CREATE TABLE messaging.account (
  account_id uuid PRIMARY KEY,
  display_name text NOT NULL,
  email text
);
COMMENT ON TABLE messaging.account IS 'Projection of identity: the name to show as sender, and an address to propose for e-mails.';
${wall('account', `account_id::text = current_setting('app.account', true)`)}

CREATE TABLE messaging.staff_name (
  staff_member_id uuid PRIMARY KEY,
  display_name text NOT NULL
);
COMMENT ON TABLE messaging.staff_name IS 'Projection of identity: the name under which staff write to applicants.';

GRANT SELECT, INSERT, UPDATE, DELETE ON messaging.application_case, messaging.account, messaging.staff_name TO messaging_app;
`;

const THREADS = `
CREATE TABLE messaging.thread (
  id uuid PRIMARY KEY,
  application_id uuid NOT NULL UNIQUE REFERENCES messaging.application_case,
  account_id uuid NOT NULL,
  authority_id uuid NOT NULL,
  leika_key text NOT NULL,
  subject text NOT NULL,
  last_message_at timestamptz NOT NULL,
  last_sender_kind text NOT NULL CHECK (last_sender_kind IN ('APPLICANT', 'STAFF', 'SYSTEM')),
  last_available_at timestamptz
);
COMMENT ON TABLE messaging.thread IS 'One conversation about one application (Nachrichtenverlauf), made with its first message.';
COMMENT ON COLUMN messaging.thread.authority_id IS 'As in application_case, repeated because lists are ordered within it.';
COMMENT ON COLUMN messaging.thread.last_available_at IS 'When the newest message that the applicant may see came; null: none yet.';
CREATE INDEX thread_authority_newest ON messaging.thread (authority_id, last_message_at DESC, id DESC);
CREATE INDEX thread_authority_awaiting ON messaging.thread (authority_id, last_message_at DESC, id DESC)
  WHERE last_sender_kind = 'APPLICANT';
CREATE INDEX thread_account_newest ON messaging.thread (account_id, last_available_at DESC, id DESC)
  WHERE last_available_at IS NOT NULL;
${wall('thread', PARTIES)}

CREATE TABLE messaging.message (
  id uuid PRIMARY KEY,
  thread_id uuid NOT NULL REFERENCES messaging.thread,
  kind text NOT NULL CHECK (kind IN ('RECEIPT', 'DOCUMENT_REQUEST', 'NOTICE', 'STATUS', 'CONVERSATION')),
  sender_kind text NOT NULL CHECK (sender_kind IN ('APPLICANT', 'STAFF', 'SYSTEM')),
  sender_name text NOT NULL,
  staff_member_id uuid,
  title text NOT NULL CHECK (length(title) BETWEEN 1 AND 1024),
  body text NOT NULL CHECK (length(body) BETWEEN 1 AND 100000),
  document_ids uuid[] NOT NULL DEFAULT '{}',
  required_trust_level text NOT NULL CHECK (required_trust_level IN ('BASIC', 'LOW', 'SUBSTANTIAL', 'HIGH')),
  sent_at timestamptz NOT NULL,
  available_at timestamptz,
  read_at timestamptz
);
COMMENT ON TABLE messaging.message IS 'One message (Nachricht); it never changes, only becomes available and read.';
COMMENT ON COLUMN messaging.message.sender_name IS 'Frozen as it was when the message was written.';
COMMENT ON COLUMN messaging.message.available_at IS 'Bereitstellung; until then the applicant does not see it. An applicant''s own is available at once.';
COMMENT ON COLUMN messaging.message.read_at IS 'When the other side than the sender''s first read it.';
CREATE INDEX message_thread_newest ON messaging.message (thread_id, sent_at DESC, id DESC);
CREATE INDEX message_unread ON messaging.message (thread_id) WHERE read_at IS NULL;
${wall('message', 'EXISTS (SELECT FROM messaging.thread WHERE thread.id = message.thread_id)')}

GRANT SELECT, INSERT, UPDATE, DELETE ON messaging.thread, messaging.message TO messaging_app;
`;

const DELIVERIES = `
CREATE TABLE messaging.message_delivery (
  id uuid PRIMARY KEY,
  version int NOT NULL,
  message_id uuid NOT NULL REFERENCES messaging.message,
  application_id uuid NOT NULL REFERENCES messaging.application_case,
  authority_id uuid NOT NULL,
  channel text NOT NULL CHECK (channel IN ('MAILBOX', 'EMAIL')),
  state text NOT NULL CHECK (state IN ('PENDING', 'SENDING', 'RETRYING', 'DELIVERED', 'UNDELIVERABLE', 'ABANDONED')),
  attempts int NOT NULL DEFAULT 0,
  round_began_at_attempt int NOT NULL DEFAULT 0,
  next_attempt_at timestamptz NOT NULL,
  failed_at timestamptz,
  UNIQUE (message_id, channel)
);
COMMENT ON TABLE messaging.message_delivery IS 'The delivery of a message on one way (Zustellung); the row is its own queue.';
COMMENT ON COLUMN messaging.message_delivery.authority_id IS 'As in application_case, because operators see deliveries but no cases.';
COMMENT ON COLUMN messaging.message_delivery.round_began_at_attempt IS 'How many attempts earlier rounds took: each retry by an operator begins a new one.';
COMMENT ON COLUMN messaging.message_delivery.failed_at IS 'When the last round failed for good.';
CREATE INDEX message_delivery_due ON messaging.message_delivery (next_attempt_at)
  WHERE state IN ('PENDING', 'RETRYING', 'SENDING');
CREATE INDEX message_delivery_failed ON messaging.message_delivery (failed_at DESC, id DESC) WHERE state = 'UNDELIVERABLE';
CREATE INDEX message_delivery_failed_authority ON messaging.message_delivery (authority_id, failed_at DESC, id DESC)
  WHERE state = 'UNDELIVERABLE';
CREATE INDEX message_delivery_application ON messaging.message_delivery (application_id);
-- operators of another authority see them too; whose they are is decided in code, and no word of a message is in here
${wall('message_delivery', `current_setting('app.kind', true) = 'staff'`)}

CREATE TABLE messaging.delivery_attempt (
  delivery_id uuid NOT NULL REFERENCES messaging.message_delivery ON DELETE CASCADE,
  number int NOT NULL,
  started_at timestamptz NOT NULL,
  ended_at timestamptz,
  succeeded boolean NOT NULL DEFAULT false,
  detail text,
  PRIMARY KEY (delivery_id, number)
);
COMMENT ON TABLE messaging.delivery_attempt IS 'One attempt to deliver (Zustellversuch); detail holds technical words, never personal data.';
${wall('delivery_attempt', `current_setting('app.kind', true) = 'staff'`)}

CREATE TABLE messaging.delivery_intervention (
  id uuid PRIMARY KEY,
  delivery_id uuid NOT NULL REFERENCES messaging.message_delivery ON DELETE CASCADE,
  action text NOT NULL CHECK (action IN ('retry', 'abandon')),
  staff_member_id uuid NOT NULL,
  reason text,
  occurred_at timestamptz NOT NULL
);
COMMENT ON TABLE messaging.delivery_intervention IS 'What operators did about failed deliveries, and why.';
CREATE INDEX delivery_intervention_delivery ON messaging.delivery_intervention (delivery_id);
${wall('delivery_intervention', `current_setting('app.kind', true) = 'staff'`)}

GRANT SELECT, INSERT, UPDATE, DELETE ON messaging.message_delivery, messaging.delivery_attempt TO messaging_app;
GRANT SELECT, INSERT ON messaging.delivery_intervention TO messaging_app;
`;

const NOTIFICATIONS = `
CREATE TABLE messaging.notification_preferences (
  id uuid PRIMARY KEY,
  version int NOT NULL,
  email text,
  email_confirmed boolean NOT NULL,
  email_for text[] NOT NULL,
  language text NOT NULL CHECK (language IN ('de', 'en')),
  CHECK (email IS NOT NULL OR NOT email_confirmed)
);
COMMENT ON TABLE messaging.notification_preferences IS 'How an account wants to be told of new messages; made at the first change. The id is the account''s.';
${wall('notification_preferences', `id::text = current_setting('app.account', true)`)}

CREATE TABLE messaging.email_confirmation (
  id uuid PRIMARY KEY,
  version int NOT NULL,
  account_id uuid NOT NULL UNIQUE,
  email text NOT NULL,
  language text NOT NULL CHECK (language IN ('de', 'en')),
  state text NOT NULL CHECK (state IN ('PENDING', 'SENT', 'FAILED', 'CONFIRMED')),
  attempts int NOT NULL DEFAULT 0,
  next_attempt_at timestamptz NOT NULL,
  wrong_codes int NOT NULL DEFAULT 0,
  expires_at timestamptz NOT NULL,
  asked int NOT NULL,
  asked_since timestamptz NOT NULL
);
COMMENT ON TABLE messaging.email_confirmation IS 'An address that waits for its code, the newest of an account. The code follows from the id and our secret and is stored nowhere.';
COMMENT ON COLUMN messaging.email_confirmation.asked IS 'How many codes were asked for since asked_since; bounded, so that nobody floods a stranger''s mailbox.';
CREATE INDEX email_confirmation_due ON messaging.email_confirmation (next_attempt_at) WHERE state = 'PENDING';
${wall('email_confirmation', `account_id::text = current_setting('app.account', true)`)}

GRANT SELECT, INSERT, UPDATE, DELETE ON messaging.notification_preferences, messaging.email_confirmation TO messaging_app;
`;
