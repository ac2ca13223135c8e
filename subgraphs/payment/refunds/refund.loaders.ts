/** Refunds, batched; who may see the payment may see them. */
import { batch, byKey, groupBy } from '../../../kernel/context';
import { rows } from '../../../kernel/database/database';
import { paymentById } from '../payments/payment.loaders';
import { Refund } from './refund.entity';

export const refundById = batch<string, Refund>(async (ids, ctx) => {
  const found = await ctx.read(tx => rows(tx, Refund, 'SELECT * FROM refund WHERE id = ANY($1)', [ids]));
  const payments = await paymentById(ctx).loadMany(found.map(refund => refund.paymentId));
  return byKey(
    found.filter((_, i) => payments[i] !== null && !(payments[i] instanceof Error)),
    refund => refund.id,
  );
});

export const refundsOfPayment = batch<string, Refund[]>(async (ids, ctx) => {
  const found = await ctx.read(tx =>
    rows(tx, Refund, 'SELECT * FROM refund WHERE payment_id = ANY($1) ORDER BY requested_at, id', [ids]),
  );
  return groupBy(found, refund => refund.paymentId);
});
