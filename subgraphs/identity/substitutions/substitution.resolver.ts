/** Substitution in the graph. */
import { Arg, Ctx, Directive, FieldResolver, ID, Int, Mutation, Query, Resolver, Root } from 'type-graphql';
import type { Context } from '../../../kernel/context';
import { answer, payload } from '../../../kernel/graph/refusal.type';
import { GrantState, stateOf } from '../grant-state';
import { StaffMember } from '../staff/staff.entity';
import { staffMemberById } from '../staff/staff.loaders';
import { Substitution, SubstitutionConnection } from './substitution.entity';
import { ArrangeSubstitutionInput, EndSubstitutionInput } from './substitution.inputs';
import { substitutionRights } from './substitution.rights';
import { arrangeSubstitution, endSubstitution, listSubstitutions } from './substitution.service';

const ArrangeSubstitutionPayload = payload('arrangeSubstitution', 'substitution', () => Substitution);
const EndSubstitutionPayload = payload('endSubstitution', 'substitution', () => Substitution);
const CONCERNED = '@requiresScopes(scopes: [["staff:work"], ["staff:admin"]])';

@Resolver(() => Substitution)
export class SubstitutionResolver {
  @FieldResolver(() => StaffMember, { description: 'Who is absent.' })
  absent(@Root() { absentStaffMemberId }: Substitution, @Ctx() ctx: Context): Promise<StaffMember | null> {
    return staffMemberById(ctx).load(absentStaffMemberId);
  }

  @FieldResolver(() => StaffMember, { description: 'Who covers.' })
  substitute(@Root() { substituteStaffMemberId }: Substitution, @Ctx() ctx: Context): Promise<StaffMember | null> {
    return staffMemberById(ctx).load(substituteStaffMemberId);
  }

  @FieldResolver(() => GrantState, { description: 'Planned, in force, expired or revoked.' })
  state(@Root() substitution: Substitution): GrantState {
    return stateOf(substitution);
  }

  @FieldResolver(() => String, {
    nullable: true,
    description: 'Why the person is absent (Grund); only for those concerned and the administration.',
  })
  reason(@Root() substitution: Substitution, @Ctx() ctx: Context): string | null {
    return substitutionRights.maySeePart('reason', substitution, ctx.asker) ? substitution.reason : null;
  }

  @FieldResolver(() => StaffMember, { description: 'Who arranged it.' })
  arrangedBy(@Root() { arrangedById }: Substitution, @Ctx() ctx: Context): Promise<StaffMember | null> {
    return staffMemberById(ctx).load(arrangedById);
  }

  @Directive('@requiresScopes(scopes: [["staff:read"]])')
  @Query(() => SubstitutionConnection, { nullable: true, description: 'Substitutions in an authority (Vertretungen).' })
  substitutions(
    @Arg('authorityId', () => ID, { description: 'The authority.' }) authorityId: string,
    @Arg('states', () => [GrantState], { nullable: true, description: 'Only these states.' })
    states: GrantState[] | null,
    @Arg('first', () => Int, { nullable: true, defaultValue: 20, description: 'How many at most, 1 to 100.' })
    first: number,
    @Arg('after', () => String, { nullable: true, description: 'Start after this cursor.' }) after: string | null,
    @Ctx() ctx: Context,
  ) {
    return listSubstitutions(ctx, authorityId, states ?? null, { first, after });
  }

  @Directive(CONCERNED)
  @Mutation(() => ArrangeSubstitutionPayload, {
    nullable: true,
    description: "Lets a colleague cover one's cases, or those of a team member.",
  })
  arrangeSubstitution(
    @Arg('input', () => ArrangeSubstitutionInput, { description: 'What is to be done.' })
    input: ArrangeSubstitutionInput,
    @Ctx() ctx: Context,
  ) {
    return answer(ctx, 'substitution', () => arrangeSubstitution(ctx, input));
  }

  @Directive(CONCERNED)
  @Mutation(() => EndSubstitutionPayload, { nullable: true, description: 'Ends a substitution at once.' })
  endSubstitution(
    @Arg('input', () => EndSubstitutionInput, { description: 'What is to be done.' }) input: EndSubstitutionInput,
    @Ctx() ctx: Context,
  ) {
    return answer(ctx, 'substitution', () => endSubstitution(ctx, input));
  }
}
