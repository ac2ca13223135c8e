/** A message of a thread. It never changes once written, only becomes available and read. */
import { Directive, Field, ID, ObjectType, registerEnumType } from 'type-graphql';
import { Column, Entity, PrimaryColumn } from 'typeorm';
import { connection } from '../../../kernel/graph/page.type';
import { payload } from '../../../kernel/graph/refusal.type';
import { DateTimeScalar } from '../../../kernel/graph/scalars';
import { TrustLevel } from '../../../kernel/graph/trust.type';
import type { MessageChange } from '../../../schema/events';

export enum MessageKind {
  RECEIPT = 'RECEIPT',
  DOCUMENT_REQUEST = 'DOCUMENT_REQUEST',
  NOTICE = 'NOTICE',
  STATUS = 'STATUS',
  CONVERSATION = 'CONVERSATION',
}
registerEnumType(MessageKind, {
  name: 'MessageKind',
  description: 'The kind of a message.',
  valuesConfig: {
    RECEIPT: { description: 'Automatic receipt of an application (Eingangsbestätigung).' },
    DOCUMENT_REQUEST: { description: 'Request for documents (Nachforderung).' },
    NOTICE: { description: 'The decision (Bescheid).' },
    STATUS: { description: 'News about the state (Statusmeldung).' },
    CONVERSATION: { description: 'A letter written by a person.' },
  },
});

export enum SenderKind {
  APPLICANT = 'APPLICANT',
  STAFF = 'STAFF',
  SYSTEM = 'SYSTEM',
}
registerEnumType(SenderKind, {
  name: 'SenderKind',
  description: 'Who wrote a message.',
  valuesConfig: {
    APPLICANT: { description: 'The applicant or an agent.' },
    STAFF: { description: 'A person of the staff.' },
    SYSTEM: { description: 'The platform.' },
  },
});

@Directive('@authenticated')
@Directive('@key(fields: "id")')
@ObjectType('Message', { description: 'One message (Nachricht).' })
@Entity({ name: 'message' })
export class Message {
  @Field(() => ID, { description: 'The opaque id of this object.' })
  @PrimaryColumn('uuid')
  id!: string;

  @Column('uuid')
  threadId!: string;

  @Field(() => MessageKind, { description: 'The kind.' })
  @Column('text')
  kind!: MessageKind;

  @Field(() => SenderKind, { description: 'Which side wrote it.' })
  @Column('text')
  senderKind!: SenderKind;

  @Field(() => String, { description: 'Who wrote it, as shown to the reader.' })
  @Column('text')
  senderName!: string;

  @Column('uuid', { nullable: true })
  staffMemberId!: string | null;

  /** Who wrote it for the applicant. */
  @Column('uuid', { nullable: true })
  agentAccountId!: string | null;

  @Field(() => String, { description: 'The title; it shows at every trust level.' })
  @Column('text')
  title!: string;

  /** Only through the resolver, which looks at the reader's trust level; documentIds likewise. */
  @Column('text')
  body!: string;

  @Column('uuid', { array: true })
  documentIds!: string[];

  @Field(() => TrustLevel, { description: 'The trust level needed to read it.' })
  @Column('text')
  requiredTrustLevel!: TrustLevel;

  @Field(() => DateTimeScalar, { description: 'When it was written.' })
  @Column('timestamptz')
  sentAt!: Date;

  @Field(() => DateTimeScalar, {
    nullable: true,
    description: 'When it could first be read in the mailbox (Bereitstellung).',
  })
  @Column('timestamptz', { nullable: true })
  availableAt!: Date | null;

  @Field(() => DateTimeScalar, { nullable: true, description: 'When the other side first read it.' })
  @Column('timestamptz', { nullable: true })
  readAt!: Date | null;
}

export const MessageConnection = connection(() => Message, { name: 'Message' });
export const SendMessagePayload = payload('sendMessage', 'message', () => Message);

/** What every event about a message says. */
export const changeOf = (
  message: Pick<Message, 'id' | 'threadId' | 'kind' | 'senderKind'>,
  about: { applicationId: string; accountId: string; authorityId: string },
): MessageChange => ({
  messageId: message.id,
  threadId: message.threadId,
  applicationId: about.applicationId,
  accountId: about.accountId,
  authorityId: about.authorityId,
  kind: message.kind,
  senderKind: message.senderKind,
});
