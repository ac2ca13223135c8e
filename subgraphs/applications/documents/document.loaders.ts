/** Batched loads of documents; only those the asker may see. */
import { batch, byKey, type Context, groupBy } from '../../../kernel/context';
import { rows } from '../../../kernel/database/database';
import { applicationById } from '../application/application.loaders';
import { Document } from './document.entity';
import { maySeeDocument } from './document.rights';
import { DocumentState } from './document.states';

export const documentById = batch<string, Document>(async (ids, ctx) => {
  const found = await ctx.read(tx => rows(tx, Document, 'SELECT * FROM document WHERE id = ANY($1)', [ids]));
  return byKey(await visible(found, ctx), document => document.id);
});

/** Those of an application, oldest first, without what was removed. */
export const documentsOfApplication = batch<string, Document[]>(async (ids, ctx) => {
  const found = await ctx.read(tx =>
    rows(tx, Document, 'SELECT * FROM document WHERE application_id = ANY($1) AND state <> $2 ORDER BY id', [
      ids,
      DocumentState.DESTROYED,
    ]),
  );
  return groupBy(await visible(found, ctx), document => document.applicationId);
});

async function visible(documents: readonly Document[], ctx: Context): Promise<Document[]> {
  const applications = await Promise.all(
    documents.map(({ applicationId }) => applicationById(ctx).load(applicationId)),
  );
  return documents.filter((document, i) => {
    const application = applications[i];
    return application != null && maySeeDocument(document, application, ctx.asker);
  });
}
