import type { MigrationInterface, QueryRunner } from 'typeorm';
import { wall } from '../../kernel/database/walls';

export class SessionRefresh1764000002001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
CREATE TABLE identity.session_refresh (
  session_id uuid PRIMARY KEY REFERENCES identity.session ON DELETE CASCADE,
  population text NOT NULL CHECK (population IN ('citizen', 'organisation', 'staff')),
  generation int NOT NULL,
  sealed_token text NOT NULL,
  rotated_at timestamptz NOT NULL,
  busy_until timestamptz
);
COMMENT ON TABLE identity.session_refresh IS 'How a session of a browser is prolonged without signing in again.';
COMMENT ON COLUMN identity.session_refresh.generation IS 'Which cookie is good: each refresh makes the next one, and an older one is reuse.';
COMMENT ON COLUMN identity.session_refresh.sealed_token IS 'The refresh token of the OpenID provider, encrypted (AES-256-GCM).';
COMMENT ON COLUMN identity.session_refresh.busy_until IS 'Somebody is asking the provider; a second one waits.';
${wall('identity.session_refresh', 'false')}
GRANT SELECT, INSERT, UPDATE, DELETE ON identity.session_refresh TO identity_app;
`);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only.');
  }
}
