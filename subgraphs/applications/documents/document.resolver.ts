/** Documents in the graph. */
import { Arg, Ctx, Directive, FieldResolver, ID, Mutation, Query, Resolver, Root } from 'type-graphql';
import { Context } from '../../../kernel/context';
import { notFound } from '../../../kernel/errors';
import { answer, ProblemType, payload } from '../../../kernel/graph/refusal.type';
import { say } from '../../../kernel/language';
import { applicationById } from '../application/application.loaders';
import { REJECTIONS } from '../refusals';
import { Document } from './document.entity';
import { RemoveDocumentInput, RequestUploadInput, Upload } from './document.inputs';
import { documentById } from './document.loaders';
import { downloadUrl, removeDocument, requestUpload } from './document.service';

const RequestUploadPayload = payload('requestUpload', 'upload', () => Upload);
const RemoveDocumentPayload = payload('removeDocument', 'document', () => Document);

@Resolver(() => Document)
export class DocumentResolver {
  @FieldResolver(() => ProblemType, { nullable: true, description: 'Why it was refused.' })
  rejection(@Root() { rejectionCode }: Document, @Ctx() ctx: Context): ProblemType | null {
    if (!rejectionCode) return null;
    return { path: '', code: rejectionCode, message: say(REJECTIONS[rejectionCode], ctx.language) };
  }

  @FieldResolver(() => String, {
    nullable: true,
    description:
      "The signed address, good for 60 seconds; null unless AVAILABLE, and for an applicant whose session's trust level is too low.",
  })
  async downloadUrl(@Root() document: Document, @Ctx() ctx: Context): Promise<string | null> {
    const application = await applicationById(ctx).load(document.applicationId);
    return application && downloadUrl(ctx, document, application);
  }

  @Directive('@authenticated')
  @Query(() => Document, { nullable: true, description: 'One document.' })
  async document(
    @Arg('id', () => ID, { description: 'The document.' }) id: string,
    @Ctx() ctx: Context,
  ): Promise<Document> {
    const document = await documentById(ctx).load(id);
    if (!document) throw notFound();
    return document;
  }

  @Directive('@authenticated')
  @Mutation(() => RequestUploadPayload, {
    nullable: true,
    description: 'Asks for permission to send one file; the bytes then go straight to the returned address.',
  })
  requestUpload(
    @Arg('input', () => RequestUploadInput, { description: 'What is to be done.' }) input: RequestUploadInput,
    @Ctx() ctx: Context,
  ) {
    return answer(ctx, 'upload', () => requestUpload(ctx, input));
  }

  @Directive('@authenticated')
  @Mutation(() => RemoveDocumentPayload, { nullable: true, description: 'Removes a file that has not been submitted.' })
  removeDocument(
    @Arg('input', () => RemoveDocumentInput, { description: 'What is to be done.' }) input: RemoveDocumentInput,
    @Ctx() ctx: Context,
  ) {
    return answer(ctx, 'document', () => removeDocument(ctx, input));
  }
}
