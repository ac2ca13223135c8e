/** Events that wait behind one that fails, a key each. */
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { parkedTables } from '../../kernel/database/tables';

export class ParkedEvents1764041327653 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(parkedTables('identity'));
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only.');
  }
}
