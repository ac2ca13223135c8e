/** Notification preferences in the graph. */
import { Arg, Ctx, Directive, Mutation, Resolver } from 'type-graphql';
import type { Context } from '../../../kernel/context';
import { answer, type Payload } from '../../../kernel/graph/refusal.type';
import {
  ChangeNotificationPreferencesPayload,
  ConfirmNotificationEmailPayload,
  NotificationPreferences,
} from './notification.entity';
import { ChangeNotificationPreferencesInput, ConfirmNotificationEmailInput } from './notification.inputs';
import { changePreferences, confirmEmail } from './notification.service';

@Resolver(() => NotificationPreferences)
export class NotificationResolver {
  @Directive('@authenticated')
  @Mutation(() => ChangeNotificationPreferencesPayload, {
    nullable: true,
    description: 'Changes how the account is told of new messages.',
  })
  changeNotificationPreferences(
    @Ctx() ctx: Context,
    @Arg('input', () => ChangeNotificationPreferencesInput, { description: 'What is to be done.' })
    input: ChangeNotificationPreferencesInput,
  ): Promise<Payload> {
    return answer(ctx, 'notificationPreferences', async () => changePreferences(ctx, input));
  }

  @Directive('@authenticated')
  @Mutation(() => ConfirmNotificationEmailPayload, { nullable: true, description: 'Confirms the e-mail address.' })
  confirmNotificationEmail(
    @Ctx() ctx: Context,
    @Arg('input', () => ConfirmNotificationEmailInput, { description: 'What is to be done.' })
    input: ConfirmNotificationEmailInput,
  ): Promise<Payload> {
    return answer(ctx, 'notificationPreferences', () => confirmEmail(ctx, input));
  }
}
