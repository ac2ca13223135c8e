/** Inputs of decisions. */
import { Field, ID, InputType, Int } from 'type-graphql';
import { DecisionOutcome } from './decision.entity';

@InputType('DecideApplicationInput', { description: 'Input of decideApplication.' })
export class DecideApplicationInput {
  @Field(() => ID, { description: 'The application.' })
  applicationId!: string;

  @Field(() => DecisionOutcome, {
    description: 'The outcome; DEEMED_GRANTED is refused with ONLY_THE_CLOCK, since no person chooses it.',
  })
  outcome!: DecisionOutcome;

  @Field(() => String, { description: 'The reasons in words.' })
  reasoning!: string;

  @Field(() => String, { description: 'What the applicant can do against it (Rechtsbehelfsbelehrung).' })
  legalRemedy!: string;

  @Field(() => ID, { nullable: true, description: 'An uploaded PDF; rendered from the template when left out.' })
  noticeDocumentId?: string | null | undefined;

  @Field(() => Int, { description: 'The version the asker has seen; another one is refused with VERSION_CONFLICT.' })
  expectedVersion!: number;

  @Field(() => String, {
    description: 'A key made by the client; repeating it with the same input gives the same answer.',
  })
  idempotencyKey!: string;
}

@InputType('ConfirmFourEyesInput', { description: 'Input of confirmFourEyes.' })
export class ConfirmFourEyesInput {
  @Field(() => ID, { description: 'The application.' })
  applicationId!: string;

  @Field(() => ID, { description: 'The colleague who is not the applicant, nor acts for them.' })
  staffMemberId!: string;

  @Field(() => String, {
    description: 'A key made by the client; repeating it with the same input gives the same answer.',
  })
  idempotencyKey!: string;
}
