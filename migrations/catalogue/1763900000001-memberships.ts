import type { MigrationInterface, QueryRunner } from 'typeorm';
import { membershipTables } from '../../kernel/membership';

export class Memberships1763900000001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(membershipTables('catalogue'));
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only.');
  }
}
