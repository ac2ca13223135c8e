/** Inputs of the mutations on notification preferences. */
import { Field, InputType, Int } from 'type-graphql';
import { MessageKind } from '../messages/message.entity';

@InputType('ChangeNotificationPreferencesInput', { description: 'Input of changeNotificationPreferences.' })
export class ChangeNotificationPreferencesInput {
  @Field(() => String, { nullable: true, description: 'The e-mail address; a new one must be confirmed.' })
  email?: string | null;

  @Field(() => [MessageKind], {
    nullable: true,
    description: 'The kinds announced by e-mail; without NOTICE it is refused, since law needs that mail (§ 9 OZG).',
  })
  emailFor?: MessageKind[] | null;

  @Field(() => String, { nullable: true, description: 'The language of the e-mails.' })
  language?: string | null;

  @Field(() => Int, { description: 'The version the asker has seen; another one is refused with VERSION_CONFLICT.' })
  expectedVersion!: number;
}

@InputType('ConfirmNotificationEmailInput', { description: 'Input of confirmNotificationEmail.' })
export class ConfirmNotificationEmailInput {
  @Field(() => String, { description: 'The code from the e-mail.' })
  code!: string;
}
