import type { MigrationInterface, QueryRunner } from 'typeorm';

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
GRANT SELECT, INSERT, UPDATE ON applications.own_account TO applications_app;
`);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only.');
  }
}
