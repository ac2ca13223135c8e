/** Work on cases in the graph. */
import { Arg, Ctx, Directive, FieldResolver, Mutation, Resolver, Root } from 'type-graphql';
import { Context } from '../../../kernel/context';
import { answer, payload } from '../../../kernel/graph/refusal.type';
import { Application } from '../application/application.entity';
import { ArchiveRecord } from './archive-record.entity';
import {
  AssignApplicationInput,
  ClaimApplicationInput,
  CloseApplicationInput,
  ConfirmCompletenessInput,
  ForwardApplicationInput,
} from './casework.inputs';
import { archiveRecordOf } from './casework.loaders';
import { assignApplication, claimApplication, closeApplication, confirmCompleteness } from './casework.service';
import { forwardApplication } from './forwarding.service';

const of = () => Application;
const ClaimApplicationPayload = payload('claimApplication', 'application', of);
const AssignApplicationPayload = payload('assignApplication', 'application', of);
const ForwardApplicationPayload = payload('forwardApplication', 'application', of);
const ConfirmCompletenessPayload = payload('confirmCompleteness', 'application', of);
const CloseApplicationPayload = payload('closeApplication', 'application', of);

@Resolver(() => Application)
export class CaseworkResolver {
  @Directive('@requiresScopes(scopes: [["staff:read"], ["archive:offer"], ["archive:appraise"]])')
  @FieldResolver(() => ArchiveRecord, { nullable: true, description: 'The archiving.' })
  archiveRecord(@Root() application: Application, @Ctx() ctx: Context): Promise<ArchiveRecord | null> {
    return archiveRecordOf(ctx).load(application.id);
  }

  @Directive('@requiresScopes(scopes: [["staff:work"]])')
  @Mutation(() => ClaimApplicationPayload, { nullable: true, description: 'Takes a case oneself.' })
  claimApplication(
    @Arg('input', () => ClaimApplicationInput, { description: 'What is to be done.' }) input: ClaimApplicationInput,
    @Ctx() ctx: Context,
  ) {
    return answer(ctx, 'application', () => claimApplication(ctx, input));
  }

  @Directive('@requiresScopes(scopes: [["staff:work"]])')
  @Mutation(() => AssignApplicationPayload, { nullable: true, description: 'Gives a case to somebody, or to nobody.' })
  assignApplication(
    @Arg('input', () => AssignApplicationInput, { description: 'What is to be done.' }) input: AssignApplicationInput,
    @Ctx() ctx: Context,
  ) {
    return answer(ctx, 'application', () => assignApplication(ctx, input));
  }

  @Directive('@requiresScopes(scopes: [["staff:work"]])')
  @Mutation(() => ForwardApplicationPayload, {
    nullable: true,
    description: 'Passes a case to a department or another authority; the date of receipt stays.',
  })
  forwardApplication(
    @Arg('input', () => ForwardApplicationInput, { description: 'What is to be done.' }) input: ForwardApplicationInput,
    @Ctx() ctx: Context,
  ) {
    return answer(ctx, 'application', () => forwardApplication(ctx, input));
  }

  @Directive('@requiresScopes(scopes: [["staff:work"]])')
  @Mutation(() => ConfirmCompletenessPayload, {
    nullable: true,
    description: 'States that the documents are complete; deadlines that need it start.',
  })
  confirmCompleteness(
    @Arg('input', () => ConfirmCompletenessInput, { description: 'What is to be done.' })
    input: ConfirmCompletenessInput,
    @Ctx() ctx: Context,
  ) {
    return answer(ctx, 'application', () => confirmCompleteness(ctx, input));
  }

  @Directive('@requiresScopes(scopes: [["staff:work"]])')
  @Mutation(() => CloseApplicationPayload, { nullable: true, description: 'Closes a case after the notice.' })
  closeApplication(
    @Arg('input', () => CloseApplicationInput, { description: 'What is to be done.' }) input: CloseApplicationInput,
    @Ctx() ctx: Context,
  ) {
    return answer(ctx, 'application', () => closeApplication(ctx, input));
  }
}
