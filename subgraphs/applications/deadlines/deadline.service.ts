/** Keeps the day of a case's next deadline up to date, and extends deadlines. */
import { now, today } from '../../../kernel/clock';
import type { Context } from '../../../kernel/context';
import type { Tx } from '../../../kernel/database/database';
import { badInput, notFound } from '../../../kernel/errors';
import { checkVersion } from '../../../kernel/version';
import type { Application } from '../application/application.entity';
import { move, tell } from '../application/application.move';
import { lockForStaff } from '../application/application.rights';
import type { ApplicationState } from '../application/application.states';
import { refuse } from '../refusals';
import { DeadlineExtension, DeadlineKind, DeadlineState } from './deadline.entity';
import { lawOf, readFacts, readLaw } from './deadline.facts';
import type { ExtendDeadlineInput } from './deadline.inputs';
import { deadlinesOf, nextDueOn } from './reckoning';

/** A case as it will be once the step that is being taken is written. */
type Coming = { state: ApplicationState } & Partial<Pick<Application, 'completeAt' | 'processingDays'>>;

/**
 * The day of the next deadline after a step, for `move`: `changes: { nextDueOn: await nextDueAfter(tx, …) }`. Rows of
 * requests, decisions and extensions must be written before.
 */
export async function nextDueAfter(tx: Tx, application: Application, coming: Coming): Promise<string | null> {
  const facts = (await readFacts(tx, [application])).get(application.id)!;
  const { state, ...columns } = coming;
  const states = state === application.state ? facts.states : [...facts.states, { state, at: now() }];
  return nextDueOn(
    deadlinesOf({ ...facts, ...columns, states }, lawOf(await readLaw(tx, [application]), application), today()),
  );
}

const MOST_DAYS = 365;

/** § 31 (7) VwVfG: once, with a reason. */
export function extendDeadline(ctx: Context, input: ExtendDeadlineInput): Promise<Application> {
  const reason = input.reason.trim();
  if (reason === '') throw badInput('input.reason');
  if (input.days < 1 || input.days > MOST_DAYS) throw badInput('input.days');
  return ctx.write(async tx => {
    const application = await lockForStaff(tx, ctx, input.applicationId, 'staff:decide');
    checkVersion(application, input.expectedVersion);
    const facts = (await readFacts(tx, [application])).get(application.id)!;
    const deadlines = deadlinesOf(facts, lawOf(await readLaw(tx, [application]), application), today());
    const deadline = deadlines.find(({ id }) => id === input.deadlineId);
    if (!deadline) throw notFound();
    // § 42a (2) VwVfG asks for it in time; after its end it would only hide the miss
    const isOver = deadline.doneOn !== null || deadline.dueOn === null || deadline.state === DeadlineState.MISSED;
    if (deadline.kind !== DeadlineKind.PROCESSING || isOver) throw refuse('DEADLINE_NOT_EXTENDABLE');
    if (deadline.extensionDays > 0) throw refuse('EXTENSION_USED');
    await tx.insert(DeadlineExtension, {
      deadlineId: deadline.id,
      applicationId: application.id,
      days: input.days,
      reason,
      extendedBy: ctx.principal.kind === 'staff' ? ctx.principal.staffMemberId : '',
      extendedAt: now(),
    });
    return move(tx, application, 'extendDeadline', {
      by: ctx.principal,
      changes: { nextDueOn: await nextDueAfter(tx, application, application) },
      tells: [tell('application.deadline-changed', { deadlineKind: deadline.kind })],
    });
  });
}
