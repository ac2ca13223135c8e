/** Handovers in the graph. */
import { Arg, Ctx, Directive, FieldResolver, ID, Mutation, Query, Resolver, Root } from 'type-graphql';
import { Context } from '../../../kernel/context';
import { notFound } from '../../../kernel/errors';
import { answer, payload } from '../../../kernel/graph/refusal.type';
import { Application } from '../application/application.entity';
import { applicationById } from '../application/application.loaders';
import { Handover } from './handover.entity';
import { packageUrl } from './handover.files';
import { AcknowledgeHandoverInput, StartHandoverInput } from './handover.inputs';
import { handoverById, handoversOfApplication } from './handover.loaders';
import { handoverRights } from './handover.rights';
import { acknowledgeHandover, startHandover } from './handover.service';
import { systemsFor } from './handover.systems';

const StartHandoverPayload = payload('startHandover', 'handover', () => Handover);
const AcknowledgeHandoverPayload = payload('acknowledgeHandover', 'handover', () => Handover);

@Resolver(() => Application)
export class HandoversOfApplicationResolver {
  @Directive('@requiresScopes(scopes: [["staff:read"]])')
  @FieldResolver(() => [String], {
    nullable: true,
    description: 'The line-of-business systems it can be handed to.',
  })
  handoverSystems(@Root() application: Application): string[] {
    return systemsFor(application.leikaKey).map(({ name }) => name);
  }

  @Directive('@requiresScopes(scopes: [["staff:read"]])')
  @FieldResolver(() => [Handover], {
    nullable: true,
    description: 'Handovers to line-of-business systems (Fachverfahren).',
  })
  async handovers(@Root() application: Application, @Ctx() ctx: Context): Promise<Handover[]> {
    return (await handoversOfApplication(ctx).load(application.id)) ?? [];
  }
}

@Resolver(() => Handover)
export class HandoverResolver {
  @FieldResolver(() => Application, {
    nullable: true,
    description: 'The application; null for the line-of-business system.',
  })
  application(@Root() handover: Handover, @Ctx() ctx: Context): Promise<Application | null> {
    return applicationById(ctx).load(handover.applicationId);
  }

  @FieldResolver(() => String, {
    nullable: true,
    description: 'The short-lived signed address of the package: answers, documents and history.',
  })
  downloadUrl(@Root() handover: Handover, @Ctx() ctx: Context): Promise<string | null> {
    return packageUrl(handover, ctx);
  }

  @FieldResolver(() => [String], {
    description: 'Names of the mutations the asker may call on this object now.',
  })
  possibleActions(@Root() handover: Handover, @Ctx() ctx: Context): string[] {
    return handoverRights.possibleActions({ handover, seesCase: false }, ctx.asker);
  }

  @Directive('@requiresScopes(scopes: [["staff:read"], ["handover:acknowledge"]])')
  @Query(() => Handover, {
    nullable: true,
    description: 'One handover, for staff and for the line-of-business system that receives it (Fachverfahren).',
  })
  async handover(
    @Arg('id', () => ID, { description: 'The handover.' }) id: string,
    @Ctx() ctx: Context,
  ): Promise<Handover> {
    const handover = await handoverById(ctx).load(id);
    if (!handover) throw notFound();
    return handover;
  }

  @Directive('@requiresScopes(scopes: [["staff:work"]])')
  @Mutation(() => StartHandoverPayload, { nullable: true, description: 'Hands a case to a line-of-business system.' })
  startHandover(
    @Arg('input', () => StartHandoverInput, { description: 'What is to be done.' }) input: StartHandoverInput,
    @Ctx() ctx: Context,
  ) {
    return answer(ctx, 'handover', async () => handoverById(ctx).load(await startHandover(ctx, input)));
  }

  @Directive('@requiresScopes(scopes: [["handover:acknowledge"]])')
  @Mutation(() => AcknowledgeHandoverPayload, {
    nullable: true,
    description: 'Answers a handover; called by the line-of-business system.',
  })
  acknowledgeHandover(
    @Arg('input', () => AcknowledgeHandoverInput, { description: 'What is to be done.' })
    input: AcknowledgeHandoverInput,
    @Ctx() ctx: Context,
  ) {
    return answer(ctx, 'handover', () => acknowledgeHandover(ctx, input));
  }
}
