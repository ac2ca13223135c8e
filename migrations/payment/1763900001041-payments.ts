import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Payments1763900001041 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
CREATE TABLE payment.payment (
  id uuid PRIMARY KEY,
  version int NOT NULL CHECK (version >= 1),
  application_id uuid NOT NULL REFERENCES payment.application,
  account_id uuid NOT NULL,
  started_by uuid NOT NULL,
  authority_id uuid NOT NULL,
  state text NOT NULL CHECK (state IN ('INITIAL', 'PAYED', 'FAILED', 'CANCELED')),
  state_detail text,
  reconciliation text NOT NULL DEFAULT 'NONE'
    CHECK (reconciliation IN ('NONE', 'LATE_SUCCESS', 'AMOUNT_MISMATCH', 'DUPLICATE', 'RESOLVED')),
  held_back_at timestamptz,
  resolution text CHECK (resolution IN ('ACCEPT', 'REFUND')),
  resolution_reason text,
  resolved_by uuid,
  total_minor int NOT NULL CHECK (total_minor BETWEEN 1 AND 99999900),
  fee_minor int NOT NULL CHECK (fee_minor >= total_minor),
  items jsonb NOT NULL CHECK (payment.items_add_up(items)),
  purpose text NOT NULL CHECK (purpose ~ '^[A-Za-z0-9_ -]{1,27}$'),
  description text NOT NULL CHECK (length(description) BETWEEN 1 AND 250),
  cash_reference text NOT NULL UNIQUE,
  method text CHECK (method IN ('GIROPAY', 'PAYDIRECT', 'CREDITCARD', 'PAYPAL', 'INVOICE', 'OTHER')),
  wished_method text CHECK (wished_method IN ('GIROPAY', 'PAYDIRECT', 'CREDITCARD', 'PAYPAL', 'INVOICE', 'OTHER')),
  provider text NOT NULL,
  provider_transaction_id text,
  redirect_url text,
  return_url text NOT NULL,
  started_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  paid_at timestamptz,
  paid_minor int CHECK (paid_minor >= 0),
  counted_minor int NOT NULL DEFAULT 0,
  refunded_minor int NOT NULL DEFAULT 0,
  receipt_document_id uuid,
  CONSTRAINT payment_total_is_sum_of_items CHECK (payment.items_total(items) = total_minor),
  CONSTRAINT payment_payed_is_paid CHECK (state <> 'PAYED' OR (paid_at IS NOT NULL AND paid_minor IS NOT NULL)),
  CONSTRAINT payment_held_back_is_paid CHECK (reconciliation = 'NONE' OR (paid_minor IS NOT NULL AND held_back_at IS NOT NULL)),
  CONSTRAINT payment_resolved_by_somebody CHECK ((reconciliation = 'RESOLVED') = (resolution IS NOT NULL)
    AND (resolution IS NULL OR (resolution_reason IS NOT NULL AND resolved_by IS NOT NULL))),
  CONSTRAINT payment_counts_at_most_what_was_paid CHECK (counted_minor BETWEEN 0 AND coalesce(paid_minor, 0)),
  CONSTRAINT payment_gives_back_at_most_what_was_paid CHECK (refunded_minor BETWEEN 0 AND coalesce(paid_minor, 0))
);
COMMENT ON TABLE payment.payment IS 'Payments for applications (Zahlungen), in the words of XBezahldienste; amounts in cents.';
COMMENT ON COLUMN payment.payment.authority_id IS 'Who receives the money.';
COMMENT ON COLUMN payment.payment.fee_minor IS 'The whole fee of the case when it was begun; total_minor may be the rest of it.';
COMMENT ON COLUMN payment.payment.provider_transaction_id IS 'Null while the provider has not yet acknowledged the payment; our id is its request id.';
COMMENT ON COLUMN payment.payment.paid_minor IS 'What the provider received, also while that is held back.';
COMMENT ON COLUMN payment.payment.counted_minor IS 'How much of it counts towards the fee.';
COMMENT ON COLUMN payment.payment.refunded_minor IS 'Refunds handed in or done.';
CREATE INDEX payment_application ON payment.payment (application_id, started_at, id);
CREATE INDEX payment_authority ON payment.payment (authority_id, started_at, id);
CREATE INDEX payment_to_decide ON payment.payment (authority_id, held_back_at, id)
  WHERE reconciliation IN ('LATE_SUCCESS', 'AMOUNT_MISMATCH', 'DUPLICATE');
CREATE UNIQUE INDEX payment_one_open ON payment.payment (application_id)
  WHERE state = 'INITIAL' AND reconciliation = 'NONE';
CREATE UNIQUE INDEX payment_one_payed ON payment.payment (application_id)
  WHERE state = 'PAYED' AND reconciliation = 'NONE' AND counted_minor = total_minor;
CREATE UNIQUE INDEX payment_provider_transaction ON payment.payment (provider, provider_transaction_id);

