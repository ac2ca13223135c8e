/** Inputs of account mutations. */
import { Field, ID, InputType, Int } from 'type-graphql';
import { OrganisationRole } from './account.entity';

@InputType('SetOrganisationMemberInput', { description: 'Input of setOrganisationMember.' })
export class SetOrganisationMemberInput {
  @Field(() => ID, { description: 'The organisation.' })
  organisationAccountId!: string;

  @Field(() => ID, { description: 'The person.' })
  personAccountId!: string;

  @Field(() => OrganisationRole, { nullable: true, description: 'The role; null takes the person out.' })
  role?: OrganisationRole | null | undefined;

  @Field(() => Int, { description: 'The version the asker has seen; another one is refused with VERSION_CONFLICT.' })
  expectedVersion!: number;
}
