import type { MigrationInterface, QueryRunner } from 'typeorm';

export class LastConfirmedAddress1764043371926 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
ALTER TABLE messaging.notification_preferences ADD COLUMN confirmed_email text;
COMMENT ON COLUMN messaging.notification_preferences.confirmed_email IS 'The last confirmed address, where notices go until another one is (§ 9 OZG).';
UPDATE messaging.notification_preferences SET confirmed_email = email WHERE email_confirmed;
`);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only.');
  }
}
