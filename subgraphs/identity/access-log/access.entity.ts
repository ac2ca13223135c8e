/** The access log: who read or changed personal data, in a hash chain. */
import { Field, ID, Int, ObjectType } from 'type-graphql';
import { connection } from '../../../kernel/graph/page.type';
import { DateTimeScalar } from '../../../kernel/graph/scalars';

/** One link of a chain with the record it holds; only its reader is ever taken out. */
@ObjectType('AccessRecord', { description: 'One read or change of personal data, linked to the one before.' })
export class AccessRecord {
  readonly accountId!: string;
  readonly reader!: string;
  readonly staffMemberId!: string | null;
  readonly authorityId!: string | null;
  readonly applicationId!: string | null;
  readonly salt!: string | null;

  @Field(() => Int, { description: 'The position in the chain.' })
  sequence!: number;

  @Field(() => DateTimeScalar, { description: 'When it happened.' })
  occurredAt!: Date;

  @Field(() => String, { description: 'Who did it, as shown to the citizen.' })
  actorName!: string;

  @Field(() => String, { description: 'What was done, such as read or decide.' })
  action!: string;

  @Field(() => String, { description: 'Why it was done.' })
  purpose!: string;

  @Field(() => String, { description: 'The kind of object, such as Application.' })
  subjectType!: string;

  @Field(() => ID, { description: 'The id of the object.' })
  subjectId!: string;

  @Field(() => String, {
    nullable: true,
    description: 'The exact text the hash was made of; null where it names more than the asker may see.',
  })
  canonical!: string | null;

  @Field(() => String, { description: 'The hash of the entry before.' })
  previousHash!: string;

  @Field(() => String, { description: 'The SHA-256 of previousHash and canonical.' })
  hash!: string;
}

export const AccessRecordConnection = connection(() => AccessRecord, { name: 'AccessRecord' });
