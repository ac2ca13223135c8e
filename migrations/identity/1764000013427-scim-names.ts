import type { MigrationInterface, QueryRunner } from 'typeorm';

export class ScimNames1764000013427 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
ALTER TABLE identity.scim_user ADD COLUMN said jsonb NOT NULL DEFAULT '{}';
COMMENT ON COLUMN identity.scim_user.said IS 'The names as the directory said them: it may change one alone, and by all of them a person''s own account is recognised.';

SELECT set_config('app.kind', 'service', true);
UPDATE identity.scim_user AS named SET said = jsonb_build_object('name', jsonb_build_object(
  'givenName', initcap(split_part(person.name_key, '|', 1)), 'familyName', initcap(split_part(person.name_key, '|', 2))))
FROM identity.staff_person AS person
WHERE person.staff_member_id = named.staff_member_id AND person.name_key LIKE '_%|_%';
`);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only.');
  }
}
