import type { MigrationInterface, QueryRunner } from 'typeorm';
import { ACCOUNT, AUTHORITY, byKind } from '../../kernel/database/walls';

/** Lists of payments walk an index in their order; see ADR 0017. */
export class PaymentsByIndex1764000020000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
DROP POLICY platform ON payment.application;
DROP POLICY applicant ON payment.application;
DROP POLICY authority ON payment.application;
CREATE POLICY parties ON payment.application USING (${byKind({
      person: `account_id = ${ACCOUNT}`,
      staff: `${AUTHORITY} IN (authority_id, receiving_authority_id)`,
    })});

DROP POLICY platform ON payment.payment;
DROP POLICY applicant ON payment.payment;
DROP POLICY receiver ON payment.payment;
DROP POLICY in_charge ON payment.payment;
CREATE POLICY parties ON payment.payment USING (${byKind({
      person: `account_id = ${ACCOUNT}`,
      staff: `authority_id = ${AUTHORITY}`,
    })});
CREATE POLICY in_charge ON payment.payment FOR SELECT USING (EXISTS (
  SELECT FROM payment.application AS one WHERE one.id = application_id AND one.authority_id = ${AUTHORITY}));

CREATE INDEX payment_authority_state ON payment.payment (authority_id, state, started_at, id);
`);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only.');
  }
}
