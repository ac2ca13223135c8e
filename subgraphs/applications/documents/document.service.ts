/** Asking for permission to upload, removing a file, and the signed addresses of both ways. */
import { now } from '../../../kernel/clock';
import { subgraphConfig } from '../../../kernel/config';
import type { Context } from '../../../kernel/context';
import { rows, type Tx } from '../../../kernel/database/database';
import { badInput, forbidden, notFound } from '../../../kernel/errors';
import { once } from '../../../kernel/idempotency';
import { newId } from '../../../kernel/ids';
import { provenPerson, provenStaff } from '../../../kernel/membership';
import type { Principal } from '../../../kernel/principal';
import { refuseCommon } from '../../../kernel/refusal';
import { signTicket } from '../../../kernel/ticket';
import { checkVersion } from '../../../kernel/version';
import type { Application } from '../application/application.entity';
import { lockApplication, maySee, possibleActions } from '../application/application.rights';
import { ApplicationState, applicationLifecycle } from '../application/application.states';
import { draftDueOn } from '../drafts/draft.service';
import { refuse } from '../refusals';
import { Document, DocumentPurpose } from './document.entity';
import type { RemoveDocumentInput, RequestUploadInput, Upload } from './document.inputs';
import { destroyDocument } from './document.removal';
import { mayDownload, maySeeDocument } from './document.rights';
import { DocumentState } from './document.states';
import { DEFAULT_MOST_BYTES, isAllowedType } from './document.types';
import { fittingName, isGoodFilename } from './filename';

const UPLOAD_SECONDS = 60 * 60;
const DOWNLOAD_SECONDS = 60;
const MOST_FILES = 50;

export interface UploadTicket {
  readonly documentId: string;
}

/** Made for the asker: who downloads is judged as the one the address was made for. */
export interface DownloadTicket {
  readonly documentId: string;
  readonly asker: Principal;
}

export async function requestUpload(ctx: Context, input: RequestUploadInput): Promise<Upload> {
  const { applicationId, documentRequestId, byteSize, sha256 } = input;
  if ((applicationId == null) === (documentRequestId == null)) throw badInput('input.applicationId');
  if (!/^[0-9a-f]{64}$/.test(sha256)) throw badInput('input.sha256');
  if (byteSize < 1) throw badInput('input.byteSize');
  if (!isGoodFilename(input.filename)) throw refuse('BAD_FILENAME', { problems: [at('filename', 'BAD_FILENAME')] });
  return ctx.write(async tx => {
    const { application, request } = await placeOf(tx, input);
    await proveSide(tx, ctx.principal, application);
    const { id } = await once(tx, ctx.principal, 'requestUpload', { ...input }, async () => {
      checkPurpose(application, request, input.purpose, ctx.principal);
      checkFile(application, request, input);
      await checkCount(tx, application);
      const document: Omit<Document, never> = {
        id: newId(),
        version: 1,
        applicationId: application.id,
        documentRequestId: request?.id ?? null,
        filename: fittingName(input.filename, input.mimeType),
        mimeType: input.mimeType,
        byteSize,
        sha256,
        purpose: input.purpose,
        requirementCode: input.requirementCode ?? null,
        state: DocumentState.AWAITING_UPLOAD,
        rejectionCode: null,
        origin: ctx.principal.kind === 'person' ? 'APPLICANT' : 'STAFF',
        sharedAt: null,
        storageKey: null,
        createdAt: now(),
      };
      await tx.insert(Document, document);
      if (application.state === ApplicationState.DRAFT) await keepDraft(tx, application);
      return document.id;
    });
    const [document] = await rows(tx, Document, 'SELECT * FROM document WHERE id = $1', [id]);
    return uploadOf(document!);
  });
}

interface AskedRequest {
  readonly id: string;
  readonly state: string;
  readonly codes: readonly (string | null)[];
}

/** The application, locked, and the document request when that was named. */
async function placeOf(
  tx: Tx,
  input: RequestUploadInput,
): Promise<{ application: Application; request: AskedRequest | null }> {
  if (input.applicationId) {
    const application = await lockApplication(tx, input.applicationId);
    if (!application) throw notFound();
    return { application, request: null };
  }
  const [found]: { application_id: string }[] = await tx.query(
    `SELECT application_id FROM document_request WHERE id = $1`,
    [input.documentRequestId],
  );
  const application = found && (await lockApplication(tx, found.application_id));
  if (!application) throw notFound();
  const [request]: AskedRequest[] = await tx.query(
    `SELECT id, state, ARRAY(SELECT item ->> 'requirementCode' FROM jsonb_array_elements(items) AS item) AS codes
     FROM document_request WHERE id = $1`,
    [input.documentRequestId],
  );
  return { application, request: request! };
}

async function proveSide(tx: Tx, who: Principal, application: Application): Promise<void> {
  if (!maySee(application, who)) throw notFound();
  if (who.kind === 'staff') await provenStaff(tx, who, 'staff:work');
  else await provenPerson(tx, who, application.leikaKey);
}

