/** Payments in the graph. */
import {
  Arg,
  Ctx,
  Directive,
  FieldResolver,
  ID,
  Int,
  Mutation,
  Query,
  Resolver,
  Root,
  Subscription,
} from 'type-graphql';
import type { Context } from '../../../kernel/context';
import { notFound } from '../../../kernel/errors';
import { euro, Money } from '../../../kernel/graph/money.type';
import { answer } from '../../../kernel/graph/refusal.type';
import { say } from '../../../kernel/language';
import { caseById } from '../cases/case.loaders';
import { PaymentItem, shownItem } from '../fees/item.type';
import { Application, Authority, Document } from '../foreign';
import {
  CancelPaymentPayload,
  ConfirmPaymentReturnPayload,
  Payment,
  PaymentChange,
  PaymentConnection,
  PaymentState,
  refundableOf,
  StartPaymentPayload,
} from './payment.entity';
import { CancelPaymentInput, ConfirmPaymentReturnInput, StartPaymentInput } from './payment.inputs';
import { PaymentEvent, watchPayments, watchToDecide } from './payment.live';
import { changesOfPayment, paymentById } from './payment.loaders';
import { paymentRights, possibleActions } from './payment.rights';
import { type CountedPage, cancelPayment, confirmPaymentReturn, findPayments, findToDecide } from './payment.service';
import { startPayment } from './payment.start';
import { isOpen, OWN_DETAILS } from './payment.states';

@Resolver(() => Payment)
export class PaymentResolver {
  @FieldResolver(() => Application, { nullable: true, description: 'The application.' })
  application(@Root() payment: Payment): Application {
    return { id: payment.applicationId };
  }

  @FieldResolver(() => Authority, { nullable: true, description: 'Who receives the money.' })
  authority(@Root() payment: Payment): Authority {
    return { id: payment.authorityId };
  }

  @FieldResolver(() => Boolean, { description: 'True when the payer can do nothing more.' })
  finished(@Root() payment: Payment): boolean {
    return !isOpen(payment);
  }

  @FieldResolver(() => String, { nullable: true, description: 'What the provider says, in words.' })
  stateDetail(@Root() payment: Payment, @Ctx() ctx: Context): string | null {
    const own = payment.stateDetail === null ? undefined : OWN_DETAILS[payment.stateDetail];
    return own ? say(own, ctx.language) : payment.stateDetail;
  }

  @FieldResolver(() => Money, { description: 'The amount.' })
  total(@Root() payment: Payment): Money {
    return euro(payment.totalMinor);
  }

  @FieldResolver(() => [PaymentItem], { description: 'The lines.' })
  items(@Root() payment: Payment): PaymentItem[] {
    return payment.items.map(shownItem);
  }

  @FieldResolver(() => String, {
    nullable: true,
    description: 'Where to send the browser; only for the payer, null when finished.',
  })
  async redirectUrl(@Root() payment: Payment, @Ctx() ctx: Context): Promise<string | null> {
    if (!isOpen(payment)) return null;
    const one = await caseById(ctx).load(payment.applicationId);
    return paymentRights.maySeePart('redirectUrl', { payment, one }, ctx.asker) ? payment.providerUrl : null;
  }

  @FieldResolver(() => Document, { nullable: true, description: 'The receipt as a file (Quittung).' })
  receipt(@Root() payment: Payment): Document | null {
    return payment.receiptDocumentId === null ? null : { id: payment.receiptDocumentId };
  }

  @FieldResolver(() => Money, { description: 'How much can still be refunded.' })
  refundable(@Root() payment: Payment): Money {
    return euro(refundableOf(payment));
  }

  @FieldResolver(() => [PaymentChange], { description: 'Every change of state, oldest first.' })
  async changes(@Root() payment: Payment, @Ctx() ctx: Context): Promise<PaymentChange[]> {
    return (await changesOfPayment(ctx).load(payment.id)) ?? [];
  }

  @FieldResolver(() => [String], { description: 'Names of the mutations the asker may call on this object now.' })
  async possibleActions(@Root() payment: Payment, @Ctx() ctx: Context): Promise<string[]> {
    return possibleActions(payment, await caseById(ctx).load(payment.applicationId), ctx.asker);
  }

  @Directive('@authenticated')
  @Query(() => Payment, { nullable: true, description: 'One payment the asker may see.' })
  async payment(
    @Arg('id', () => ID, { description: 'The payment.' }) id: string,
    @Ctx() ctx: Context,
  ): Promise<Payment> {
    const payment = await paymentById(ctx).load(id);
    if (!payment) throw notFound();
    return payment;
  }

