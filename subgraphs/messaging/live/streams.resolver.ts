/** The live streams in the graph. */
import { Arg, Ctx, Directive, FieldResolver, ID, Resolver, Root, Subscription } from 'type-graphql';
import type { Context } from '../../../kernel/context';
import { MessageDelivery } from '../deliveries/delivery.entity';
import { deliveryById } from '../deliveries/delivery.loaders';
import { Message } from '../messages/message.entity';
import { messageById } from '../messages/message.loaders';
import { MessageEvent } from './message-event.type';
import { authorityEvents, mailboxEvents, undeliverableEvents } from './streams.service';

const AFTER = {
  nullable: true,
  description: 'Resume after this event cursor; without it only new events come.',
} as const;

@Resolver(() => MessageEvent)
export class StreamsResolver {
  @FieldResolver(() => Message, { nullable: true, description: 'The message; null when the asker may not read it.' })
  message(@Root() event: MessageEvent, @Ctx() ctx: Context): Promise<Message | null> {
    return messageById(ctx).load(event.messageId);
  }

  @Directive('@requiresScopes(scopes: [["staff:read"], ["ops:deliveries"]])')
  @FieldResolver(() => MessageDelivery, { nullable: true, description: 'The delivery, for UNDELIVERABLE.' })
  async delivery(@Root() event: MessageEvent, @Ctx() ctx: Context): Promise<MessageDelivery | null> {
    return event.deliveryId === null ? null : deliveryById(ctx).load(event.deliveryId);
  }

  @Directive('@authenticated')
  @Subscription(() => MessageEvent, {
    description: 'What happens in the mailbox of the account the asker acts for.',
    subscribe: ({ args, context }) => mailboxEvents(context as Context, (args as { after?: string }).after) as never,
  })
  mailboxChanged(@Root() event: MessageEvent, @Arg('after', () => String, AFTER) _after: string | null): MessageEvent {
    return event;
  }

  @Directive('@requiresScopes(scopes: [["staff:read"]])')
  @Subscription(() => MessageEvent, {
    description: 'Messages to and from the cases of an authority.',
    subscribe: ({ args, context }) =>
      authorityEvents(
        context as Context,
        args as { authorityId: string; applicationId?: string; after?: string },
      ) as never,
  })
  authorityThreadsChanged(
    @Root() event: MessageEvent,
    @Arg('after', () => String, AFTER) _after: string | null,
    @Arg('applicationId', () => ID, { nullable: true, description: 'Only this application.' })
    _applicationId: string | null,
    @Arg('authorityId', () => ID, { description: 'The authority.' }) _authorityId: string,
  ): MessageEvent {
    return event;
  }

  @Directive('@requiresScopes(scopes: [["ops:deliveries"]])')
  @Subscription(() => MessageEvent, {
    description: 'Deliveries that failed for good, for operators.',
    subscribe: ({ args, context }) =>
      undeliverableEvents(context as Context, (args as { after?: string }).after) as never,
  })
  undeliverableMessagesChanged(
    @Root() event: MessageEvent,
    @Arg('after', () => String, AFTER) _after: string | null,
  ): MessageEvent {
    return event;
  }
}
