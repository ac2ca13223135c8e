/** How an account wants to be told of new messages, and the e-mail address that waits for its code. */
import { Field, Int, ObjectType } from 'type-graphql';
import { Column, Entity, PrimaryColumn } from 'typeorm';
import { payload } from '../../../kernel/graph/refusal.type';
import type { Language } from '../../../kernel/language';
import { MessageKind } from '../messages/message.entity';

/**
 * Kinds whose mail law needs, so that nobody can switch it off: of a notice in the mailbox its addressee must be told
 * (§ 9 Abs. 1 OZG, § 41 Abs. 2a VwVfG), since periods begin with it.
 */
export const ALWAYS_ANNOUNCED: readonly MessageKind[] = [MessageKind.NOTICE];

@ObjectType('NotificationPreferences', { description: 'How an account wants to be told of new messages.' })
@Entity({ name: 'notification_preferences' })
export class NotificationPreferences {
  /** The account. */
  @PrimaryColumn('uuid')
  id!: string;

  @Field(() => Int, { description: 'Counts up with every change; send it back as expectedVersion.' })
  @Column('int')
  version!: number;

  @Field(() => String, {
    nullable: true,
    description:
      'The e-mail address; while it is not confirmed, only notices are announced, to the last confirmed one or that of the sign-in.',
  })
  @Column('text', { nullable: true })
  email!: string | null;

  @Field(() => Boolean, { description: 'True when the address has been confirmed.' })
  @Column('boolean')
  emailConfirmed!: boolean;

  /** The last address that was confirmed, where notices go until another one is; null once it was taken away. */
  @Column('text', { nullable: true })
  confirmedEmail!: string | null;

  @Field(() => [MessageKind], {
    description: 'The kinds of messages announced by e-mail; NOTICE is always one of them (§ 9 OZG).',
  })
  @Column('text', { array: true })
  emailFor!: MessageKind[];

  @Field(() => String, { description: 'The language of the e-mails, such as de.' })
  @Column('text')
  language!: Language;
}

export type ConfirmationState = 'PENDING' | 'SENT' | 'FAILED' | 'CONFIRMED';

@Entity({ name: 'email_confirmation' })
export class EmailConfirmation {
  /** New for each code. */
  @PrimaryColumn('uuid')
  id!: string;

  @Column('int')
  version!: number;

  @Column('uuid')
  accountId!: string;

  @Column('text')
  email!: string;

  @Column('text')
  language!: Language;

  @Column('text')
  state!: ConfirmationState;

  @Column('int', { name: 'attempts' })
  attemptCount!: number;

  @Column('timestamptz', { name: 'next_attempt_at' })
  dueAt!: Date;

  @Column('int')
  wrongCodes!: number;

  @Column('timestamptz')
  expiresAt!: Date;

  /** How many codes were asked for since `askedSince`. */
  @Column('int')
  asked!: number;

  @Column('timestamptz')
  askedSince!: Date;
}

export const ChangeNotificationPreferencesPayload = payload(
  'changeNotificationPreferences',
  'notificationPreferences',
  () => NotificationPreferences,
);
export const ConfirmNotificationEmailPayload = payload(
  'confirmNotificationEmail',
  'notificationPreferences',
  () => NotificationPreferences,
);
