import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Cases are found by the day of their next deadline: where that was a named day that has moved, it moves along. */
export class NextDueOnMoved1764010061573 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
UPDATE applications.application SET next_due_on = asked.ends_on FROM applications.document_request AS asked
WHERE asked.application_id = application.id AND asked.state = 'OPEN' AND asked.ends_on > asked.due_on
  AND application.next_due_on = asked.due_on;
`);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only.');
  }
}
