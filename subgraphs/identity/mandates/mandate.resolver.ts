/** Mandate in the graph. */
import { Arg, Ctx, Directive, FieldResolver, Int, Mutation, Query, Resolver, Root } from 'type-graphql';
import type { Context } from '../../../kernel/context';
import { answer, payload } from '../../../kernel/graph/refusal.type';
import { Account } from '../accounts/account.entity';
import { accountById } from '../accounts/account.loaders';
import { Service } from '../foreign';
import { GrantState, stateOf } from '../grant-state';
import { Mandate, MandateConnection } from './mandate.entity';
import { GrantMandateInput, RevokeMandateInput } from './mandate.inputs';
import { grantMandate, listMandates, revokeMandate } from './mandate.service';

const GrantMandatePayload = payload('grantMandate', 'mandate', () => Mandate);
const RevokeMandatePayload = payload('revokeMandate', 'mandate', () => Mandate);

@Resolver(() => Mandate)
export class MandateResolver {
  @FieldResolver(() => Account, { description: 'Who is represented (Vollmachtgeber).' })
  principal(@Root() mandate: Mandate, @Ctx() ctx: Context): Promise<Account | null> {
    return accountById(ctx).load(mandate.principalAccountId);
  }

  @FieldResolver(() => Account, { description: 'Who may act (Bevollmächtigte).' })
  agent(@Root() mandate: Mandate, @Ctx() ctx: Context): Promise<Account | null> {
    return accountById(ctx).load(mandate.agentAccountId);
  }

  @FieldResolver(() => [Service], {
    nullable: 'items',
    description: 'The services it holds for, all when empty; the agent sees cases and messages of these only.',
  })
  services(@Root() mandate: Mandate): Service[] {
    return mandate.leikaKeys.map(leikaKey => ({ leikaKey }));
  }

  @FieldResolver(() => GrantState, { description: 'Planned, in force, expired or revoked.' })
  state(@Root() mandate: Mandate): GrantState {
    return stateOf(mandate);
  }

  @Directive('@authenticated')
  @Query(() => MandateConnection, {
    nullable: true,
    description: "Mandates the asker's account has given or received.",
  })
  mandates(
    @Arg('states', () => [GrantState], { nullable: true, description: 'Only these states.' })
    states: GrantState[] | null,
    @Arg('first', () => Int, { nullable: true, defaultValue: 20, description: 'How many at most, 1 to 100.' })
    first: number,
    @Arg('after', () => String, { nullable: true, description: 'Start after this cursor.' }) after: string | null,
    @Ctx() ctx: Context,
  ) {
    return listMandates(ctx, states ?? null, { first, after });
  }

  @Directive('@authenticated')
  @Mutation(() => GrantMandatePayload, {
    nullable: true,
    description: "Lets another account act for the asker's account.",
  })
  grantMandate(
    @Arg('input', () => GrantMandateInput, { description: 'What is to be done.' }) input: GrantMandateInput,
    @Ctx() ctx: Context,
  ) {
    return answer(ctx, 'mandate', () => grantMandate(ctx, input));
  }

  @Directive('@authenticated')
  @Mutation(() => RevokeMandatePayload, { nullable: true, description: 'Ends a mandate; both sides may.' })
  revokeMandate(
    @Arg('input', () => RevokeMandateInput, { description: 'What is to be done.' }) input: RevokeMandateInput,
    @Ctx() ctx: Context,
  ) {
    return answer(ctx, 'mandate', () => revokeMandate(ctx, input));
  }
}
