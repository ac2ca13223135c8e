/** Inputs of substitution mutations. */
import { Field, ID, InputType, Int } from 'type-graphql';
import { DateTimeScalar } from '../../../kernel/graph/scalars';

@InputType('ArrangeSubstitutionInput', { description: 'Input of arrangeSubstitution.' })
export class ArrangeSubstitutionInput {
  @Field(() => ID, { description: 'Who is absent.' })
  absentStaffMemberId!: string;

  @Field(() => ID, { description: 'Who covers.' })
  substituteStaffMemberId!: string;

  @Field(() => DateTimeScalar, { description: 'First moment.' })
  validFrom!: Date;

  @Field(() => DateTimeScalar, { description: 'Last moment.' })
  validTo!: Date;

  @Field(() => String, {
    nullable: true,
    description: 'Why, in at most 200 characters, such as a holiday; nothing about health (Grund).',
  })
  reason?: string | null | undefined;

  @Field(() => String, {
    description: 'A key made by the client; repeating it with the same input gives the same answer.',
  })
  idempotencyKey!: string;
}

@InputType('EndSubstitutionInput', { description: 'Input of endSubstitution.' })
export class EndSubstitutionInput {
  @Field(() => ID, { description: 'The substitution.' })
  substitutionId!: string;

  @Field(() => Int, { description: 'The version the asker has seen; another one is refused with VERSION_CONFLICT.' })
  expectedVersion!: number;
}
