/** Beginning, changing and deleting drafts (Entwurf). What prices and routes is frozen when a draft is begun. */
import type { QueryDeepPartialEntity } from 'typeorm';
import { ask } from '../../../kernel/ask';
import { addDays, now, today } from '../../../kernel/clock';
import type { Context } from '../../../kernel/context';
import { rows, type Tx } from '../../../kernel/database/database';
import { badInput, forbidden, notFound } from '../../../kernel/errors';
import { madeBefore, once } from '../../../kernel/idempotency';
import { newId } from '../../../kernel/ids';
import { provenPerson } from '../../../kernel/membership';
import { agentOf, type Person } from '../../../kernel/principal';
import { checkVersion } from '../../../kernel/version';
import { publish } from '../../../schema/events';
import { Application } from '../application/application.entity';
import { type Doer, record } from '../application/application.history';
import { move, touch } from '../application/application.move';
import { lockForApplicant, maySee } from '../application/application.rights';
import { type ApplicationAction, ApplicationState } from '../application/application.states';
import type { Preflight, PreflightAnswer } from '../asks';
import { Document } from '../documents/document.entity';
import { destroyDocument } from '../documents/document.removal';
import { areAnswers } from '../forms/form.check';
import { findForm } from '../forms/form.service';
import { refuse } from '../refusals';
import type { ChangeDraftInput, CreateDraftInput, DeleteDraftInput } from './draft.inputs';

/** A draft that nobody edits for so many days is deleted (§ 8a OZG: normally 30 days after the last edit). */
export const IDLE_DAYS = 30;
export const draftDueOn = (): string => addDays(today(), IDLE_DAYS);

export async function createDraft(ctx: Context, input: CreateDraftInput): Promise<Application> {
  const { principal } = ctx;
  if (principal.kind !== 'person') throw forbidden();
  if (principal.services !== null && !principal.services.includes(input.leikaKey)) throw forbidden();
  const formData = input.formData ?? {};
  if (!areAnswers(formData)) throw badInput('input.formData');

  const made = await ctx.write(tx => madeBefore(tx, principal, 'createDraft', input));
  const preflight = made ? null : await askPreflight(ctx, input.leikaKey, input.ars);
  return ctx.write(async tx => {
    await provenPerson(tx, principal, input.leikaKey);
    const { id } = await once(tx, principal, 'createDraft', { ...input }, async () => {
      if (!preflight) throw refuse('TRY_AGAIN');
      const draft = await draftOf(tx, principal, input, formData, preflight);
      await tx.insert(Application, draft as QueryDeepPartialEntity<Application>);
      await record(tx, draft, 'createDraft', principal);
      await publish(tx, 'application.draft-created', draft.id, {
        applicationId: draft.id,
        accountId: draft.accountId,
        agentAccountId: draft.agentAccountId,
        leikaKey: draft.leikaKey,
        ars: draft.ars,
        requiredTrustLevel: draft.requiredTrustLevel,
        feeOverrideMinor: draft.feeOverrideMinor,
      });
      return draft.id;
    });
    return stored(tx, ctx, id);
  });
}

/** Fees, documents, form and responsibility of a service at a place, as they are now. */
export async function askPreflight(ctx: Context, leikaKey: string, ars: string): Promise<Preflight> {
  const { serviceAtPlace } = await ask<PreflightAnswer>('applications', 'preflight', { leikaKey, ars }, ctx.envelope);
  if (!serviceAtPlace) throw notFound();
  return serviceAtPlace;
}

async function draftOf(
  tx: Tx,
  person: Person,
  input: CreateDraftInput,
  formData: Record<string, unknown>,
  preflight: Preflight,
): Promise<Application> {
  const { onlineServiceVersion, singleContact, fee, feeOverride } = preflight;
  const form = onlineServiceVersion?.form && (await findForm(tx, onlineServiceVersion.form.id));
  if (!onlineServiceVersion || !form) throw refuse('NO_ONLINE_SERVICE');
  if (input.viaSingleContact && !singleContact) throw refuse('NO_SINGLE_CONTACT');
  const moment = now();
  return Object.assign(new Application(), {
    id: newId(),
    version: 1,
    reference: null,
    state: ApplicationState.DRAFT,
    leikaKey: input.leikaKey,
    ars: input.ars,
    serviceTitle: preflight.service.title,
    areaName: preflight.area.name,
    accountId: person.actingFor,
    agentAccountId: agentOf(person),
    applicantName: null,
    authorityId: null,
    authorityName: null,
    authorityArs: null,
    departmentId: null,
    assigneeId: null,
    onlineServiceVersionId: onlineServiceVersion.id,
    formId: form.id,
    requiredTrustLevel: preflight.requiredTrustLevel,
    trustLevel: person.trustLevel,
    requiredDocuments: [...preflight.requiredDocuments],
    feeOverrideMinor: feeOverride?.amountMinor ?? null,
    feeMinor: fee?.total?.amountMinor ?? null,
    prepaymentRequired: fee?.prepaymentRequired ?? false,
    singleContactId: input.viaSingleContact ? (singleContact?.id ?? null) : null,
    responsibilityId: null,
    channel: null,
    processingDays: preflight.processingDays,
    formData,
    searchText: null,
    createdAt: moment,
    submittedAt: null,
    receivedAt: null,
    completeAt: null,
    changedAt: moment,
    withdrawalReason: null,
    nextDueOn: draftDueOn(),
  } satisfies Omit<Application, 'publicStatus'>);
}

/** What a repeated write made; it may have been deleted since. */
export async function stored(tx: Tx, ctx: Context, id: string): Promise<Application> {
  const [application] = await rows(tx, Application, 'SELECT * FROM application WHERE id = $1', [id]);
  if (!application || !maySee(application, ctx.principal)) throw notFound();
  return application;
}

export async function changeDraft(ctx: Context, input: ChangeDraftInput): Promise<Application> {
  const { formData } = input;
  if (!areAnswers(formData)) throw badInput('input.formData');
  return ctx.write(async tx => {
    const application = await lockForApplicant(tx, ctx, input.applicationId);
    checkVersion(application, input.expectedVersion);
    const person = ctx.principal as Person;
    return touch(tx, application, 'changeDraft', {
      by: person,
      changes: { formData, trustLevel: person.trustLevel, nextDueOn: draftDueOn() },
    });
  });
}

export async function deleteDraft(ctx: Context, input: DeleteDraftInput): Promise<Application> {
  return ctx.write(async tx => {
    const application = await lockForApplicant(tx, ctx, input.applicationId);
    checkVersion(application, input.expectedVersion);
    const asItWas = Object.assign(new Application(), application);
    await destroyDraft(tx, application, 'deleteDraft', ctx.principal);
    return asItWas;
  });
}

/** Erases a draft's content and files; a stub without content stays, which nobody sees. */
export async function destroyDraft(
  tx: Tx,
  application: Application,
  action: ApplicationAction & ('deleteDraft' | 'expireDraft'),
  by: Doer,
): Promise<void> {
  await move(tx, application, action, { by, changes: { formData: null, requiredDocuments: [], nextDueOn: null } });
  const documents = await rows(tx, Document, 'SELECT * FROM document WHERE application_id = $1 FOR UPDATE', [
    application.id,
  ]);
  for (const document of documents) await destroyDocument(tx, document);
  await publish(tx, 'application.draft-deleted', application.id, { applicationId: application.id });
}
