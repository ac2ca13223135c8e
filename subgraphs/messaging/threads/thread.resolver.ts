/** Threads in the graph. */
import { Arg, Ctx, Directive, FieldResolver, ID, Int, Mutation, Query, Resolver, Root } from 'type-graphql';
import type { Context } from '../../../kernel/context';
import { notFound } from '../../../kernel/errors';
import { answer, type Payload } from '../../../kernel/graph/refusal.type';
import { DateTimeScalar } from '../../../kernel/graph/scalars';
import type { Page } from '../../../kernel/page';
import { isOpenForMessages } from '../cases/case.entity';
import { caseByApplication } from '../cases/case.loaders';
import { Application } from '../foreign';
import { type Message, MessageConnection } from '../messages/message.entity';
import { messagesOfThread } from '../messages/message.loaders';
import { mayWrite, sideOf } from '../rights';
import { MarkThreadReadPayload, Thread, ThreadConnection } from './thread.entity';
import { MarkThreadReadInput } from './thread.inputs';
import { noteReading, threadByApplication, threadById, threadsOfAuthority, unreadByThread } from './thread.loaders';
import { markThreadRead } from './thread.service';

@Resolver(() => Thread)
export class ThreadResolver {
  @FieldResolver(() => Application, { nullable: true, description: 'The application.' })
  application(@Root() thread: Thread): Application {
    return { id: thread.applicationId };
  }

  @FieldResolver(() => MessageConnection, { description: 'The messages, newest first.' })
  messages(
    @Ctx() ctx: Context,
    @Root() thread: Thread,
    @Arg('after', () => String, { nullable: true, description: 'Start after this cursor.' }) after: string | null,
    @Arg('first', () => Int, { nullable: true, defaultValue: 20, description: 'How many at most, 1 to 100.' })
    first: number,
  ): Promise<Page<Message>> {
    return messagesOfThread(ctx, thread, { first, after });
  }

  @FieldResolver(() => Int, { description: "How many messages the asker's side has not read." })
  async unreadCount(@Root() thread: Thread, @Ctx() ctx: Context): Promise<number> {
    return (await unreadByThread(ctx).load(thread.id)) ?? 0;
  }

  @FieldResolver(() => DateTimeScalar, { description: 'When the last message came.' })
  lastMessageAt(@Root() thread: Thread, @Ctx() ctx: Context): Date {
    return sideOf(ctx.asker) === 'APPLICANT' && thread.lastAvailableAt ? thread.lastAvailableAt : thread.lastMessageAt;
  }

  @FieldResolver(() => [String], { description: 'Names of the mutations the asker may call on this object now.' })
  async possibleActions(@Root() thread: Thread, @Ctx() ctx: Context): Promise<string[]> {
    if (!mayWrite(thread, ctx.asker)) return [];
    const about = await caseByApplication(ctx).load(thread.applicationId);
    return about && isOpenForMessages(about) ? ['sendMessage', 'markThreadRead'] : ['markThreadRead'];
  }

  @Directive('@authenticated')
  @Query(() => Thread, { nullable: true, description: 'One thread the asker takes part in.' })
  async thread(@Ctx() ctx: Context, @Arg('id', () => ID, { description: 'The thread.' }) id: string): Promise<Thread> {
    const thread = await threadById(ctx).load(id);
    if (!thread) throw notFound();
    return thread;
  }

  @Directive('@requiresScopes(scopes: [["staff:read"]])')
  @Query(() => ThreadConnection, {
    nullable: true,
    description: "Threads of an authority's cases, newest message first.",
  })
  async authorityThreads(
    @Ctx() ctx: Context,
    @Arg('after', () => String, { nullable: true, description: 'Start after this cursor.' }) after: string | null,
    @Arg('first', () => Int, { nullable: true, defaultValue: 20, description: 'How many at most, 1 to 100.' })
    first: number,
    @Arg('awaitingReply', () => Boolean, {
      nullable: true,
      defaultValue: false,
      description: 'Only those whose last message came from the applicant.',
    })
    awaitingReply: boolean,
    @Arg('authorityId', () => ID, { description: 'The authority.' }) authorityId: string,
  ): Promise<Page<Thread>> {
    const { asker } = ctx;
    if (asker.kind !== 'staff' || sideOf(asker) === null || asker.authorityId !== authorityId) throw notFound();
    const threads = await ctx.read(tx => threadsOfAuthority(tx, authorityId, awaitingReply, { first, after }));
    await noteReading(ctx, threads.nodes);
    return threads;
  }

  @Directive('@authenticated')
  @Mutation(() => MarkThreadReadPayload, { nullable: true, description: "Marks messages as read by the asker's side." })
  markThreadRead(
    @Ctx() ctx: Context,
    @Arg('input', () => MarkThreadReadInput, { description: 'What is to be done.' }) input: MarkThreadReadInput,
  ): Promise<Payload> {
    return answer(ctx, 'thread', () => markThreadRead(ctx, input));
  }
}

@Resolver(() => Application)
export class ApplicationResolver {
  @Directive('@authenticated')
  @FieldResolver(() => Thread, { nullable: true, description: 'The conversation about this application.' })
  thread(@Root() application: Application, @Ctx() ctx: Context): Promise<Thread | null> {
    return threadByApplication(ctx).load(application.id);
  }
}
