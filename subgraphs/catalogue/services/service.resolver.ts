/** Services and their versions in the graph. */
import { Arg, Ctx, Directive, FieldResolver, Int, Query, Resolver, Root } from 'type-graphql';
import type { Context } from '../../../kernel/context';
import { notFound } from '../../../kernel/errors';
import { ArsScalar, JsonScalar, LeikaKeyScalar } from '../../../kernel/graph/scalars';
import { seesDrafts } from '../entries/entry.rights';
import { point, StaffMember } from '../foreign';
import { spoken } from '../localized-text';
import { OnlineService } from '../online-services/online-service.entity';
import { offersAt, placeKey } from '../online-services/online-service.loaders';
import { ResponsibilityConnection } from '../responsibilities/responsibility.entity';
import { responsibilitiesOf } from '../responsibilities/responsibility.loaders';
import { LifeSituation, LifeTopic, topic } from '../topics/topic.entity';
import { situationById } from '../topics/topic.loaders';
import { Recommendation, recommendationsOf } from './recommendation';
import { contentOf, requiredDocuments } from './service.content';
import {
  RequiredDocument,
  Service,
  ServiceConnection,
  ServiceVersion,
  ServiceVersionConnection,
} from './service.entity';
import { ServiceSearch } from './service.inputs';
import { findServices, type ServicePage, versionsOf } from './service.lists';
import { publishedService, serviceByKey } from './service.loaders';

@Resolver(() => Service as unknown as new () => Service)
export class ServiceResolver {
  @Directive('@tag(name: "public")')
  @Query(() => ServiceConnection, {
    nullable: true,
    description: 'Finds published services; tolerant of umlauts (ä, ae, a), typos and everyday words.',
  })
  services(
    @Arg('search', () => ServiceSearch, {
      nullable: true,
      description: 'What is looked for; without it all services by title.',
    })
    search: ServiceSearch | null,
    @Arg('first', () => Int, { nullable: true, defaultValue: 20, description: 'How many at most, 1 to 100.' })
    first: number,
    @Arg('after', () => String, { nullable: true, description: 'Start after this cursor.' }) after: string | null,
    @Ctx() ctx: Context,
  ) {
    return findServices(ctx, search, { first, after });
  }

  @Directive('@tag(name: "public")')
  @Query(() => Service as unknown as new () => Service, { nullable: true, description: 'One published service.' })
  async service(
    @Arg('leikaKey', () => LeikaKeyScalar, { description: 'The service.' }) leikaKey: string,
    @Ctx() ctx: Context,
  ) {
    const service = await publishedService(ctx, leikaKey);
    if (!service) throw notFound();
    return service;
  }

  @Directive('@tag(name: "public")')
  @FieldResolver(() => String, { description: 'The title in the language of Accept-Language.' })
  title(@Root() { current }: Service, @Ctx() ctx: Context): string {
    return spoken(current.title, ctx.language);
  }

  @Directive('@tag(name: "public")')
  @FieldResolver(() => String, { description: 'Two or three sentences for people.' })
  summary(@Root() { current }: Service, @Ctx() ctx: Context): string {
    return spoken(current.summary, ctx.language);
  }

  @Directive('@tag(name: "public")')
  @FieldResolver(() => LifeTopic, { nullable: true, description: 'The topic it belongs to.' })
  lifeTopic(@Root() { current }: Service) {
    return topic(current.lifeTopic);
  }

  @Directive('@tag(name: "public")')
  @FieldResolver(() => [LifeSituation], { description: 'The situations it helps in.' })
  async lifeSituations(@Root() { current }: Service, @Ctx() ctx: Context) {
    return (await situationById(ctx).loadMany(current.lifeSituationIds)).filter(Boolean);
  }

  @Directive('@tag(name: "public")')
  @FieldResolver(() => [RequiredDocument], { description: 'The documents to bring.' })
  requiredDocuments(@Root() { current }: Service, @Ctx() ctx: Context) {
    return requiredDocuments(current, ctx.language);
  }

