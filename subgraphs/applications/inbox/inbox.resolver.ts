/** The lists of applications in the graph. */
import type { GraphQLResolveInfo } from 'graphql';
import { Arg, Ctx, Directive, ID, Info, Int, Query, Resolver } from 'type-graphql';
import { Context } from '../../../kernel/context';
import { notFound } from '../../../kernel/errors';
import { connection } from '../../../kernel/graph/page.type';
import { Application } from '../application/application.entity';
import { applicationById } from '../application/application.loaders';
import { PublicStatus } from '../application/application.states';
import { NAMES } from '../application/party.loaders';
import { InboxFilter, InboxSort } from './inbox.inputs';
import { findByReference, inbox, myApplications } from './inbox.service';

const ApplicationConnection = connection(() => Application, { name: 'Application', totalCount: true });

@Resolver()
export class InboxResolver {
  @Directive('@authenticated')
  @Query(() => Application, {
    nullable: true,
    description: 'One application the asker may see; others look as if they did not exist.',
  })
  async application(
    @Arg('id', () => ID, { description: 'The application.' }) id: string,
    @Ctx() ctx: Context,
  ): Promise<Application> {
    const application = await applicationById(ctx).load(id);
    if (!application) throw notFound();
    return application;
  }

  @Directive('@authenticated')
  @Query(() => Application, { nullable: true, description: 'One application by its file reference (Aktenzeichen).' })
  async applicationByReference(
    @Arg('reference', () => String, { description: 'The file reference.' }) reference: string,
    @Ctx() ctx: Context,
  ): Promise<Application> {
    const application = await findByReference(ctx, reference);
    if (!application) throw notFound();
    return application;
  }

  @Directive('@authenticated')
  @Query(() => ApplicationConnection, {
    nullable: true,
    description: 'Applications of the account the asker acts for, newest first.',
  })
  myApplications(
    @Arg('publicStatuses', () => [PublicStatus], { nullable: true, description: 'Only these public states.' })
    publicStatuses: PublicStatus[] | null,
    @Arg('first', () => Int, { nullable: true, defaultValue: 20, description: 'How many at most, 1 to 100.' })
    first: number,
    @Arg('after', () => String, { nullable: true, description: 'Start after this cursor.' }) after: string | null,
    @Ctx() ctx: Context,
  ) {
    return myApplications(ctx, { publicStatuses, first, after });
  }

  @Directive('@requiresScopes(scopes: [["staff:read"]])')
  @Directive(`@provides(fields: "nodes { ${NAMES} } edges { node { ${NAMES} } }")`)
  @Query(() => ApplicationConnection, {
    nullable: true,
    description: 'The cases of an authority, with those the asker covers for a colleague (Eingangskorb).',
  })
  inbox(
    @Arg('authorityId', () => ID, { description: 'The authority or department.' }) authorityId: string,
    @Arg('filter', () => InboxFilter, { nullable: true, description: 'What to show.' }) filter: InboxFilter | null,
    @Arg('sort', () => InboxSort, { nullable: true, defaultValue: InboxSort.OLDEST_FIRST, description: 'The order.' })
    sort: InboxSort,
    @Arg('first', () => Int, { nullable: true, defaultValue: 20, description: 'How many at most, 1 to 100.' })
    first: number,
    @Arg('after', () => String, { nullable: true, description: 'Start after this cursor.' }) after: string | null,
    @Ctx() ctx: Context,
    @Info() info: GraphQLResolveInfo,
  ) {
    return inbox(ctx, { authorityId, filter, sort, first, after }, info);
  }
}
