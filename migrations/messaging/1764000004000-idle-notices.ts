import type { MigrationInterface, QueryRunner } from 'typeorm';
import { ACCOUNT, wall } from '../../kernel/database/walls';

export class IdleNotices1764000004000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
CREATE TABLE messaging.idle_notice (
  id uuid PRIMARY KEY,
  version int NOT NULL,
  account_id uuid NOT NULL,
  erased_on date NOT NULL,
  state text NOT NULL CHECK (state IN ('PENDING', 'SENT', 'UNREACHABLE')),
  attempts int NOT NULL DEFAULT 0,
  next_attempt_at timestamptz NOT NULL
);
COMMENT ON TABLE messaging.idle_notice IS 'The news that an account nobody uses will be erased; the row is its own queue. The address is looked up when it is sent.';
CREATE INDEX idle_notice_due ON messaging.idle_notice (next_attempt_at) WHERE state = 'PENDING';
CREATE INDEX idle_notice_account ON messaging.idle_notice (account_id);
${wall('messaging.idle_notice', `account_id = ${ACCOUNT}`)}
GRANT SELECT, INSERT, UPDATE, DELETE ON messaging.idle_notice TO messaging_app;
`);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only.');
  }
}
