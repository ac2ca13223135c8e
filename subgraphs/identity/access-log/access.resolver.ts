/** AccessRecord in the graph. */
import { Arg, Ctx, Directive, FieldResolver, ID, Int, Query, Resolver, Root } from 'type-graphql';
import type { Context } from '../../../kernel/context';
import { ChainProof } from '../../../kernel/graph/chain.type';
import { Application, Authority } from '../foreign';
import { StaffMember } from '../staff/staff.entity';
import { staffMemberById } from '../staff/staff.loaders';
import { checkWhole } from './access.chain';
import { AccessRecord, AccessRecordConnection } from './access.entity';
import { type AccessLog, accessLog, authorityAccessLog } from './access.service';

@Resolver(() => AccessRecord)
export class AccessRecordResolver {
  @Directive('@requiresScopes(scopes: [["audit:read"]])')
  @FieldResolver(() => StaffMember, { nullable: true, description: 'The person of the staff; only for auditors.' })
  async actor(@Root() { staffMemberId }: AccessRecord, @Ctx() ctx: Context): Promise<StaffMember | null> {
    return staffMemberId ? staffMemberById(ctx).load(staffMemberId) : null;
  }

  @FieldResolver(() => Authority, { nullable: true, description: 'For which authority.' })
  authority(@Root() { authorityId }: AccessRecord): Authority | null {
    return authorityId ? { id: authorityId } : null;
  }

  @FieldResolver(() => Application, { nullable: true, description: 'The application it belonged to.' })
  application(@Root() { applicationId }: AccessRecord): Application | null {
    return applicationId ? { id: applicationId } : null;
  }

  @Directive('@authenticated')
  @Query(() => AccessRecordConnection, {
    nullable: true,
    description:
      "Who read or changed the asker's data, newest first, with proof that nothing was removed (Datenschutzcockpit).",
  })
  accessLog(
    @Arg('applicationId', () => ID, { nullable: true, description: 'Only reads about this application.' })
    applicationId: string | null,
    @Arg('first', () => Int, { nullable: true, defaultValue: 20, description: 'How many at most, 1 to 100.' })
    first: number,
    @Arg('after', () => String, { nullable: true, description: 'Start after this cursor.' }) after: string | null,
    @Ctx() ctx: Context,
  ) {
    return accessLog(ctx, applicationId ?? null, { first, after });
  }

  @Directive('@requiresScopes(scopes: [["audit:read"]])')
  @Query(() => AccessRecordConnection, {
    nullable: true,
    description: 'Everything that was read in an authority, for its auditors.',
  })
  authorityAccessLog(
    @Arg('authorityId', () => ID, { description: 'The authority.' }) authorityId: string,
    @Arg('staffMemberId', () => ID, { nullable: true, description: 'Only reads by this person.' })
    staffMemberId: string | null,
    @Arg('applicationId', () => ID, { nullable: true, description: 'Only reads about this application.' })
    applicationId: string | null,
    @Arg('first', () => Int, { nullable: true, defaultValue: 20, description: 'How many at most, 1 to 100.' })
    first: number,
    @Arg('after', () => String, { nullable: true, description: 'Start after this cursor.' }) after: string | null,
    @Ctx() ctx: Context,
  ) {
    const filter = { staffMemberId: staffMemberId ?? null, applicationId: applicationId ?? null };
    return authorityAccessLog(ctx, authorityId, filter, { first, after });
  }
}

@Resolver(() => AccessRecordConnection)
export class AccessRecordConnectionResolver {
  @FieldResolver(() => ChainProof, { description: 'The check of the whole chain.' })
  chain(@Root() log: AccessLog, @Ctx() ctx: Context): Promise<ChainProof> {
    return ctx.read(tx => checkWhole(tx, log.chainId, log.nodes));
  }
}
