/** PrivacyRequest in the graph. */
import { Arg, Ctx, Directive, FieldResolver, Int, Mutation, Query, Resolver, Root } from 'type-graphql';
import type { Context } from '../../../kernel/context';
import { answer, payload } from '../../../kernel/graph/refusal.type';
import { say } from '../../../kernel/language';
import { PrivacyRequest, PrivacyRequestConnection, RetainedData } from './privacy.entity';
import { copyUrl } from './privacy.files';
import { RequestDataExportInput, RequestErasureInput } from './privacy.inputs';
import { privacyRequests, requestDataExport, requestErasure } from './privacy.service';

const RequestDataExportPayload = payload('requestDataExport', 'privacyRequest', () => PrivacyRequest);
const RequestErasurePayload = payload('requestErasure', 'privacyRequest', () => PrivacyRequest);

@Resolver(() => PrivacyRequest)
export class PrivacyRequestResolver {
  @FieldResolver(() => String, { nullable: true, description: 'The short-lived signed address of the copy.' })
  downloadUrl(@Root() request: PrivacyRequest, @Ctx() ctx: Context): string | null {
    return copyUrl(request, ctx);
  }

  @FieldResolver(() => [RetainedData], { description: 'What must be kept and the law that says so.' })
  retained(@Root() { kept }: PrivacyRequest, @Ctx() ctx: Context): RetainedData[] {
    return kept.map(({ description, legalBasis, until }) => ({
      description: say(description, ctx.language),
      legalBasis,
      until: until === null ? null : new Date(`${until}T00:00:00Z`),
    }));
  }

  @Directive('@authenticated')
  @Query(() => PrivacyRequestConnection, {
    nullable: true,
    description: 'Copies and deletions of data the asker has requested.',
  })
  privacyRequests(
    @Arg('first', () => Int, { nullable: true, defaultValue: 20, description: 'How many at most, 1 to 100.' })
    first: number,
    @Arg('after', () => String, { nullable: true, description: 'Start after this cursor.' }) after: string | null,
    @Ctx() ctx: Context,
  ) {
    return privacyRequests(ctx, { first, after });
  }

  @Directive('@authenticated')
  @Mutation(() => RequestDataExportPayload, {
    nullable: true,
    description: 'Asks for a copy of all data about the account.',
  })
  requestDataExport(
    @Arg('input', () => RequestDataExportInput, { description: 'What is to be done.' }) input: RequestDataExportInput,
    @Ctx() ctx: Context,
  ) {
    return answer(ctx, 'privacyRequest', () => requestDataExport(ctx, input));
  }

  @Directive('@authenticated')
  @Mutation(() => RequestErasurePayload, {
    nullable: true,
    description: 'Asks for the deletion of the account and its data.',
  })
  requestErasure(
    @Arg('input', () => RequestErasureInput, { description: 'What is to be done.' }) input: RequestErasureInput,
    @Ctx() ctx: Context,
  ) {
    return answer(ctx, 'privacyRequest', () => requestErasure(ctx, input));
  }
}
