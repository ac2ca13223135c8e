/** The delivery of a message on one way. The row is its own queue. */
import { Directive, Field, ID, Int, ObjectType } from 'type-graphql';
import { Column, Entity, PrimaryColumn } from 'typeorm';
import { DeliveryState } from '../../../kernel/graph/delivery.type';
import { connection } from '../../../kernel/graph/page.type';
import { payload } from '../../../kernel/graph/refusal.type';
import { MessageChannel } from '../channels/channel';

@Directive('@key(fields: "id")')
@ObjectType('MessageDelivery', { description: 'The delivery of a message on one way.' })
@Entity({ name: 'message_delivery' })
export class MessageDelivery {
  @Field(() => ID, { description: 'The opaque id of this object.' })
  @PrimaryColumn('uuid')
  id!: string;

  @Field(() => Int, { description: 'Counts up with every change; send it back as expectedVersion.' })
  @Column('int')
  version!: number;

  @Column('uuid')
  messageId!: string;

  @Column('uuid')
  applicationId!: string;

  /** The authority in charge of the case. */
  @Column('uuid')
  authorityId!: string;

  @Field(() => MessageChannel, { description: 'The way.' })
  @Column('text')
  channel!: MessageChannel;

  @Field(() => DeliveryState, { description: 'How far it is.' })
  @Column('text')
  state!: DeliveryState;

  /** How many attempts were begun. */
  @Column('int', { name: 'attempts' })
  attemptCount!: number;

  /** How many of them belong to earlier rounds; each retry by an operator begins a new one. */
  @Column('int')
  roundBeganAtAttempt!: number;

  /** While SENDING: when somebody else may take it over. */
  @Column('timestamptz', { name: 'next_attempt_at' })
  dueAt!: Date;

  /** When the last round failed for good. */
  @Column('timestamptz', { nullable: true })
  failedAt!: Date | null;
}

export const MessageDeliveryConnection = connection(() => MessageDelivery, {
  name: 'MessageDelivery',
  totalCount: true,
});
export const RetryMessageDeliveryPayload = payload('retryMessageDelivery', 'messageDelivery', () => MessageDelivery);
export const AbandonMessageDeliveryPayload = payload(
  'abandonMessageDelivery',
  'messageDelivery',
  () => MessageDelivery,
);
