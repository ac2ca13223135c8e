import type { MigrationInterface, QueryRunner } from 'typeorm';

export class MoneyOfWithdrawnCases1764010037219 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
ALTER TABLE payment.application ADD COLUMN required_trust_level text;
COMMENT ON COLUMN payment.application.required_trust_level IS 'That of the service, for what the payer is told; null: not known.';

-- what was paid for applications that were taken back before anybody looked at such money
UPDATE payment.payment SET reconciliation = 'NO_CASE', held_back_at = now(), resolution = NULL, resolution_reason = NULL,
  resolved_by = NULL, version = version + 1
WHERE state = 'PAYED' AND reconciliation IN ('NONE', 'RESOLVED') AND paid_minor > refunded_minor
  AND EXISTS (SELECT FROM payment.application WHERE application.id = payment.application_id AND application.state = 'WITHDRAWN');
`);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only.');
  }
}
