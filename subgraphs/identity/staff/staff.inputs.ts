/** Inputs of staff mutations. */
import { Field, ID, InputType, Int } from 'type-graphql';
import { StaffRole } from './staff.roles';

@InputType('SaveStaffMemberInput', { description: 'Input of saveStaffMember.' })
export class SaveStaffMemberInput {
  @Field(() => ID, { nullable: true, description: 'The person; left out for a new one.' })
  id?: string | null | undefined;

  @Field(() => String, { description: 'The name.' })
  displayName!: string;

  @Field(() => String, { description: 'The work address.' })
  email!: string;

  @Field(() => ID, { description: 'The authority or department.' })
  authorityId!: string;

  @Field(() => [StaffRole], { description: 'What the person may do; only operators may grant OPERATOR.' })
  roles!: StaffRole[];

  @Field(() => Boolean, { defaultValue: true, description: 'False when the person has left.' })
  active!: boolean;

  @Field(() => Int, { description: 'The version seen; 0 for a new one.' })
  expectedVersion!: number;

  @Field(() => String, {
    description: 'A key made by the client; repeating it with the same input gives the same answer.',
  })
  idempotencyKey!: string;
}
