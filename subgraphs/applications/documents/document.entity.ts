/** Document (Dokument): one file with its checks. The bytes lie in the document store under a generated key. */
import { Directive, Field, ID, Int, ObjectType, registerEnumType } from 'type-graphql';
import { Column, Entity, PrimaryColumn } from 'typeorm';
import { DateTimeScalar } from '../../../kernel/graph/scalars';
import type { RejectionCode } from '../refusals';
import { DocumentState } from './document.states';

export enum DocumentPurpose {
  EVIDENCE = 'EVIDENCE',
  MESSAGE = 'MESSAGE',
  FORM = 'FORM',
  NOTICE = 'NOTICE',
  PAYMENT_RECEIPT = 'PAYMENT_RECEIPT',
  INTERNAL = 'INTERNAL',
}
registerEnumType(DocumentPurpose, {
  name: 'DocumentPurpose',
  description: 'What a document is for.',
  valuesConfig: {
    EVIDENCE: { description: 'Evidence of the applicant (Nachweis).' },
    MESSAGE: { description: 'Attachment of a message.' },
    FORM: { description: 'The form as a file (Antrags-PDF).' },
    NOTICE: { description: 'The decision (Bescheid).' },
    PAYMENT_RECEIPT: { description: 'Receipt of a payment (Quittung).' },
    INTERNAL: { description: 'Internal paper of the authority.' },
  },
});

registerEnumType(DocumentState, {
  name: 'DocumentState',
  description: 'The state of a document.',
  valuesConfig: {
    AWAITING_UPLOAD: { description: 'The bytes have not come yet.' },
    SCANNING: { description: 'Being checked for type, hash and malware.' },
    AVAILABLE: { description: 'Can be downloaded.' },
    REJECTED: { description: 'Refused by a check.' },
    DESTROYED: { description: 'Removed before submission, or destroyed by law.' },
  },
});

@Directive('@authenticated')
@Directive('@key(fields: "id")')
@ObjectType('Document', {
  description:
    'One file with its checks (Dokument); who may see its application or message may see it, INTERNAL ones staff only.',
})
@Entity({ name: 'document' })
export class Document {
  @Field(() => ID, { description: 'The opaque id of this object.' })
  @PrimaryColumn('uuid')
  id!: string;

  @Field(() => Int, { description: 'Counts up with every change; send it back as expectedVersion.' })
  @Column('int')
  version!: number;

  @Column('uuid')
  applicationId!: string;

  /** The document request it answers; null for one of the application itself. */
  @Column('uuid', { nullable: true })
  documentRequestId!: string | null;

  @Field(() => String, { description: 'The file name; its extension is always that of the media type.' })
  @Column('text')
  filename!: string;

  @Field(() => String, { description: 'The media type.' })
  @Column('text')
  mimeType!: string;

  @Field(() => Int, { description: 'The size in bytes.' })
  @Column('int')
  byteSize!: number;

  @Field(() => String, { description: 'The SHA-256 of the bytes, as hex.' })
  @Column('text')
  sha256!: string;

  @Field(() => DocumentPurpose, { description: 'What it is for.' })
  @Column('text')
  purpose!: DocumentPurpose;

  @Field(() => String, { nullable: true, description: 'The required document it answers, such as ID_CARD_COPY.' })
  @Column('text', { nullable: true })
  requirementCode!: string | null;

  @Field(() => DocumentState, { description: 'How far it is.' })
  @Column('text')
  state!: DocumentState;

  @Column('text', { nullable: true })
  rejectionCode!: RejectionCode | null;

  /** Whose side made it. */
  @Column('text')
  origin!: 'APPLICANT' | 'STAFF' | 'PLATFORM';

  /** When the other side got it: at submission, with the answer to a request, with the decision. Null: only its own side sees it. */
  @Column('timestamptz', { nullable: true })
  sharedAt!: Date | null;

  /** Where the store keeps the bytes; null while there are none. */
  @Column('uuid', { nullable: true })
  storageKey!: string | null;

  @Field(() => DateTimeScalar, { description: 'When the upload was asked for.' })
  @Column('timestamptz')
  createdAt!: Date;
}
