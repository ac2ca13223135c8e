/** Account and OrganisationMember in the graph. */
import { Arg, Ctx, Directive, FieldResolver, ID, Mutation, Query, Resolver, Root } from 'type-graphql';
import type { Context } from '../../../kernel/context';
import { notFound } from '../../../kernel/errors';
import { answer, payload } from '../../../kernel/graph/refusal.type';
import { Account, AccountKind, OrganisationMember, VerifiedAttribute } from './account.entity';
import { SetOrganisationMemberInput } from './account.inputs';
import { accountById, attributesOf, membersOf, nameOf } from './account.loaders';
import { accountRights, mayOpen } from './account.rights';
import { setOrganisationMember } from './account.service';

const SetOrganisationMemberPayload = payload('setOrganisationMember', 'account', () => Account);

@Resolver(() => Account)
export class AccountResolver {
  @Directive('@shareable') // applications provides it on a desk's lists
  @FieldResolver(() => String, { nullable: true, description: 'The name to show.' })
  displayName(@Root() account: Account, @Ctx() ctx: Context): string | null | Promise<string | null> {
    return nameOf(account, ctx);
  }

  @FieldResolver(() => [VerifiedAttribute], {
    nullable: true,
    description: 'Proven facts, each with its own trust level; only for the owner.',
  })
  async attributes(@Root() account: Account, @Ctx() ctx: Context): Promise<VerifiedAttribute[] | null> {
    const may = accountRights.maySeePart('attributes', account, ctx.asker);
    return may ? ((await attributesOf(ctx).load(account.id)) ?? []) : null;
  }

  @FieldResolver(() => [OrganisationMember], {
    nullable: true,
    description: 'The members of an organisation; only for its members.',
  })
  async members(@Root() account: Account, @Ctx() ctx: Context): Promise<OrganisationMember[] | null> {
    if (account.kind !== AccountKind.ORGANISATION || ctx.asker.kind !== 'person') return null;
    const members = (await membersOf(ctx).load(account.id)) ?? [];
    const memberIds = members.map(member => member.accountId);
    return accountRights.maySeePart('members', { id: account.id, memberIds }, ctx.asker) ? members : null;
  }

  @Directive('@authenticated')
  @Query(() => Account, { nullable: true, description: 'An account the asker owns, belongs to or acts for.' })
  async account(
    @Arg('id', () => ID, { description: 'The account.' }) id: string,
    @Ctx() ctx: Context,
  ): Promise<Account> {
    const account = (await ctx.read(tx => mayOpen(tx, ctx.asker, id))) ? await accountById(ctx).load(id) : null;
    if (!account) throw notFound();
    return account;
  }

  @Directive('@authenticated')
  @Mutation(() => SetOrganisationMemberPayload, {
    nullable: true,
    description: 'Adds a person to an organisation, or changes their role.',
  })
  setOrganisationMember(
    @Arg('input', () => SetOrganisationMemberInput, { description: 'What is to be done.' })
    input: SetOrganisationMemberInput,
    @Ctx() ctx: Context,
  ) {
    return answer(ctx, 'account', () => setOrganisationMember(ctx, input));
  }
}

@Resolver(() => OrganisationMember)
export class OrganisationMemberResolver {
  @FieldResolver(() => Account, { description: 'The person.' })
  async account(@Root() member: OrganisationMember, @Ctx() ctx: Context): Promise<Account | null> {
    return accountById(ctx).load(member.accountId);
  }
}
