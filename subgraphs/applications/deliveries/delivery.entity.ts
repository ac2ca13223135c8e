/** Delivery (Zustellung): the row is its own queue; without row security, because operators work on it without seeing cases. */
import { Directive, Field, ID, Int, ObjectType } from 'type-graphql';
import { Column, Entity, PrimaryColumn } from 'typeorm';
import { DeliveryState } from '../../../kernel/graph/delivery.type';
import { DateTimeScalar } from '../../../kernel/graph/scalars';
import { RoutingChannel } from '../../../schema/channels';

@Directive('@key(fields: "id")')
@ObjectType('Delivery', { description: 'Delivering an application to the authority on one channel (Zustellung).' })
@Entity({ name: 'delivery' })
export class Delivery {
  @Field(() => ID, { description: 'The opaque id of this object.' })
  @PrimaryColumn('uuid')
  id!: string;

  @Field(() => Int, { description: 'Counts up with every change; send it back as expectedVersion.' })
  @Column('int')
  version!: number;

  @Column('uuid')
  applicationId!: string;

  @Field(() => String, { description: 'The file reference of the application, for support.' })
  @Column('text')
  reference!: string;

  @Column('uuid')
  authorityId!: string;

  @Field(() => RoutingChannel, { description: 'The way to the authority (Übertragungsweg).' })
  @Column('text')
  channel!: RoutingChannel;

  @Column('text', { nullable: true })
  channelAddress!: string | null;

  @Field(() => DeliveryState, { description: 'How far it is.' })
  @Column('text')
  state!: DeliveryState;

  /** Attempts of this round. */
  @Column('int', { name: 'attempts' })
  attempts!: number;

  @Column('timestamptz')
  nextAttemptAt!: Date;

  @Column('timestamptz')
  createdAt!: Date;

  @Field(() => DateTimeScalar, { nullable: true, description: 'When the receiver acknowledged.' })
  @Column('timestamptz', { nullable: true })
  deliveredAt!: Date | null;

  /** When all attempts were used up. */
  @Column('timestamptz', { nullable: true })
  failedAt!: Date | null;

  @Column('text', { nullable: true })
  abandonReason!: string | null;
}
