import type { MigrationInterface, QueryRunner } from 'typeorm';
import { kernelTables } from '../../kernel/database/tables';

export class KernelTables1763900000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(kernelTables('applications'));
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only.');
  }
}
