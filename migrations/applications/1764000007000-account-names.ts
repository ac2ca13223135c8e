import type { MigrationInterface, QueryRunner } from 'typeorm';
import { AUTHORITY, wall } from '../../kernel/database/walls';

export class AccountNames1764000007000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
CREATE TABLE applications.account_name (
  account_id uuid PRIMARY KEY,
  display_name text NOT NULL,
  position bigint NOT NULL
);
COMMENT ON TABLE applications.account_name IS 'Projection of identity: how an account is called, for the inbox of the authority in charge.';

-- what was told before this table was there; erased accounts are told of by their neutral name
INSERT INTO applications.account_name (account_id, display_name, position)
SELECT DISTINCT ON (key) key, payload->>'displayName', position
FROM events.event WHERE type = 'account.changed' AND source = 'identity' ORDER BY key, position DESC;

-- OFFSET 0: for each name one look into an index, not all cases of the authority for the first
${wall(
  'applications.account_name',
  `EXISTS (SELECT FROM applications.application AS one
      WHERE one.account_id = account_name.account_id AND one.authority_id = ${AUTHORITY} OFFSET 0)
    OR EXISTS (SELECT FROM applications.application AS one
      WHERE one.agent_account_id = account_name.account_id AND one.authority_id = ${AUTHORITY} OFFSET 0)`,
)}
GRANT SELECT, INSERT, UPDATE, DELETE ON applications.account_name TO applications_app;
`);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only.');
  }
}
