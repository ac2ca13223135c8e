/** One change of a message, as live streams tell it. */
import { Field, ObjectType, registerEnumType } from 'type-graphql';
import { DateTimeScalar } from '../../../kernel/graph/scalars';

export enum MessageEventKind {
  SENT = 'SENT',
  AVAILABLE = 'AVAILABLE',
  READ = 'READ',
  UNDELIVERABLE = 'UNDELIVERABLE',
}
registerEnumType(MessageEventKind, {
  name: 'MessageEventKind',
  description: 'What happened to a message.',
  valuesConfig: {
    SENT: { description: 'A new message.' },
    AVAILABLE: { description: 'It can be read in the mailbox.' },
    READ: { description: 'The other side has read it.' },
    UNDELIVERABLE: { description: 'Its delivery failed for good.' },
  },
});

@ObjectType('MessageEvent', { description: 'One change of a message.' })
export class MessageEvent {
  @Field(() => String, { description: 'The signed position to resume from; a position, not a permission.' })
  cursor!: string;

  @Field(() => DateTimeScalar, { description: 'When it happened.' })
  occurredAt!: Date;

  @Field(() => MessageEventKind, { description: 'What happened.' })
  kind!: MessageEventKind;

  messageId!: string;

  deliveryId!: string | null;
}
