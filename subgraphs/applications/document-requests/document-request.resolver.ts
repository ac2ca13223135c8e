/** Document requests in the graph. */
import { Arg, Ctx, Directive, FieldResolver, ID, Mutation, Query, Resolver, Root } from 'type-graphql';
import { Context } from '../../../kernel/context';
import { notFound } from '../../../kernel/errors';
import { answer, payload } from '../../../kernel/graph/refusal.type';
import { Application } from '../application/application.entity';
import { applicationById } from '../application/application.loaders';
import { Document } from '../documents/document.entity';
import { documentById } from '../documents/document.loaders';
import { DocumentRequest, DocumentRequestAnswer } from './document-request.entity';
import {
  AnswerDocumentRequestInput,
  CancelDocumentRequestInput,
  RequestDocumentsInput,
  ReviewDocumentRequestInput,
} from './document-request.inputs';
import { answersOfRequest, documentRequestById, requestsOfApplication } from './document-request.loaders';
import { possibleActions } from './document-request.rights';
import {
  answerDocumentRequest,
  cancelDocumentRequest,
  requestDocuments,
  reviewDocumentRequest,
} from './document-request.service';

const of = () => DocumentRequest;
const RequestDocumentsPayload = payload('requestDocuments', 'documentRequest', of);
const AnswerDocumentRequestPayload = payload('answerDocumentRequest', 'documentRequest', of);
const ReviewDocumentRequestPayload = payload('reviewDocumentRequest', 'documentRequest', of);
const CancelDocumentRequestPayload = payload('cancelDocumentRequest', 'documentRequest', of);

@Resolver(() => Application)
export class RequestsOfApplicationResolver {
  @FieldResolver(() => [DocumentRequest], { description: 'The document requests, newest first.' })
  async documentRequests(@Root() application: Application, @Ctx() ctx: Context): Promise<DocumentRequest[]> {
    return (await requestsOfApplication(ctx).load(application.id)) ?? [];
  }
}

@Resolver(() => DocumentRequestAnswer)
export class DocumentRequestAnswerResolver {
  @FieldResolver(() => [Document], { description: 'The files.' })
  async documents(@Root() answer: DocumentRequestAnswer, @Ctx() ctx: Context): Promise<Document[]> {
    const found = await Promise.all(answer.documentIds.map(id => documentById(ctx).load(id)));
    return found.filter(document => document !== null);
  }
}

@Resolver(() => DocumentRequest)
export class DocumentRequestResolver {
  @FieldResolver(() => Application, { description: 'The application.' })
  application(@Root() request: DocumentRequest, @Ctx() ctx: Context): Promise<Application | null> {
    return applicationById(ctx).load(request.applicationId);
  }

  @FieldResolver(() => [DocumentRequestAnswer], { description: 'The answers so far, oldest first.' })
  async answers(@Root() request: DocumentRequest, @Ctx() ctx: Context): Promise<DocumentRequestAnswer[]> {
    return (await answersOfRequest(ctx).load(request.id)) ?? [];
  }

  @FieldResolver(() => [String], {
    description: 'Names of the mutations the asker may call on this object now.',
  })
  async possibleActions(@Root() request: DocumentRequest, @Ctx() ctx: Context): Promise<string[]> {
    const application = await applicationById(ctx).load(request.applicationId);
    return application ? possibleActions(request, application, ctx.asker) : [];
  }

  @Directive('@authenticated')
  @Query(() => DocumentRequest, { nullable: true, description: 'One document request.' })
  async documentRequest(
    @Arg('id', () => ID, { description: 'The request.' }) id: string,
    @Ctx() ctx: Context,
  ): Promise<DocumentRequest> {
    const request = await documentRequestById(ctx).load(id);
    if (!request) throw notFound();
    return request;
  }

  @Directive('@requiresScopes(scopes: [["staff:work"]])')
  @Mutation(() => RequestDocumentsPayload, {
    nullable: true,
    description: 'Asks the applicant for documents; the applicant gets a message.',
  })
  requestDocuments(
    @Arg('input', () => RequestDocumentsInput, { description: 'What is to be done.' }) input: RequestDocumentsInput,
    @Ctx() ctx: Context,
  ) {
    return answer(ctx, 'documentRequest', async () =>
      documentRequestById(ctx).load(await requestDocuments(ctx, input)),
    );
  }

  @Directive('@authenticated')
  @Mutation(() => AnswerDocumentRequestPayload, { nullable: true, description: 'Hands in the requested documents.' })
  answerDocumentRequest(
    @Arg('input', () => AnswerDocumentRequestInput, { description: 'What is to be done.' })
    input: AnswerDocumentRequestInput,
    @Ctx() ctx: Context,
  ) {
    return answer(ctx, 'documentRequest', () => answerDocumentRequest(ctx, input));
  }

  @Directive('@requiresScopes(scopes: [["staff:work"]])')
  @Mutation(() => ReviewDocumentRequestPayload, {
    nullable: true,
    description: 'Accepts an answer, or opens the next round.',
  })
  reviewDocumentRequest(
    @Arg('input', () => ReviewDocumentRequestInput, { description: 'What is to be done.' })
    input: ReviewDocumentRequestInput,
    @Ctx() ctx: Context,
  ) {
    return answer(ctx, 'documentRequest', () => reviewDocumentRequest(ctx, input));
  }

  @Directive('@requiresScopes(scopes: [["staff:work"]])')
  @Mutation(() => CancelDocumentRequestPayload, { nullable: true, description: 'Takes a document request back.' })
  cancelDocumentRequest(
    @Arg('input', () => CancelDocumentRequestInput, { description: 'What is to be done.' })
    input: CancelDocumentRequestInput,
    @Ctx() ctx: Context,
  ) {
    return answer(ctx, 'documentRequest', () => cancelDocumentRequest(ctx, input));
  }
}
