/** Handover (Übergabe an ein Fachverfahren): the row is its own queue while it is being sent. */
import { Directive, Field, ID, Int, ObjectType, registerEnumType } from 'type-graphql';
import { Column, Entity, PrimaryColumn } from 'typeorm';
import { DateTimeScalar } from '../../../kernel/graph/scalars';
import { HandoverState } from './handover.states';

registerEnumType(HandoverState, {
  name: 'HandoverState',
  description: 'The state of a handover.',
  valuesConfig: {
    SENDING: { description: 'Being sent.' },
    SENT: { description: 'Sent, waiting for the acknowledgement.' },
    ACKNOWLEDGED: { description: 'Acknowledged by the line-of-business system.' },
    REJECTED: { description: 'Refused by the line-of-business system.' },
    FAILED: { description: 'Could not be sent.' },
  },
});

@Directive('@key(fields: "id")')
@ObjectType('Handover', { description: 'Handing a case to a line-of-business system (Übergabe an Fachverfahren).' })
@Entity({ name: 'handover' })
export class Handover {
  @Field(() => ID, { description: 'The opaque id of this object.' })
  @PrimaryColumn('uuid')
  id!: string;

  @Field(() => Int, { description: 'Counts up with every change; send it back as expectedVersion.' })
  @Column('int')
  version!: number;

  @Column('uuid')
  applicationId!: string;

  @Field(() => String, { description: 'The system.' })
  @Column('text')
  system!: string;

  @Field(() => HandoverState, { description: 'How far it is.' })
  @Column('text')
  state!: HandoverState;

  @Field(() => String, { description: 'The SHA-256 of what was handed over.' })
  @Column('text')
  contentHash!: string;

  /** Where the store keeps the bytes of the package. */
  @Column('uuid')
  storageKey!: string;

  @Column('uuid')
  startedBy!: string;

  @Column('timestamptz')
  startedAt!: Date;

  @Field(() => DateTimeScalar, { nullable: true, description: 'When it was sent.' })
  @Column('timestamptz', { nullable: true })
  sentAt!: Date | null;

  @Field(() => DateTimeScalar, { nullable: true, description: 'When it was acknowledged.' })
  @Column('timestamptz', { nullable: true })
  acknowledgedAt!: Date | null;

  @Field(() => String, { nullable: true, description: 'The case number there.' })
  @Column('text', { nullable: true })
  externalReference!: string | null;

  @Field(() => String, { nullable: true, description: 'Why it was refused.' })
  @Column('text', { nullable: true })
  rejectionReason!: string | null;

  @Column('int')
  attempts!: number;

  @Column('timestamptz')
  nextAttemptAt!: Date;
}
