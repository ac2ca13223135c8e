import type { MigrationInterface, QueryRunner } from 'typeorm';

/** In small transactions, so that nobody who writes a case waits for it; begun again, it goes on where it was. */
export class FoldWhatIsStored1764052047134 implements MigrationInterface {
  readonly transaction = false;

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`SELECT set_config('app.kind', 'service', false)`);
    try {
      for (let changed = 1; changed > 0; ) {
        const [row]: { count: number }[] = await runner.query(
          `WITH changed AS (
             UPDATE applications.application SET search_text = search_text
             WHERE id IN (SELECT id FROM applications.application WHERE search_text IS NOT NULL AND searched IS NULL LIMIT 1000)
             RETURNING 1)
           SELECT count(*)::int FROM changed`,
        );
        changed = row!.count;
      }
    } finally {
      await runner.query(`SELECT set_config('app.kind', '', false)`);
    }
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only.');
  }
}
