/** Authorities in the graph. */
import { Arg, Ctx, Directive, FieldResolver, ID, Int, Query, Resolver, Root } from 'type-graphql';
import type { Context } from '../../../kernel/context';
import { notFound } from '../../../kernel/errors';
import { ArsScalar } from '../../../kernel/graph/scalars';
import { Area } from '../areas/area.entity';
import { areaByArs } from '../areas/area.loaders';
import { countOf } from '../list-count';
import { Portal } from '../portals/portal.entity';
import { portalsOf } from '../portals/portal.loaders';
import { ServiceConnection } from '../services/service.entity';
import { servicesOfAuthority } from '../services/service.lists';
import { Authority, AuthorityConnection } from './authority.entity';
import { authorityById, departmentsOf } from './authority.loaders';
import { type AuthorityPage, listAuthorities } from './authority.service';

@Resolver(() => Authority)
export class AuthorityResolver {
  @Directive('@tag(name: "public")')
  @Query(() => Authority, { nullable: true, description: 'One authority.' })
  async authority(@Arg('id', () => ID, { description: 'The authority.' }) id: string, @Ctx() ctx: Context) {
    const authority = await authorityById(ctx).load(id);
    if (!authority) throw notFound();
    return authority;
  }

  @Directive('@tag(name: "public")')
  @Query(() => AuthorityConnection, { nullable: true, description: 'Authorities by name or area.' })
  authorities(
    @Arg('text', () => String, { nullable: true, description: 'Part of the name.' }) text: string | null,
    @Arg('ars', () => ArsScalar, { nullable: true, description: 'Only authorities of this area.' }) ars: string | null,
    @Arg('pointOfSingleContactOnly', () => Boolean, {
      nullable: true,
      defaultValue: false,
      description: 'Only points of single contact (Einheitlicher Ansprechpartner).',
    })
    pointOfSingleContactOnly: boolean,
    @Arg('first', () => Int, { nullable: true, defaultValue: 20, description: 'How many at most, 1 to 100.' })
    first: number,
    @Arg('after', () => String, { nullable: true, description: 'Start after this cursor.' }) after: string | null,
    @Ctx() ctx: Context,
  ) {
    return listAuthorities(ctx, { text, ars, pointOfSingleContactOnly }, { first, after });
  }

  @FieldResolver(() => Area, { description: 'The area it works for.' })
  area(@Root() authority: Authority, @Ctx() ctx: Context) {
    return areaByArs(ctx).load(authority.ars);
  }

  @FieldResolver(() => Authority, { nullable: true, description: 'The authority above.' })
  parent(@Root() authority: Authority, @Ctx() ctx: Context) {
    return authority.parentId === null ? null : authorityById(ctx).load(authority.parentId);
  }

  @FieldResolver(() => [Authority], { description: 'Its departments (Fachabteilungen).' })
  async departments(@Root() authority: Authority, @Ctx() ctx: Context) {
    return (await departmentsOf(ctx).load(authority.id)) ?? [];
  }

  @FieldResolver(() => ServiceConnection, { description: 'The services it is responsible for.' })
  services(
    @Root() authority: Authority,
    @Arg('first', () => Int, { nullable: true, defaultValue: 20, description: 'How many at most, 1 to 100.' })
    first: number,
    @Arg('after', () => String, { nullable: true, description: 'Start after this cursor.' }) after: string | null,
    @Ctx() ctx: Context,
  ) {
    return servicesOfAuthority(ctx, authority.id, { first, after });
  }

  @FieldResolver(() => [Portal], { description: 'Its citizen portals.' })
  async portals(@Root() authority: Authority, @Ctx() ctx: Context) {
    return (await portalsOf(ctx).load(authority.id)) ?? [];
  }
}

@Resolver(() => AuthorityConnection)
export class AuthorityConnectionResolver {
  @FieldResolver(() => Int, {
    nullable: true,
    description: 'How many there are in all; null when counting would be costly.',
  })
  totalCount(@Root() list: AuthorityPage, @Ctx() ctx: Context) {
    return countOf(ctx, list.query);
  }
}
