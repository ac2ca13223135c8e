/** Application (Antrag, Vorgang): the row, and what of it the graph shows; fields that need loading are in resolvers. */
import { Directive, Field, ID, Int, ObjectType, registerEnumType } from 'type-graphql';
import { Column, Entity, PrimaryColumn } from 'typeorm';
import { DateTimeScalar } from '../../../kernel/graph/scalars';
import { TrustLevel } from '../../../kernel/graph/trust.type';
import { RoutingChannel } from '../../../schema/channels';
import { ApplicationState, PublicStatus, publicStatusOf } from './application.states';

registerEnumType(PublicStatus, {
  name: 'PublicStatus',
  description: 'The state the applicant sees, in the six values of the federal mailbox (ZBP).',
  valuesConfig: {
    INITIATED: { description: 'Begun and not sent.' },
    SUBMITTED: { description: 'Sent.' },
    RECEIVED: { description: 'Arrived at the authority.' },
    PROCESSING: { description: 'Being worked on.' },
    ACTION_REQUIRED: {
      description: 'The applicant must do something; over once every document request is answered.',
    },
    COMPLETED: { description: 'Finished.' },
  },
});

registerEnumType(ApplicationState, {
  name: 'ApplicationState',
  description: 'The state staff see.',
  valuesConfig: {
    DRAFT: { description: 'Being filled in.' },
    SUBMITTED: { description: 'Sent and on its way to the authority.' },
    RECEIVED: { description: 'Arrived at the authority.' },
    IN_REVIEW: { description: 'Being worked on.' },
    AWAITING_DOCUMENTS: { description: 'Waiting for documents.' },
    DECIDED: { description: 'Decided, notice on its way.' },
    NOTIFIED: { description: 'Notice available to the applicant.' },
    CLOSED: { description: 'Finished.' },
    WITHDRAWN: { description: 'Taken back by the applicant.' },
    UNDELIVERABLE: { description: 'Could not be delivered.' },
    ARCHIVED: { description: 'Transferred to the archive.' },
    DESTROYED: { description: 'Content destroyed, stub kept.' },
  },
});

/** A document to bring, as the online service version asked for it when the draft was begun. */
export interface RequiredDocument {
  readonly code: string;
  readonly name: string;
  readonly mandatory: boolean;
  readonly mimeTypes: readonly string[];
  readonly maxByteSize: number;
}

@Directive('@authenticated')
@Directive('@key(fields: "id")')
@ObjectType('Application', {
  description:
    "One case of one applicant, from the draft to the archive (Antrag, Vorgang); only the applicant's side, the authority in charge with its substitutes, and the archive once it is offered may see it.",
})
@Entity({ name: 'application' })
export class Application {
  @Field(() => ID, { description: 'The opaque id of this object.' })
  @PrimaryColumn('uuid')
  id!: string;

  @Field(() => Int, { description: 'Counts up with every change; send it back as expectedVersion.' })
  @Column('int')
  version!: number;

  @Field(() => String, { nullable: true, description: 'The file reference; null before submission (Aktenzeichen).' })
  @Column('text', { nullable: true })
  reference!: string | null;

  @Field(() => PublicStatus, { description: 'What the applicant sees.' })
  get publicStatus(): PublicStatus {
    return publicStatusOf(this.state);
  }

  @Directive('@requiresScopes(scopes: [["staff:read"]])')
  @Field(() => ApplicationState, { nullable: true, description: 'What staff see; null for applicants.' })
  @Column('text')
  state!: ApplicationState;

  @Column('text')
  leikaKey!: string;

  @Column('text')
  ars!: string;

  /** Frozen when the draft was begun, for messages, notices and mails; the graph joins the current one. */
  @Column('text')
  serviceTitle!: string;

  @Column('text')
  areaName!: string;

  /** The account applied for; who acted for it is the agent. */
  @Column('uuid')
  accountId!: string;

