import type { MigrationInterface, QueryRunner } from 'typeorm';
import { ACCOUNT, PERSON, wall } from '../../kernel/database/walls';

export class WhoWrote1764000008000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
ALTER TABLE messaging.message ADD COLUMN agent_account_id uuid;
COMMENT ON COLUMN messaging.message.agent_account_id IS 'Who wrote it for the applicant (Vollmacht, Unternehmenskonto); null: themself, or the other side.';
CREATE INDEX message_agent ON messaging.message (agent_account_id) WHERE agent_account_id IS NOT NULL;

-- an agent writes under their own name
DROP POLICY ours ON messaging.account;
${wall('messaging.account', `account_id = ${ACCOUNT} OR account_id = ${PERSON}`)}
`);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only.');
  }
}
