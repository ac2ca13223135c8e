import type { MigrationInterface, QueryRunner } from 'typeorm';

export class SubstitutionReason1764000008000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
ALTER TABLE identity.substitution
  ADD COLUMN reason text CHECK (length(reason) BETWEEN 1 AND 200),
  ADD COLUMN revoked_by_id uuid REFERENCES identity.staff_member;
COMMENT ON COLUMN identity.substitution.reason IS 'Why somebody is absent, in their words; for those concerned and the administration only.';
COMMENT ON COLUMN identity.substitution.revoked_by_id IS 'Who ended it; null while it lasts, and where it ended with somebody''s leaving.';
CREATE INDEX substitution_revoked_by ON identity.substitution (revoked_by_id) WHERE revoked_by_id IS NOT NULL;
`);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only.');
  }
}
