/** Notes and follow-ups: they neither count the version of the case nor show to the applicant. */
import { now, today } from '../../../kernel/clock';
import type { Context } from '../../../kernel/context';
import { rows, type Tx } from '../../../kernel/database/database';
import { notFound } from '../../../kernel/errors';
import { once } from '../../../kernel/idempotency';
import { newId } from '../../../kernel/ids';
import { provenStaff } from '../../../kernel/membership';
import { type Page, type PageArgs, page } from '../../../kernel/page';
import { change, checkVersion } from '../../../kernel/version';
import type { Application } from '../application/application.entity';
import { record } from '../application/application.history';
import { announce } from '../application/application.move';
import { lockApplication, lockForStaff, possibleActions } from '../application/application.rights';
import { applicationLifecycle } from '../application/application.states';
import { words } from '../casework/words';
import { refuse } from '../refusals';
import { FollowUp, Note } from './note.entity';
import type { AddFollowUpInput, AddNoteInput, CompleteFollowUpInput } from './note.inputs';
import { followUpRights } from './note.rights';

export function addNote(ctx: Context, input: AddNoteInput): Promise<Note> {
  const text = words(input.text, 'input.text');
  return ctx.write(async tx => {
    const staff = await provenStaff(tx, ctx.principal, 'staff:work');
    const { id } = await once(tx, ctx.principal, 'addNote', { ...input }, async () => {
      const application = await lockForStaff(tx, ctx, input.applicationId, 'staff:work');
      await noted(tx, ctx, application, 'addNote');
      const note = {
        id: newId(),
        applicationId: application.id,
        authorId: staff.staffMemberId,
        text,
        createdAt: now(),
      };
      await tx.insert(Note, note);
      return note.id;
    });
    const [note] = await rows(tx, Note, 'SELECT * FROM note WHERE id = $1', [id]);
    if (!note) throw notFound();
    return note;
  });
}

export function addFollowUp(ctx: Context, input: AddFollowUpInput): Promise<FollowUp> {
  const title = words(input.title, 'input.title', 500);
  return ctx.write(async tx => {
    const staff = await provenStaff(tx, ctx.principal, 'staff:work');
    const { id } = await once(tx, ctx.principal, 'addFollowUp', { ...input }, async () => {
      const application = await lockForStaff(tx, ctx, input.applicationId, 'staff:work');
      if (input.dueOn < today()) throw refuse('BAD_DUE_DATE');
      const ownerId = input.ownerId ?? staff.staffMemberId;
      await checkOwner(tx, ownerId, staff.authorityId);
      await noted(tx, ctx, application, 'addFollowUp');
      const followUp = {
        id: newId(),
        version: 1,
        applicationId: application.id,
        authorityId: staff.authorityId,
        ownerId,
        title,
        dueOn: input.dueOn,
        createdAt: now(),
        completedAt: null,
      };
      await tx.insert(FollowUp, followUp);
      return followUp.id;
    });
    return lockFollowUp(tx, id);
  });
}

/** Anybody who works at the authority may tick it off. */
export function completeFollowUp(ctx: Context, input: CompleteFollowUpInput): Promise<FollowUp> {
  return ctx.write(async tx => {
    const staff = await provenStaff(tx, ctx.principal, 'staff:work');
    const [found]: { application_id: string }[] = await tx.query(
      `SELECT application_id FROM follow_up WHERE id = $1 AND authority_id = $2`,
      [input.followUpId, staff.authorityId],
    );
    if (!found) throw notFound();
    // null once it was forwarded: the follow-up stays with this desk, and nobody there is told of the case any more
    const application = await lockApplication(tx, found.application_id);
    const followUp = await lockFollowUp(tx, input.followUpId);
    checkVersion(followUp, input.expectedVersion);
    if (followUp.completedAt) throw refuse('INVALID_TRANSITION');
    await change(tx, FollowUp, followUp, { completedAt: now() });
    if (application) await announce(tx, application, 'application.internal', {});
    return followUp;
  });
}

/** @param authorityId the asker's own; another one looks as if it did not exist */
export function followUpsOf(
  ctx: Context,
  given: { authorityId: string; dueBy: string | null; mineOnly: boolean },
  args: PageArgs,
): Promise<Page<FollowUp>> {
  const { principal } = ctx;
  if (principal.kind !== 'staff' || !followUpRights.maySee(given, principal)) throw notFound();
  return ctx.read(tx =>
    page(
      tx,
      FollowUp,
      {
        subgraph: 'applications',
        kind: 'followUps',
        sql: `SELECT * FROM follow_up WHERE authority_id = $1 AND completed_at IS NULL
                AND ($2::date IS NULL OR due_on <= $2) AND ($3::uuid IS NULL OR owner_id = $3)`,
        values: [given.authorityId, given.dueBy, given.mineOnly ? principal.staffMemberId : null],
        order: [
          { column: 'due_on', cast: 'date' },
          { column: 'id', cast: 'uuid' },
        ],
      },
      args,
    ),
  );
}

async function noted(tx: Tx, ctx: Context, application: Application, action: 'addNote' | 'addFollowUp'): Promise<void> {
  applicationLifecycle.step(application.state, action, possibleActions(application, ctx.principal));
  await record(tx, application, action, ctx.principal);
  await announce(tx, application, 'application.internal', {});
}

async function checkOwner(tx: Tx, staffMemberId: string, authorityId: string): Promise<void> {
  const found: unknown[] = await tx.query(
    `SELECT 1 FROM staff_membership WHERE staff_member_id = $1 AND authority_id = $2 AND active FOR SHARE`,
    [staffMemberId, authorityId],
  );
  if (found.length === 0) throw refuse('NOT_ASSIGNABLE');
}

async function lockFollowUp(tx: Tx, id: string): Promise<FollowUp> {
  const [followUp] = await rows(tx, FollowUp, 'SELECT * FROM follow_up WHERE id = $1 FOR UPDATE', [id]);
  if (!followUp) throw notFound();
  return followUp;
}
