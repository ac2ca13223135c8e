/** What operators do about deliveries that failed for good. */
import { now } from '../../../kernel/clock';
import type { Context } from '../../../kernel/context';
import { rows, type Tx } from '../../../kernel/database/database';
import { notFound } from '../../../kernel/errors';
import { DeliveryState, deliveryLifecycle } from '../../../kernel/graph/delivery.type';
import { newId } from '../../../kernel/ids';
import { provenStaff } from '../../../kernel/membership';
import { change, checkVersion } from '../../../kernel/version';
import { refuse, textProblems } from '../refusals';
import { MessageDelivery } from './delivery.entity';
import type { AbandonMessageDeliveryInput, RetryMessageDeliveryInput } from './delivery.inputs';
import { wakeDeliveries } from './delivery.queue';

const REASON_MOST = 1_000;

/** Action of the lifecycle → the mutation that does it. */
const MUTATIONS: Readonly<Record<string, string>> = {
  retry: 'retryMessageDelivery',
  abandon: 'abandonMessageDelivery',
};

/** What operators may do about a delivery in this state. */
export const operatorActions = (state: DeliveryState): string[] =>
  deliveryLifecycle.actions(state).flatMap(action => MUTATIONS[action] ?? []);

/** Starts a new round of attempts. */
export function retryDelivery(ctx: Context, input: RetryMessageDeliveryInput): Promise<MessageDelivery> {
  return ctx.write(async tx => {
    const delivery = await intervene(tx, ctx, input, 'retry', null);
    wakeDeliveries(tx);
    return change(tx, MessageDelivery, delivery, {
      state: next(delivery, 'retry'),
      dueAt: now(),
      roundBeganAtAttempt: delivery.attemptCount,
      failedAt: null,
    });
  });
}

/** Gives up for good, with a reason. */
export function abandonDelivery(ctx: Context, input: AbandonMessageDeliveryInput): Promise<MessageDelivery> {
  const problems = textProblems('/reason', input.reason, REASON_MOST);
  if (problems.length > 0) throw refuse('VALIDATION_FAILED', { problems });
  return ctx.write(async tx => {
    const delivery = await intervene(tx, ctx, input, 'abandon', input.reason);
    return change(tx, MessageDelivery, delivery, { state: next(delivery, 'abandon') });
  });
}

type Action = 'retry' | 'abandon';

function next({ state }: MessageDelivery, action: Action): DeliveryState {
  if (deliveryLifecycle.next(state, action) === undefined)
    throw refuse('INVALID_TRANSITION', { allowedActions: operatorActions(state) });
  return deliveryLifecycle.step(state, action) as DeliveryState;
}

/** The locked delivery, after all checks and with the note of who did what to it. */
async function intervene(
  tx: Tx,
  ctx: Context,
  input: { messageDeliveryId: string; expectedVersion: number },
  action: Action,
  reason: string | null,
): Promise<MessageDelivery> {
  const [delivery] = await rows(tx, MessageDelivery, `SELECT * FROM message_delivery WHERE id = $1 FOR UPDATE`, [
    input.messageDeliveryId,
  ]);
  const { staffMemberId } = await provenStaff(tx, ctx.principal, 'ops:deliveries');
  if (!delivery) throw notFound();
  checkVersion(delivery, input.expectedVersion);
  next(delivery, action);
  await tx.query(
    `INSERT INTO delivery_intervention (id, delivery_id, action, staff_member_id, reason, occurred_at)
     VALUES ($1, $2, $3, $4, $5, $6)`,
    [newId(), delivery.id, action, staffMemberId, reason, now()],
  );
  return delivery;
}
