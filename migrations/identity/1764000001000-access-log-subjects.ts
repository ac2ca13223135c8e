import type { MigrationInterface, QueryRunner } from 'typeorm';

export class AccessLogSubjects1764000001000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
ALTER TABLE identity.case_party ADD COLUMN reference text;
COMMENT ON COLUMN identity.case_party.reference IS 'The file reference (Aktenzeichen): the purpose under which staff see a name.';

-- two documents of one case, or the case and its messages, are two readings
CREATE UNIQUE INDEX access_record_once_a_subject ON identity.access_record
  (account_id, application_id, reader, action, purpose, hour, subject_type, subject_id) NULLS NOT DISTINCT;
DROP INDEX identity.access_record_once;
`);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only.');
  }
}
