import type { MigrationInterface, QueryRunner } from 'typeorm';

export class FeesAndCases1763900001040 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
CREATE FUNCTION payment.items_total(items jsonb) RETURNS bigint LANGUAGE sql IMMUTABLE AS $$
  SELECT coalesce(sum((item->>'netMinor')::bigint + (item->>'taxMinor')::bigint), 0)::bigint
  FROM jsonb_array_elements(items) AS item
$$;
COMMENT ON FUNCTION payment.items_total IS 'The sum of the lines of a fee or payment in cents.';

CREATE FUNCTION payment.items_add_up(items jsonb) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
  SELECT coalesce(bool_and((item->>'quantity')::bigint >= 1
    AND (item->>'unitNetMinor')::bigint >= 0 AND (item->>'unitTaxMinor')::bigint >= 0
    AND (item->>'netMinor')::bigint = (item->>'quantity')::bigint * (item->>'unitNetMinor')::bigint
    AND (item->>'taxMinor')::bigint = (item->>'quantity')::bigint * (item->>'unitTaxMinor')::bigint), true)
  FROM jsonb_array_elements(items) AS item
$$;
COMMENT ON FUNCTION payment.items_add_up IS 'True when each line is its quantity times its unit amounts.';

CREATE TABLE payment.fee (
  id uuid PRIMARY KEY,
  version int NOT NULL CHECK (version >= 1),
  leika_key text NOT NULL CHECK (leika_key ~ '^99[0-9]{12}$'),
  ars text NOT NULL CHECK (ars ~ '^([0-9]{2}|[0-9]{3}|[0-9]{5}|[0-9]{9}|[0-9]{12})$'),
  items jsonb NOT NULL CHECK (payment.items_add_up(items)),
  total_minor int NOT NULL CHECK (total_minor BETWEEN 0 AND 99999900),
  prepayment_required boolean NOT NULL,
  legal_basis text NOT NULL CHECK (legal_basis <> ''),
  valid_from date NOT NULL,
  valid_to date CHECK (valid_to >= valid_from),
  changed_by uuid,
  changed_at timestamptz NOT NULL,
  CONSTRAINT fee_total_is_sum_of_items CHECK (payment.items_total(items) = total_minor),
  CONSTRAINT fee_one_rule_per_day
    EXCLUDE USING gist (leika_key WITH =, ars WITH =, daterange(valid_from, valid_to, '[]') WITH &&)
);
COMMENT ON TABLE payment.fee IS 'Fee rules (Gebührentatbestände) of a service in an area; the nearest area upwards holds. Items are lines with amounts in cents.';
COMMENT ON COLUMN payment.fee.changed_by IS 'Staff member; null for data that was installed.';
CREATE INDEX fee_area ON payment.fee (ars, leika_key, valid_from);

CREATE TABLE payment.application (
  id uuid PRIMARY KEY,
  account_id uuid NOT NULL,
  agent_account_id uuid,
  leika_key text NOT NULL,
  ars text,
  fee_override_minor int CHECK (fee_override_minor >= 0),
  state text NOT NULL,
  reference text,
  authority_id uuid,
  receiving_authority_id uuid,
  fee_minor int CHECK (fee_minor >= 0),
  position bigint NOT NULL
);
COMMENT ON TABLE payment.application IS 'Projection of applications: whose case it is, what it costs and which authority is in charge.';
COMMENT ON COLUMN payment.application.authority_id IS 'The authority in charge; null while it is a draft.';
COMMENT ON COLUMN payment.application.receiving_authority_id IS 'Who receives the fee, since the first payment was begun.';
COMMENT ON COLUMN payment.application.fee_minor IS 'The whole fee in cents, frozen when it was paid or the case was submitted; null: as the rules say today.';
COMMENT ON COLUMN payment.application.position IS 'Of the newest event applied; an older one never overwrites a newer one.';
CREATE INDEX application_account ON payment.application (account_id);
CREATE INDEX application_authority ON payment.application (authority_id);
CREATE INDEX application_receiving_authority ON payment.application (receiving_authority_id);

ALTER TABLE payment.application ENABLE ROW LEVEL SECURITY;
ALTER TABLE payment.application FORCE ROW LEVEL SECURITY;
CREATE POLICY platform ON payment.application USING (current_setting('app.kind', true) = 'service');
CREATE POLICY applicant ON payment.application
  USING (account_id = nullif(current_setting('app.account', true), '')::uuid);
CREATE POLICY authority ON payment.application
  USING (nullif(current_setting('app.authority', true), '')::uuid IN (authority_id, receiving_authority_id));

GRANT SELECT, INSERT, UPDATE, DELETE ON payment.fee, payment.application TO payment_app;
`);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only.');
  }
}
