import type { MigrationInterface, QueryRunner } from 'typeorm';
import { wall } from '../../kernel/database/walls';

export class OwnAccounts1764000003000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
CREATE TABLE applications.own_account (
  staff_member_id uuid NOT NULL,
  account_id uuid NOT NULL,
  same boolean NOT NULL,
  position bigint NOT NULL,
  PRIMARY KEY (staff_member_id, account_id)
);
COMMENT ON TABLE applications.own_account IS 'Projection of identity: accounts of the same person as a staff member, who must not decide about them (Vier-Augen-Prinzip).';
COMMENT ON COLUMN applications.own_account.same IS 'False when they turned out to be different people.';
${wall('applications.own_account', 'false')}

CREATE FUNCTION applications.own_cases(member uuid, cases uuid[]) RETURNS TABLE (id uuid)
LANGUAGE sql SET "app.kind" = 'service' AS $$
  SELECT application.id FROM applications.application WHERE application.id = ANY (cases) AND EXISTS (
    SELECT FROM applications.own_account AS own WHERE own.staff_member_id = member AND own.same
      AND (own.account_id IN (application.account_id, application.agent_account_id)
        OR EXISTS (SELECT FROM applications.mandate_period AS mandate
          WHERE mandate.agent_account_id = own.account_id AND mandate.principal_account_id = application.account_id
            AND mandate.valid_from <= clock_timestamp()
            AND (mandate.valid_to IS NULL OR mandate.valid_to > clock_timestamp()))))
$$;
COMMENT ON FUNCTION applications.own_cases IS 'Which of the cases are a staff member''s own, or of somebody they act for; staff see neither accounts nor mandates.';
GRANT SELECT, INSERT, UPDATE ON applications.own_account TO applications_app;
`);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only.');
  }
}
