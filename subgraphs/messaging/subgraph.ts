/** The messaging subgraph (OSI-Postfach): mailbox, conversations about applications, and how people are told of them. */
import type { Context } from '../../kernel/context';
import type { Subgraph } from '../../kernel/server/subgraph.server';
import { documents } from './asks';
import { ApplicationCase } from './cases/case.entity';
import { MessageDelivery } from './deliveries/delivery.entity';
import { deliveryById } from './deliveries/delivery.loaders';
import { deliveryQueue } from './deliveries/delivery.queue';
import { MessageDeliveryResolver } from './deliveries/delivery.resolver';
import { StreamsResolver } from './live/streams.resolver';
import { AccountResolver, MailboxResolver } from './mailbox/mailbox.resolver';
import { mailboxOf } from './mailbox/mailbox.type';
import { Message } from './messages/message.entity';
import { messageById } from './messages/message.loaders';
import { MessageResolver } from './messages/message.resolver';
import { confirmationQueue } from './notifications/confirmation.queue';
import { IdleNotice } from './notifications/idle-notice.entity';
import { idleNoticeQueue } from './notifications/idle-notice.queue';
import { EmailConfirmation, NotificationPreferences } from './notifications/notification.entity';
import { NotificationResolver } from './notifications/notification.resolver';
import { reactions } from './reactions';
import { Thread } from './threads/thread.entity';
import { threadById } from './threads/thread.loaders';
import { ApplicationResolver, ThreadResolver } from './threads/thread.resolver';

interface Reference {
  readonly id: string;
}

const messaging: Subgraph = {
  name: 'messaging',
  resolvers: [
    MailboxResolver,
    AccountResolver,
    ThreadResolver,
    ApplicationResolver,
    MessageResolver,
    MessageDeliveryResolver,
    NotificationResolver,
    StreamsResolver,
  ],
  references: {
    Mailbox: ({ id }: Reference, ctx: Context) => {
      const mailbox = mailboxOf(ctx.asker);
      return mailbox?.id === id ? mailbox : null;
    },
    Thread: ({ id }: Reference, ctx: Context) => threadById(ctx).load(id),
    Message: ({ id }: Reference, ctx: Context) => messageById(ctx).load(id),
    MessageDelivery: ({ id }: Reference, ctx: Context) => deliveryById(ctx).load(id),
    // whether they exist is for their owners to say; their fields here ask for rights themselves
    Account: ({ id }: Reference) => ({ id }),
    Application: ({ id }: Reference) => ({ id }),
  },
  entities: [ApplicationCase, Thread, Message, MessageDelivery, NotificationPreferences, EmailConfirmation, IdleNotice],
  reactions,
  queues: [deliveryQueue, confirmationQueue, idleNoticeQueue],
  asks: { documents },
  sdl: `extend enum TrustLevel @tag(name: "public")`,
};

export default messaging;
