import type { MigrationInterface, QueryRunner } from 'typeorm';

export class ScimDomains1764000006000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
ALTER TABLE identity.scim_token ADD COLUMN mail_domains text[] NOT NULL DEFAULT '{}';
COMMENT ON COLUMN identity.scim_token.mail_domains IS 'The mail domains the directory may speak for, in lower case; new addresses elsewhere are refused.';

DROP INDEX identity.staff_member_email;
CREATE UNIQUE INDEX staff_member_email ON identity.staff_member (lower(email), authority_id);
COMMENT ON INDEX identity.staff_member_email IS 'Once per authority: across authorities it would tell one of them who works for another.';

SELECT set_config('app.kind', 'service', true);
UPDATE identity.scim_token AS token SET mail_domains = ARRAY (
  SELECT DISTINCT lower(split_part(member.email, '@', 2)) FROM identity.staff_member AS member
  WHERE member.authority_id = token.authority_id);
`);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only.');
  }
}
