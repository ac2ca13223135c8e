/** What an editor enters about a responsibility. */
import { Field, ID, InputType, Int } from 'type-graphql';
import { ArsScalar, DateScalar, JsonScalar, LeikaKeyScalar } from '../../../kernel/graph/scalars';
import { RoutingChannel } from '../../../schema/channels';

@InputType('DepartmentRuleInput', { description: 'A department rule, as input.' })
export class DepartmentRuleInput {
  @Field(() => String, { nullable: true, description: 'The form field, as a JSON pointer; null always fits.' })
  path?: string | null | undefined;

  @Field(() => JsonScalar, { nullable: true, description: 'The value that fits.' })
  equals?: unknown;

  @Field(() => ID, { description: 'The department.' })
  departmentId!: string;
}

@InputType('SaveResponsibilityDraftInput', { description: 'Input of saveResponsibilityDraft.' })
export class SaveResponsibilityDraftInput {
  @Field(() => ID, { nullable: true, description: 'The draft to change; left out for a new one.' })
  id?: string | null | undefined;

  @Field(() => LeikaKeyScalar, { description: 'The service.' })
  leikaKey!: string;

  @Field(() => ArsScalar, { description: 'The area.' })
  ars!: string;

  @Field(() => ID, { description: 'The responsible authority.' })
  authorityId!: string;

  @Field(() => RoutingChannel, { description: 'The way applications are transmitted.' })
  channel!: RoutingChannel;

  @Field(() => String, { nullable: true, description: 'The address on the channel.' })
  channelAddress?: string | null | undefined;

  @Field(() => [DepartmentRuleInput], {
    defaultValue: [],
    description: 'Rules that send applications to a department.',
  })
  departmentRules!: DepartmentRuleInput[];

  @Field(() => Int, {
    nullable: true,
    description: 'The usual duration in days; the rule of the deadline says whether in calendar or working days.',
  })
  processingDays?: number | null | undefined;

  @Field(() => DateScalar, { description: 'First day of validity.' })
  validFrom!: string;

  @Field(() => DateScalar, { nullable: true, description: 'Last day of validity.' })
  validTo?: string | null | undefined;

  @Field(() => String, { nullable: true, description: 'What was changed and why.' })
  changeNote?: string | null | undefined;

  @Field(() => Int, { description: 'The version of the draft seen; 0 for a new one.' })
  expectedVersion!: number;

  @Field(() => String, {
    description: 'A key made by the client; repeating it with the same input gives the same answer.',
  })
  idempotencyKey!: string;
}
