/** Input of extendDeadline. */
import { Field, ID, InputType, Int } from 'type-graphql';

@InputType('ExtendDeadlineInput', { description: 'Input of extendDeadline.' })
export class ExtendDeadlineInput {
  @Field(() => ID, { description: 'The application.' })
  applicationId!: string;

  @Field(() => ID, { description: 'The deadline.' })
  deadlineId!: string;

  @Field(() => Int, { description: 'By how many days.' })
  days!: number;

  @Field(() => String, { description: 'Why.' })
  reason!: string;

  @Field(() => Int, { description: 'The version the asker has seen; another one is refused with VERSION_CONFLICT.' })
  expectedVersion!: number;
}
