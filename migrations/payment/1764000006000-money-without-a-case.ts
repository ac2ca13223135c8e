import type { MigrationInterface, QueryRunner } from 'typeorm';

export class MoneyWithoutACase1764000006000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE payment.payment DROP CONSTRAINT payment_reconciliation_check;
      ALTER TABLE payment.payment ADD CONSTRAINT payment_reconciliation_check
        CHECK (reconciliation IN ('NONE', 'LATE_SUCCESS', 'AMOUNT_MISMATCH', 'DUPLICATE', 'NO_CASE', 'RESOLVED'));
      DROP INDEX payment.payment_to_decide;
      CREATE INDEX payment_to_decide ON payment.payment (authority_id, held_back_at, id)
        WHERE reconciliation IN ('LATE_SUCCESS', 'AMOUNT_MISMATCH', 'DUPLICATE', 'NO_CASE');
    `);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only.');
  }
}