  @Directive('@tag(name: "public")')
  @FieldResolver(() => [OnlineService], {
    description: 'The online services that offer it, at a place when one is named.',
  })
  async onlineServices(
    @Root() { leikaKey }: Service,
    @Arg('ars', () => ArsScalar, { nullable: true, description: 'Only those usable here.' }) ars: string | null,
    @Ctx() ctx: Context,
  ) {
    const offers = await offersAt(ctx).load(placeKey(leikaKey, ars ?? null));
    return (offers ?? []).map(offer => offer.onlineService);
  }

  @Directive('@tag(name: "public")')
  @FieldResolver(() => ResponsibilityConnection, { description: 'Published responsibilities for it.' })
  responsibilities(
    @Root() { leikaKey }: Service,
    @Arg('ars', () => ArsScalar, { nullable: true, description: 'Only in this area or below.' }) ars: string | null,
    @Arg('first', () => Int, { nullable: true, defaultValue: 20, description: 'How many at most, 1 to 100.' })
    first: number,
    @Arg('after', () => String, { nullable: true, description: 'Start after this cursor.' }) after: string | null,
    @Ctx() ctx: Context,
  ) {
    return responsibilitiesOf(ctx, leikaKey, { ars: ars ?? null, first, after });
  }

  @Directive('@tag(name: "public")')
  @FieldResolver(() => [Recommendation], { description: 'What people often need next (Empfehlungssystem).' })
  recommendations(
    @Root() service: Service,
    @Arg('ars', () => ArsScalar, { nullable: true, description: 'The place the authority is looked up for.' }) ars:
      | string
      | null,
    @Ctx() ctx: Context,
  ) {
    return recommendationsOf(ctx, service, ars ?? null);
  }

  @Directive('@requiresScopes(scopes: [["catalogue:edit"]])')
  @FieldResolver(() => ServiceVersionConnection, {
    nullable: true,
    description: 'All versions with drafts, newest first.',
  })
  async versions(
    @Root() { leikaKey }: Service,
    @Arg('first', () => Int, { nullable: true, defaultValue: 20, description: 'How many at most, 1 to 100.' })
    first: number,
    @Arg('after', () => String, { nullable: true, description: 'Start after this cursor.' }) after: string | null,
    @Ctx() ctx: Context,
  ) {
    return (await seesDrafts(ctx, null)) ? versionsOf(ctx, leikaKey, { first, after }) : null;
  }
}

@Resolver(() => ServiceConnection)
export class ServiceConnectionResolver {
  @FieldResolver(() => Int, {
    nullable: true,
    description: 'How many there are in all; null when counting would be costly.',
  })
  totalCount(@Root() list: ServicePage, @Ctx() ctx: Context) {
    return list.count(ctx);
  }

  @FieldResolver(() => String, { nullable: true, description: 'A corrected spelling that finds more.' })
  didYouMean(@Root() list: ServicePage): string | null {
    return list.didYouMean;
  }
}

@Resolver(() => ServiceVersion)
export class ServiceVersionResolver {
  @Directive('@tag(name: "public")')
  @FieldResolver(() => Service as unknown as new () => Service, { description: 'The service described.' })
  async service(@Root() version: ServiceVersion, @Ctx() ctx: Context) {
    return (await serviceByKey(ctx).load(version.leikaKey)) ?? new Service(version);
  }

  @Directive('@requiresScopes(scopes: [["catalogue:edit"]])')
  @FieldResolver(() => JsonScalar, {
    nullable: true,
    description: 'Everything in this version, in the shape of SaveServiceDraftInput, to go on editing it.',
  })
  async content(@Root() version: ServiceVersion, @Ctx() ctx: Context) {
    return (await seesDrafts(ctx, null)) ? contentOf(version) : null;
  }

  @Directive('@requiresScopes(scopes: [["catalogue:edit"]])')
  @FieldResolver(() => StaffMember, { nullable: true, description: 'Who changed it last.' })
  async changedBy(@Root() { changedById }: ServiceVersion, @Ctx() ctx: Context) {
    return (await seesDrafts(ctx, null)) ? point(changedById) : null;
  }
}
