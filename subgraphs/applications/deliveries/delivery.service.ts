/** What operators do about deliveries that failed on every attempt; they never see the case itself. */
import { now } from '../../../kernel/clock';
import type { Context } from '../../../kernel/context';
import { afterCommit, rows, type Tx } from '../../../kernel/database/database';
import { badInput, forbidden, notFound } from '../../../kernel/errors';
import { wake } from '../../../kernel/events/outbox';
import { DeliveryState, deliveryLifecycle } from '../../../kernel/graph/delivery.type';
import { provenStaff } from '../../../kernel/membership';
import { type Page, type PageArgs, page } from '../../../kernel/page';
import { change, checkVersion } from '../../../kernel/version';
import type { Application } from '../application/application.entity';
import { record } from '../application/application.history';
import { announce, move, tell } from '../application/application.move';
import { asService, lockApplication } from '../application/application.rights';
import { ApplicationState } from '../application/application.states';
import { Delivery } from './delivery.entity';
import type { AbandonDeliveryInput, RetryDeliveryInput } from './delivery.inputs';
import { isOperator } from './delivery.rights';

/** Names of the mutations the asker may call on a delivery now. */
export function deliveryActions({ state }: Delivery, ctx: Context): string[] {
  if (!isOperator(ctx.asker) || state !== DeliveryState.UNDELIVERABLE) return [];
  return ['retryDelivery', 'abandonDelivery'];
}

export async function retryDelivery(ctx: Context, input: RetryDeliveryInput): Promise<Delivery> {
  return asService(ctx, async tx => {
    const { delivery, application } = await lockForOperator(tx, ctx, input.deliveryId);
    checkVersion(delivery, input.expectedVersion);
    const state = deliveryLifecycle.step(delivery.state, 'retry', deliveryActions(delivery, ctx)) as DeliveryState;
    const changed = await change(tx, Delivery, delivery, {
      state,
      attempts: 0,
      nextAttemptAt: now(),
      failedAt: null,
    });
    if (application.state === ApplicationState.UNDELIVERABLE) {
      await move(tx, application, 'retryDelivery', { by: ctx.principal, tells: [tell('application.internal', {})] });
    }
    afterCommit(tx, () => wake('deliveries'));
    return changed;
  });
}

export async function abandonDelivery(ctx: Context, input: AbandonDeliveryInput): Promise<Delivery> {
  const reason = input.reason.trim();
  if (reason === '' || reason.length > 2_000) throw badInput('input.reason');
  return asService(ctx, async tx => {
    const { delivery, application } = await lockForOperator(tx, ctx, input.deliveryId);
    checkVersion(delivery, input.expectedVersion);
    const state = deliveryLifecycle.step(delivery.state, 'abandon', deliveryActions(delivery, ctx)) as DeliveryState;
    const changed = await change(tx, Delivery, delivery, { state, abandonReason: reason });
    if (application.state === ApplicationState.UNDELIVERABLE) {
      await record(tx, application, 'abandonDelivery', ctx.principal);
      await announce(tx, application, 'application.internal', {});
    }
    return changed;
  });
}

/** The application is locked first, as everywhere, so that nobody waits in a circle. */
async function lockForOperator(
  tx: Tx,
  ctx: Context,
  id: string,
): Promise<{ delivery: Delivery; application: Application }> {
  await provenStaff(tx, ctx.principal, 'ops:deliveries');
  const [found]: { application_id: string }[] = await tx.query(`SELECT application_id FROM delivery WHERE id = $1`, [
    id,
  ]);
  const application = found && (await lockApplication(tx, found.application_id));
  const [delivery] = await rows(tx, Delivery, 'SELECT * FROM delivery WHERE id = $1 FOR UPDATE', [id]);
  if (!application || !delivery) throw notFound();
  return { delivery, application };
}

export interface UndeliverableArgs extends PageArgs {
  readonly authorityId: string | null;
}

/** Longest waiting first. */
export async function undeliverable(ctx: Context, args: UndeliverableArgs): Promise<Page<Delivery>> {
  if (!isOperator(ctx.asker)) throw forbidden();
  const where = `state = 'UNDELIVERABLE' AND ($1::uuid IS NULL OR authority_id = $1)`;
  return ctx.read(async tx => {
    const found = await page(
      tx,
      Delivery,
      {
        subgraph: 'applications',
        kind: 'undeliverable',
        sql: `SELECT * FROM delivery WHERE ${where}`,
        values: [args.authorityId],
        order: [
          { column: 'failed_at', cast: 'timestamptz' },
          { column: 'id', cast: 'uuid' },
        ],
      },
      args,
    );
    const [{ count }]: [{ count: number }] = await tx.query(
      `SELECT count(*)::int AS count FROM delivery WHERE ${where}`,
      [args.authorityId],
    );
    return { ...found, totalCount: count };
  });
}
