import type { MigrationInterface, QueryRunner } from 'typeorm';

export class PaymentsOfAnAccount1764000001000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`CREATE INDEX payment_account ON payment.payment (account_id, id)`);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only.');
  }
}
