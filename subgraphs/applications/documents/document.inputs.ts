/** Inputs of the document mutations, and the permission to upload. */
import { Field, ID, InputType, Int, ObjectType } from 'type-graphql';
import { DateTimeScalar } from '../../../kernel/graph/scalars';
import { Document, DocumentPurpose } from './document.entity';

@InputType('RequestUploadInput', { description: 'Input of requestUpload.' })
export class RequestUploadInput {
  @Field(() => ID, { nullable: true, description: 'The application; this or documentRequestId.' })
  applicationId?: string | null;

  @Field(() => ID, { nullable: true, description: 'The document request; this or applicationId.' })
  documentRequestId?: string | null;

  @Field(() => String, {
    description: 'The file name; another extension than that of the media type is replaced by it.',
  })
  filename!: string;

  @Field(() => String, { description: 'The media type.' })
  mimeType!: string;

  @Field(() => Int, { description: 'The size in bytes.' })
  byteSize!: number;

  @Field(() => String, { description: 'The SHA-256 of the bytes, as hex.' })
  sha256!: string;

  @Field(() => DocumentPurpose, { description: 'What it is for.' })
  purpose!: DocumentPurpose;

  @Field(() => String, { nullable: true, description: 'The required document it answers.' })
  requirementCode?: string | null;

  @Field(() => String, {
    description: 'A key made by the client; repeating it with the same input gives the same answer.',
  })
  idempotencyKey!: string;
}

@InputType('RemoveDocumentInput', { description: 'Input of removeDocument.' })
export class RemoveDocumentInput {
  @Field(() => ID, { description: 'The document.' })
  documentId!: string;

  @Field(() => Int, { description: 'The version the asker has seen; another one is refused with VERSION_CONFLICT.' })
  expectedVersion!: number;
}

@ObjectType('UploadHeader', { description: 'One HTTP header.' })
export class UploadHeader {
  @Field(() => String, { description: 'The name.' })
  name!: string;

  @Field(() => String, { description: 'The value.' })
  value!: string;
}

@ObjectType('Upload', { description: 'Permission to send the bytes of one file.' })
export class Upload {
  @Field(() => Document, { description: 'The document it becomes.' })
  document!: Document;

  @Field(() => String, { description: 'Where to send the bytes; it works once; what broke off may be sent again.' })
  url!: string;

  @Field(() => String, { description: 'The HTTP method, such as PUT.' })
  method!: string;

  @Field(() => [UploadHeader], { description: 'The HTTP headers to send.' })
  headers!: UploadHeader[];

  @Field(() => DateTimeScalar, { description: 'Until when it works.' })
  expiresAt!: Date;
}
