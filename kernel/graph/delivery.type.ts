/** The states and attempts of handing something over to a channel, in the graph. */
import { Directive, Field, Int, ObjectType, registerEnumType } from 'type-graphql';
import { lifecycle } from '../lifecycle';
import { DateTimeScalar } from './scalars';

export enum DeliveryState {
  PENDING = 'PENDING',
  SENDING = 'SENDING',
  RETRYING = 'RETRYING',
  DELIVERED = 'DELIVERED',
  UNDELIVERABLE = 'UNDELIVERABLE',
  ABANDONED = 'ABANDONED',
}
registerEnumType(DeliveryState, {
  name: 'DeliveryState',
  description: 'The state of handing something over to a channel (Zustellung).',
  valuesConfig: {
    PENDING: { description: 'Waiting for the first attempt.' },
    SENDING: { description: 'An attempt is under way.' },
    RETRYING: { description: 'An attempt failed and another one is planned.' },
    DELIVERED: { description: 'The receiver has acknowledged.' },
    UNDELIVERABLE: { description: 'All attempts are used up; an operator must act.' },
    ABANDONED: { description: 'An operator has given up with a reason.' },
  },
});

export const deliveryLifecycle = lifecycle('Delivery', { de: 'Zustellung', en: 'Delivery' }, 'PENDING', {
  PENDING: { attempt: 'SENDING' },
  SENDING: { attempt: 'SENDING', acknowledge: 'DELIVERED', fail: 'RETRYING', exhaust: 'UNDELIVERABLE' },
  RETRYING: { attempt: 'SENDING' },
  UNDELIVERABLE: { retry: 'PENDING', abandon: 'ABANDONED' },
  DELIVERED: {},
  ABANDONED: {},
});

@Directive('@shareable')
@ObjectType('DeliveryAttempt', { description: 'One attempt to deliver (Zustellversuch).' })
export class DeliveryAttempt {
  @Field(() => Int, { description: 'The number of the attempt, from 1.' })
  number!: number;

  @Field(() => DateTimeScalar, { description: 'When the attempt began.' })
  startedAt!: Date;

  @Field(() => DateTimeScalar, { nullable: true, description: 'When the attempt ended; null while it runs.' })
  endedAt!: Date | null;

  @Field(() => Boolean, { description: 'True when the receiver acknowledged.' })
  succeeded!: boolean;

  @Field(() => String, { nullable: true, description: 'What the channel answered, in technical words.' })
  detail!: string | null;
}
