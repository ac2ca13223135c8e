/** Row-level security for the tables that had none yet, as the second wall behind the rights tables. */
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { kernelWalls, membershipWalls } from '../../kernel/database/walls';

export class RowSecurity1764000002000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
${kernelWalls('payment')}
${membershipWalls('payment')}
`);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only.');
  }
}