  @Directive('@requiresScopes(scopes: [["payment:read"]])')
  @Query(() => PaymentConnection, { nullable: true, description: 'Payments of an authority.' })
  payments(
    @Arg('authorityId', () => ID, { description: 'The authority.' }) authorityId: string,
    @Arg('states', () => [PaymentState], { nullable: true, description: 'Only these states.' })
    states: PaymentState[] | null,
    @Arg('cashReference', () => String, { nullable: true, description: 'Only with this reference (Kassenzeichen).' })
    cashReference: string | null,
    @Arg('first', () => Int, { nullable: true, defaultValue: 20, description: 'How many at most, 1 to 100.' })
    first: number,
    @Arg('after', () => String, { nullable: true, description: 'Start after this cursor.' }) after: string | null,
    @Ctx() ctx: Context,
  ) {
    return findPayments(ctx, { authorityId, states, cashReference, first, after });
  }

  @Directive('@requiresScopes(scopes: [["payment:reconcile"]])')
  @Query(() => PaymentConnection, {
    nullable: true,
    description: 'Payments that need a human decision (Klärungsfälle).',
  })
  reconciliationQueue(
    @Arg('authorityId', () => ID, { nullable: true, description: 'Only this authority.' }) authorityId: string | null,
    @Arg('first', () => Int, { nullable: true, defaultValue: 20, description: 'How many at most, 1 to 100.' })
    first: number,
    @Arg('after', () => String, { nullable: true, description: 'Start after this cursor.' }) after: string | null,
    @Ctx() ctx: Context,
  ) {
    return findToDecide(ctx, { authorityId, first, after });
  }

  @Directive('@authenticated')
  @Mutation(() => StartPaymentPayload, {
    nullable: true,
    description: 'Begins a payment of what is due for an application.',
  })
  startPayment(
    @Arg('input', () => StartPaymentInput, { description: 'What is to be done.' }) input: StartPaymentInput,
    @Ctx() ctx: Context,
  ) {
    return answer(ctx, 'payment', () => startPayment(ctx, input));
  }

  @Directive('@authenticated')
  @Mutation(() => ConfirmPaymentReturnPayload, {
    nullable: true,
    description: 'Asks the provider how the payment ended; the return of the browser alone proves nothing.',
  })
  confirmPaymentReturn(
    @Arg('input', () => ConfirmPaymentReturnInput, { description: 'What is to be done.' })
    input: ConfirmPaymentReturnInput,
    @Ctx() ctx: Context,
  ) {
    return answer(ctx, 'payment', () => confirmPaymentReturn(ctx, input));
  }

  @Directive('@authenticated')
  @Mutation(() => CancelPaymentPayload, { nullable: true, description: 'Gives up a payment that is not finished.' })
  cancelPayment(
    @Arg('input', () => CancelPaymentInput, { description: 'What is to be done.' }) input: CancelPaymentInput,
    @Ctx() ctx: Context,
  ) {
    return answer(ctx, 'payment', () => cancelPayment(ctx, input));
  }
}

@Resolver(() => PaymentConnection)
export class PaymentConnectionResolver {
  @FieldResolver(() => Int, {
    nullable: true,
    description: 'How many there are in all; null when counting would be costly.',
  })
  totalCount(@Root() list: CountedPage): Promise<number | null> {
    return list.count();
  }
}

@Resolver(() => PaymentEvent)
export class PaymentEventResolver {
  @FieldResolver(() => Payment, { nullable: true, description: 'The payment.' })
  payment(@Root() event: PaymentEvent, @Ctx() ctx: Context): Promise<Payment | null> {
    return paymentById(ctx).load(event.paymentId);
  }

  @Directive('@authenticated')
  @Subscription(() => PaymentEvent, {
    description: 'What happens to the payments of one application.',
    subscribe: ({ args, context }) =>
      watchPayments(context as Context, args as { applicationId: string; after: string | null }) as never,
  })
  paymentChanged(
    @Root() event: PaymentEvent,
    @Arg('applicationId', () => ID, { description: 'The application.' }) _applicationId: string,
    @Arg('after', () => String, {
      nullable: true,
      description: 'Resume after this event cursor; without it only new events come.',
    })
    _after: string | null,
  ): PaymentEvent {
    return event;
  }

  @Directive('@requiresScopes(scopes: [["payment:reconcile"]])')
  @Subscription(() => PaymentEvent, {
    description: 'New cases for reconciliation in an authority.',
    subscribe: ({ args, context }) =>
      watchToDecide(context as Context, args as { authorityId: string | null; after: string | null }) as never,
  })
  reconciliationQueueChanged(
    @Root() event: PaymentEvent,
    @Arg('authorityId', () => ID, {
      nullable: true,
      description: 'Only this authority; operators may leave it out.',
    })
    _authorityId: string | null,
    @Arg('after', () => String, {
      nullable: true,
      description: 'Resume after this event cursor; without it only new events come.',
    })
    _after: string | null,
  ): PaymentEvent {
    return event;
  }
}
