/** Decisions in the graph. */
import { Arg, Ctx, Directive, FieldResolver, Mutation, Resolver, Root } from 'type-graphql';
import { Context } from '../../../kernel/context';
import { answer, payload } from '../../../kernel/graph/refusal.type';
import { DateScalar } from '../../../kernel/graph/scalars';
import { Application } from '../application/application.entity';
import { confirmFourEyes } from '../application/application.four-eyes';
import { applicationById } from '../application/application.loaders';
import { DeadlineKind } from '../deadlines/deadline.entity';
import { deadlinesOfApplication } from '../deadlines/deadline.loaders';
import { Document } from '../documents/document.entity';
import { documentById } from '../documents/document.loaders';
import { byId, StaffMember } from '../foreign';
import { Decision } from './decision.entity';
import { ConfirmFourEyesInput, DecideApplicationInput } from './decision.inputs';
import { decisionFor } from './decision.loaders';
import { decideApplication } from './decision.service';

const DecideApplicationPayload = payload('decideApplication', 'application', () => Application);
const ConfirmFourEyesPayload = payload('confirmFourEyes', 'application', () => Application);

@Resolver(() => Application)
export class DecisionOfApplicationResolver {
  @FieldResolver(() => Decision, {
    nullable: true,
    description:
      "The decision; null for applicants until the notice is available, and while their session's trust level is too low.",
  })
  decision(@Root() application: Application, @Ctx() ctx: Context): Promise<Decision | null> {
    return decisionFor(application, ctx);
  }

  @Directive('@requiresScopes(scopes: [["staff:decide"]])')
  @Mutation(() => DecideApplicationPayload, { nullable: true, description: 'Decides a case and sends the notice.' })
  decideApplication(
    @Arg('input', () => DecideApplicationInput, { description: 'What is to be done.' }) input: DecideApplicationInput,
    @Ctx() ctx: Context,
  ) {
    return answer(ctx, 'application', async () => applicationById(ctx).load(await decideApplication(ctx, input)));
  }

  @Directive('@requiresScopes(scopes: [["staff:decide"]])')
  @Mutation(() => ConfirmFourEyesPayload, {
    nullable: true,
    description:
      'Confirms that a colleague to whom FOUR_EYES_REQUIRED was said is somebody else than the applicant, so that they may decide this case (Vier-Augen-Prinzip).',
  })
  confirmFourEyes(
    @Arg('input', () => ConfirmFourEyesInput, { description: 'What is to be done.' }) input: ConfirmFourEyesInput,
    @Ctx() ctx: Context,
  ) {
    return answer(ctx, 'application', async () => applicationById(ctx).load(await confirmFourEyes(ctx, input)));
  }
}

@Resolver(() => Decision)
export class DecisionResolver {
  @FieldResolver(() => Document, { description: 'The notice as a PDF.' })
  notice(@Root() decision: Decision, @Ctx() ctx: Context): Promise<Document | null> {
    return documentById(ctx).load(decision.noticeDocumentId);
  }

  @Directive('@requiresScopes(scopes: [["staff:read"]])')
  @FieldResolver(() => StaffMember, { nullable: true, description: 'Who decided.' })
  decidedBy(@Root() decision: Decision): StaffMember | null {
    return byId(decision.decidedBy);
  }

  @FieldResolver(() => DateScalar, { nullable: true, description: 'The day it counts as notified (Bekanntgabe).' })
  deemedNotifiedOn(@Root() decision: Decision, @Ctx() ctx: Context): Promise<string | null> {
    return dayOf(decision, DeadlineKind.DEEMED_NOTIFICATION, ctx);
  }

  @FieldResolver(() => DateScalar, { nullable: true, description: 'The last day to object (Widerspruchsfrist).' })
  objectionUntil(@Root() decision: Decision, @Ctx() ctx: Context): Promise<string | null> {
    return dayOf(decision, DeadlineKind.OBJECTION, ctx);
  }
}

async function dayOf(decision: Decision, kind: DeadlineKind, ctx: Context): Promise<string | null> {
  const application = await applicationById(ctx).load(decision.applicationId);
  const deadlines = application && (await deadlinesOfApplication(ctx).load(application));
  return deadlines?.find(deadline => deadline.kind === kind)?.dueOn ?? null;
}
