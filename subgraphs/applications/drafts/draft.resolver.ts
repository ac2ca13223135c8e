/** The applicant's mutations in the graph. */
import { Arg, Ctx, Directive, Mutation, Resolver } from 'type-graphql';
import { Context } from '../../../kernel/context';
import { answer, payload } from '../../../kernel/graph/refusal.type';
import { Application } from '../application/application.entity';
import {
  ChangeDraftInput,
  CreateDraftInput,
  DeleteDraftInput,
  SubmitApplicationInput,
  WithdrawApplicationInput,
} from './draft.inputs';
import { changeDraft, createDraft, deleteDraft } from './draft.service';
import { submitApplication, withdrawApplication } from './submission.service';

const CreateDraftPayload = payload('createDraft', 'application', () => Application);
const ChangeDraftPayload = payload('changeDraft', 'application', () => Application);
const DeleteDraftPayload = payload('deleteDraft', 'application', () => Application);
const SubmitApplicationPayload = payload('submitApplication', 'application', () => Application);
const WithdrawApplicationPayload = payload('withdrawApplication', 'application', () => Application);

@Resolver()
export class DraftResolver {
  @Directive('@authenticated')
  @Mutation(() => CreateDraftPayload, {
    nullable: true,
    description: 'Begins an application for the account the asker acts for.',
  })
  createDraft(
    @Arg('input', () => CreateDraftInput, { description: 'What is to be done.' }) input: CreateDraftInput,
    @Ctx() ctx: Context,
  ) {
    return answer(ctx, 'application', () => createDraft(ctx, input));
  }

  @Directive('@authenticated')
  @Mutation(() => ChangeDraftPayload, {
    nullable: true,
    description: 'Saves answers of a draft; gaps are allowed and listed in submitProblems.',
  })
  changeDraft(
    @Arg('input', () => ChangeDraftInput, { description: 'What is to be done.' }) input: ChangeDraftInput,
    @Ctx() ctx: Context,
  ) {
    return answer(ctx, 'application', () => changeDraft(ctx, input));
  }

  @Directive('@authenticated')
  @Mutation(() => DeleteDraftPayload, {
    nullable: true,
    description: 'Deletes a draft with its files; answers with the draft as it was.',
  })
  deleteDraft(
    @Arg('input', () => DeleteDraftInput, { description: 'What is to be done.' }) input: DeleteDraftInput,
    @Ctx() ctx: Context,
  ) {
    return answer(ctx, 'application', () => deleteDraft(ctx, input));
  }

  @Directive('@authenticated')
  @Mutation(() => SubmitApplicationPayload, {
    nullable: true,
    description: 'Sends the application; one receipt and one delivery follow, however often it is repeated.',
  })
  submitApplication(
    @Arg('input', () => SubmitApplicationInput, { description: 'What is to be done.' }) input: SubmitApplicationInput,
    @Ctx() ctx: Context,
  ) {
    return answer(ctx, 'application', () => submitApplication(ctx, input));
  }

  @Directive('@authenticated')
  @Mutation(() => WithdrawApplicationPayload, {
    nullable: true,
    description: 'Takes the application back before the decision.',
  })
  withdrawApplication(
    @Arg('input', () => WithdrawApplicationInput, { description: 'What is to be done.' })
    input: WithdrawApplicationInput,
    @Ctx() ctx: Context,
  ) {
    return answer(ctx, 'application', () => withdrawApplication(ctx, input));
  }
}
