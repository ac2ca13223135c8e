/** Inputs of the applicant's mutations. */
import { Field, ID, InputType, Int } from 'type-graphql';
import { ArsScalar, JsonScalar, LeikaKeyScalar } from '../../../kernel/graph/scalars';

@InputType('CreateDraftInput', { description: 'Input of createDraft.' })
export class CreateDraftInput {
  @Field(() => LeikaKeyScalar, { description: 'The service.' })
  leikaKey!: string;

  @Field(() => ArsScalar, { description: 'The place.' })
  ars!: string;

  @Field(() => JsonScalar, { nullable: true, description: 'The first answers; none when left out.' })
  formData?: unknown;

  @Field(() => Boolean, { defaultValue: false, description: 'True to apply through the point of single contact.' })
  viaSingleContact!: boolean;

  @Field(() => String, {
    description: 'A key made by the client; repeating it with the same input gives the same answer.',
  })
  idempotencyKey!: string;
}

@InputType('ChangeDraftInput', { description: 'Input of changeDraft.' })
export class ChangeDraftInput {
  @Field(() => ID, { description: 'The application.' })
  applicationId!: string;

  @Field(() => JsonScalar, { description: 'All answers; they replace the earlier ones.' })
  formData!: unknown;

  @Field(() => Int, { description: 'The version the asker has seen; another one is refused with VERSION_CONFLICT.' })
  expectedVersion!: number;
}

@InputType('DeleteDraftInput', { description: 'Input of deleteDraft.' })
export class DeleteDraftInput {
  @Field(() => ID, { description: 'The application.' })
  applicationId!: string;

  @Field(() => Int, { description: 'The version the asker has seen; another one is refused with VERSION_CONFLICT.' })
  expectedVersion!: number;
}

@InputType('SubmitApplicationInput', { description: 'Input of submitApplication.' })
export class SubmitApplicationInput {
  @Field(() => ID, { description: 'The application.' })
  applicationId!: string;

  @Field(() => Int, { description: 'The version the asker has seen; another one is refused with VERSION_CONFLICT.' })
  expectedVersion!: number;

  @Field(() => String, {
    description: 'A key made by the client; repeating it with the same input gives the same answer.',
  })
  idempotencyKey!: string;
}

@InputType('WithdrawApplicationInput', { description: 'Input of withdrawApplication.' })
export class WithdrawApplicationInput {
  @Field(() => ID, { description: 'The application.' })
  applicationId!: string;

  @Field(() => String, { nullable: true, description: 'Why.' })
  reason?: string | null | undefined;

  @Field(() => Int, { description: 'The version the asker has seen; another one is refused with VERSION_CONFLICT.' })
  expectedVersion!: number;
}
