/** Inputs of casework: who works on a case, where it goes, when it is complete, when it ends. */
import { Field, ID, InputType, Int } from 'type-graphql';

@InputType('ClaimApplicationInput', { description: 'Input of claimApplication.' })
export class ClaimApplicationInput {
  @Field(() => ID, { description: 'The application.' })
  applicationId!: string;

  @Field(() => Int, { description: 'The version the asker has seen; another one is refused with VERSION_CONFLICT.' })
  expectedVersion!: number;
}

@InputType('AssignApplicationInput', { description: 'Input of assignApplication.' })
export class AssignApplicationInput {
  @Field(() => ID, { description: 'The application.' })
  applicationId!: string;

  @Field(() => ID, { nullable: true, description: 'The person; null for nobody.' })
  staffMemberId?: string | null | undefined;

  @Field(() => Int, { description: 'The version the asker has seen; another one is refused with VERSION_CONFLICT.' })
  expectedVersion!: number;
}

@InputType('ForwardApplicationInput', { description: 'Input of forwardApplication.' })
export class ForwardApplicationInput {
  @Field(() => ID, { description: 'The application.' })
  applicationId!: string;

  @Field(() => ID, { description: 'The authority or department.' })
  authorityId!: string;

  @Field(() => String, { description: 'Why.' })
  reason!: string;

  @Field(() => Int, { description: 'The version the asker has seen; another one is refused with VERSION_CONFLICT.' })
  expectedVersion!: number;
}

@InputType('ConfirmCompletenessInput', { description: 'Input of confirmCompleteness.' })
export class ConfirmCompletenessInput {
  @Field(() => ID, { description: 'The application.' })
  applicationId!: string;

  @Field(() => Int, { description: 'The version the asker has seen; another one is refused with VERSION_CONFLICT.' })
  expectedVersion!: number;
}

@InputType('CloseApplicationInput', { description: 'Input of closeApplication.' })
export class CloseApplicationInput {
  @Field(() => ID, { description: 'The application.' })
  applicationId!: string;

  @Field(() => Int, { description: 'The version the asker has seen; another one is refused with VERSION_CONFLICT.' })
  expectedVersion!: number;
}
