import type { MigrationInterface, QueryRunner } from 'typeorm';

export class MembersWhoActed1764000009000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
ALTER TABLE identity.organisation_member ADD COLUMN has_acted boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN identity.organisation_member.has_acted IS 'The person has acted for the organisation, or its provider names them: only then its members read their name.';
SELECT set_config('app.kind', 'service', true);
UPDATE identity.organisation_member SET has_acted = true;
`);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only.');
  }
}
