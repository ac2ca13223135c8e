/** Adoptions of online services in the graph. */
import { Ctx, FieldResolver, Resolver, Root } from 'type-graphql';
import { today } from '../../../kernel/clock';
import type { Context } from '../../../kernel/context';
import { JsonScalar } from '../../../kernel/graph/scalars';
import { Area } from '../areas/area.entity';
import { areaByArs } from '../areas/area.loaders';
import { Authority } from '../authorities/authority.entity';
import { authorityById } from '../authorities/authority.loaders';
import { Adoption, AdoptionState, OnlineService, OnlineServiceVersion, Override } from './online-service.entity';
import { onlineServiceById, onlineServiceVersionById } from './online-service.loaders';
import { effectiveSettings, overridesOf, upgradeOf } from './online-service.service';

@Resolver(() => Adoption)
export class AdoptionResolver {
  @FieldResolver(() => OnlineService, { description: 'The re-used online service.' })
  onlineService(@Root() { onlineServiceId }: Adoption, @Ctx() ctx: Context) {
    return onlineServiceById(ctx).load(onlineServiceId);
  }

  @FieldResolver(() => OnlineServiceVersion, { description: 'The version in use; it changes only by upgradeAdoption.' })
  onlineServiceVersion(@Root() { onlineServiceVersionId }: Adoption, @Ctx() ctx: Context) {
    return onlineServiceVersionById(ctx).load(onlineServiceVersionId);
  }

  @FieldResolver(() => Area, { description: 'Where it is re-used.' })
  area(@Root() { ars }: Adoption, @Ctx() ctx: Context) {
    return areaByArs(ctx).load(ars);
  }

  @FieldResolver(() => Authority, { description: 'Who answers for the re-use.' })
  authority(@Root() { authorityId }: Adoption, @Ctx() ctx: Context) {
    return authorityById(ctx).load(authorityId);
  }

  @FieldResolver(() => AdoptionState, { description: 'In use or ended.' })
  state(@Root() { validTo }: Adoption): AdoptionState {
    return validTo !== null && validTo < today() ? AdoptionState.ENDED : AdoptionState.ACTIVE;
  }

  @FieldResolver(() => [Override], { description: 'The local settings.' })
  overrides(@Root() adoption: Adoption, @Ctx() ctx: Context) {
    return overridesOf(ctx, adoption);
  }

  @FieldResolver(() => JsonScalar, {
    description: 'The settings in force: those of the version with the overrides on top.',
  })
  effectiveSettings(@Root() adoption: Adoption, @Ctx() ctx: Context) {
    return effectiveSettings(ctx, adoption);
  }

  @FieldResolver(() => OnlineServiceVersion, {
    nullable: true,
    description: 'A newer published version, when there is one.',
  })
  upgrade(@Root() adoption: Adoption, @Ctx() ctx: Context) {
    return upgradeOf(ctx, adoption);
  }
}
