/** Responsibilities and the finder in the graph. */
import { Arg, Ctx, Directive, FieldResolver, Mutation, Query, Resolver, Root } from 'type-graphql';
import { today } from '../../../kernel/clock';
import type { Context } from '../../../kernel/context';
import { notFound } from '../../../kernel/errors';
import { answer } from '../../../kernel/graph/refusal.type';
import { ArsScalar, DateScalar, LeikaKeyScalar } from '../../../kernel/graph/scalars';
import { Area } from '../areas/area.entity';
import { areaByArs } from '../areas/area.loaders';
import { Authority } from '../authorities/authority.entity';
import { authorityById } from '../authorities/authority.loaders';
import { point, StaffMember } from '../foreign';
import { Service } from '../services/service.entity';
import { serviceByKey } from '../services/service.loaders';
import {
  DepartmentRule,
  Responsibility,
  ResponsibilityAnswer,
  SaveResponsibilityDraftPayload,
} from './responsibility.entity';
import { findResponsibility } from './responsibility.finder';
import { SaveResponsibilityDraftInput } from './responsibility.inputs';
import { seesInside } from './responsibility.rights';
import { saveResponsibilityDraft } from './responsibility.service';

@Resolver(() => Responsibility)
export class ResponsibilityResolver {
  @Directive('@tag(name: "public")')
  @Query(() => ResponsibilityAnswer, {
    nullable: true,
    description:
      'Who is responsible for a service at a place on a day, with every step of the search (Zuständigkeitsfinder).',
  })
  async responsibility(
    @Arg('leikaKey', () => LeikaKeyScalar, { description: 'The service.' }) leikaKey: string,
    @Arg('ars', () => ArsScalar, { description: 'The place.' }) ars: string,
    @Arg('on', () => DateScalar, { nullable: true, description: 'The day; today when left out.' }) on: string | null,
    @Ctx() ctx: Context,
  ): Promise<ResponsibilityAnswer> {
    const [service, found] = await Promise.all([
      serviceByKey(ctx).load(leikaKey),
      findResponsibility(ctx, { leikaKey, ars, on: on ?? today() }),
    ]);
    if (!service || !found) throw notFound();
    return found;
  }

  @Directive('@requiresScopes(scopes: [["catalogue:edit"]])')
  @Mutation(() => SaveResponsibilityDraftPayload, {
    nullable: true,
    description: 'Creates or changes a draft responsibility; a published one is replaced by publishing its draft.',
  })
  saveResponsibilityDraft(
    @Arg('input', () => SaveResponsibilityDraftInput, { description: 'What is to be done.' })
    input: SaveResponsibilityDraftInput,
    @Ctx() ctx: Context,
  ) {
    return answer(ctx, 'entry', () => saveResponsibilityDraft(ctx, input));
  }

  @Directive('@tag(name: "public")')
  @FieldResolver(() => Service, { description: 'The service.' })
  service(@Root() { leikaKey }: Responsibility, @Ctx() ctx: Context) {
    return serviceByKey(ctx).load(leikaKey);
  }

  @Directive('@tag(name: "public")')
  @FieldResolver(() => Area, { description: 'The area it holds for, with all areas below unless they have their own.' })
  area(@Root() { ars }: Responsibility, @Ctx() ctx: Context) {
    return areaByArs(ctx).load(ars);
  }

  @Directive('@tag(name: "public")')
  @FieldResolver(() => Authority, { description: 'The responsible authority.' })
  authority(@Root() { authorityId }: Responsibility, @Ctx() ctx: Context) {
    return authorityById(ctx).load(authorityId);
  }

  @Directive('@requiresScopes(scopes: [["catalogue:edit"]])')
  @FieldResolver(() => String, { nullable: true, description: 'The address on the channel.' })
  async channelAddress(@Root() entry: Responsibility, @Ctx() ctx: Context): Promise<string | null> {
    return (await seesInside(ctx, entry)) ? entry.channelAddress : null;
  }

  @Directive('@requiresScopes(scopes: [["catalogue:edit"], ["staff:read"]])')
  @FieldResolver(() => [DepartmentRule], {
    nullable: true,
    description: 'Rules that send applications to a department at once; internal.',
  })
  async departmentRules(@Root() entry: Responsibility, @Ctx() ctx: Context): Promise<DepartmentRule[] | null> {
    return (await seesInside(ctx, entry)) ? entry.departmentRules : null;
  }

  @Directive('@requiresScopes(scopes: [["catalogue:edit"]])')
  @FieldResolver(() => StaffMember, { nullable: true, description: 'Who changed it last.' })
  async changedBy(@Root() entry: Responsibility, @Ctx() ctx: Context) {
    return (await seesInside(ctx, entry)) ? point(entry.changedById) : null;
  }
}

@Resolver(() => DepartmentRule)
export class DepartmentRuleResolver {
  @FieldResolver(() => Authority, { description: 'The department.' })
  department(@Root() { departmentId }: DepartmentRule, @Ctx() ctx: Context) {
    return authorityById(ctx).load(departmentId);
  }
}
