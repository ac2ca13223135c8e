/** Live feeds of applications in the graph. */
import type { GraphQLResolveInfo } from 'graphql';
import { Arg, Ctx, Directive, FieldResolver, ID, Info, Resolver, Root, Subscription } from 'type-graphql';
import { Context } from '../../../kernel/context';
import { Application } from '../application/application.entity';
import { applicationById } from '../application/application.loaders';
import { NAMES, provideNames } from '../application/party.loaders';
import { Delivery } from '../deliveries/delivery.entity';
import { deliveryById } from '../deliveries/delivery.loaders';
import { InboxFilter } from './inbox.inputs';
import {
  type ApplicationChangedArgs,
  applicationChanged,
  type InboxChangedArgs,
  inboxChanged,
  undeliverableApplicationsChanged,
} from './live.service';
import { ApplicationEvent, ApplicationEventKind } from './live.type';

const AFTER = 'Resume after this event cursor; without it only new events come.';

@Resolver(() => ApplicationEvent)
export class LiveResolver {
  @FieldResolver(() => Application, {
    nullable: true,
    description: 'The application; null when the asker may not see it any more, as after FORWARDED.',
  })
  async application(
    @Root() event: ApplicationEvent,
    @Ctx() ctx: Context,
    @Info() info: GraphQLResolveInfo,
  ): Promise<Application | null> {
    const application = await applicationById(ctx).load(event.applicationId);
    if (application && event.providesNames) await provideNames(ctx, [application], info);
    return application;
  }

  @Directive('@requiresScopes(scopes: [["staff:read"], ["ops:deliveries"]])')
  @FieldResolver(() => Delivery, { nullable: true, description: 'The delivery, for UNDELIVERABLE.' })
  async delivery(@Root() event: ApplicationEvent, @Ctx() ctx: Context): Promise<Delivery | null> {
    return event.deliveryId ? deliveryById(ctx).load(event.deliveryId) : null;
  }

  @Directive('@tag(name: "shared")')
  @Directive('@requiresScopes(scopes: [["staff:read"]])')
  @Directive(`@provides(fields: "application { ${NAMES} }")`)
  @Subscription(() => ApplicationEvent, {
    description: 'What happens to the cases of an authority, as it happens.',
    subscribe: ({ args, context }) => inboxChanged(context as Context, args as InboxChangedArgs) as never,
  })
  inboxChanged(
    @Root() event: ApplicationEvent,
    @Arg('authorityId', () => ID, { description: 'The authority or department.' }) _authorityId: string,
    @Arg('filter', () => InboxFilter, {
      nullable: true,
      description: 'Only cases that fit before or after the change.',
    })
    _filter: InboxFilter | null,
    @Arg('kinds', () => [ApplicationEventKind], { nullable: true, description: 'Only these kinds.' })
    _kinds: ApplicationEventKind[] | null,
    @Arg('after', () => String, { nullable: true, description: AFTER }) _after: string | null,
  ): ApplicationEvent {
    return { ...event, providesNames: true };
  }

  @Directive('@authenticated')
  @Subscription(() => ApplicationEvent, {
    description: "What happens to the asker's application, or to all of them.",
    subscribe: ({ args, context }) => applicationChanged(context as Context, args as ApplicationChangedArgs) as never,
  })
  applicationChanged(
    @Root() event: ApplicationEvent,
    @Arg('applicationId', () => ID, {
      nullable: true,
      description: 'The application; all of the account when left out.',
    })
    _applicationId: string | null,
    @Arg('after', () => String, { nullable: true, description: AFTER }) _after: string | null,
  ): ApplicationEvent {
    return event;
  }

  @Directive('@tag(name: "shared")')
  @Directive('@requiresScopes(scopes: [["ops:deliveries"]])')
  @Subscription(() => ApplicationEvent, {
    description: 'Applications that become undeliverable, for operators.',
    subscribe: ({ args, context }) =>
      undeliverableApplicationsChanged(context as Context, args as { after?: string }) as never,
  })
  undeliverableApplicationsChanged(
    @Root() event: ApplicationEvent,
    @Arg('after', () => String, { nullable: true, description: AFTER }) _after: string | null,
  ): ApplicationEvent {
    return event;
  }
}