  @Column('uuid', { nullable: true })
  agentAccountId!: string | null;

  /** The name as submitted; null before. */
  @Column('text', { nullable: true })
  applicantName!: string | null;

  /** The authority in charge, never a department; null before submission. */
  @Column('uuid', { nullable: true })
  authorityId!: string | null;

  /** Its name when it got the case: whom the applicant's history names. */
  @Column('text', { nullable: true })
  authorityName!: string | null;

  /** Its area, whose holidays count for deadlines; null before submission, and for cases older than this column. */
  @Column('text', { nullable: true })
  authorityArs!: string | null;

  @Column('uuid', { nullable: true })
  departmentId!: string | null;

  @Column('uuid', { nullable: true })
  assigneeId!: string | null;

  @Column('uuid')
  onlineServiceVersionId!: string;

  @Column('uuid')
  formId!: string;

  /** What the applicant's session must have at submission, and to see content after it. */
  @Column('text')
  requiredTrustLevel!: TrustLevel;

  @Field(() => TrustLevel, {
    nullable: true,
    description: 'How surely the applicant was identified at submission, before it at the last change.',
  })
  @Column('text', { nullable: true })
  trustLevel!: TrustLevel | null;

  @Column('jsonb')
  requiredDocuments!: RequiredDocument[];

  /** The local fee that replaces the general one, in cents; null: the general one. */
  @Column('int', { nullable: true })
  feeOverrideMinor!: number | null;

  /** The fee when the draft was begun, in cents; null: unknown then. */
  @Column('int', { nullable: true })
  feeMinor!: number | null;

  /** Must it be paid before submission (Vorkasse)? */
  @Column('boolean')
  prepaymentRequired!: boolean;

  /** The point of single contact it comes through. */
  @Column('uuid', { nullable: true })
  singleContactId!: string | null;

  /** The responsibility that named the authority and the channel; set at submission. */
  @Column('uuid', { nullable: true })
  responsibilityId!: string | null;

  @Column('text', { nullable: true })
  channel!: RoutingChannel | null;

  /** Working time of the authority in days, from the responsibility or the online service; null: none is promised. */
  @Column('int', { nullable: true })
  processingDays!: number | null;

  @Column('jsonb', { nullable: true })
  formData!: Record<string, unknown> | null;

  /** Lower-case words of reference, name and answers, for the inbox's search; null before submission. */
  @Column('text', { nullable: true })
  searchText!: string | null;

  /** It folded, as it is searched; written by the database alone. */
  @Column({ type: 'text', nullable: true, insert: false, update: false })
  searched?: string | null;

  @Field(() => DateTimeScalar, { description: 'When the draft was begun.' })
  @Column('timestamptz')
  createdAt!: Date;

  @Field(() => DateTimeScalar, { nullable: true, description: 'When it was submitted.' })
  @Column('timestamptz', { nullable: true })
  submittedAt!: Date | null;

  @Field(() => DateTimeScalar, {
    nullable: true,
    description: 'When it first arrived at a public body; forwarding never moves it (Eingangsdatum).',
  })
  @Column('timestamptz', { nullable: true })
  receivedAt!: Date | null;

  @Field(() => DateTimeScalar, { nullable: true, description: 'When it was found complete.' })
  @Column('timestamptz', { nullable: true })
  completeAt!: Date | null;

  @Field(() => DateTimeScalar, { description: 'When it last changed.' })
  @Column('timestamptz')
  changedAt!: Date;

  /** Why the applicant took it back, in his words. */
  @Column('text', { nullable: true })
  withdrawalReason!: string | null;

  /** The day of the next deadline, for the inbox's order and filter; the deadlines themselves are worked out anew. */
  @Column('date', { nullable: true })
  nextDueOn!: string | null;

  /** Not stored: the names of applicant and agent by account, on a path that provides them. */
  names?: ReadonlyMap<string, string>;
}
