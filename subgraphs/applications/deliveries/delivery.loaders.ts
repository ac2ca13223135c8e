/** Batched loads of deliveries, and who may see them: staff who may see the application, and operators. */
import { batch, byKey, type Context, groupBy } from '../../../kernel/context';
import { rows, type Tx } from '../../../kernel/database/database';
import type { DeliveryAttempt } from '../../../kernel/graph/delivery.type';
import type { Principal } from '../../../kernel/principal';
import { applicationById } from '../application/application.loaders';
import { Delivery } from './delivery.entity';

export const isOperator = (asker: Principal): boolean =>
  asker.kind === 'service' || (asker.kind === 'staff' && asker.scopes.includes('ops:deliveries'));

export const deliveryById = batch<string, Delivery>(async (ids, ctx) => {
  const found = await ctx.read(tx => rows(tx, Delivery, 'SELECT * FROM delivery WHERE id = ANY($1)', [ids]));
  return byKey(await visible(found, ctx), delivery => delivery.id);
});

/** Oldest first. */
export const deliveriesOfApplication = batch<string, Delivery[]>(async (ids, ctx) => {
  const found = await ctx.read(tx =>
    rows(tx, Delivery, 'SELECT * FROM delivery WHERE application_id = ANY($1) ORDER BY id', [ids]),
  );
  return groupBy(await visible(found, ctx), delivery => delivery.applicationId);
});

async function visible(deliveries: readonly Delivery[], ctx: Context): Promise<Delivery[]> {
  if (isOperator(ctx.asker)) return [...deliveries];
  if (ctx.asker.kind !== 'staff') return [];
  const { asker } = ctx;
  const applications = await Promise.all(
    deliveries.map(({ applicationId }) => applicationById(ctx).load(applicationId)),
  );
  return deliveries.filter((delivery, i) => applications[i] != null && delivery.authorityId === asker.authorityId);
}

export const attemptsOfDelivery = batch<string, DeliveryAttempt[]>(async (ids, ctx) => {
  const found: AttemptRow[] = await ctx.read((tx: Tx) =>
    tx.query(
      `SELECT delivery_id, number, started_at AS "startedAt", ended_at AS "endedAt", succeeded, detail
       FROM delivery_attempt WHERE delivery_id = ANY($1) ORDER BY delivery_id, number`,
      [ids],
    ),
  );
  return groupBy(found, ({ delivery_id }) => delivery_id);
});

interface AttemptRow extends DeliveryAttempt {
  delivery_id: string;
}
