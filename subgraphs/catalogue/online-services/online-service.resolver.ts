/** Online services and their versions in the graph. */
import { Arg, Ctx, Directive, FieldResolver, ID, Int, Query, Resolver, Root } from 'type-graphql';
import type { Context } from '../../../kernel/context';
import { notFound } from '../../../kernel/errors';
import { ArsScalar, LeikaKeyScalar } from '../../../kernel/graph/scalars';
import { Area } from '../areas/area.entity';
import { areaByArs } from '../areas/area.loaders';
import { seesDrafts } from '../entries/entry.rights';
import { Form, point, StaffMember } from '../foreign';
import { type Countable, countOf } from '../list-count';
import { Service } from '../services/service.entity';
import { publishedServices } from '../services/service.loaders';
import {
  AdoptionConnection,
  OnlineService,
  OnlineServiceConnection,
  OnlineServiceVersion,
  OnlineServiceVersionConnection,
} from './online-service.entity';
import { adoptionsOf, onlineServiceById, versionInForceOf, versionsOfOnlineService } from './online-service.loaders';
import { listOnlineServices, visibleOnlineService } from './online-service.service';

@Resolver(() => OnlineService)
export class OnlineServiceResolver {
  @Directive('@tag(name: "public")')
  @Query(() => OnlineService, { nullable: true, description: 'One online service.' })
  async onlineService(
    @Arg('id', () => ID, { description: 'The online service.' }) id: string,
    @Ctx() ctx: Context,
  ): Promise<OnlineService> {
    const service = await visibleOnlineService(ctx, id);
    if (!service) throw notFound();
    return service;
  }

  @Directive('@tag(name: "public")')
  @Query(() => OnlineServiceConnection, {
    nullable: true,
    description: 'Online services, among them those offered for re-use (EfA).',
  })
  onlineServices(
    @Arg('reusableOnly', () => Boolean, {
      nullable: true,
      defaultValue: false,
      description: 'Only those offered to other states (Einer für Alle).',
    })
    reusableOnly: boolean | null,
    @Arg('leikaKey', () => LeikaKeyScalar, { nullable: true, description: 'Only those for this service.' }) leikaKey:
      | string
      | null,
    @Arg('first', () => Int, { nullable: true, defaultValue: 20, description: 'How many at most, 1 to 100.' })
    first: number,
    @Arg('after', () => String, { nullable: true, description: 'Start after this cursor.' }) after: string | null,
    @Ctx() ctx: Context,
  ) {
    return listOnlineServices(
      ctx,
      { reusableOnly: reusableOnly === true, leikaKey: leikaKey ?? null },
      { first, after },
    );
  }

  @Directive('@tag(name: "public")')
  @FieldResolver(() => [Service], { description: 'The services it covers.' })
  services(@Root() { leikaKeys }: OnlineService, @Ctx() ctx: Context) {
    return publishedServices(ctx, leikaKeys);
  }

  @Directive('@tag(name: "public")')
  @FieldResolver(() => Area, { description: 'The area that made it (umsetzendes Land or municipality).' })
  offeredBy(@Root() { offeredByArs }: OnlineService, @Ctx() ctx: Context) {
    return areaByArs(ctx).load(offeredByArs);
  }

  @Directive('@tag(name: "public")')
  @FieldResolver(() => OnlineServiceVersion, { nullable: true, description: 'The version new drafts use.' })
  publishedVersion(@Root() { id }: OnlineService, @Ctx() ctx: Context) {
    return versionInForceOf(ctx).load(id);
  }

  @Directive('@requiresScopes(scopes: [["catalogue:edit"]])')
  @FieldResolver(() => OnlineServiceVersionConnection, {
    nullable: true,
    description: 'All versions with drafts, newest first.',
  })
  async versions(
    @Root() { id, offeredByArs }: OnlineService,
    @Arg('first', () => Int, { nullable: true, defaultValue: 20, description: 'How many at most, 1 to 100.' })
    first: number,
    @Arg('after', () => String, { nullable: true, description: 'Start after this cursor.' }) after: string | null,
    @Ctx() ctx: Context,
  ) {
    return (await seesDrafts(ctx, offeredByArs)) ? versionsOfOnlineService(ctx, id, { first, after }) : null;
  }

  @Directive('@tag(name: "public")')
  @FieldResolver(() => AdoptionConnection, { description: 'Who re-uses it (Nachnutzung).' })
  adoptions(
    @Root() { id }: OnlineService,
    @Arg('ars', () => ArsScalar, { nullable: true, description: 'Only in this area or below.' }) ars: string | null,
    @Arg('first', () => Int, { nullable: true, defaultValue: 20, description: 'How many at most, 1 to 100.' })
    first: number,
    @Arg('after', () => String, { nullable: true, description: 'Start after this cursor.' }) after: string | null,
    @Ctx() ctx: Context,
  ) {
    return adoptionsOf(ctx, id, { ars: ars ?? null, first, after });
  }
}

@Resolver(() => OnlineServiceConnection)
export class OnlineServiceConnectionResolver {
  @FieldResolver(() => Int, {
    nullable: true,
    description: 'How many there are in all; null when counting would be costly.',
  })
  totalCount(@Root() { query }: Countable<OnlineService>, @Ctx() ctx: Context) {
    return countOf(ctx, query);
  }
}

@Resolver(() => OnlineServiceVersion)
export class OnlineServiceVersionResolver {
  @Directive('@tag(name: "public")')
  @FieldResolver(() => OnlineService, { description: 'The online service.' })
  onlineService(@Root() { onlineServiceId }: OnlineServiceVersion, @Ctx() ctx: Context) {
    return onlineServiceById(ctx).load(onlineServiceId);
  }

  @Directive('@tag(name: "public")')
  @FieldResolver(() => Form, { nullable: true, description: 'The form; running drafts keep theirs.' })
  form(@Root() { formId }: OnlineServiceVersion) {
    return point(formId);
  }

  @Directive('@requiresScopes(scopes: [["catalogue:edit"]])')
  @FieldResolver(() => StaffMember, { nullable: true, description: 'Who changed it last.' })
  async changedBy(@Root() { ars, changedById }: OnlineServiceVersion, @Ctx() ctx: Context) {
    return (await seesDrafts(ctx, ars)) ? point(changedById) : null;
  }
}
