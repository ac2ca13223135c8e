/** Messages in the graph; what a low trust level hides is hidden here and nowhere else. */
import { Arg, Ctx, Directive, FieldResolver, ID, Mutation, Query, Resolver, Root } from 'type-graphql';
import type { Context } from '../../../kernel/context';
import { notFound } from '../../../kernel/errors';
import { answer, type Payload } from '../../../kernel/graph/refusal.type';
import { MessageDelivery } from '../deliveries/delivery.entity';
import { deliveriesByMessage } from '../deliveries/delivery.loaders';
import { Document, StaffMember } from '../foreign';
import { sideOf } from '../rights';
import { Thread } from '../threads/thread.entity';
import { threadById } from '../threads/thread.loaders';
import { messageRights } from '../threads/thread.rights';
import { Message, SendMessagePayload } from './message.entity';
import { SendMessageInput } from './message.inputs';
import { messageById } from './message.loaders';
import { sendMessage } from './message.service';

const showsContent = (message: Message, ctx: Context): boolean =>
  messageRights.maySeePart('content', { message, thread: null }, ctx.asker);

@Resolver(() => Message)
export class MessageResolver {
  @FieldResolver(() => Thread, { description: 'The conversation.' })
  thread(@Root() message: Message, @Ctx() ctx: Context): Promise<Thread | null> {
    return threadById(ctx).load(message.threadId);
  }

  @Directive('@requiresScopes(scopes: [["staff:read"]])')
  @FieldResolver(() => StaffMember, { nullable: true, description: 'The writer, when staff; only for staff.' })
  staffMember(@Root() message: Message, @Ctx() ctx: Context): StaffMember | null {
    return message.staffMemberId && sideOf(ctx.asker) === 'AUTHORITY' ? { id: message.staffMemberId } : null;
  }

  @FieldResolver(() => String, {
    nullable: true,
    description: "The text; null for an applicant whose session's trust level is too low.",
  })
  body(@Root() message: Message, @Ctx() ctx: Context): string | null {
    return showsContent(message, ctx) ? message.body : null;
  }

  @FieldResolver(() => [Document], {
    nullable: 'items',
    description: "The attached files; empty for an applicant whose session's trust level is too low.",
  })
  attachments(@Root() message: Message, @Ctx() ctx: Context): Document[] {
    return showsContent(message, ctx) ? message.documentIds.map(id => ({ id })) : [];
  }

  @Directive('@requiresScopes(scopes: [["staff:read"], ["ops:deliveries"]])')
  @FieldResolver(() => [MessageDelivery], {
    nullable: true,
    description: 'How it is being delivered; only for staff and operators.',
  })
  async deliveries(@Root() message: Message, @Ctx() ctx: Context): Promise<MessageDelivery[] | null> {
    if (sideOf(ctx.asker) !== 'AUTHORITY') return null;
    return (await deliveriesByMessage(ctx).load(message.id)) ?? [];
  }

  @Directive('@authenticated')
  @Query(() => Message, { nullable: true, description: 'One message the asker may read.' })
  async message(
    @Ctx() ctx: Context,
    @Arg('id', () => ID, { description: 'The message.' }) id: string,
  ): Promise<Message> {
    const message = await messageById(ctx).load(id);
    if (!message) throw notFound();
    return message;
  }

  @Directive('@authenticated')
  @Mutation(() => SendMessagePayload, { nullable: true, description: 'Writes to the other side of an application.' })
  sendMessage(
    @Ctx() ctx: Context,
    @Arg('input', () => SendMessageInput, { description: 'What is to be done.' }) input: SendMessageInput,
  ): Promise<Payload> {
    return answer(ctx, 'message', () => sendMessage(ctx, input));
  }
}
