/** The mailbox in the graph. */
import { Arg, Ctx, Directive, FieldResolver, Int, Query, Resolver, Root } from 'type-graphql';
import type { Context } from '../../../kernel/context';
import { notFound } from '../../../kernel/errors';
import type { Page } from '../../../kernel/page';
import { Account } from '../foreign';
import { NotificationPreferences } from '../notifications/notification.entity';
import { preferencesSeenBy } from '../notifications/notification.loaders';
import { type Thread, ThreadConnection } from '../threads/thread.entity';
import { threadsInMailbox, unreadInMailbox } from '../threads/thread.loaders';
import { mailboxRights } from './mailbox.rights';
import { Mailbox, mailboxOf } from './mailbox.type';

@Resolver(() => Mailbox)
export class MailboxResolver {
  @FieldResolver(() => Account, { nullable: true, description: 'Whose it is.' })
  account(@Root() mailbox: Mailbox): Account {
    return { id: mailbox.holder.actingFor };
  }

  @FieldResolver(() => Int, { description: 'How many messages are unread.' })
  unreadCount(@Root() mailbox: Mailbox, @Ctx() ctx: Context): Promise<number> {
    return ctx.read(tx => unreadInMailbox(tx, mailbox.holder));
  }

  @FieldResolver(() => ThreadConnection, { description: 'The conversations, newest first.' })
  threads(
    @Ctx() ctx: Context,
    @Root() mailbox: Mailbox,
    @Arg('after', () => String, { nullable: true, description: 'Start after this cursor.' }) after: string | null,
    @Arg('first', () => Int, { nullable: true, defaultValue: 20, description: 'How many at most, 1 to 100.' })
    first: number,
    @Arg('unreadOnly', () => Boolean, {
      nullable: true,
      defaultValue: false,
      description: 'Only with unread messages.',
    })
    unreadOnly: boolean,
  ): Promise<Page<Thread>> {
    return ctx.read(tx => threadsInMailbox(tx, mailbox.holder, unreadOnly, { first, after }));
  }

  @FieldResolver(() => NotificationPreferences, { description: 'How the account wants to be told of new messages.' })
  notificationPreferences(@Root() mailbox: Mailbox, @Ctx() ctx: Context): Promise<NotificationPreferences> {
    return ctx.read(tx => preferencesSeenBy(tx, mailbox.holder));
  }

  @Directive('@authenticated')
  @Query(() => Mailbox, { nullable: true, description: 'The mailbox of the account the asker acts for.' })
  mailbox(@Ctx() ctx: Context): Mailbox {
    const mailbox = mailboxOf(ctx.asker);
    if (!mailbox) throw notFound();
    return mailbox;
  }
}

@Resolver(() => Account)
export class AccountResolver {
  @Directive('@authenticated')
  @FieldResolver(() => Mailbox, { nullable: true, description: 'The mailbox; only for those who may open it.' })
  mailbox(@Root() account: Account, @Ctx() ctx: Context): Mailbox | null {
    const mailbox = mailboxOf(ctx.asker);
    return mailbox && mailboxRights.maySee({ accountId: account.id }, ctx.asker) ? mailbox : null;
  }
}
