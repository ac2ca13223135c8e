/** Inputs of handovers. */
import { Field, ID, InputType, Int } from 'type-graphql';

@InputType('StartHandoverInput', { description: 'Input of startHandover.' })
export class StartHandoverInput {
  @Field(() => ID, { description: 'The application.' })
  applicationId!: string;

  @Field(() => String, { description: 'One of Application.handoverSystems.' })
  system!: string;

  @Field(() => Int, { description: 'The version the asker has seen; another one is refused with VERSION_CONFLICT.' })
  expectedVersion!: number;

  @Field(() => String, {
    description: 'A key made by the client; repeating it with the same input gives the same answer.',
  })
  idempotencyKey!: string;
}

@InputType('AcknowledgeHandoverInput', { description: 'Input of acknowledgeHandover.' })
export class AcknowledgeHandoverInput {
  @Field(() => ID, { description: 'The handover.' })
  handoverId!: string;

  @Field(() => Boolean, { description: 'True when it was taken over.' })
  accepted!: boolean;

  @Field(() => String, { nullable: true, description: 'The case number there.' })
  externalReference?: string | null | undefined;

  @Field(() => String, { nullable: true, description: 'Why it was refused.' })
  rejectionReason?: string | null | undefined;

  @Field(() => String, { description: 'The hash of what was received.' })
  contentHash!: string;

  @Field(() => Int, { description: 'The version the asker has seen; another one is refused with VERSION_CONFLICT.' })
  expectedVersion!: number;
}
