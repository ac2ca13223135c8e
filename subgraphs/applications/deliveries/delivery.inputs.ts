/** Inputs of the operators' mutations. */
import { Field, ID, InputType, Int } from 'type-graphql';

@InputType('RetryDeliveryInput', { description: 'Input of retryDelivery.' })
export class RetryDeliveryInput {
  @Field(() => ID, { description: 'The delivery.' })
  deliveryId!: string;

  @Field(() => Int, { description: 'The version the asker has seen; another one is refused with VERSION_CONFLICT.' })
  expectedVersion!: number;
}

@InputType('AbandonDeliveryInput', { description: 'Input of abandonDelivery.' })
export class AbandonDeliveryInput {
  @Field(() => ID, { description: 'The delivery.' })
  deliveryId!: string;

  @Field(() => String, { description: 'The reason.' })
  reason!: string;

  @Field(() => Int, { description: 'The version the asker has seen; another one is refused with VERSION_CONFLICT.' })
  expectedVersion!: number;
}
