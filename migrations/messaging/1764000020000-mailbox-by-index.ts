import type { MigrationInterface, QueryRunner } from 'typeorm';
import { ACCOUNT, AUTHORITY, byKind } from '../../kernel/database/walls';

/** Lists of threads walk an index in their order, and who asks is read once a statement; see ADR 0017. */
export class MailboxByIndex1764000020000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    const parties = byKind({ person: `account_id = ${ACCOUNT}`, staff: `authority_id = ${AUTHORITY}` });
    const all = byKind({ staff: 'true' });
    await runner.query(`
ALTER POLICY ours ON messaging.application_case USING (${parties});
ALTER POLICY ours ON messaging.thread USING (${parties});
ALTER POLICY ours ON messaging.message_delivery USING (${all});
ALTER POLICY ours ON messaging.delivery_attempt USING (${all});
ALTER POLICY ours ON messaging.delivery_intervention USING (${all});
ALTER POLICY ours ON messaging.notification_preferences USING (${byKind({ person: `id = ${ACCOUNT}` })});
ALTER POLICY ours ON messaging.email_confirmation USING (${byKind({ person: `account_id = ${ACCOUNT}` })});
ALTER POLICY ours ON messaging.message USING (${byKind({
      person: THREAD_IS_SEEN,
      staff: THREAD_IS_SEEN,
    })});
`);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only.');
  }
}

const THREAD_IS_SEEN = 'EXISTS (SELECT FROM messaging.thread WHERE thread.id = message.thread_id)';
