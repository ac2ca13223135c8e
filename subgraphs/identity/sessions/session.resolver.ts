/** Session in the graph. */
import { Arg, Ctx, Directive, FieldResolver, Mutation, Query, Resolver, Root } from 'type-graphql';
import type { Context } from '../../../kernel/context';
import { answer, payload } from '../../../kernel/graph/refusal.type';
import { Account } from '../accounts/account.entity';
import { accountById } from '../accounts/account.loaders';
import { startSignIn } from '../sign-in/sign-in.service';
import { StaffMember } from '../staff/staff.entity';
import { staffMemberById } from '../staff/staff.loaders';
import { Session, SignIn } from './session.entity';
import { ActForInput, EndSessionInput, StartSignInInput } from './session.inputs';
import { ownSession, representedBy } from './session.loaders';
import { actFor, endSession } from './session.service';

const StartSignInPayload = payload('startSignIn', 'signIn', () => SignIn);
const EndSessionPayload = payload('endSession', 'session', () => Session);
const ActForPayload = payload('actFor', 'session', () => Session);

@Resolver(() => Session)
export class SessionResolver {
  @FieldResolver(() => Account, { nullable: true, description: 'The signed-in account; null for staff.' })
  async account(@Root() session: Session, @Ctx() ctx: Context): Promise<Account | null> {
    return session.accountId ? accountById(ctx).load(session.accountId) : null;
  }

  @FieldResolver(() => StaffMember, {
    nullable: true,
    description: 'The signed-in person of the staff; null for citizens.',
  })
  async staffMember(@Root() session: Session, @Ctx() ctx: Context): Promise<StaffMember | null> {
    return session.staffMemberId ? staffMemberById(ctx).load(session.staffMemberId) : null;
  }

  @FieldResolver(() => Account, { nullable: true, description: 'For whom the asker acts now; null for themself.' })
  async actingFor(@Root() session: Session, @Ctx() ctx: Context): Promise<Account | null> {
    return session.actingForId ? accountById(ctx).load(session.actingForId) : null;
  }

  @FieldResolver(() => [Account], { description: 'The accounts the asker may act for.' })
  async canActFor(@Root() session: Session, @Ctx() ctx: Context): Promise<Account[]> {
    return session.accountId ? ((await representedBy(ctx).load(session.accountId)) ?? []) : [];
  }

  @Query(() => Session, { nullable: true, description: "The asker's session; null when nobody is signed in." })
  session(@Ctx() ctx: Context): Promise<Session | null> {
    return ownSession(ctx);
  }

  @Mutation(() => StartSignInPayload, {
    nullable: true,
    description: 'Begins a sign-in, or a step-up when a session exists.',
  })
  startSignIn(
    @Arg('input', () => StartSignInInput, { description: 'What is to be done.' }) input: StartSignInInput,
    @Ctx() ctx: Context,
  ) {
    return answer(ctx, 'signIn', async () => startSignIn(ctx, input));
  }

  @Directive('@authenticated')
  @Mutation(() => EndSessionPayload, { nullable: true, description: 'Signs out.' })
  endSession(
    @Arg('input', () => EndSessionInput, { description: 'What is to be done.' }) input: EndSessionInput,
    @Ctx() ctx: Context,
  ) {
    return answer(ctx, 'session', () => endSession(ctx, input));
  }

  @Directive('@authenticated')
  @Mutation(() => ActForPayload, { nullable: true, description: 'Changes for whom the asker acts.' })
  actFor(
    @Arg('input', () => ActForInput, { description: 'What is to be done.' }) input: ActForInput,
    @Ctx() ctx: Context,
  ) {
    return answer(ctx, 'session', () => actFor(ctx, input));
  }
}
