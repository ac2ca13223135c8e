/** Inputs of notes and follow-ups. */
import { Field, ID, InputType, Int } from 'type-graphql';
import { DateScalar } from '../../../kernel/graph/scalars';

@InputType('AddNoteInput', { description: 'Input of addNote.' })
export class AddNoteInput {
  @Field(() => ID, { description: 'The application.' })
  applicationId!: string;

  @Field(() => String, { description: 'The text.' })
  text!: string;

  @Field(() => String, {
    description: 'A key made by the client; repeating it with the same input gives the same answer.',
  })
  idempotencyKey!: string;
}

@InputType('AddFollowUpInput', { description: 'Input of addFollowUp.' })
export class AddFollowUpInput {
  @Field(() => ID, { description: 'The application.' })
  applicationId!: string;

  @Field(() => String, { description: 'What is to be done.' })
  title!: string;

  @Field(() => DateScalar, { description: 'When.' })
  dueOn!: string;

  @Field(() => ID, { nullable: true, description: "Whose it is; the asker's when left out." })
  ownerId?: string | null | undefined;

  @Field(() => String, {
    description: 'A key made by the client; repeating it with the same input gives the same answer.',
  })
  idempotencyKey!: string;
}

@InputType('CompleteFollowUpInput', { description: 'Input of completeFollowUp.' })
export class CompleteFollowUpInput {
  @Field(() => ID, { description: 'The follow-up.' })
  followUpId!: string;

  @Field(() => Int, { description: 'The version the asker has seen; another one is refused with VERSION_CONFLICT.' })
  expectedVersion!: number;
}
