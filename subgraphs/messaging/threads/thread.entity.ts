/** A thread: the conversation about one application, made with its first message. */
import { Directive, Field, ID, ObjectType } from 'type-graphql';
import { Column, Entity, PrimaryColumn } from 'typeorm';
import { connection } from '../../../kernel/graph/page.type';
import { payload } from '../../../kernel/graph/refusal.type';
import { derivedId } from '../../../kernel/ids';
import type { Parties } from '../rights';

export const threadIdOf = (applicationId: string): string => derivedId('thread', applicationId);

@Directive('@authenticated')
@Directive('@key(fields: "id")')
@ObjectType('Thread', {
  description: 'One conversation about one application (Nachrichtenverlauf); who may see the application may see it.',
})
@Entity({ name: 'thread' })
export class Thread implements Parties {
  @Field(() => ID, { description: 'The opaque id of this object.' })
  @PrimaryColumn('uuid')
  id!: string;

  @Column('uuid')
  applicationId!: string;

  @Column('uuid')
  accountId!: string;

  @Column('uuid')
  authorityId!: string;

  @Column('text')
  leikaKey!: string;

  @Field(() => String, { description: 'What it is about.' })
  @Column('text')
  subject!: string;

  @Column('timestamptz')
  lastMessageAt!: Date;

  /** Which side wrote last: APPLICANT waits for a reply. */
  @Column('text')
  lastSenderKind!: string;

  /** When the newest message that the applicant may see came; null: none yet, and then the thread is not there for them. */
  @Column('timestamptz', { nullable: true })
  lastAvailableAt!: Date | null;
}

export const ThreadConnection = connection(() => Thread, { name: 'Thread' });
export const MarkThreadReadPayload = payload('markThreadRead', 'thread', () => Thread);
