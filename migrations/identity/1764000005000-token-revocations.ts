import type { MigrationInterface, QueryRunner } from 'typeorm';
import { wall } from '../../kernel/database/walls';

export class TokenRevocations1764000005000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
CREATE TABLE identity.token_revocation (
  id uuid PRIMARY KEY,
  version int NOT NULL,
  session_id uuid NOT NULL REFERENCES identity.session ON DELETE CASCADE,
  attempts int NOT NULL,
  next_attempt_at timestamptz NOT NULL
);
COMMENT ON TABLE identity.token_revocation IS 'Sessions that have ended here, whose refresh token must end at the OpenID provider too (RFC 7009).';
CREATE INDEX token_revocation_session ON identity.token_revocation (session_id);
CREATE INDEX token_revocation_due ON identity.token_revocation (next_attempt_at);
-- whoever may end a session may ask for this; what is in sight of identity.session is decided there
${wall('identity.token_revocation', 'session_id IN (SELECT id FROM identity.session)')}
GRANT SELECT, INSERT, UPDATE, DELETE ON identity.token_revocation TO identity_app;
`);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only.');
  }
}
