/** Editorial entries in the graph: the editor's desk, publishing, and the public feed of changes. */
import {
  Arg,
  Ctx,
  Directive,
  FieldResolver,
  ID,
  Int,
  Mutation,
  Query,
  Resolver,
  Root,
  Subscription,
} from 'type-graphql';
import type { Context } from '../../../kernel/context';
import { notFound } from '../../../kernel/errors';
import { answer } from '../../../kernel/graph/refusal.type';
import { ArsScalar, LeikaKeyScalar } from '../../../kernel/graph/scalars';
import { type Countable, countOf } from '../list-count';
import { CatalogueEntry, CatalogueEntryConnection } from './entry.entity';
import { CatalogueEvent, watchCatalogue } from './entry.feed';
import { PublishEntryInput, PublishEntryPayload, WithdrawEntryInput, WithdrawEntryPayload } from './entry.inputs';
import { listEntries } from './entry.list';
import { visibleEntry } from './entry.loaders';
import { publishEntry, withdrawEntry } from './entry.service';
import { CatalogueState } from './entry.states';

@Resolver(() => CatalogueEntryConnection)
export class CatalogueEntryResolver {
  @Directive('@requiresScopes(scopes: [["catalogue:edit"]])')
  @Query(() => CatalogueEntryConnection, {
    nullable: true,
    description: "Drafts and published entries of the asker's authority (Redaktionssystem).",
  })
  catalogueEntries(
    @Arg('states', () => [CatalogueState], { nullable: true, description: 'Only these states.' }) states:
      | CatalogueState[]
      | null,
    @Arg('leikaKey', () => LeikaKeyScalar, { nullable: true, description: 'Only of this service.' }) leikaKey:
      | string
      | null,
    @Arg('first', () => Int, { nullable: true, defaultValue: 20, description: 'How many at most, 1 to 100.' })
    first: number,
    @Arg('after', () => String, { nullable: true, description: 'Start after this cursor.' }) after: string | null,
    @Ctx() ctx: Context,
  ) {
    return listEntries(ctx, { states: states ?? null, leikaKey: leikaKey ?? null }, { first, after });
  }

  @Directive('@requiresScopes(scopes: [["catalogue:edit"]])')
  @Query(() => CatalogueEntry, { nullable: true, description: 'One catalogue entry, drafts included.' })
  async catalogueEntry(@Arg('id', () => ID, { description: 'The entry.' }) id: string, @Ctx() ctx: Context) {
    const entry = await visibleEntry(ctx, id);
    if (!entry) throw notFound();
    return entry;
  }

  @FieldResolver(() => Int, {
    nullable: true,
    description: 'How many there are in all; null when counting would be costly.',
  })
  totalCount(@Root() { query }: Countable<CatalogueEntry>, @Ctx() ctx: Context) {
    return countOf(ctx, query);
  }

  @Directive('@requiresScopes(scopes: [["catalogue:publish"]])')
  @Mutation(() => PublishEntryPayload, {
    nullable: true,
    description: 'Publishes a draft; overlapping responsibilities are refused.',
  })
  publishEntry(
    @Arg('input', () => PublishEntryInput, { description: 'What is to be done.' }) input: PublishEntryInput,
    @Ctx() ctx: Context,
  ) {
    return answer(ctx, 'entry', () => publishEntry(ctx, input));
  }

  @Directive('@requiresScopes(scopes: [["catalogue:publish"]])')
  @Mutation(() => WithdrawEntryPayload, { nullable: true, description: 'Ends a published entry, or discards a draft.' })
  withdrawEntry(
    @Arg('input', () => WithdrawEntryInput, { description: 'What is to be done.' }) input: WithdrawEntryInput,
    @Ctx() ctx: Context,
  ) {
    return answer(ctx, 'entry', () => withdrawEntry(ctx, input));
  }

  @Directive('@tag(name: "public")')
  @Directive('@tag(name: "shared")')
  @Subscription(() => CatalogueEvent, {
    description: 'Published, superseded and withdrawn entries, for portals, content systems and partner states.',
    subscribe: ({ args, context }) => watchCatalogue(context as Context, args) as never,
  })
  catalogueChanged(
    @Root() event: CatalogueEvent,
    @Arg('leikaKey', () => LeikaKeyScalar, { nullable: true, description: 'Only entries of this service.' })
    _leikaKey: string | null,
    @Arg('ars', () => ArsScalar, { nullable: true, description: 'Only entries valid in this area or below.' })
    _ars: string | null,
    @Arg('after', () => String, {
      nullable: true,
      description: 'Resume after this event cursor; without it only new events come.',
    })
    _after: string | null,
  ): CatalogueEvent {
    return event;
  }
}
