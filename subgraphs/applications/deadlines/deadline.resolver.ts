/** Deadlines of an application in the graph. */
import { Arg, Ctx, Directive, FieldResolver, Mutation, Resolver, Root } from 'type-graphql';
import { Context } from '../../../kernel/context';
import { answer, payload } from '../../../kernel/graph/refusal.type';
import { Application } from '../application/application.entity';
import { applicationById } from '../application/application.loaders';
import { ApplicationEvent } from '../inbox/live.type';
import { Deadline } from './deadline.entity';
import { ExtendDeadlineInput } from './deadline.inputs';
import { deadlinesOfApplication } from './deadline.loaders';
import { extendDeadline } from './deadline.service';

const ExtendDeadlinePayload = payload('extendDeadline', 'application', () => Application);

@Resolver(() => Application)
export class DeadlineResolver {
  @FieldResolver(() => [Deadline], {
    description: 'The legal clock: all deadlines with their reasoning (Fristenuhr).',
  })
  async deadlines(@Root() application: Application, @Ctx() ctx: Context): Promise<Deadline[]> {
    return (await deadlinesOfApplication(ctx).load(application)) ?? [];
  }

  @Directive('@requiresScopes(scopes: [["staff:decide"]])')
  @Mutation(() => ExtendDeadlinePayload, { nullable: true, description: 'Extends a deadline once, with a reason.' })
  extendDeadline(
    @Arg('input', () => ExtendDeadlineInput, { description: 'What is to be done.' }) input: ExtendDeadlineInput,
    @Ctx() ctx: Context,
  ) {
    return answer(ctx, 'application', () => extendDeadline(ctx, input));
  }
}

@Resolver(() => ApplicationEvent)
export class DeadlineOfEventResolver {
  @FieldResolver(() => Deadline, { nullable: true, description: 'The deadline, for deadline events.' })
  async deadline(@Root() event: ApplicationEvent, @Ctx() ctx: Context): Promise<Deadline | null> {
    const application = event.deadlineKind ? await applicationById(ctx).load(event.applicationId) : null;
    const deadlines = application && (await deadlinesOfApplication(ctx).load(application));
    return deadlines?.find(({ kind }) => kind === event.deadlineKind) ?? null;
  }
}
