/** Asking for documents, answering, checking, taking back. The application is always locked first, then the request. */
import { now, today } from '../../../kernel/clock';
import type { Context } from '../../../kernel/context';
import { rows, type Tx } from '../../../kernel/database/database';
import { badInput, notFound } from '../../../kernel/errors';
import { once } from '../../../kernel/idempotency';
import { newId } from '../../../kernel/ids';
import { provenStaff } from '../../../kernel/membership';
import type { ProblemData } from '../../../kernel/refusal';
import { trustGap } from '../../../kernel/trust';
import { change, checkVersion } from '../../../kernel/version';
import type { Application } from '../application/application.entity';
import { type ChangeEvent, move, type Telling, tell, touch } from '../application/application.move';
import { lockForApplicant, lockForStaff, maySeeContent } from '../application/application.rights';
import { ApplicationState } from '../application/application.states';
import { words } from '../casework/words';
import { DeadlineKind } from '../deadlines/deadline.entity';
import { lawOf, readLaw } from '../deadlines/deadline.facts';
import { nextDueAfter } from '../deadlines/deadline.service';
import { endOfRequest } from '../deadlines/reckoning';
import { Document } from '../documents/document.entity';
import { DocumentState } from '../documents/document.states';
import { refuse } from '../refusals';
import { DocumentRequest, DocumentRequestAnswer } from './document-request.entity';
import type {
  AnswerDocumentRequestInput,
  CancelDocumentRequestInput,
  RequestDocumentsInput,
  ReviewDocumentRequestInput,
} from './document-request.inputs';
import { possibleSteps } from './document-request.rights';
import { DocumentRequestState, documentRequestLifecycle, STEPS } from './document-request.states';

const MOST_ITEMS = 20;

/** @returns the id of the request; the same for the same key. */
export async function requestDocuments(ctx: Context, input: RequestDocumentsInput): Promise<string> {
  const reason = words(input.reason, 'input.reason');
  if (input.items.length === 0 || input.items.length > MOST_ITEMS) throw badInput('input.items');
  const items = input.items.map(({ requirementCode, description }, i) => ({
    requirementCode: requirementCode ? words(requirementCode, `input.items[${i}].requirementCode`, 100) : null,
    description: words(description, `input.items[${i}].description`, 500),
  }));
  const { id } = await ctx.write(tx =>
    once(tx, ctx.principal, 'requestDocuments', { ...input }, async () => {
      const staff = await provenStaff(tx, ctx.principal, 'staff:work');
      const application = await lockForStaff(tx, ctx, input.applicationId, 'staff:work');
      if (application.version !== input.expectedVersion) throw refuse('VERSION_CONFLICT');
      checkDueDate(input.dueOn);
      const moment = now();
      const request = {
        id: newId(),
        version: 1,
        applicationId: application.id,
        items,
        reason,
        ...(await dayToAnswer(tx, application, moment, input.dueOn, input.fixedDay)),
        stored: DocumentRequestState.OPEN as const,
        round: 1,
        openedBy: staff.staffMemberId,
        openedAt: moment,
        askedAt: moment,
        answeredAt: null,
        closedAt: null,
        cancelReason: null,
      };
      await tx.insert(DocumentRequest, request);
      await move(tx, application, 'requestDocuments', {
        by: ctx.principal,
        changes: { nextDueOn: await nextDueAfter(tx, application, { state: ApplicationState.AWAITING_DOCUMENTS }) },
        tells: [asked(application, request, reason, staff.staffMemberId), ...clockStops(application)],
      });
      return request.id;
    }),
  );
  return id;
}

export function answerDocumentRequest(ctx: Context, input: AnswerDocumentRequestInput): Promise<DocumentRequest> {
  const comment = input.comment?.trim() ? words(input.comment, 'input.comment') : null;
  return ctx.write(async tx => {
    const application = await lockForApplicant(tx, ctx, await applicationOf(tx, input.documentRequestId));
    const request = await lockRequest(tx, input.documentRequestId);
    checkVersion(request, input.expectedVersion);
    step(request, application, ctx, 'answer');
    if (!maySeeContent(application, ctx.principal)) {
      throw refuse('TRUST_TOO_LOW', {
        values: trustGap(ctx.asker.kind === 'person' ? ctx.asker.trustLevel : null, application.requiredTrustLevel),
        allowedActions: ['startSignIn'],
      });
    }
    const documents = await answeringDocuments(tx, request, input.documentIds);
    const submittedAt = now();
    await tx.insert(DocumentRequestAnswer, {
      id: newId(),
      documentRequestId: request.id,
      round: request.round,
      askedAt: request.askedAt,
      dueOn: request.dueOn,
      fixedDay: request.fixedDay,
      endsOn: request.endsOn,
      documentIds: documents.map(({ id }) => id),
      comment,
      submittedAt,
      accepted: null,
      rejectionReason: null,
    });
    for (const document of documents) await change(tx, Document, document, { sharedAt: submittedAt });
    await change(tx, DocumentRequest, request, { stored: DocumentRequestState.SUBMITTED, answeredAt: submittedAt });
    await settle(tx, application, ctx, 'answerDocumentRequest', [
      tell('application.documents-submitted', { documentRequestId: request.id }),
    ]);
    return request;
  });
}

