/** The names of applicant and agent in the graph, where this subgraph provides them. */
import { Ctx, Directive, FieldResolver, Resolver, Root } from 'type-graphql';
import { Context } from '../../../kernel/context';
import { Account } from '../foreign';
import { nameOf } from './party.loaders';

@Resolver(() => Account)
export class PartyResolver {
  @Directive('@external')
  @FieldResolver(() => String, { nullable: true, description: 'The name to show.' })
  displayName(@Root() party: Account, @Ctx() ctx: Context): Promise<string | null> {
    return nameOf(party, ctx);
  }
}
