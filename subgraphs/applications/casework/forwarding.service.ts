/** Forwarding a case (Weiterleitung, Abgabe): to a department of the same authority, or to another authority. */
import { ask } from '../../../kernel/ask';
import { now } from '../../../kernel/clock';
import type { Context } from '../../../kernel/context';
import type { Tx } from '../../../kernel/database/database';
import { notFound } from '../../../kernel/errors';
import { newId } from '../../../kernel/ids';
import { provenStaff } from '../../../kernel/membership';
import { checkVersion } from '../../../kernel/version';
import { RoutingChannel } from '../../../schema/channels';
import type { Application } from '../application/application.entity';
import { move, tell, touch } from '../application/application.move';
import { asService, lockForStaff } from '../application/application.rights';
import { ApplicationState } from '../application/application.states';
import type { AuthorityAnswer } from '../asks';
import { nextDueAfter } from '../deadlines/deadline.service';
import { isGivenUp, startDelivery } from '../deliveries/delivery.start';
import { Note } from '../notes/note.entity';
import { refuse } from '../refusals';
import type { ForwardApplicationInput } from './casework.inputs';
import { words } from './words';

/** Where a case goes: the authority in charge, and the department when one was named. */
interface Target {
  readonly authorityId: string;
  readonly authorityName: string;
  readonly authorityArs: string | null;
  readonly departmentId: string | null;
}

/** The case as it left; its old authority sees it no more. */
export async function forwardApplication(ctx: Context, input: ForwardApplicationInput): Promise<Application> {
  const reason = words(input.reason, 'input.reason', 2_000);
  const target = await askTarget(ctx, input.authorityId);
  return asService(ctx, async tx => {
    const staff = await provenStaff(tx, ctx.principal, 'staff:work');
    const application = await lockForStaff(tx, ctx, input.applicationId, 'staff:work');
    checkVersion(application, input.expectedVersion);
    const fromAuthorityId = application.authorityId!;
    const stays = target.authorityId === fromAuthorityId;
    const undelivered = application.state === ApplicationState.UNDELIVERABLE;
    if (undelivered && !(await isGivenUp(tx, application.id))) throw refuse('DELIVERY_NOT_GIVEN_UP');
    if (stays && !undelivered && target.departmentId === application.departmentId) throw refuse('ALREADY_THERE');
    if (!stays) await checkNoPendingHandover(tx, application.id);
    await tx.insert(Note, {
      id: newId(),
      applicationId: application.id,
      authorId: staff.staffMemberId,
      text: `Weitergeleitet an ${target.authorityName}: ${reason}`,
      createdAt: now(),
    });
    const told = tell('application.forwarded', { fromAuthorityId, serviceTitle: application.serviceTitle });
    const changes = { ...target, assigneeId: null };
    if (stays && !undelivered) {
      return touch(tx, application, 'forwardApplication', { by: ctx.principal, changes, tells: [told] });
    }
    await move(tx, application, 'forwardApplication', {
      by: ctx.principal,
      changes: {
        ...changes,
        channel: RoutingChannel.CASE_CLOUD, // within the platform
        nextDueOn: await nextDueAfter(tx, application, { state: ApplicationState.SUBMITTED }),
      },
      tells: [told],
    });
    await startDelivery(tx, application, RoutingChannel.CASE_CLOUD, null);
    return application;
  });
}

async function askTarget(ctx: Context, id: string): Promise<Target> {
  const { authority } = await ask<AuthorityAnswer>('applications', 'authority', { id }, ctx.envelope);
  if (!authority) throw notFound();
  const isDepartment = authority.kind === 'DEPARTMENT';
  const inCharge = isDepartment ? authority.parent : authority;
  if (!inCharge) throw refuse('TRY_AGAIN');
  return {
    authorityId: inCharge.id,
    authorityName: inCharge.name,
    authorityArs: inCharge.area?.ars ?? null,
    departmentId: isDepartment ? authority.id : null,
  };
}

/** What a line-of-business system answers later belongs to the authority that has handed the case to it. */
async function checkNoPendingHandover(tx: Tx, applicationId: string): Promise<void> {
  const pending: unknown[] = await tx.query(
    `SELECT 1 FROM handover WHERE application_id = $1 AND state IN ('SENDING', 'SENT') LIMIT 1`,
    [applicationId],
  );
  if (pending.length > 0) throw refuse('HANDOVER_PENDING');
}
