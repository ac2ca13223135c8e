/** Batched loads of deliveries; only those the asker may see. */
import { batch, byKey, type Context, groupBy } from '../../../kernel/context';
import { rows, type Tx } from '../../../kernel/database/database';
import type { DeliveryAttempt } from '../../../kernel/graph/delivery.type';
import { applicationById } from '../application/application.loaders';
import { Delivery } from './delivery.entity';
import { deliveryRights, isOperator } from './delivery.rights';

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
  const { asker } = ctx;
  const seen = isOperator(asker)
    ? [] // they see no case, and need none
    : await Promise.all(deliveries.map(({ applicationId }) => applicationById(ctx).load(applicationId)));
  return deliveries.filter(({ authorityId }, i) =>
    deliveryRights.maySee({ authorityId, seesCase: seen[i] != null }, asker),
  );
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
