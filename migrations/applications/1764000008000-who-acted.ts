import type { MigrationInterface, QueryRunner } from 'typeorm';
import { AUTHORITY, PERSON, wall } from '../../kernel/database/walls';

export class WhoActed1764000008000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
ALTER TABLE applications.history_entry ADD COLUMN agent_account_id uuid;
COMMENT ON COLUMN applications.history_entry.agent_account_id IS 'Who acted for the applicant (Vollmacht, Unternehmenskonto); null: themself, or nobody of their side.';
CREATE INDEX history_entry_agent ON applications.history_entry (agent_account_id) WHERE agent_account_id IS NOT NULL;
GRANT UPDATE (agent_account_id) ON applications.history_entry TO applications_app;

-- an agent's own name is written into the history by their own transaction;
-- OFFSET 0: for each name one look into an index, not all cases of the authority for the first
DROP POLICY parties ON applications.account_name;
${wall(
  'applications.account_name',
  `account_id = ${PERSON}
    OR EXISTS (SELECT FROM applications.application AS one
      WHERE one.account_id = account_name.account_id AND one.authority_id = ${AUTHORITY} OFFSET 0)
    OR EXISTS (SELECT FROM applications.application AS one
      WHERE one.agent_account_id = account_name.account_id AND one.authority_id = ${AUTHORITY} OFFSET 0)`,
)}
`);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only.');
  }
}
