/** Inputs of document requests. */
import { Field, ID, InputType, Int } from 'type-graphql';
import { DateScalar } from '../../../kernel/graph/scalars';

@InputType('RequestedItemInput', { description: 'One thing to ask for.' })
export class RequestedItemInput {
  @Field(() => String, { nullable: true, description: 'The required document, such as ID_CARD_COPY.' })
  requirementCode?: string | null | undefined;

  @Field(() => String, { description: 'What it is, in words.' })
  description!: string;
}

@InputType('RequestDocumentsInput', { description: 'Input of requestDocuments.' })
export class RequestDocumentsInput {
  @Field(() => ID, { description: 'The application.' })
  applicationId!: string;

  @Field(() => [RequestedItemInput], { description: 'What is asked for.' })
  items!: RequestedItemInput[];

  @Field(() => String, { description: 'Why, in words for the applicant.' })
  reason!: string;

  @Field(() => DateScalar, {
    description: 'The day to answer by; where it is no working day, the next one is the last.',
  })
  dueOn!: string;

  @Field(() => Boolean, {
    defaultValue: false,
    description:
      'True to tell the applicant, with express reference to § 31 (3) VwVfG, that this very day is the last one although it is no working day.',
  })
  fixedDay!: boolean;

  @Field(() => Int, { description: 'The version the asker has seen; another one is refused with VERSION_CONFLICT.' })
  expectedVersion!: number;

  @Field(() => String, {
    description: 'A key made by the client; repeating it with the same input gives the same answer.',
  })
  idempotencyKey!: string;
}

@InputType('AnswerDocumentRequestInput', { description: 'Input of answerDocumentRequest.' })
export class AnswerDocumentRequestInput {
  @Field(() => ID, { description: 'The document request.' })
  documentRequestId!: string;

  @Field(() => [ID], { description: 'The uploaded files.' })
  documentIds!: string[];

  @Field(() => String, { nullable: true, description: 'A word to the authority.' })
  comment?: string | null | undefined;

  @Field(() => Int, { description: 'The version the asker has seen; another one is refused with VERSION_CONFLICT.' })
  expectedVersion!: number;
}

@InputType('ReviewDocumentRequestInput', { description: 'Input of reviewDocumentRequest.' })
export class ReviewDocumentRequestInput {
  @Field(() => ID, { description: 'The document request.' })
  documentRequestId!: string;

  @Field(() => Boolean, { description: 'True to accept.' })
  accept!: boolean;

  @Field(() => String, { nullable: true, description: 'Why not; needed to reject.' })
  reason?: string | null | undefined;

  @Field(() => DateScalar, { nullable: true, description: 'The new day to answer by; needed to reject.' })
  dueOn?: string | null | undefined;

  @Field(() => Boolean, {
    defaultValue: false,
    description:
      'True to tell the applicant, with express reference to § 31 (3) VwVfG, that this very day is the last one although it is no working day.',
  })
  fixedDay!: boolean;

  @Field(() => Int, { description: 'The version the asker has seen; another one is refused with VERSION_CONFLICT.' })
  expectedVersion!: number;
}

@InputType('CancelDocumentRequestInput', { description: 'Input of cancelDocumentRequest.' })
export class CancelDocumentRequestInput {
  @Field(() => ID, { description: 'The document request.' })
  documentRequestId!: string;

  @Field(() => String, { description: 'Why.' })
  reason!: string;

  @Field(() => Int, { description: 'The version the asker has seen; another one is refused with VERSION_CONFLICT.' })
  expectedVersion!: number;
}