export function reviewDocumentRequest(ctx: Context, input: ReviewDocumentRequestInput): Promise<DocumentRequest> {
  const { accept } = input;
  const reason = accept ? null : words(input.reason ?? '', 'input.reason');
  if (!accept && !input.dueOn) throw badInput('input.dueOn');
  return ctx.write(async tx => {
    const staff = await provenStaff(tx, ctx.principal, 'staff:work');
    const application = await lockForStaff(tx, ctx, await applicationOf(tx, input.documentRequestId), 'staff:work');
    const request = await lockRequest(tx, input.documentRequestId);
    checkVersion(request, input.expectedVersion);
    step(request, application, ctx, accept ? 'accept' : 'reject');
    await tx.update(
      DocumentRequestAnswer,
      { documentRequestId: request.id, round: request.round },
      { accepted: accept, rejectionReason: reason },
    );
    const { id: documentRequestId } = request;
    if (reason === null) {
      await change(tx, DocumentRequest, request, { stored: DocumentRequestState.ACCEPTED, closedAt: now() });
      await touch(tx, application, 'reviewDocumentRequest', {
        by: ctx.principal,
        tells: [tell('application.documents-reviewed', { documentRequestId, outcome: 'ACCEPTED' })],
      });
      return request;
    }
    checkDueDate(input.dueOn!);
    const askedAt = now();
    await change(tx, DocumentRequest, request, {
      stored: DocumentRequestState.OPEN,
      round: request.round + 1,
      ...(await dayToAnswer(tx, application, askedAt, input.dueOn!, input.fixedDay)),
      askedAt,
      answeredAt: null,
    });
    await move(tx, application, 'reviewDocumentRequest', {
      by: ctx.principal,
      changes: { nextDueOn: await nextDueAfter(tx, application, { state: ApplicationState.AWAITING_DOCUMENTS }) },
      tells: [
        tell('application.documents-reviewed', { documentRequestId, outcome: 'REOPENED' }),
        asked(application, request, reason, staff.staffMemberId), // the applicant gets a message for each round
        ...clockStops(application),
      ],
    });
    return request;
  });
}

export function cancelDocumentRequest(ctx: Context, input: CancelDocumentRequestInput): Promise<DocumentRequest> {
  const cancelReason = words(input.reason, 'input.reason');
  return ctx.write(async tx => {
    const application = await lockForStaff(tx, ctx, await applicationOf(tx, input.documentRequestId), 'staff:work');
    const request = await lockRequest(tx, input.documentRequestId);
    checkVersion(request, input.expectedVersion);
    step(request, application, ctx, 'cancel');
    await change(tx, DocumentRequest, request, {
      stored: DocumentRequestState.CANCELED,
      closedAt: now(),
      cancelReason,
    });
    await settle(tx, application, ctx, 'cancelDocumentRequest', [
      tell('application.documents-reviewed', { documentRequestId: request.id, outcome: 'CANCELED' }),
    ]);
    return request;
  });
}

/** Takes back what is still open when a case ends otherwise (decided for want of cooperation). */
export async function endOpenRequests(tx: Tx, applicationId: string, cancelReason: string): Promise<void> {
  await tx.query(
    `UPDATE document_request SET state = 'CANCELED', version = version + 1, closed_at = $2, cancel_reason = $3
     WHERE application_id = $1 AND state = 'OPEN'`,
    [applicationId, now(), cancelReason],
  );
}

/** After an answer or a withdrawal of a request: the case goes on once nothing is open any more. */
async function settle(
  tx: Tx,
  application: Application,
  ctx: Context,
  action: 'answerDocumentRequest' | 'cancelDocumentRequest',
  tells: readonly Telling[],
): Promise<void> {
  const open: unknown[] = await tx.query(
    `SELECT 1 FROM document_request WHERE application_id = $1 AND state = 'OPEN' LIMIT 1`,
    [application.id],
  );
  const by = ctx.principal;
  if (open.length > 0) {
    const nextDueOn = await nextDueAfter(tx, application, application);
    await touch(tx, application, action, { by, changes: { nextDueOn }, tells });
  } else {
    const nextDueOn = await nextDueAfter(tx, application, { state: ApplicationState.IN_REVIEW });
    await move(tx, application, action, { by, changes: { nextDueOn }, tells: [...tells, ...clockStops(application)] });
  }
}

/** Once the working time runs, waiting for documents stops it and their coming lets it go on: a change worth telling. */
const clockStops = (application: Application): Telling[] =>
  application.completeAt && application.processingDays !== null
    ? [tell('application.deadline-changed', { deadlineKind: DeadlineKind.PROCESSING })]
    : [];

