/** Work on a case: taking and giving it, finding it complete, closing it. */
import { now, today } from '../../../kernel/clock';
import type { Context } from '../../../kernel/context';
import type { Tx } from '../../../kernel/database/database';
import { provenStaff } from '../../../kernel/membership';
import { checkVersion } from '../../../kernel/version';
import type { Application } from '../application/application.entity';
import { move, tell, touch } from '../application/application.move';
import { lockForStaff } from '../application/application.rights';
import { ApplicationState } from '../application/application.states';
import { DeadlineKind } from '../deadlines/deadline.entity';
import { lawOf, readFacts, readLaw } from '../deadlines/deadline.facts';
import { nextDueAfter } from '../deadlines/deadline.service';
import { deadlinesOf } from '../deadlines/reckoning';
import { refuse } from '../refusals';
import { ArchiveRecord, ArchiveState } from './archive-record.entity';
import type {
  AssignApplicationInput,
  ClaimApplicationInput,
  CloseApplicationInput,
  ConfirmCompletenessInput,
} from './casework.inputs';

export function claimApplication(ctx: Context, input: ClaimApplicationInput): Promise<Application> {
  return ctx.write(async tx => {
    const { staffMemberId: assigneeId } = await provenStaff(tx, ctx.principal, 'staff:work');
    const application = await lockForStaff(tx, ctx, input.applicationId, 'staff:work');
    checkVersion(application, input.expectedVersion);
    return move(tx, application, 'claimApplication', {
      by: ctx.principal,
      changes: { assigneeId },
      tells: [tell('application.assigned', { assigneeId })],
    });
  });
}

export function assignApplication(ctx: Context, input: AssignApplicationInput): Promise<Application> {
  const assigneeId = input.staffMemberId ?? null;
  return ctx.write(async tx => {
    const application = await lockForStaff(tx, ctx, input.applicationId, 'staff:work');
    checkVersion(application, input.expectedVersion);
    if (assigneeId) await checkAssignee(tx, assigneeId, application.authorityId!);
    // work begins when it is somebody's; giving it to nobody leaves it where it is
    return (assigneeId ? move : touch)(tx, application, 'assignApplication', {
      by: ctx.principal,
      changes: { assigneeId },
      tells: [tell('application.assigned', { assigneeId })],
    });
  });
}

async function checkAssignee(tx: Tx, staffMemberId: string, authorityId: string): Promise<void> {
  const found: unknown[] = await tx.query(
    `SELECT 1 FROM staff_membership WHERE staff_member_id = $1 AND authority_id = $2 AND active
       AND 'staff:work' = ANY(scopes) FOR SHARE`,
    [staffMemberId, authorityId],
  );
  if (found.length === 0) throw refuse('NOT_ASSIGNABLE');
}

/** The working time of the authority starts with complete documents (compare § 71b, § 42a VwVfG). */
export function confirmCompleteness(ctx: Context, input: ConfirmCompletenessInput): Promise<Application> {
  return ctx.write(async tx => {
    const application = await lockForStaff(tx, ctx, input.applicationId, 'staff:work');
    checkVersion(application, input.expectedVersion);
    if (application.completeAt) throw refuse('ALREADY_COMPLETE');
    await checkNoOpenRequest(tx, application.id);
    const completeAt = now();
    return move(tx, application, 'confirmCompleteness', {
      by: ctx.principal,
      changes: {
        completeAt,
        nextDueOn: await nextDueAfter(tx, application, { state: ApplicationState.IN_REVIEW, completeAt }),
      },
      tells: [tell('application.deadline-changed', { deadlineKind: DeadlineKind.PROCESSING })],
    });
  });
}

/** @throws Refusal DOCUMENT_REQUEST_OPEN while something asked for has not come, or has not been checked */
export async function checkNoOpenRequest(tx: Tx, applicationId: string): Promise<void> {
  const open: { state: string }[] = await tx.query(
    `SELECT state FROM document_request WHERE application_id = $1 AND state IN ('OPEN', 'SUBMITTED')`,
    [applicationId],
  );
  if (open.length === 0) return;
  const allowedActions = open.some(({ state }) => state === 'SUBMITTED')
    ? ['reviewDocumentRequest']
    : ['cancelDocumentRequest'];
  throw refuse('DOCUMENT_REQUEST_OPEN', { allowedActions });
}

export function closeApplication(ctx: Context, input: CloseApplicationInput): Promise<Application> {
  return ctx.write(async tx => {
    const application = await lockForStaff(tx, ctx, input.applicationId, 'staff:work');
    checkVersion(application, input.expectedVersion);
    await move(tx, application, 'closeApplication', {
      by: ctx.principal,
      changes: { nextDueOn: null },
      tells: [tell('application.closed', {})],
    });
    await startRetention(tx, application);
    return application;
  });
}

/** § 6 LArchG SH: from its end on a case is kept as long as the rule of that day says, whatever rules come later. */
export async function startRetention(tx: Tx, application: Application): Promise<void> {
  const facts = (await readFacts(tx, [application])).get(application.id)!;
  const retention = deadlinesOf(facts, lawOf(await readLaw(tx, [application]), application), today()).find(
    ({ kind }) => kind === DeadlineKind.RETENTION,
  );
  if (!retention) throw new Error('No rule says how long a case is kept.');
  await tx.insert(ArchiveRecord, {
    applicationId: application.id,
    version: 1,
    state: ArchiveState.RETAINED,
    appraisal: null,
    retentionUntil: retention.dueOn!,
    legalRuleId: retention.rule.id,
  });
}
