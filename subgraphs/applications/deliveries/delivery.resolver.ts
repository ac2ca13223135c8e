/** Deliveries in the graph. */
import { Arg, Ctx, Directive, FieldResolver, ID, Int, Mutation, Query, Resolver, Root } from 'type-graphql';
import { Context } from '../../../kernel/context';
import { DeliveryAttempt, DeliveryState } from '../../../kernel/graph/delivery.type';
import { connection } from '../../../kernel/graph/page.type';
import { answer, payload } from '../../../kernel/graph/refusal.type';
import { DateTimeScalar } from '../../../kernel/graph/scalars';
import { Application } from '../application/application.entity';
import { applicationById } from '../application/application.loaders';
import { Authority, byId } from '../foreign';
import { Delivery } from './delivery.entity';
import { AbandonDeliveryInput, RetryDeliveryInput } from './delivery.inputs';
import { attemptsOfDelivery, deliveriesOfApplication } from './delivery.loaders';
import { abandonDelivery, deliveryActions, retryDelivery, undeliverable } from './delivery.service';

const DeliveryConnection = connection(() => Delivery, { name: 'Delivery', totalCount: true });
const RetryDeliveryPayload = payload('retryDelivery', 'delivery', () => Delivery);
const AbandonDeliveryPayload = payload('abandonDelivery', 'delivery', () => Delivery);
const WAITING = [DeliveryState.PENDING, DeliveryState.RETRYING];

@Resolver(() => Delivery)
export class DeliveryResolver {
  @FieldResolver(() => Application, {
    nullable: true,
    description: 'The application; null for operators, who may not read cases.',
  })
  application(@Root() delivery: Delivery, @Ctx() ctx: Context): Promise<Application | null> {
    return applicationById(ctx).load(delivery.applicationId);
  }

  @FieldResolver(() => Authority, { nullable: true, description: 'The authority it goes to.' })
  authority(@Root() delivery: Delivery): Authority | null {
    return byId<Authority>(delivery.authorityId);
  }

  @FieldResolver(() => [DeliveryAttempt], { description: 'The attempts so far.' })
  async attempts(@Root() delivery: Delivery, @Ctx() ctx: Context): Promise<DeliveryAttempt[]> {
    return (await attemptsOfDelivery(ctx).load(delivery.id)) ?? [];
  }

  @FieldResolver(() => DateTimeScalar, { nullable: true, description: 'When the next attempt is due.' })
  nextAttemptAt(@Root() delivery: Delivery): Date | null {
    return WAITING.includes(delivery.state) ? delivery.nextAttemptAt : null;
  }

  @FieldResolver(() => [String], { description: 'Names of the mutations the asker may call on this object now.' })
  possibleActions(@Root() delivery: Delivery, @Ctx() ctx: Context): string[] {
    return deliveryActions(delivery, ctx);
  }

  @Directive('@requiresScopes(scopes: [["ops:deliveries"]])')
  @Query(() => DeliveryConnection, {
    nullable: true,
    description: 'Applications that could not be delivered on any attempt.',
  })
  undeliverableApplications(
    @Arg('authorityId', () => ID, { nullable: true, description: 'Only this authority.' }) authorityId: string | null,
    @Arg('first', () => Int, { nullable: true, defaultValue: 20, description: 'How many at most, 1 to 100.' })
    first: number,
    @Arg('after', () => String, { nullable: true, description: 'Start after this cursor.' }) after: string | null,
    @Ctx() ctx: Context,
  ) {
    return undeliverable(ctx, { authorityId: authorityId ?? null, first, after });
  }

  @Directive('@requiresScopes(scopes: [["ops:deliveries"]])')
  @Mutation(() => RetryDeliveryPayload, { nullable: true, description: 'Starts a new round of attempts.' })
  retryDelivery(
    @Arg('input', () => RetryDeliveryInput, { description: 'What is to be done.' }) input: RetryDeliveryInput,
    @Ctx() ctx: Context,
  ) {
    return answer(ctx, 'delivery', () => retryDelivery(ctx, input));
  }

  @Directive('@requiresScopes(scopes: [["ops:deliveries"]])')
  @Mutation(() => AbandonDeliveryPayload, {
    nullable: true,
    description: 'Gives up a delivery for good; the application is then forwarded by hand.',
  })
  abandonDelivery(
    @Arg('input', () => AbandonDeliveryInput, { description: 'What is to be done.' }) input: AbandonDeliveryInput,
    @Ctx() ctx: Context,
  ) {
    return answer(ctx, 'delivery', () => abandonDelivery(ctx, input));
  }
}

@Resolver(() => Application)
export class ApplicationDeliveryResolver {
  @Directive('@requiresScopes(scopes: [["staff:read"], ["ops:deliveries"]])')
  @FieldResolver(() => [Delivery], { nullable: true, description: 'How it was delivered to the authority.' })
  async deliveries(@Root() application: Application, @Ctx() ctx: Context): Promise<Delivery[]> {
    return (await deliveriesOfApplication(ctx).load(application.id)) ?? [];
  }
}
