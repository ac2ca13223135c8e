/** The tables that every subgraph has for the kernel's own work, in its own schema. Used by its first migration. */
import type { SubgraphName } from '../config';

export const kernelTables = (name: SubgraphName): string => `
CREATE TABLE ${name}.outbox (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  type text NOT NULL,
  key uuid NOT NULL,
  payload jsonb NOT NULL,
  occurred_at timestamptz NOT NULL
);
COMMENT ON TABLE ${name}.outbox IS 'Events written in the transaction that caused them; the relay moves them to the event stream.';

CREATE TABLE ${name}.consumer (
  name text PRIMARY KEY,
  position bigint NOT NULL
);
COMMENT ON TABLE ${name}.consumer IS 'How far this subgraph has handled the event stream.';

CREATE TABLE ${name}.dead_letter (
  position bigint PRIMARY KEY,
  type text NOT NULL,
  attempts int NOT NULL,
  failed_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE ${name}.dead_letter IS 'Events whose reaction failed on every attempt; the event itself stays in the stream.';

CREATE TABLE ${name}.idempotency_key (
  actor text NOT NULL,
  action text NOT NULL,
  key text NOT NULL,
  body_hash text NOT NULL,
  result uuid,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (actor, action, key)
);
COMMENT ON TABLE ${name}.idempotency_key IS 'Which thing a repeated write made; the same key and body give the same answer.';
CREATE INDEX idempotency_key_created_at ON ${name}.idempotency_key (created_at);

GRANT SELECT, INSERT, UPDATE, DELETE ON ${name}.outbox, ${name}.consumer, ${name}.dead_letter, ${name}.idempotency_key TO ${name}_app;
`;

/** Events that wait for a better moment, each behind the earlier ones of its key, and what is known of dead letters. */
export const parkedTables = (name: SubgraphName): string => `
CREATE TABLE ${name}.parked_event (
  position bigint PRIMARY KEY,
  key uuid NOT NULL,
  type text NOT NULL,
  attempts int NOT NULL,
  waits int NOT NULL,
  reason text,
  next_attempt_at timestamptz NOT NULL,
  parked_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
COMMENT ON TABLE ${name}.parked_event IS 'Events whose reaction did not work yet, and later ones of the same key, which wait behind them (next_attempt_at is infinity); the events themselves stay in the stream.';
CREATE INDEX parked_event_key ON ${name}.parked_event (key, position);
CREATE INDEX parked_event_due ON ${name}.parked_event (next_attempt_at);
ALTER TABLE ${name}.dead_letter ADD COLUMN key uuid, ADD COLUMN reason text;
COMMENT ON TABLE ${name}.dead_letter IS 'Events whose reaction failed on every attempt; later ones of their key wait until an operator has them replayed (npm run dead-letters). Without a key: from before there was one, and nothing waits.';
CREATE INDEX dead_letter_key ON ${name}.dead_letter (key, position);
GRANT SELECT, INSERT, UPDATE, DELETE ON ${name}.parked_event TO ${name}_app;
`;
