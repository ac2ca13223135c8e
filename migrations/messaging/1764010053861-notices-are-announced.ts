import type { MigrationInterface, QueryRunner } from 'typeorm';

export class NoticesAreAnnounced1764010053861 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
UPDATE messaging.notification_preferences SET email_for = array_append(email_for, 'NOTICE'), version = version + 1
WHERE NOT 'NOTICE' = ANY (email_for);
COMMENT ON COLUMN messaging.notification_preferences.email_for IS 'Kinds announced by e-mail; NOTICE always is (§ 9 OZG).';
`);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only.');
  }
}