/** Evidence belongs to a draft or answers a request; an authority adds notices and papers of its own; both may write. */
function checkPurpose(
  application: Application,
  request: AskedRequest | null,
  purpose: DocumentPurpose,
  who: Principal,
): void {
  const allowed = possibleActions(application, who);
  applicationLifecycle.step(application.state, 'requestUpload', allowed);
  const notNow = () => refuseCommon('INVALID_TRANSITION', { allowedActions: allowed });
  if (request) {
    if (purpose !== DocumentPurpose.EVIDENCE || who.kind !== 'person') throw wrongPurpose();
    if (request.state !== 'OPEN') throw notNow();
    return;
  }
  const isDraft = application.state === ApplicationState.DRAFT;
  if (purpose === DocumentPurpose.MESSAGE) {
    if (isDraft) throw notNow();
  } else if (who.kind === 'person') {
    if (purpose !== DocumentPurpose.EVIDENCE) throw wrongPurpose();
    if (!isDraft) throw notNow();
  } else if (purpose !== DocumentPurpose.NOTICE && purpose !== DocumentPurpose.INTERNAL) {
    throw wrongPurpose();
  }
}

const wrongPurpose = () => refuse('PURPOSE_NOT_ALLOWED', { problems: [at('purpose', 'PURPOSE_NOT_ALLOWED')] });

function checkFile(application: Application, request: AskedRequest | null, input: RequestUploadInput): void {
  const { mimeType, byteSize, requirementCode } = input;
  const required = application.requiredDocuments.find(({ code }) => code === requirementCode);
  if (requirementCode && !required && !request?.codes.includes(requirementCode)) {
    throw refuse('UNKNOWN_REQUIREMENT', { problems: [at('requirementCode', 'UNKNOWN_REQUIREMENT')] });
  }
  const accepted = required && required.mimeTypes.length > 0 ? required.mimeTypes : [mimeType];
  if (!isAllowedType(mimeType) || !accepted.includes(mimeType)) {
    throw refuse('FILE_TYPE_NOT_ALLOWED', { problems: [at('mimeType', 'FILE_TYPE_NOT_ALLOWED')] });
  }
  const most = required?.maxByteSize ?? DEFAULT_MOST_BYTES;
  if (byteSize > most) {
    throw refuse('FILE_TOO_LARGE', { values: { most }, problems: [at('byteSize', 'FILE_TOO_LARGE')] });
  }
}

const at = (field: string, code: string) => ({
  path: `/${field}`,
  code,
  text: { de: 'Diese Angabe ist hier nicht zulässig.', en: 'This is not allowed here.' },
});

async function checkCount(tx: Tx, application: Application): Promise<void> {
  const [{ count }]: [{ count: number }] = await tx.query(
    `SELECT count(*)::int AS count FROM document WHERE application_id = $1 AND state <> 'DESTROYED'`,
    [application.id],
  );
  if (count >= MOST_FILES) throw refuse('TOO_MANY_FILES', { values: { most: MOST_FILES } });
}

/** An upload is an edit (§ 8a OZG), although it does not count the version. */
export const keepDraft = (tx: Tx, application: Application): Promise<unknown> =>
  tx.query(`UPDATE application SET next_due_on = $2 WHERE id = $1`, [application.id, draftDueOn()]);

function uploadOf(document: Document): Upload {
  const ticket: UploadTicket = { documentId: document.id };
  return {
    document,
    url: fileUrl(`uploads/${signTicket('applications', 'upload', ticket, UPLOAD_SECONDS)}`),
    method: 'PUT',
    headers: [{ name: 'content-type', value: document.mimeType }],
    expiresAt: new Date(now().getTime() + UPLOAD_SECONDS * 1_000),
  };
}

const fileUrl = (rest: string): string => `${subgraphConfig('applications').publicUrl}/files/${rest}`;

/** The address to download from, made for the asker; null when he may not have the bytes. */
export function downloadUrl(ctx: Context, document: Document, application: Application): string | null {
  if (!maySeeDocument(document, application, ctx.asker) || !mayDownload(document, application, ctx.asker)) return null;
  const ticket: DownloadTicket = { documentId: document.id, asker: ctx.asker };
  return fileUrl(`documents/${signTicket('applications', 'download', ticket, DOWNLOAD_SECONDS)}`);
}

/** Removes a file that the other side has not got yet. */
export async function removeDocument(ctx: Context, input: RemoveDocumentInput): Promise<Document> {
  return ctx.write(async tx => {
    const [found]: { application_id: string }[] = await tx.query(`SELECT application_id FROM document WHERE id = $1`, [
      input.documentId,
    ]);
    const application = found && (await lockApplication(tx, found.application_id));
    const [document] = await rows(tx, Document, 'SELECT * FROM document WHERE id = $1 FOR UPDATE', [input.documentId]);
    if (!application || !document || !maySeeDocument(document, application, ctx.principal)) throw notFound();
    await proveSide(tx, ctx.principal, application);
    if (document.origin !== (ctx.principal.kind === 'person' ? 'APPLICANT' : 'STAFF')) throw forbidden();
    checkVersion(document, input.expectedVersion);
    if (document.sharedAt || document.state === DocumentState.DESTROYED) throw refuse('INVALID_TRANSITION');
    await destroyDocument(tx, document);
    return document;
  });
}
