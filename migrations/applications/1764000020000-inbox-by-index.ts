import type { MigrationInterface, QueryRunner } from 'typeorm';
import { ACCOUNT, AUTHORITY, byKind } from '../../kernel/database/walls';

/** The inbox walks an index in each of its orders, whatever the size of the authority; see ADR 0017. */
export class InboxByIndex1764000020000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
ALTER POLICY application_parties ON applications.application USING (${byKind({
      person: `account_id = ${ACCOUNT}`,
      staff: `state <> 'DRAFT' AND authority_id = ${AUTHORITY}`,
    })});

-- CASE and not coalesce(), which PostgreSQL does not look into before it has asked the policy
DROP INDEX applications.application_inbox_arrival;
DROP INDEX applications.application_inbox_deadline;
DROP INDEX applications.application_assignee;
CREATE INDEX application_inbox_arrival ON applications.application (authority_id, (${ARRIVED_AT}), id);
CREATE INDEX application_inbox_deadline ON applications.application (authority_id, (${DUE_ON}), id);
CREATE INDEX application_inbox_state ON applications.application (authority_id, state, (${ARRIVED_AT}), id);
CREATE INDEX application_inbox_department ON applications.application (authority_id, department_id, (${ARRIVED_AT}), id);
CREATE INDEX application_inbox_department_deadline ON applications.application (authority_id, department_id, (${DUE_ON}), id);
CREATE INDEX application_inbox_department_change ON applications.application (authority_id, department_id, changed_at, id);
CREATE INDEX application_inbox_service ON applications.application (authority_id, leika_key, (${ARRIVED_AT}), id);
CREATE INDEX application_inbox_assignee ON applications.application (authority_id, assignee_id, (${ARRIVED_AT}), id);
`);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only.');
  }
}

const ARRIVED_AT = 'CASE WHEN received_at IS NULL THEN submitted_at ELSE received_at END';
const DUE_ON = `CASE WHEN next_due_on IS NULL THEN 'infinity'::date ELSE next_due_on END`;
