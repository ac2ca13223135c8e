/** What the payer does with a payment that has begun, and the lists of payments. */
import type { Context } from '../../../kernel/context';
import { rows, type Tx } from '../../../kernel/database/database';
import { forbidden, notFound } from '../../../kernel/errors';
import { provenPerson } from '../../../kernel/membership';
import { type Page, type PageArgs, page } from '../../../kernel/page';
import { checkVersion } from '../../../kernel/version';
import { Case } from '../cases/case.entity';
import { isApplicant } from '../cases/case.rights';
import { ProviderRefused, ProviderUnavailable } from '../providers/provider';
import { refuse } from '../refusals';
import { Payment, type PaymentState, type ReconciliationState } from './payment.entity';
import type { CancelPaymentInput, ConfirmPaymentReturnInput } from './payment.inputs';
import { visible } from './payment.loaders';
import { lockPayment, move } from './payment.outcome';
import { look } from './payment.provider';
import { mayReadPayment } from './payment.rights';
import { reachProvider } from './payment.start';
import { isOpen, TO_DECIDE } from './payment.states';

/** Harmless to repeat. Also finds money that came for a payment which had ended without. */
export async function confirmPaymentReturn(ctx: Context, input: ConfirmPaymentReturnInput): Promise<Payment> {
  const payment = await ctx.write(tx => payersPayment(tx, ctx, input.paymentId));
  if (payment.paidMinor !== null) return payment;
  return asked(ctx, payment);
}

/** The provider is asked first: what was paid in the meantime cannot be given up. */
export async function cancelPayment(ctx: Context, input: CancelPaymentInput): Promise<Payment> {
  const payment = await ctx.write(tx => payersPayment(tx, ctx, input.paymentId));
  checkVersion(payment, input.expectedVersion);
  if (isOpen(payment) && payment.providerTransactionId !== null) await asked(ctx, payment);
  return ctx.write(async tx => {
    const locked = await lockPayment(tx, input.paymentId);
    await provenPerson(tx, ctx.principal, locked.one.leikaKey);
    checkVersion(locked.payment, input.expectedVersion);
    if (!isOpen(locked.payment)) throw refuse('INVALID_TRANSITION', { stored: locked.payment });
    return move(tx, locked, 'cancel', { stateDetail: 'GIVEN_UP' });
  });
}

/** @throws Refusal TRY_AGAIN or PROVIDER_REFUSED with what is stored */
async function asked(ctx: Context, payment: Payment): Promise<Payment> {
  try {
    return await look(ctx.db, await reachProvider(ctx, payment));
  } catch (error) {
    if (error instanceof ProviderUnavailable) throw refuse('TRY_AGAIN', { stored: payment });
    if (error instanceof ProviderRefused) throw refuse('PROVIDER_REFUSED', { stored: payment });
    throw error;
  }
}

/** @throws NOT_FOUND, or FORBIDDEN to those who may only look */
async function payersPayment(tx: Tx, ctx: Context, id: string): Promise<Payment> {
  const [payment] = await rows(tx, Payment, 'SELECT * FROM payment WHERE id = $1', [id]);
  if (!payment) throw notFound();
  const [one] = await rows(tx, Case, 'SELECT * FROM application WHERE id = $1', [payment.applicationId]);
  if (!mayReadPayment(payment, one ?? null, ctx.principal)) throw notFound();
  if (!one || !isApplicant(one, ctx.principal)) throw forbidden();
  await provenPerson(tx, ctx.principal, one.leikaKey);
  return payment;
}

/** A page that can be counted when somebody asks. */
export interface CountedPage extends Page<Payment> {
  readonly count: () => Promise<number | null>;
}

const MOST_COUNTED = 10_000;

async function listOf(
  ctx: Context,
  args: PageArgs,
  list: { kind: string; where: string; values: unknown[]; order: 'newest' | 'held' },
): Promise<CountedPage> {
  const { kind, where, values } = list;
  const found = await ctx.read(tx =>
    page(
      tx,
      Payment,
      {
        subgraph: 'payment',
        kind,
        sql: `SELECT payment.* FROM payment WHERE ${where}`,
        values,
        order:
          list.order === 'newest'
            ? [
                { column: 'started_at', cast: 'timestamptz', desc: true },
                { column: 'id', cast: 'uuid', desc: true },
              ]
            : [
                { column: 'held_back_at', cast: 'timestamptz' },
                { column: 'id', cast: 'uuid' },
              ],
      },
      args,
    ),
  );
  // the list holds only what the asker's authority receives; here the reading is noted, and the rule holds once more
  const seen = new Set(await visible(ctx, found.nodes));
  const edges = found.edges.filter(edge => seen.has(edge.node));
  return {
    ...found,
    edges,
    nodes: edges.map(edge => edge.node),
    count: () =>
      ctx.read(async tx => {
        const [row]: { count: number }[] = await tx.query(
          `SELECT count(*)::int AS count FROM (SELECT FROM payment WHERE ${where} LIMIT ${MOST_COUNTED + 1}) AS list`,
          values,
        );
        return row!.count > MOST_COUNTED ? null : row!.count;
      }),
  };
}

/** @throws NOT_FOUND for another authority than the asker's */
export function findPayments(
  ctx: Context,
  args: PageArgs & { authorityId: string; states?: PaymentState[] | null; cashReference?: string | null },
): Promise<CountedPage> {
  const { asker } = ctx;
  if (asker.kind !== 'staff' || asker.authorityId !== args.authorityId) throw notFound();
  const values: unknown[] = [args.authorityId];
  let where = 'authority_id = $1';
  if (args.states) where += ` AND state = ANY($${values.push(args.states)})`;
  if (args.cashReference) where += ` AND cash_reference = $${values.push(args.cashReference)}`;
  return listOf(ctx, args, { kind: 'payments', where, values, order: 'newest' });
}

/** What waits for a decision in the asker's authority, longest waiting first. @throws NOT_FOUND for another one */
export function findToDecide(ctx: Context, args: PageArgs & { authorityId?: string | null }): Promise<CountedPage> {
  const { asker } = ctx;
  if (asker.kind !== 'staff' || (args.authorityId && args.authorityId !== asker.authorityId)) throw notFound();
  const states = TO_DECIDE.map(state => `'${state satisfies keyof typeof ReconciliationState}'`).join(', ');
  const where = `authority_id = $1 AND reconciliation IN (${states})`;
  return listOf(ctx, args, { kind: 'reconciliation', where, values: [asker.authorityId], order: 'held' });
}
