/** Citizen portals in the graph. */
import { Arg, Ctx, Directive, FieldResolver, ID, Int, Query, Resolver, Root } from 'type-graphql';
import type { Context } from '../../../kernel/context';
import { notFound } from '../../../kernel/errors';
import { Area } from '../areas/area.entity';
import { areaByArs } from '../areas/area.loaders';
import { Authority } from '../authorities/authority.entity';
import { authorityById } from '../authorities/authority.loaders';
import { type Countable, countOf } from '../list-count';
import { Service, ServiceConnection } from '../services/service.entity';
import { ServiceSearch } from '../services/service.inputs';
import { servicesOfPortal } from '../services/service.lists';
import { publishedServices } from '../services/service.loaders';
import { Portal, PortalConnection, PortalGeneration, PortalState } from './portal.entity';
import { portalByHost, portalById, servedBy } from './portal.loaders';
import { listPortals } from './portal.service';

@Resolver(() => Portal)
export class PortalResolver {
  @Directive('@tag(name: "public")')
  @Query(() => Portal, { nullable: true, description: 'One citizen portal.' })
  async portal(@Arg('id', () => ID, { description: 'The portal.' }) id: string, @Ctx() ctx: Context) {
    const portal = await portalById(ctx).load(id);
    if (!portal) throw notFound();
    return portal;
  }

  @Directive('@tag(name: "public")')
  @Query(() => Portal, { nullable: true, description: 'The citizen portal that answers under a host name.' })
  async portalByHost(
    @Arg('host', () => String, { description: 'The host name, such as portal.musterstadt.example.' }) host: string,
    @Ctx() ctx: Context,
  ) {
    const portal = await portalByHost(ctx).load(host.trim().toLowerCase());
    if (!portal) throw notFound();
    return portal;
  }

  @Directive('@tag(name: "public")')
  @Query(() => PortalConnection, { nullable: true, description: 'Citizen portals.' })
  portals(
    @Arg('generation', () => PortalGeneration, { nullable: true, description: 'Only this generation.' })
    generation: PortalGeneration | null,
    @Arg('state', () => PortalState, { nullable: true, description: 'Only this state.' }) state: PortalState | null,
    @Arg('first', () => Int, { nullable: true, defaultValue: 20, description: 'How many at most, 1 to 100.' })
    first: number,
    @Arg('after', () => String, { nullable: true, description: 'Start after this cursor.' }) after: string | null,
    @Ctx() ctx: Context,
  ) {
    return listPortals(ctx, { generation, state }, { first, after });
  }

  @FieldResolver(() => Authority, { description: 'Who runs it.' })
  authority(@Root() { authorityId }: Portal, @Ctx() ctx: Context) {
    return authorityById(ctx).load(authorityId);
  }

  @FieldResolver(() => [Area], { description: 'The areas it serves.' })
  async areas(@Root() { id }: Portal, @Ctx() ctx: Context) {
    return areaByArs(ctx).loadMany((await servedBy(ctx).load(id)) ?? []);
  }

  @FieldResolver(() => [Service], { description: 'Services on its front page.' })
  featuredServices(@Root() { featuredLeikaKeys }: Portal, @Ctx() ctx: Context) {
    return publishedServices(ctx, featuredLeikaKeys);
  }

  @FieldResolver(() => ServiceConnection, { description: 'Finds the services offered in its areas.' })
  services(
    @Root() { id }: Portal,
    @Arg('search', () => ServiceSearch, { nullable: true, description: 'What is looked for.' })
    search: ServiceSearch | null,
    @Arg('first', () => Int, { nullable: true, defaultValue: 20, description: 'How many at most, 1 to 100.' })
    first: number,
    @Arg('after', () => String, { nullable: true, description: 'Start after this cursor.' }) after: string | null,
    @Ctx() ctx: Context,
  ) {
    return servicesOfPortal(ctx, id, search, { first, after });
  }
}

@Resolver(() => PortalConnection)
export class PortalConnectionResolver {
  @FieldResolver(() => Int, {
    nullable: true,
    description: 'How many there are in all; null when counting would be costly.',
  })
  totalCount(@Root() { query }: Countable<Portal>, @Ctx() ctx: Context) {
    return countOf(ctx, query);
  }
}
