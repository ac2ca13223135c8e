/** Payments the asker may see, batched; each reading by staff is noted for the applicant's access log. */
import { batch, byKey, type Context, groupBy } from '../../../kernel/context';
import { rows } from '../../../kernel/database/database';
import type { Case } from '../cases/case.entity';
import { caseById } from '../cases/case.loaders';
import { Payment, PaymentChange } from './payment.entity';
import { mayReadPayment } from './payment.rights';

export const paymentById = batch<string, Payment>(async (ids, ctx) => {
  const found = await ctx.read(tx => rows(tx, Payment, 'SELECT * FROM payment WHERE id = ANY($1)', [ids]));
  return byKey(await visible(ctx, found), payment => payment.id);
});

/** Newest first; nothing for a case of which the asker may see neither it nor any payment. */
export const paymentsOfCase = batch<string, Payment[]>(async (ids, ctx) => {
  const [cases, found] = await Promise.all([
    caseById(ctx).loadMany(ids),
    ctx.read(tx =>
      rows(tx, Payment, 'SELECT * FROM payment WHERE application_id = ANY($1) ORDER BY started_at DESC, id DESC', [
        ids,
      ]),
    ),
  ]);
  const groups: Map<string, Payment[]> = groupBy(await visible(ctx, found), payment => payment.applicationId);
  for (const [i, id] of ids.entries()) if (cases[i] && !groups.has(id)) groups.set(id, []);
  return groups;
});

export const changesOfPayment = batch<string, PaymentChange[]>(async (ids, ctx) => {
  const found = await ctx.read(tx =>
    rows(tx, PaymentChange, 'SELECT * FROM payment_change WHERE payment_id = ANY($1) ORDER BY id', [ids]),
  );
  return groupBy(found, change => change.paymentId);
});

/** Those of the payments the asker may see. */
export async function visible(ctx: Context, payments: readonly Payment[]): Promise<Payment[]> {
  const ids = [...new Set(payments.map(payment => payment.applicationId))];
  const cases = new Map<string, Case | null>();
  const loaded = await caseById(ctx).loadMany(ids);
  for (const [i, id] of ids.entries()) {
    const one = loaded[i];
    if (one instanceof Error) throw one;
    cases.set(id, one ?? null);
  }
  return payments.filter(payment => {
    const one = cases.get(payment.applicationId) ?? null;
    if (!mayReadPayment(payment, one, ctx.asker)) return false;
    const { id, accountId, applicationId, cashReference } = payment;
    const purpose = one?.reference ?? cashReference;
    ctx.accessed({ accountId, applicationId, subjectType: 'Payment', subjectId: id, action: 'read', purpose });
    return true;
  });
}
