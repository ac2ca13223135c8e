/** Requests for a copy (Auskunft) or the deletion (Löschung) of one's data. */
import { Directive, Field, ID, ObjectType, registerEnumType } from 'type-graphql';
import { Column, Entity, PrimaryColumn } from 'typeorm';
import { connection } from '../../../kernel/graph/page.type';
import { DateTimeScalar } from '../../../kernel/graph/scalars';
import type { TrustLevel } from '../../../kernel/graph/trust.type';
import type { Retained } from '../../../schema/events';
import { PrivacyRequestState } from './privacy.states';

export enum PrivacyRequestKind {
  EXPORT = 'EXPORT',
  ERASURE = 'ERASURE',
}
registerEnumType(PrivacyRequestKind, {
  name: 'PrivacyRequestKind',
  description: 'The kind of a privacy request.',
  valuesConfig: {
    EXPORT: { description: 'A copy of all data (Auskunft, Art. 15 and 20 GDPR).' },
    ERASURE: { description: 'Deletion of all data (Löschung, Art. 17 GDPR).' },
  },
});
registerEnumType(PrivacyRequestState, {
  name: 'PrivacyRequestState',
  description: 'The state of a privacy request.',
  valuesConfig: {
    REQUESTED: { description: 'Accepted.' },
    RUNNING: { description: 'Being collected or deleted in all parts.' },
    COMPLETED: { description: 'Done as far as the law allows.' },
    EXPIRED: { description: 'The copy is no longer kept.' },
  },
});

@ObjectType('RetainedData', { description: 'Data that may not be deleted yet.' })
export class RetainedData {
  @Field(() => String, { description: 'What it is, in the language of Accept-Language.' })
  description!: string;

  @Field(() => String, { description: 'The law that demands it.' })
  legalBasis!: string;

  @Field(() => DateTimeScalar, { nullable: true, description: 'Until when.' })
  until!: Date | null;
}

@Directive('@key(fields: "id")')
@ObjectType('PrivacyRequest', { description: "A request for a copy or the deletion of one's data." })
@Entity({ name: 'privacy_request' })
export class PrivacyRequest {
  @Field(() => ID, { description: 'The opaque id of this object.' })
  @PrimaryColumn('uuid')
  id!: string;

  @Column('int')
  version!: number;

  @Column('uuid')
  accountId!: string;

  @Field(() => PrivacyRequestKind, { description: 'Copy or deletion.' })
  @Column('text')
  kind!: PrivacyRequestKind;

  @Field(() => PrivacyRequestState, { description: 'How far it is.' })
  @Column('text')
  state!: PrivacyRequestState;

  /** Null: the clock, because nobody has used the account for long. */
  @Column('uuid', { nullable: true })
  requestedById!: string | null;

  /** The session that asked; it alone outlives the account, to read the outcome. */
  @Column('uuid', { nullable: true })
  sessionId!: string | null;

  @Field(() => DateTimeScalar, { description: 'When it was made.' })
  @Column('timestamptz')
  requestedAt!: Date;

  @Field(() => DateTimeScalar, { nullable: true, description: 'When it was done.' })
  @Column('timestamptz', { nullable: true })
  completedAt!: Date | null;

  @Field(() => DateTimeScalar, { nullable: true, description: 'Until when the copy is kept.' })
  @Column('timestamptz', { nullable: true })
  expiresAt!: Date | null;

  /** In both languages; the resolver shows one. */
  @Column('jsonb', { name: 'retained' })
  kept!: Retained[];

  /** What a session must have to get the copy. */
  @Column('text')
  requiredTrustLevel!: TrustLevel;

  /** Opens the parts of a copy; null once they are gone. */
  @Column('text', { nullable: true })
  sealSalt!: string | null;

  @Column('int')
  round!: number;

  /** Is it our turn: to ask the parts, or to go on once all have answered? */
  @Column('boolean')
  isDue!: boolean;

  @Column('int')
  attempts!: number;

  @Column('timestamptz')
  nextAttemptAt!: Date;
}

export const PrivacyRequestConnection = connection(() => PrivacyRequest, { name: 'PrivacyRequest' });
