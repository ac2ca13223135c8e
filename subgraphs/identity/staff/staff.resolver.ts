/** StaffMember in the graph. */
import { Arg, Ctx, Directive, FieldResolver, ID, Int, Mutation, Query, Resolver, Root } from 'type-graphql';
import type { Context } from '../../../kernel/context';
import { notFound } from '../../../kernel/errors';
import { answer, payload } from '../../../kernel/graph/refusal.type';
import { Authority } from '../foreign';
import { StaffMember, StaffMemberConnection } from './staff.entity';
import { SaveStaffMemberInput } from './staff.inputs';
import { coveredBy, coversFor, staffMemberById } from './staff.loaders';
import { isInside, maySeeStaff } from './staff.rights';
import { StaffRole } from './staff.roles';
import { listStaff, saveStaffMember } from './staff.service';

const SaveStaffMemberPayload = payload('saveStaffMember', 'staffMember', () => StaffMember);

@Resolver(() => StaffMember)
export class StaffMemberResolver {
  @FieldResolver(() => String, { nullable: true, description: 'The work address.' })
  email(@Root() member: StaffMember, @Ctx() ctx: Context): string | null {
    return maySeeStaff(ctx.asker, member.authorityId) ? member.email : null;
  }

  @FieldResolver(() => Authority, { nullable: true, description: 'The authority or department.' })
  authority(@Root() member: StaffMember): Authority {
    return { id: member.authorityId };
  }

  @Directive('@requiresScopes(scopes: [["staff:read"]])')
  @FieldResolver(() => [StaffMember], {
    nullable: true,
    description: 'Whose cases the person covers now (Vertretung); only inside the authority.',
  })
  async substitutingFor(@Root() member: StaffMember, @Ctx() ctx: Context): Promise<StaffMember[] | null> {
    return isInside(ctx.asker, member.authorityId) ? ((await coveredBy(ctx).load(member.id)) ?? []) : null;
  }

  @Directive('@requiresScopes(scopes: [["staff:read"]])')
  @FieldResolver(() => [StaffMember], {
    nullable: true,
    description: "Who covers the person's cases now; only inside the authority.",
  })
  async substitutedBy(@Root() member: StaffMember, @Ctx() ctx: Context): Promise<StaffMember[] | null> {
    return isInside(ctx.asker, member.authorityId) ? ((await coversFor(ctx).load(member.id)) ?? []) : null;
  }

  @Directive('@requiresScopes(scopes: [["staff:read"]])')
  @Query(() => StaffMember, { nullable: true, description: 'One person of the staff.' })
  async staffMember(
    @Arg('id', () => ID, { description: 'The person.' }) id: string,
    @Ctx() ctx: Context,
  ): Promise<StaffMember> {
    const member = await staffMemberById(ctx).load(id);
    if (!member || !maySeeStaff(ctx.asker, member.authorityId)) throw notFound();
    return member;
  }

  @Directive('@requiresScopes(scopes: [["staff:read"]])')
  @Query(() => StaffMemberConnection, { nullable: true, description: 'The staff of an authority.' })
  staffMembers(
    @Arg('authorityId', () => ID, { description: 'The authority.' }) authorityId: string,
    @Arg('role', () => StaffRole, { nullable: true, description: 'Only with this role.' }) role: StaffRole | null,
    @Arg('first', () => Int, { nullable: true, defaultValue: 20, description: 'How many at most, 1 to 100.' })
    first: number,
    @Arg('after', () => String, { nullable: true, description: 'Start after this cursor.' }) after: string | null,
    @Ctx() ctx: Context,
  ) {
    return listStaff(ctx, authorityId, role ?? null, { first, after });
  }

  @Directive('@requiresScopes(scopes: [["staff:admin"]])')
  @Mutation(() => SaveStaffMemberPayload, {
    nullable: true,
    description: 'Creates or changes a person of the staff, with roles.',
  })
  saveStaffMember(
    @Arg('input', () => SaveStaffMemberInput, { description: 'What is to be done.' }) input: SaveStaffMemberInput,
    @Ctx() ctx: Context,
  ) {
    return answer(ctx, 'staffMember', () => saveStaffMember(ctx, input));
  }
}
