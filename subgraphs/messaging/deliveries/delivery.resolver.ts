/** Deliveries in the graph. */
import { Arg, Ctx, Directive, FieldResolver, ID, Int, Mutation, Query, Resolver, Root } from 'type-graphql';
import type { Context } from '../../../kernel/context';
import { forbidden } from '../../../kernel/errors';
import { DeliveryAttempt, DeliveryState } from '../../../kernel/graph/delivery.type';
import { answer, type Payload } from '../../../kernel/graph/refusal.type';
import { DateTimeScalar } from '../../../kernel/graph/scalars';
import type { Page } from '../../../kernel/page';
import { Authority } from '../foreign';
import { Message } from '../messages/message.entity';
import { messageById } from '../messages/message.loaders';
import {
  AbandonMessageDeliveryPayload,
  MessageDelivery,
  MessageDeliveryConnection,
  RetryMessageDeliveryPayload,
} from './delivery.entity';
import { AbandonMessageDeliveryInput, RetryMessageDeliveryInput } from './delivery.inputs';
import { attemptsByDelivery, undeliverable } from './delivery.loaders';
import { isOperator } from './delivery.rights';
import { abandonDelivery, operatorActions, retryDelivery } from './delivery.service';

const WAITING: readonly DeliveryState[] = [DeliveryState.PENDING, DeliveryState.RETRYING];

@Resolver(() => MessageDelivery)
export class MessageDeliveryResolver {
  @FieldResolver(() => Message, {
    nullable: true,
    description: 'The message; null for operators, who may not read it.',
  })
  message(@Root() delivery: MessageDelivery, @Ctx() ctx: Context): Promise<Message | null> {
    return messageById(ctx).load(delivery.messageId);
  }

  @FieldResolver(() => Authority, { nullable: true, description: 'The authority whose case it is about.' })
  authority(@Root() delivery: MessageDelivery): Authority {
    return { id: delivery.authorityId };
  }

  @FieldResolver(() => [DeliveryAttempt], { description: 'The attempts so far.' })
  async attempts(@Root() delivery: MessageDelivery, @Ctx() ctx: Context): Promise<DeliveryAttempt[]> {
    return (await attemptsByDelivery(ctx).load(delivery.id)) ?? [];
  }

  @FieldResolver(() => DateTimeScalar, { nullable: true, description: 'When the next attempt is due.' })
  nextAttemptAt(@Root() delivery: MessageDelivery): Date | null {
    return WAITING.includes(delivery.state) ? delivery.dueAt : null;
  }

  @FieldResolver(() => [String], { description: 'Names of the mutations the asker may call on this object now.' })
  possibleActions(@Root() delivery: MessageDelivery, @Ctx() ctx: Context): string[] {
    return isOperator(ctx.asker) ? operatorActions(delivery.state) : [];
  }

  @Directive('@requiresScopes(scopes: [["ops:deliveries"]])')
  @Query(() => MessageDeliveryConnection, {
    nullable: true,
    description: 'Messages whose delivery has failed for good (dead letters).',
  })
  undeliverableMessages(
    @Ctx() ctx: Context,
    @Arg('after', () => String, { nullable: true, description: 'Start after this cursor.' }) after: string | null,
    @Arg('first', () => Int, { nullable: true, defaultValue: 20, description: 'How many at most, 1 to 100.' })
    first: number,
    @Arg('authorityId', () => ID, { nullable: true, description: 'Only this authority.' }) authorityId: string | null,
  ): Promise<Page<MessageDelivery>> {
    if (!isOperator(ctx.asker)) throw forbidden();
    return ctx.read(tx => undeliverable(tx, authorityId ?? null, { first, after }));
  }

  @Directive('@requiresScopes(scopes: [["ops:deliveries"]])')
  @Mutation(() => RetryMessageDeliveryPayload, { nullable: true, description: 'Starts a new round of attempts.' })
  retryMessageDelivery(
    @Ctx() ctx: Context,
    @Arg('input', () => RetryMessageDeliveryInput, { description: 'What is to be done.' })
    input: RetryMessageDeliveryInput,
  ): Promise<Payload> {
    return answer(ctx, 'messageDelivery', () => retryDelivery(ctx, input));
  }

  @Directive('@requiresScopes(scopes: [["ops:deliveries"]])')
  @Mutation(() => AbandonMessageDeliveryPayload, { nullable: true, description: 'Gives up a delivery for good.' })
  abandonMessageDelivery(
    @Ctx() ctx: Context,
    @Arg('input', () => AbandonMessageDeliveryInput, { description: 'What is to be done.' })
    input: AbandonMessageDeliveryInput,
  ): Promise<Payload> {
    return answer(ctx, 'messageDelivery', async () => abandonDelivery(ctx, input));
  }
}
