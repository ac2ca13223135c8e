/** What an inbox shows, and in which order. */
import { Field, ID, InputType, registerEnumType } from 'type-graphql';
import { DateScalar, LeikaKeyScalar } from '../../../kernel/graph/scalars';
import { ApplicationState } from '../application/application.states';

@InputType('InboxFilter', { description: 'What the inbox shows; all conditions must hold.' })
export class InboxFilter {
  @Field(() => String, { nullable: true, description: "Words in the reference, the applicant's name or the form." })
  text?: string | null;

  @Field(() => [ApplicationState], { nullable: true, description: 'Only these states.' })
  states?: ApplicationState[] | null;

  @Field(() => [LeikaKeyScalar], { nullable: true, description: 'Only these services.' })
  leikaKeys?: string[] | null;

  @Field(() => ID, { nullable: true, description: 'Only those of this person.' })
  assigneeId?: string | null;

  @Field(() => Boolean, { nullable: true, defaultValue: false, description: 'Only those of nobody.' })
  unassignedOnly?: boolean | null;

  @Field(() => Boolean, {
    nullable: true,
    defaultValue: false,
    description: 'Only those with an answered document request.',
  })
  answeredOnly?: boolean | null;

  @Field(() => DateScalar, { nullable: true, description: 'Only those with a deadline on or before this day.' })
  deadlineBy?: string | null;

  @Field(() => DateScalar, { nullable: true, description: 'Received on or after this day.' })
  receivedFrom?: string | null;

  @Field(() => DateScalar, { nullable: true, description: 'Received on or before this day.' })
  receivedTo?: string | null;
}

export enum InboxSort {
  OLDEST_FIRST = 'OLDEST_FIRST',
  NEWEST_FIRST = 'NEWEST_FIRST',
  DEADLINE_FIRST = 'DEADLINE_FIRST',
  CHANGED_FIRST = 'CHANGED_FIRST',
}
registerEnumType(InboxSort, {
  name: 'InboxSort',
  description: 'The order of the inbox.',
  valuesConfig: {
    OLDEST_FIRST: { description: 'Oldest receipt first.' },
    NEWEST_FIRST: { description: 'Newest receipt first.' },
    DEADLINE_FIRST: { description: 'Next deadline first.' },
    CHANGED_FIRST: { description: 'Last change first.' },
  },
});
