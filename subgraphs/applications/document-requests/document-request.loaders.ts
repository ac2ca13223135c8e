/** Batched loads of document requests; only those whose application the asker may see. */
import { batch, byKey, type Context, groupBy } from '../../../kernel/context';
import { rows } from '../../../kernel/database/database';
import { Application } from '../application/application.entity';
import { applicationById } from '../application/application.loaders';
import { DocumentRequest, DocumentRequestAnswer } from './document-request.entity';
import { documentRequestRights } from './document-request.rights';

export const documentRequestById = batch<string, DocumentRequest>(async (ids, ctx) => {
  const found = await ctx.read(tx =>
    rows(tx, DocumentRequest, 'SELECT * FROM document_request WHERE id = ANY($1)', [ids]),
  );
  return byKey(await visible(found, ctx), request => request.id);
});

/** Newest first. */
export const requestsOfApplication = batch<string, DocumentRequest[]>(async (ids, ctx) => {
  const found = await ctx.read(tx =>
    rows(tx, DocumentRequest, 'SELECT * FROM document_request WHERE application_id = ANY($1) ORDER BY id DESC', [ids]),
  );
  return groupBy(await visible(found, ctx), request => request.applicationId);
});

/** Oldest first. */
export const answersOfRequest = batch<string, DocumentRequestAnswer[]>(async (ids, ctx) => {
  const found = await ctx.read(tx =>
    rows(
      tx,
      DocumentRequestAnswer,
      'SELECT * FROM document_request_answer WHERE document_request_id = ANY($1) ORDER BY round',
      [ids],
    ),
  );
  return groupBy(found, answer => answer.documentRequestId);
});

async function visible(requests: readonly DocumentRequest[], ctx: Context): Promise<DocumentRequest[]> {
  const applications = await applicationById(ctx).loadMany(requests.map(({ applicationId }) => applicationId));
  return requests.filter((_, i) => {
    const application = applications[i];
    return application instanceof Application && documentRequestRights.maySee(application, ctx.asker);
  });
}
