/**
 * What still stands against submission: answers, documents, the trust level, the fee. From frozen data and projections;
 * identity is asked only where the form wants facts proven.
 */
import type { Context } from '../../../kernel/context';
import { rows, type Tx } from '../../../kernel/database/database';
import type { ProblemData } from '../../../kernel/refusal';
import type { Application } from '../application/application.entity';
import { paidByApplication } from '../application/application.loaders';
import { ApplicationState } from '../application/application.states';
import { Document } from '../documents/document.entity';
import { documentsOfApplication } from '../documents/document.loaders';
import { DocumentState } from '../documents/document.states';
import { formProblems } from '../forms/form.check';
import type { Form } from '../forms/form.entity';
import { formById } from '../forms/form.loaders';
import { trustProblems } from './draft.trust';

/** For the graph, batched; null once submitted. */
export async function submitProblems(ctx: Context, application: Application): Promise<ProblemData[] | null> {
  if (application.state !== ApplicationState.DRAFT) return null;
  const [form, documents, paid] = await Promise.all([
    formById(ctx).load(application.formId),
    documentsOfApplication(ctx).load(application.id),
    paidByApplication(ctx).load(application.id),
  ]);
  return [
    ...answerProblems(application, form),
    ...missingDocuments(application, documents ?? []),
    ...(await trustProblems(ctx, application, form)),
    ...feeProblems(application, paid ?? 0),
  ];
}

/** The same inside the submission's transaction, without the fee: that one is asked for. */
export async function contentProblems(
  tx: Tx,
  application: Application,
  form: Form | null,
): Promise<{ answers: ProblemData[]; documents: ProblemData[] }> {
  const documents = await rows(tx, Document, 'SELECT * FROM document WHERE application_id = $1', [application.id]);
  return { answers: answerProblems(application, form), documents: missingDocuments(application, documents) };
}

const answerProblems = (application: Application, form: Form | null): ProblemData[] =>
  form ? formProblems(form, application.formData ?? {}) : [];

function missingDocuments(application: Application, documents: readonly Document[]): ProblemData[] {
  const there = new Set(
    documents.filter(({ state }) => state === DocumentState.AVAILABLE).map(({ requirementCode }) => requirementCode),
  );
  return application.requiredDocuments
    .filter(({ mandatory, code }) => mandatory && !there.has(code))
    .map(({ code, name }) => ({
      path: `/documents/${code}`,
      code: 'DOCUMENTS_MISSING',
      text: { de: `Diese Unterlage fehlt: ${name}`, en: `This document is missing: ${name}` },
    }));
}

function feeProblems({ prepaymentRequired, feeMinor }: Application, paid: number): ProblemData[] {
  if (!prepaymentRequired || feeMinor === null || paid >= feeMinor) return [];
  const text = {
    de: 'Die Gebühr muss vor dem Absenden bezahlt werden.',
    en: 'The fee must be paid before submission.',
  };
  return [{ path: '', code: 'PAYMENT_REQUIRED', text }];
}
