import type { MigrationInterface, QueryRunner } from 'typeorm';

export class ReadersForgotten1764000005001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
ALTER TABLE identity.access_record ALTER COLUMN salt DROP NOT NULL;
COMMENT ON COLUMN identity.access_record.salt IS 'Hides the reader in the chain; null once the reader was taken out, at the end of the following year (§ 76 Abs. 4 BDSG).';
CREATE INDEX access_record_named ON identity.access_record (occurred_at) WHERE salt IS NOT NULL;
CREATE POLICY readers_forgotten ON identity.access_record FOR UPDATE
  USING (current_setting('app.kind', true) = 'service')
  WITH CHECK (current_setting('app.kind', true) = 'service' AND salt IS NULL);
GRANT UPDATE (reader, staff_member_id, actor_name, salt) ON identity.access_record TO identity_app;
`);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only.');
  }
}
