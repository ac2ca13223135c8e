/** Refunds and reconciliation in the graph. */
import { Arg, Ctx, Directive, FieldResolver, Mutation, Resolver, Root } from 'type-graphql';
import type { Context } from '../../../kernel/context';
import { notFound } from '../../../kernel/errors';
import { euro, Money } from '../../../kernel/graph/money.type';
import { answer } from '../../../kernel/graph/refusal.type';
import { Payment } from '../payments/payment.entity';
import { paymentById } from '../payments/payment.loaders';
import { Refund, RefundPaymentPayload, ResolveReconciliationPayload } from './refund.entity';
import { RefundPaymentInput, ResolveReconciliationInput } from './refund.inputs';
import { refundsOfPayment } from './refund.loaders';
import { refundPayment, resolveReconciliation } from './refund.service';

@Resolver(() => Refund)
export class RefundResolver {
  @FieldResolver(() => Payment, { description: 'The payment.' })
  async payment(@Root() refund: Refund, @Ctx() ctx: Context): Promise<Payment> {
    const payment = await paymentById(ctx).load(refund.paymentId);
    if (!payment) throw notFound();
    return payment;
  }

  @FieldResolver(() => Money, { description: 'How much.' })
  amount(@Root() refund: Refund): Money {
    return euro(refund.amountMinor);
  }

  @Directive('@requiresScopes(scopes: [["payment:refund"]])')
  @Mutation(() => RefundPaymentPayload, {
    nullable: true,
    description: 'Gives money back; a stale expectedRefundable is refused.',
  })
  refundPayment(
    @Arg('input', () => RefundPaymentInput, { description: 'What is to be done.' }) input: RefundPaymentInput,
    @Ctx() ctx: Context,
  ) {
    return answer(ctx, 'refund', () => refundPayment(ctx, input));
  }

  @Directive('@requiresScopes(scopes: [["payment:reconcile"]])')
  @Mutation(() => ResolveReconciliationPayload, { nullable: true, description: 'Decides a case of reconciliation.' })
  resolveReconciliation(
    @Arg('input', () => ResolveReconciliationInput, { description: 'What is to be done.' })
    input: ResolveReconciliationInput,
    @Ctx() ctx: Context,
  ) {
    return answer(ctx, 'payment', () => resolveReconciliation(ctx, input));
  }
}

@Resolver(() => Payment)
export class PaymentRefundsResolver {
  @FieldResolver(() => [Refund], { description: 'The refunds.' })
  async refunds(@Root() payment: Payment, @Ctx() ctx: Context): Promise<Refund[]> {
    return (await refundsOfPayment(ctx).load(payment.id)) ?? [];
  }
}
