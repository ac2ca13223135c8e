/** Areas in the graph. */
import { Arg, Ctx, Directive, FieldResolver, Int, Query, Resolver, Root } from 'type-graphql';
import type { Context } from '../../../kernel/context';
import { notFound } from '../../../kernel/errors';
import { ArsScalar } from '../../../kernel/graph/scalars';
import { Authority } from '../authorities/authority.entity';
import { authorityById } from '../authorities/authority.loaders';
import { Area, AreaConnection, AreaLookup } from './area.entity';
import { areaByArs, childrenOf, postcodesOf } from './area.loaders';
import { lookUpArea } from './area.service';

@Resolver(() => Area)
export class AreaResolver {
  @Directive('@tag(name: "public")')
  @Query(() => Area, { nullable: true, description: 'One area.' })
  async area(@Arg('ars', () => ArsScalar, { description: 'The area.' }) ars: string, @Ctx() ctx: Context) {
    const area = await areaByArs(ctx).load(ars);
    if (!area) throw notFound();
    return area;
  }

  @Directive('@tag(name: "public")')
  @Query(() => AreaLookup, {
    nullable: true,
    description: 'Finds an area by name or postcode and says when the text fits several.',
  })
  areaLookup(
    @Arg('text', () => String, {
      description: 'A name, part of a name, a five-digit postcode, or both as on letters (D-24103 Kiel).',
    })
    text: string,
    @Arg('first', () => Int, { nullable: true, defaultValue: 10, description: 'How many candidates at most, 1 to 50.' })
    first: number,
    @Ctx() ctx: Context,
  ): Promise<AreaLookup> {
    return lookUpArea(ctx, text, first);
  }

  @FieldResolver(() => [String], { description: 'The postcodes in the area.' })
  async postcodes(@Root() area: Area, @Ctx() ctx: Context): Promise<string[]> {
    return (await postcodesOf(ctx).load(area.ars)) ?? [];
  }

  @FieldResolver(() => Area, { nullable: true, description: 'The next higher area.' })
  parent(@Root() area: Area, @Ctx() ctx: Context): Promise<Area | null> | null {
    return area.parentArs === null ? null : areaByArs(ctx).load(area.parentArs);
  }

  @FieldResolver(() => AreaConnection, { description: 'The areas directly below.' })
  children(
    @Root() area: Area,
    @Arg('first', () => Int, { nullable: true, defaultValue: 20, description: 'How many at most, 1 to 100.' })
    first: number,
    @Arg('after', () => String, { nullable: true, description: 'Start after this cursor.' }) after: string | null,
    @Ctx() ctx: Context,
  ) {
    return childrenOf(ctx, area.ars, { first, after });
  }

  @FieldResolver(() => Authority, {
    nullable: true,
    description: 'The authority that runs the area, such as the Amt of a small municipality.',
  })
  administeredBy(@Root() area: Area, @Ctx() ctx: Context): Promise<Authority | null> | null {
    return area.administeredById === null ? null : authorityById(ctx).load(area.administeredById);
  }
}
