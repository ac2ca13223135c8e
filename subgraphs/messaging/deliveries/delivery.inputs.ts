/** Inputs of the mutations on deliveries. */
import { Field, ID, InputType, Int } from 'type-graphql';

@InputType('RetryMessageDeliveryInput', { description: 'Input of retryMessageDelivery.' })
export class RetryMessageDeliveryInput {
  @Field(() => ID, { description: 'The delivery.' })
  messageDeliveryId!: string;

  @Field(() => Int, { description: 'The version the asker has seen; another one is refused with VERSION_CONFLICT.' })
  expectedVersion!: number;
}

@InputType('AbandonMessageDeliveryInput', { description: 'Input of abandonMessageDelivery.' })
export class AbandonMessageDeliveryInput {
  @Field(() => ID, { description: 'The delivery.' })
  messageDeliveryId!: string;

  @Field(() => String, { description: 'The reason.' })
  reason!: string;

  @Field(() => Int, { description: 'The version the asker has seen; another one is refused with VERSION_CONFLICT.' })
  expectedVersion!: number;
}
