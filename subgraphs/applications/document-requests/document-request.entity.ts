/** DocumentRequest (Nachforderung) and its answers: rows and what the graph shows of them. */
import { Directive, Field, ID, Int, ObjectType, registerEnumType } from 'type-graphql';
import { Column, Entity, PrimaryColumn } from 'typeorm';
import { today } from '../../../kernel/clock';
import { DateScalar, DateTimeScalar } from '../../../kernel/graph/scalars';
import { DocumentRequestState } from './document-request.states';

registerEnumType(DocumentRequestState, {
  name: 'DocumentRequestState',
  description: 'The state of a document request.',
  valuesConfig: {
    OPEN: { description: 'Waiting for the applicant.' },
    SUBMITTED: { description: 'Answered, to be checked.' },
    ACCEPTED: { description: 'Accepted.' },
    OVERDUE: { description: 'Its last day is over; it can still be answered.' },
    CANCELED: { description: 'Taken back.' },
  },
});

@ObjectType('RequestedItem', { description: 'One thing asked for.' })
export class RequestedItem {
  @Field(() => String, { nullable: true, description: 'The required document, such as ID_CARD_COPY.' })
  requirementCode!: string | null;

  @Field(() => String, { description: 'What it is, in words.' })
  description!: string;
}

@Directive('@key(fields: "id")')
@ObjectType('DocumentRequest', { description: 'Asking the applicant for missing documents (Nachforderung).' })
@Entity({ name: 'document_request' })
export class DocumentRequest {
  @Field(() => ID, { description: 'The opaque id of this object.' })
  @PrimaryColumn('uuid')
  id!: string;

  @Field(() => Int, { description: 'Counts up with every change; send it back as expectedVersion.' })
  @Column('int')
  version!: number;

  @Column('uuid')
  applicationId!: string;

  @Field(() => [RequestedItem], { description: 'What is asked for.' })
  @Column('jsonb')
  items!: RequestedItem[];

  @Field(() => String, { description: 'Why, in words for the applicant.' })
  @Column('text')
  reason!: string;

  @Field(() => DateScalar, { description: 'The day the authority has named.' })
  @Column('date')
  dueOn!: string;

  @Field(() => Boolean, {
    description:
      'True when the day was named with express reference to § 31 (3) VwVfG, so that it holds although it is no working day.',
  })
  @Column('boolean')
  fixedDay!: boolean;

  @Field(() => DateScalar, {
    description: 'The last day to answer: the named day, or the next working day where that is none (§ 31 (3) VwVfG).',
  })
  @Column('date')
  endsOn!: string;

  /** As stored; see `state`. */
  @Column('text', { name: 'state' })
  stored!: Exclude<DocumentRequestState, DocumentRequestState.OVERDUE>;

  /** OPEN becomes OVERDUE when its last day is over in Berlin. */
  @Field(() => DocumentRequestState, { description: 'How far it is.' })
  get state(): DocumentRequestState {
    const overdue = this.stored === DocumentRequestState.OPEN && this.endsOn < today();
    return overdue ? DocumentRequestState.OVERDUE : this.stored;
  }

  @Field(() => Int, { description: 'The round, from 1; a rejected answer opens the next.' })
  @Column('int')
  round!: number;

  @Column('uuid')
  openedBy!: string;

  @Field(() => DateTimeScalar, { description: 'When it was opened.' })
  @Column('timestamptz')
  openedAt!: Date;

  /** When the present round began. */
  @Column('timestamptz')
  askedAt!: Date;

  /** When the present round was answered. */
  @Column('timestamptz', { nullable: true })
  answeredAt!: Date | null;

  @Field(() => DateTimeScalar, { nullable: true, description: 'When it ended.' })
  @Column('timestamptz', { nullable: true })
  closedAt!: Date | null;

  @Column('text', { nullable: true })
  cancelReason!: string | null;
}

@ObjectType('DocumentRequestAnswer', { description: 'One answer to a document request (Nachreichung).' })
@Entity({ name: 'document_request_answer' })
export class DocumentRequestAnswer {
  @PrimaryColumn('uuid')
  id!: string;

  @Column('uuid')
  documentRequestId!: string;

  @Field(() => Int, { description: 'The round it belongs to.' })
  @Column('int')
  round!: number;

  /** What its round had asked for by when, as in DocumentRequest; null for rounds that ended before it was kept. */
  @Column('timestamptz', { nullable: true })
  askedAt!: Date | null;

  @Column('date', { nullable: true })
  dueOn!: string | null;

  @Column('boolean', { nullable: true })
  fixedDay!: boolean | null;

  @Column('date', { nullable: true })
  endsOn!: string | null;

  @Column('uuid', { array: true })
  documentIds!: string[];

  @Field(() => String, { nullable: true, description: 'A word of the applicant.' })
  @Column('text', { nullable: true })
  comment!: string | null;

  @Field(() => DateTimeScalar, { description: 'When it came.' })
  @Column('timestamptz')
  submittedAt!: Date;

  @Field(() => Boolean, { nullable: true, description: 'True or false once checked.' })
  @Column('boolean', { nullable: true })
  accepted!: boolean | null;

  @Field(() => String, { nullable: true, description: 'Why it was not accepted.' })
  @Column('text', { nullable: true })
  rejectionReason!: string | null;
}
