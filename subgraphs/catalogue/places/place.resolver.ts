/** The preflight in the graph. */
import { Arg, Ctx, Directive, FieldResolver, Int, Query, Resolver, Root } from 'type-graphql';
import type { Context } from '../../../kernel/context';
import { notFound } from '../../../kernel/errors';
import { Money } from '../../../kernel/graph/money.type';
import { ArsScalar, LeikaKeyScalar } from '../../../kernel/graph/scalars';
import { TrustLevel } from '../../../kernel/graph/trust.type';
import { Area } from '../areas/area.entity';
import { areaByArs } from '../areas/area.loaders';
import { Authority } from '../authorities/authority.entity';
import { Adoption, OnlineServiceVersion } from '../online-services/online-service.entity';
import { versionAt } from '../online-services/online-service.service';
import { ResponsibilityAnswer } from '../responsibilities/responsibility.entity';
import { Recommendation, recommendationsOf } from '../services/recommendation';
import { requiredDocuments } from '../services/service.content';
import { RequiredDocument, Service } from '../services/service.entity';
import { ServiceAtPlace } from './place.entity';
import { adoptionAt, feeOverride, findPlace, responsibilityOf, serviceOf, singleContact } from './place.service';

@Resolver(() => ServiceAtPlace)
export class ServiceAtPlaceResolver {
  @Directive('@tag(name: "public")')
  @Query(() => ServiceAtPlace, {
    nullable: true,
    description: 'All that is to be known before applying: one service at one place.',
  })
  async serviceAtPlace(
    @Arg('leikaKey', () => LeikaKeyScalar, { description: 'The service.' }) leikaKey: string,
    @Arg('ars', () => ArsScalar, { description: 'The place.' }) ars: string,
    @Ctx() ctx: Context,
  ) {
    const place = await findPlace(ctx, { leikaKey, ars });
    if (!place) throw notFound();
    return place;
  }

  @FieldResolver(() => Service as unknown as new () => Service, { description: 'The service.' })
  service(@Root() place: ServiceAtPlace, @Ctx() ctx: Context) {
    return serviceOf(ctx, place);
  }

  @FieldResolver(() => Area, { description: 'The place.' })
  area(@Root() { ars }: ServiceAtPlace, @Ctx() ctx: Context) {
    return areaByArs(ctx).load(ars);
  }

  @FieldResolver(() => ResponsibilityAnswer, { description: 'Who is responsible and why.' })
  responsibility(@Root() place: ServiceAtPlace, @Ctx() ctx: Context) {
    return responsibilityOf(ctx, place);
  }

  @FieldResolver(() => OnlineServiceVersion, {
    nullable: true,
    description: 'The online service version to apply with; null when there is none here.',
  })
  onlineServiceVersion(@Root() { leikaKey, ars }: ServiceAtPlace, @Ctx() ctx: Context) {
    return versionAt(ctx, leikaKey, ars);
  }

  @FieldResolver(() => Adoption, {
    nullable: true,
    description: 'The adoption in force, when the online service is re-used here.',
  })
  adoption(@Root() place: ServiceAtPlace, @Ctx() ctx: Context) {
    return adoptionAt(ctx, place);
  }

  @FieldResolver(() => TrustLevel, { description: 'The trust level the applicant needs.' })
  async requiredTrustLevel(@Root() place: ServiceAtPlace, @Ctx() ctx: Context) {
    return (await serviceOf(ctx, place)).requiredTrustLevel;
  }

  @FieldResolver(() => [RequiredDocument], { description: 'The documents to bring.' })
  async requiredDocuments(@Root() place: ServiceAtPlace, @Ctx() ctx: Context) {
    return requiredDocuments((await serviceOf(ctx, place)).current, ctx.language);
  }

  @FieldResolver(() => Int, {
    nullable: true,
    description: 'The usual duration in days; the rule of the deadline says whether in calendar or working days.',
  })
  async processingDays(@Root() place: ServiceAtPlace, @Ctx() ctx: Context) {
    return (await responsibilityOf(ctx, place)).responsibility?.processingDays ?? null;
  }

  @FieldResolver(() => Authority, {
    nullable: true,
    description: 'The point of single contact, when it may handle the service.',
  })
  singleContact(@Root() place: ServiceAtPlace, @Ctx() ctx: Context) {
    return singleContact(ctx, place);
  }

  @FieldResolver(() => Money, { nullable: true, description: 'The local fee that replaces the general one.' })
  feeOverride(@Root() place: ServiceAtPlace, @Ctx() ctx: Context) {
    return feeOverride(ctx, place);
  }

  @FieldResolver(() => [Recommendation], { description: 'What people often need next.' })
  async recommendations(@Root() place: ServiceAtPlace, @Ctx() ctx: Context) {
    return recommendationsOf(ctx, await serviceOf(ctx, place), place.ars);
  }
}
