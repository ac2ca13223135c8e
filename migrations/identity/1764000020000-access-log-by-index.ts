import type { MigrationInterface, QueryRunner } from 'typeorm';
import { ACCOUNT, AUTHORITY, byKind, IS_SERVICE } from '../../kernel/database/walls';

/** The access log of an authority is read by index, and who asks is read once a statement; see ADR 0017. */
export class AccessLogByIndex1764000020000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
ALTER POLICY own_data ON identity.access_record USING (${byKind({
      person: `account_id = ${ACCOUNT}`,
      staff: `authority_id = ${AUTHORITY}`,
    })});
ALTER POLICY written_by_reaction ON identity.access_record WITH CHECK (${IS_SERVICE});
ALTER POLICY readers_forgotten ON identity.access_record USING (${IS_SERVICE}) WITH CHECK (${IS_SERVICE} AND salt IS NULL);
ALTER POLICY own_chain ON identity.access_link USING (${byKind({
      person: `chain_id = ${ACCOUNT}`,
      staff: `chain_id = ${AUTHORITY}`,
    })});
ALTER POLICY written_by_reaction ON identity.access_link WITH CHECK (${IS_SERVICE});
ALTER POLICY parties ON identity.access_chain USING (${byKind({
      person: `id = ${ACCOUNT}`,
      staff: `id = ${AUTHORITY}`,
    })});
ALTER POLICY parties ON identity.case_party USING (${byKind({
      person: `account_id = ${ACCOUNT}`,
      staff: `authority_id = ${AUTHORITY}`,
    })});
ALTER POLICY own_authority ON identity.substitution USING (${byKind({ staff: `authority_id = ${AUTHORITY}` })});
ALTER POLICY own_account ON identity.privacy_request USING (${byKind({ person: `account_id = ${ACCOUNT}` })});
`);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only.');
  }
}
