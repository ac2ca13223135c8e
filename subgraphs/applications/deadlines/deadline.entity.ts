/** Deadlines in the graph, the dated rules they follow, and the stored projection by which cases are found. */
import { Field, ID, Int, ObjectType, registerEnumType } from 'type-graphql';
import { Column, Entity, PrimaryColumn } from 'typeorm';
import { DateScalar, DateTimeScalar } from '../../../kernel/graph/scalars';
import type { Period } from './calendar';

export enum DeadlineKind {
  PROCESSING = 'PROCESSING',
  DEEMED_APPROVAL = 'DEEMED_APPROVAL',
  DOCUMENT_REQUEST = 'DOCUMENT_REQUEST',
  DEEMED_NOTIFICATION = 'DEEMED_NOTIFICATION',
  OBJECTION = 'OBJECTION',
  RETENTION = 'RETENTION',
  DRAFT_DELETION = 'DRAFT_DELETION',
}
registerEnumType(DeadlineKind, {
  name: 'DeadlineKind',
  description: 'The kind of a deadline.',
  valuesConfig: {
    PROCESSING: { description: 'Working time of the authority (Bearbeitungsfrist).' },
    DEEMED_APPROVAL: { description: 'Deemed approval (Genehmigungsfiktion, § 42a VwVfG).' },
    DOCUMENT_REQUEST: { description: 'Answer to a document request.' },
    DEEMED_NOTIFICATION: { description: 'Deemed notification (Bekanntgabe).' },
    OBJECTION: { description: 'Objection (Widerspruchsfrist).' },
    RETENTION: { description: 'How long the case is kept (Aufbewahrung).' },
    DRAFT_DELETION: { description: 'Deletion of an idle draft.' },
  },
});

export enum DeadlineState {
  NOT_STARTED = 'NOT_STARTED',
  RUNNING = 'RUNNING',
  PAUSED = 'PAUSED',
  MET = 'MET',
  MISSED = 'MISSED',
}
registerEnumType(DeadlineState, {
  name: 'DeadlineState',
  description: 'The state of a deadline.',
  valuesConfig: {
    NOT_STARTED: { description: 'Its start condition is not yet met.' },
    RUNNING: { description: 'Running.' },
    PAUSED: { description: 'Stopped for a time.' },
    MET: { description: 'Met.' },
    MISSED: { description: 'Passed.' },
  },
});

/** How a notice reaches its addressee: made available in the mailbox, or sent as a letter. */
export type NotificationWay = 'MAILBOX' | 'LETTER';

/** What a rule says in numbers. */
export interface RuleParameters extends Period {
  /** An end on a Saturday, Sunday or holiday moves to the next working day. */
  readonly endsOnWorkingDay?: boolean;
  /** From so many days before its end a deadline counts as near. */
  readonly atRiskDays?: number;
  /** Only for notices that reach their addressee this way. */
  readonly way?: NotificationWay;
}

/** A dated rule of law as a row: what it says, since when, and its numbers. Changing the law changes rows, not code. */
@Entity({ name: 'legal_rule' })
export class LegalRuleRow {
  @PrimaryColumn('uuid')
  id!: string;

  @Column('text')
  kind!: DeadlineKind;

  @Column('text')
  citation!: string;

  @Column('text')
  textDe!: string;

  @Column('text')
  textEn!: string;

  @Column('date')
  validFrom!: string;

  @Column('date', { nullable: true })
  validTo!: string | null;

  @Column('jsonb')
  parameters!: RuleParameters;
}

/** The one extension a deadline may have, with its reason. */
@Entity({ name: 'deadline_extension' })
export class DeadlineExtension {
  @PrimaryColumn('uuid')
  deadlineId!: string;

  @Column('uuid')
  applicationId!: string;

  @Column('int')
  days!: number;

  @Column('text')
  reason!: string;

  @Column('uuid')
  extendedBy!: string;

  @Column('timestamptz')
  extendedAt!: Date;
}

@ObjectType('LegalRule', { description: 'A dated rule of law.' })
export class LegalRule {
  @Field(() => ID, { description: 'The opaque id of this object.' })
  id!: string;

  @Field(() => String, { description: 'The citation, such as § 42a VwVfG.' })
  citation!: string;

  @Field(() => String, { description: 'The rule in one sentence.' })
  text!: string;

  @Field(() => DateScalar, { description: 'In force from.' })
  validFrom!: string;

  @Field(() => DateScalar, { nullable: true, description: 'In force until; open when null.' })
  validTo!: string | null;
}

@ObjectType('DeadlineStep', { description: 'One step of working out a deadline.' })
export class DeadlineStep {
  @Field(() => DateScalar, { nullable: true, description: 'The day reached.' })
  date!: string | null;

  @Field(() => String, { description: 'The step in words, in the language of Accept-Language.' })
  explanation!: string;
}

@ObjectType('Deadline', { description: 'One deadline, worked out from the history and dated rules (Frist).' })
export class Deadline {
  @Field(() => ID, { description: 'The opaque id of this object.' })
  id!: string;

  @Field(() => DeadlineKind, { description: 'The kind.' })
  kind!: DeadlineKind;

  @Field(() => DeadlineState, { description: 'How far it is.' })
  state!: DeadlineState;

  @Field(() => DateScalar, { nullable: true, description: 'The first day.' })
  startsOn!: string | null;

  @Field(() => DateScalar, { nullable: true, description: 'The last day; null until it has started.' })
  dueOn!: string | null;

  @Field(() => DateTimeScalar, { nullable: true, description: 'Since when it is stopped.' })
  pausedSince!: Date | null;

  @Field(() => Int, { description: 'How many days it was stopped.' })
  pausedDays!: number;

  @Field(() => Int, { description: 'By how many days it was extended.' })
  extensionDays!: number;

  @Field(() => String, { nullable: true, description: 'Why it was extended.' })
  extensionReason!: string | null;

  @Field(() => Boolean, {
    description: 'True while it runs and its end is no more calendar days away than its rule says.',
  })
  atRisk!: boolean;

  @Field(() => LegalRule, { description: 'The rule.' })
  rule!: LegalRule;

  @Field(() => [DeadlineStep], { description: 'How the day comes about, step by step.' })
  steps!: DeadlineStep[];
}
