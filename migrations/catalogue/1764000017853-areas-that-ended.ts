import type { MigrationInterface, QueryRunner } from 'typeorm';

export class AreasThatEnded1764000017853 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
ALTER TABLE catalogue.area ADD COLUMN valid_to date;
COMMENT ON COLUMN catalogue.area.valid_to IS 'The last day of an area that has ended; its key stays, and nobody finds it who looks for a place.';
`);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only.');
  }
}
