import type { MigrationInterface, QueryRunner } from 'typeorm';

/** A new round overwrites the day of the last one in its request; the answer keeps the day it was due. */
export class EndsOfRounds1764042914387 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
ALTER TABLE applications.document_request_answer
  ADD COLUMN asked_at timestamptz,
  ADD COLUMN due_on date,
  ADD COLUMN fixed_day boolean,
  ADD COLUMN ends_on date,
  ADD CONSTRAINT round_whole CHECK (num_nulls(asked_at, due_on, fixed_day, ends_on) IN (0, 4));
COMMENT ON COLUMN applications.document_request_answer.ends_on IS 'The last day of its round; null for rounds that ended before it was kept.';
UPDATE applications.document_request_answer AS answer
SET asked_at = asked.asked_at, due_on = asked.due_on, fixed_day = asked.fixed_day, ends_on = asked.ends_on
FROM applications.document_request AS asked
WHERE asked.id = answer.document_request_id AND asked.round = answer.round;
`);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only.');
  }
}
