/** Inputs of payments. */
import { Field, ID, InputType, Int } from 'type-graphql';
import { MoneyInput } from '../../../kernel/graph/money.type';
import { PaymentMethod } from './payment.entity';

@InputType('StartPaymentInput', { description: 'Input of startPayment.' })
export class StartPaymentInput {
  @Field(() => ID, { description: 'The application.' })
  applicationId!: string;

  @Field(() => MoneyInput, { description: 'The amount the asker expects to pay.' })
  expectedAmount!: MoneyInput;

  @Field(() => String, { description: 'Where the provider sends the browser back; must be registered.' })
  returnUrl!: string;

  @Field(() => PaymentMethod, { nullable: true, description: 'A wished method.' })
  method?: PaymentMethod | null | undefined;

  @Field(() => String, {
    description: 'A key made by the client; repeating it with the same input gives the same answer.',
  })
  idempotencyKey!: string;
}

@InputType('ConfirmPaymentReturnInput', { description: 'Input of confirmPaymentReturn.' })
export class ConfirmPaymentReturnInput {
  @Field(() => ID, { description: 'The payment.' })
  paymentId!: string;
}

@InputType('CancelPaymentInput', { description: 'Input of cancelPayment.' })
export class CancelPaymentInput {
  @Field(() => ID, { description: 'The payment.' })
  paymentId!: string;

  @Field(() => Int, {
    description: 'The version the asker has seen; another one is refused with VERSION_CONFLICT.',
  })
  expectedVersion!: number;
}
