import type { MigrationInterface, QueryRunner } from 'typeorm';
import { wall } from '../../kernel/database/walls';

export class Scim1764000003001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
CREATE TABLE identity.scim_token (
  token_hash text PRIMARY KEY,
  authority_id uuid NOT NULL,
  created_at timestamptz NOT NULL
);
COMMENT ON TABLE identity.scim_token IS 'What an authority''s directory brings to write its staff by SCIM; only hashes are kept.';
CREATE INDEX scim_token_authority ON identity.scim_token (authority_id);

CREATE TABLE identity.scim_user (
  staff_member_id uuid PRIMARY KEY REFERENCES identity.staff_member,
  authority_id uuid NOT NULL,
  user_name text NOT NULL,
  external_id text,
  removed_at timestamptz
);
COMMENT ON TABLE identity.scim_user IS 'How an authority''s directory names its staff (SCIM 2.0).';
COMMENT ON COLUMN identity.scim_user.removed_at IS 'Deleted by the directory; the person stays for the history, and comes back when they are created anew.';
CREATE UNIQUE INDEX scim_user_name ON identity.scim_user (authority_id, lower(user_name)) WHERE removed_at IS NULL;

${wall('identity.scim_token', 'false')}
${wall('identity.scim_user', 'false')}
GRANT SELECT, INSERT, DELETE ON identity.scim_token TO identity_app;
GRANT SELECT, INSERT, UPDATE ON identity.scim_user TO identity_app;
`);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only.');
  }
}
