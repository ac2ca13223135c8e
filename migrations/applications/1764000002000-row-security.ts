/** Row-level security for the tables that had none yet, as the second wall behind the rights tables. */
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { holds, kernelWalls, membershipWalls, wall } from '../../kernel/database/walls';

export class RowSecurity1764000002000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
${kernelWalls('applications')}
${membershipWalls('applications')}
-- operators see of every authority that something failed; a submission writes its delivery as the applicant
${wall(
  'applications.delivery',
  `${holds('ops:deliveries')} OR EXISTS (SELECT FROM applications.application WHERE application.id = delivery.application_id)`,
)}
${wall(
  'applications.delivery_attempt',
  'EXISTS (SELECT FROM applications.delivery WHERE delivery.id = delivery_attempt.delivery_id)',
)}
${wall(
  'applications.payment_state',
  'EXISTS (SELECT FROM applications.application WHERE application.id = payment_state.application_id)',
)}
`);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only.');
  }
}
