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
