/** Notes (Kommentar) and follow-ups (Wiedervorlage) of a desk: rows and types of the graph; never for applicants. */
import { Field, ID, Int, ObjectType } from 'type-graphql';
import { Column, Entity, PrimaryColumn } from 'typeorm';
import { connection } from '../../../kernel/graph/page.type';
import { DateScalar, DateTimeScalar } from '../../../kernel/graph/scalars';

@ObjectType('Note', { description: 'An internal note (Kommentar).' })
@Entity({ name: 'note' })
export class Note {
  @Field(() => ID, { description: 'The opaque id of this object.' })
  @PrimaryColumn('uuid')
  id!: string;

  @Column('uuid')
  applicationId!: string;

  @Column('uuid')
  authorId!: string;

  @Field(() => String, { description: 'The text.' })
  @Column('text')
  text!: string;

  @Field(() => DateTimeScalar, { description: 'When it was written.' })
  @Column('timestamptz')
  createdAt!: Date;
}

@ObjectType('FollowUp', { description: 'Something to come back to (Wiedervorlage).' })
@Entity({ name: 'follow_up' })
export class FollowUp {
  @Field(() => ID, { description: 'The opaque id of this object.' })
  @PrimaryColumn('uuid')
  id!: string;

  @Field(() => Int, { description: 'Counts up with every change; send it back as expectedVersion.' })
  @Column('int')
  version!: number;

  @Column('uuid')
  applicationId!: string;

  /** The authority of the owner; it keeps the follow-up when the case is forwarded. */
  @Column('uuid')
  authorityId!: string;

  @Column('uuid')
  ownerId!: string;

  @Field(() => String, { description: 'What is to be done.' })
  @Column('text')
  title!: string;

  @Field(() => DateScalar, { description: 'When.' })
  @Column('date')
  dueOn!: string;

  @Column('timestamptz')
  createdAt!: Date;

  @Field(() => DateTimeScalar, { nullable: true, description: 'When it was done.' })
  @Column('timestamptz', { nullable: true })
  completedAt!: Date | null;
}

export const FollowUpConnection = connection(() => FollowUp, { name: 'FollowUp' });