CREATE TABLE payment.payment_change (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  payment_id uuid NOT NULL REFERENCES payment.payment,
  occurred_at timestamptz NOT NULL,
  from_state text,
  to_state text NOT NULL,
  held_back boolean NOT NULL,
  provider_event_id text
);
COMMENT ON TABLE payment.payment_change IS 'Every change of state of a payment, and every success that was held back for reconciliation.';
CREATE INDEX payment_change_payment ON payment.payment_change (payment_id, id);

CREATE TABLE payment.provider_report (
  provider text NOT NULL,
  event_id text NOT NULL,
  payment_id uuid NOT NULL REFERENCES payment.payment,
  received_at timestamptz NOT NULL,
  PRIMARY KEY (provider, event_id)
);
COMMENT ON TABLE payment.provider_report IS 'Reports of providers that were handled; a repeated one is dropped.';
CREATE INDEX provider_report_payment ON payment.provider_report (payment_id);

CREATE TABLE payment.payment_watch (
  id uuid PRIMARY KEY REFERENCES payment.payment,
  version int NOT NULL DEFAULT 1,
  attempts int NOT NULL DEFAULT 0,
  next_attempt_at timestamptz NOT NULL,
  done boolean NOT NULL DEFAULT false
);
COMMENT ON TABLE payment.payment_watch IS 'When to look after a payment: to register it, to let it expire, to ask whether money came late.';
CREATE INDEX payment_watch_due ON payment.payment_watch (next_attempt_at) WHERE NOT done;

CREATE TABLE payment.refund (
  id uuid PRIMARY KEY,
  version int NOT NULL CHECK (version >= 1),
  payment_id uuid NOT NULL REFERENCES payment.payment,
  amount_minor int NOT NULL CHECK (amount_minor > 0),
  state text NOT NULL CHECK (state IN ('SUBMITTED', 'SUCCESS', 'FAILED')),
  reason text NOT NULL CHECK (reason <> ''),
  iban text,
  uncounted_minor int NOT NULL DEFAULT 0 CHECK (uncounted_minor BETWEEN 0 AND amount_minor),
  requested_by uuid NOT NULL,
  requested_at timestamptz NOT NULL,
  completed_at timestamptz,
  attempts int NOT NULL DEFAULT 0,
  next_attempt_at timestamptz NOT NULL,
  CONSTRAINT refund_ends_once CHECK ((state = 'SUBMITTED') = (completed_at IS NULL)),
  CONSTRAINT refund_forgets_account CHECK (state = 'SUBMITTED' OR iban IS NULL)
);
COMMENT ON TABLE payment.refund IS 'Money given back (Erstattungen); the row is its own queue until the provider has finished it.';
COMMENT ON COLUMN payment.refund.uncounted_minor IS 'What no longer counts towards the fee because of it: a draft must be paid again, a submitted case need not.';
COMMENT ON COLUMN payment.refund.iban IS 'Kept only until the refund has ended.';
CREATE INDEX refund_payment ON payment.refund (payment_id, requested_at, id);
CREATE INDEX refund_due ON payment.refund (next_attempt_at) WHERE state = 'SUBMITTED';

ALTER TABLE payment.payment ENABLE ROW LEVEL SECURITY;
ALTER TABLE payment.payment FORCE ROW LEVEL SECURITY;
CREATE POLICY platform ON payment.payment USING (current_setting('app.kind', true) = 'service');
CREATE POLICY applicant ON payment.payment
  USING (account_id = nullif(current_setting('app.account', true), '')::uuid);
CREATE POLICY receiver ON payment.payment
  USING (authority_id = nullif(current_setting('app.authority', true), '')::uuid);
CREATE POLICY in_charge ON payment.payment FOR SELECT
  USING (EXISTS (SELECT FROM payment.application AS one WHERE one.id = application_id
    AND one.authority_id = nullif(current_setting('app.authority', true), '')::uuid));

ALTER TABLE payment.payment_change ENABLE ROW LEVEL SECURITY;
ALTER TABLE payment.payment_change FORCE ROW LEVEL SECURITY;
CREATE POLICY with_payment ON payment.payment_change
  USING (EXISTS (SELECT FROM payment.payment AS one WHERE one.id = payment_id));

ALTER TABLE payment.refund ENABLE ROW LEVEL SECURITY;
ALTER TABLE payment.refund FORCE ROW LEVEL SECURITY;
CREATE POLICY with_payment ON payment.refund
  USING (EXISTS (SELECT FROM payment.payment AS one WHERE one.id = payment_id));

ALTER TABLE payment.provider_report ENABLE ROW LEVEL SECURITY;
ALTER TABLE payment.provider_report FORCE ROW LEVEL SECURITY;
CREATE POLICY platform ON payment.provider_report USING (current_setting('app.kind', true) = 'service');

GRANT SELECT, INSERT, UPDATE ON payment.payment, payment.payment_watch, payment.refund TO payment_app;
GRANT SELECT, INSERT, UPDATE (provider_event_id) ON payment.payment_change TO payment_app;
GRANT SELECT, INSERT ON payment.provider_report TO payment_app;
`);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only.');
  }
}