const asked = (
  application: Application,
  request: Pick<DocumentRequest, 'id' | 'items' | 'dueOn' | 'fixedDay' | 'endsOn' | 'round'>,
  reason: string,
  staffMemberId: string,
): Telling & { type: ChangeEvent } =>
  tell('application.documents-requested', {
    documentRequestId: request.id,
    reason,
    items: request.items,
    dueOn: request.dueOn,
    fixedDay: request.fixedDay,
    endsOn: request.endsOn,
    round: request.round,
    staffMemberId,
    serviceTitle: application.serviceTitle,
  });

/** The day as named, and the last one it makes (§ 31 (3) VwVfG). */
async function dayToAnswer(tx: Tx, application: Application, askedAt: Date, dueOn: string, fixedDay: boolean) {
  const end = endOfRequest({ askedAt, dueOn, fixedDay }, lawOf(await readLaw(tx, [application]), application));
  return { dueOn, fixedDay, endsOn: end?.dueOn ?? dueOn };
}

function checkDueDate(day: string): void {
  if (day <= today()) throw refuse('BAD_DUE_DATE');
}

/** @throws NOT_FOUND; row security hides the requests of others. */
async function applicationOf(tx: Tx, id: string): Promise<string> {
  const [found]: { application_id: string }[] = await tx.query(
    `SELECT application_id FROM document_request WHERE id = $1`,
    [id],
  );
  if (!found) throw notFound();
  return found.application_id;
}

async function lockRequest(tx: Tx, id: string): Promise<DocumentRequest> {
  const [request] = await rows(tx, DocumentRequest, 'SELECT * FROM document_request WHERE id = $1 FOR UPDATE', [id]);
  if (!request) throw notFound();
  return request;
}

/** @throws Refusal INVALID_TRANSITION with the mutations that are possible instead */
function step(request: DocumentRequest, application: Application, ctx: Context, action: keyof typeof STEPS): void {
  const possible = possibleSteps(request, application, ctx.principal);
  const allowed = documentRequestLifecycle.next(request.state, action) !== undefined && possible.includes(action);
  if (allowed) return;
  throw refuse('INVALID_TRANSITION', { allowedActions: [...new Set(possible.map(one => STEPS[one].mutation))] });
}

/**
 * The files of an answer: uploaded for this request, checked, not used before; and one for each item with a code.
 * @throws Refusal DOCUMENTS_NOT_READY (retryable while they are being checked), DOCUMENTS_MISSING
 */
async function answeringDocuments(tx: Tx, request: DocumentRequest, ids: readonly string[]): Promise<Document[]> {
  if (ids.length === 0) throw refuse('DOCUMENTS_MISSING', { problems: [missing('/documentIds')] });
  if (ids.length > 100) throw badInput('input.documentIds');
  const found = await rows(
    tx,
    Document,
    `SELECT * FROM document WHERE id = ANY($1) AND document_request_id = $2 AND shared_at IS NULL
     ORDER BY id FOR UPDATE`,
    [ids, request.id],
  );
  const problems = ids.flatMap((id, i): ProblemData[] => {
    const document = found.find(one => one.id === id);
    if (document?.state === DocumentState.AVAILABLE) return [];
    return [{ path: `/documentIds/${i}`, ...NOT_READY[document?.state ?? 'UNKNOWN'] }];
  });
  if (problems.length > 0) {
    const retryable = problems.every(({ code }) => code === 'SCANNING');
    throw refuse('DOCUMENTS_NOT_READY', { problems, retryable });
  }
  const unanswered = request.items.flatMap(({ requirementCode }, i) =>
    requirementCode && !found.some(document => document.requirementCode === requirementCode)
      ? [missing(`/items/${i}`)]
      : [],
  );
  if (unanswered.length > 0) throw refuse('DOCUMENTS_MISSING', { problems: unanswered });
  return found;
}

const missing = (path: string): ProblemData => ({
  path,
  code: 'DOCUMENTS_MISSING',
  text: { de: 'Dazu fehlt eine Datei.', en: 'A file for this is missing.' },
});

const UNKNOWN = {
  code: 'UNKNOWN_DOCUMENT',
  text: {
    de: 'Diese Datei wurde nicht für diese Nachforderung gesendet.',
    en: 'This file was not sent for this request.',
  },
};
const NOT_READY = {
  UNKNOWN,
  [DocumentState.AVAILABLE]: UNKNOWN,
  [DocumentState.DESTROYED]: UNKNOWN,
  [DocumentState.AWAITING_UPLOAD]: {
    code: 'AWAITING_UPLOAD',
    text: { de: 'Der Inhalt dieser Datei fehlt noch.', en: 'The bytes of this file have not come yet.' },
  },
  [DocumentState.SCANNING]: {
    code: 'SCANNING',
    text: { de: 'Diese Datei wird noch geprüft.', en: 'This file is still being checked.' },
  },
  [DocumentState.REJECTED]: {
    code: 'REJECTED',
    text: { de: 'Diese Datei wurde nicht angenommen.', en: 'This file was not accepted.' },
  },
} as const;
