/** Handing a case to a line-of-business system, and its answer. */
import { now } from '../../../kernel/clock';
import type { Context } from '../../../kernel/context';
import { afterCommit, rows, type Tx } from '../../../kernel/database/database';
import { forbidden, notFound } from '../../../kernel/errors';
import { wake } from '../../../kernel/events/outbox';
import { madeBefore, once } from '../../../kernel/idempotency';
import { newId } from '../../../kernel/ids';
import { provenStaff } from '../../../kernel/membership';
import { serviceOf } from '../../../kernel/principal';
import { Refusal } from '../../../kernel/refusal';
import { change, checkVersion } from '../../../kernel/version';
import type { Application } from '../application/application.entity';
import { tell, touch } from '../application/application.move';
import { asService, lockApplication, lockForStaff, possibleActions } from '../application/application.rights';
import { applicationLifecycle } from '../application/application.states';
import { words } from '../casework/words';
import { eraseLater, keep } from '../documents/document.erasure';
import { type MadeDocument, storeMade } from '../documents/document.make';
import { refuse } from '../refusals';
import { Handover } from './handover.entity';
import type { AcknowledgeHandoverInput, StartHandoverInput } from './handover.inputs';
import { packageOf } from './handover.package';
import { HandoverState, handoverLifecycle } from './handover.states';
import { systemsFor } from './handover.systems';

/** @returns the id of the handover; the same for the same key. */
export async function startHandover(ctx: Context, input: StartHandoverInput): Promise<string> {
  const id = newId();
  const bytes = await ctx.write(async tx => {
    if (await madeBefore(tx, ctx.principal, 'startHandover', input)) return null;
    const application = await lockForStaff(tx, ctx, input.applicationId, 'staff:work');
    await checkStartable(tx, ctx, application, input);
    return packageOf(tx, application, { id, system: input.system });
  });
  const stored = bytes && (await storeMade(ctx.db, bytes));
  try {
    return await start(ctx, input, id, stored);
  } catch (error) {
    // only a refusal is sure to have written nothing; after a lost connection the sweep decides
    if (stored && error instanceof Refusal) {
      await ctx.db.tx(serviceOf('applications'), tx => eraseLater(tx, stored.storageKey));
    }
    throw error;
  }
}

async function start(ctx: Context, input: StartHandoverInput, id: string, stored: MadeDocument | null) {
  const made = await ctx.write(tx =>
    once(tx, ctx.principal, 'startHandover', { ...input }, async () => {
      if (!stored) throw refuse('TRY_AGAIN');
      const staff = await provenStaff(tx, ctx.principal, 'staff:work');
      const application = await lockForStaff(tx, ctx, input.applicationId, 'staff:work');
      // the version is the one the package was made of, so the package is still the case
      await checkStartable(tx, ctx, application, input);
      await keep(tx, stored.storageKey);
      await tx.insert(Handover, {
        id,
        version: 1,
        applicationId: application.id,
        system: input.system,
        state: HandoverState.SENDING,
        contentHash: stored.sha256,
        storageKey: stored.storageKey,
        startedBy: staff.staffMemberId,
        startedAt: now(),
        sentAt: null,
        acknowledgedAt: null,
        externalReference: null,
        rejectionReason: null,
        attempts: 0,
        nextAttemptAt: now(),
      });
      await touch(tx, application, 'startHandover', {
        by: ctx.principal,
        tells: [tell('application.handover-changed', { handoverId: id, handoverState: HandoverState.SENDING })],
      });
      afterCommit(tx, () => wake('handovers'));
      return id;
    }),
  );
  return made.id;
}

async function checkStartable(
  tx: Tx,
  ctx: Context,
  application: Application,
  input: StartHandoverInput,
): Promise<void> {
  if (application.version !== input.expectedVersion) throw refuse('VERSION_CONFLICT');
  applicationLifecycle.step(application.state, 'startHandover', possibleActions(application, ctx.principal));
  if (!systemsFor(application.leikaKey).some(({ name }) => name === input.system)) throw refuse('UNKNOWN_SYSTEM');
  const [live]: { state: string }[] = await tx.query(
    `SELECT state FROM handover WHERE application_id = $1 AND system = $2
       AND state IN ('SENDING', 'SENT', 'ACKNOWLEDGED')`,
    [application.id, input.system],
  );
  if (live) throw refuse(live.state === HandoverState.ACKNOWLEDGED ? 'HANDED_OVER' : 'HANDOVER_PENDING');
}

/** The answer of the machine whose name is that of the system; to any other the handover does not exist. */
export function acknowledgeHandover(ctx: Context, input: AcknowledgeHandoverInput): Promise<Handover> {
  const externalReference = input.externalReference
    ? words(input.externalReference, 'input.externalReference', 200)
    : null;
  const rejectionReason = input.accepted ? null : words(input.rejectionReason ?? '', 'input.rejectionReason', 2_000);
  const { principal } = ctx;
  if (principal.kind !== 'machine' || !principal.scopes.includes('handover:acknowledge')) throw forbidden();
  return asService(ctx, async tx => {
    const [known] = await rows(tx, Handover, 'SELECT * FROM handover WHERE id = $1', [input.handoverId]);
    if (known?.system !== principal.name) throw notFound();
    const application = (await lockApplication(tx, known.applicationId))!;
    const [handover] = await rows(tx, Handover, 'SELECT * FROM handover WHERE id = $1 FOR UPDATE', [known.id]);
    checkVersion(handover!, input.expectedVersion);
    const action = input.accepted ? 'acknowledge' : 'reject';
    const state = handoverLifecycle.step(handover!.state, action, []) as HandoverState;
    if (input.contentHash.toLowerCase() !== handover!.contentHash) {
      throw refuse('HASH_MISMATCH', { allowedActions: ['acknowledgeHandover'] });
    }
    await change(tx, Handover, handover!, { state, acknowledgedAt: now(), externalReference, rejectionReason });
    await touch(tx, application, 'handoverChanged', {
      by: principal,
      tells: [tell('application.handover-changed', { handoverId: known.id, handoverState: state })],
    });
    return handover!;
  });
}
