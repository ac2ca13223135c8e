import type { MigrationInterface, QueryRunner } from 'typeorm';

/** For the wall of account_name: an organisation may have many cases, and all but one at other authorities. */
export class PartiesByAuthority1764000007001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
CREATE INDEX application_account_authority ON applications.application (account_id, authority_id);
DROP INDEX applications.application_agent;
CREATE INDEX application_agent_authority ON applications.application (agent_account_id, authority_id)
  WHERE agent_account_id IS NOT NULL;
`);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only.');
  }
}
