/** Inputs of the mutations on messages. */
import { Field, ID, InputType } from 'type-graphql';
import { TrustLevel } from '../../../kernel/graph/trust.type';

@InputType('SendMessageInput', { description: 'Input of sendMessage.' })
export class SendMessageInput {
  @Field(() => ID, { description: 'The application.' })
  applicationId!: string;

  @Field(() => String, { description: 'The title; it shows at every trust level.' })
  title!: string;

  @Field(() => String, { description: 'The text.' })
  body!: string;

  @Field(() => [ID], { defaultValue: [], description: 'Uploaded files to attach.' })
  documentIds!: string[];

  @Field(() => TrustLevel, {
    nullable: true,
    description: 'The trust level needed to read it; that of the service when left out, HIGH when that is unknown.',
  })
  requiredTrustLevel?: TrustLevel | null;

  @Field(() => String, {
    description: 'A key made by the client; repeating it with the same input gives the same answer.',
  })
  idempotencyKey!: string;
}
