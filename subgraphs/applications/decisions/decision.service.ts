/** Deciding a case: the notice is rendered and stored before the transaction that needs it, and given up when that is refused. */
import { now, today } from '../../../kernel/clock';
import type { Context } from '../../../kernel/context';
import { rows, type Tx } from '../../../kernel/database/database';
import { madeBefore, once } from '../../../kernel/idempotency';
import { newId } from '../../../kernel/ids';
import { provenStaff } from '../../../kernel/membership';
import { serviceOf } from '../../../kernel/principal';
import { Refusal } from '../../../kernel/refusal';
import { change, checkVersion } from '../../../kernel/version';
import type { Events } from '../../../schema/events';
import type { Application } from '../application/application.entity';
import { checkFourEyes } from '../application/application.four-eyes';
import { move, tell } from '../application/application.move';
import { lockApplication, lockForStaff, possibleActions } from '../application/application.rights';
import { ApplicationState, applicationLifecycle } from '../application/application.states';
import { checkNoOpenRequest } from '../casework/casework.service';
import { words } from '../casework/words';
import { DeadlineKind } from '../deadlines/deadline.entity';
import { lawOf, readFacts, readLaw } from '../deadlines/deadline.facts';
import { deadlinesOf } from '../deadlines/reckoning';
import { endOpenRequests } from '../document-requests/document-request.service';
import { Document, DocumentPurpose } from '../documents/document.entity';
import { eraseLater } from '../documents/document.erasure';
import { insertMade, type MadeDocument, storeMade } from '../documents/document.make';
import { DocumentState } from '../documents/document.states';
import { renderLetter } from '../letters/letter';
import { refuse } from '../refusals';
import { Decision, DecisionOutcome } from './decision.entity';
import type { DecideApplicationInput } from './decision.inputs';
import { type Notice, noticeLetter } from './notice.letter';

/** @returns the id of the application. */
export async function decideApplication(ctx: Context, input: DecideApplicationInput): Promise<string> {
  const reasoning = words(input.reasoning, 'input.reasoning', 50_000);
  if (input.legalRemedy.trim() === '') throw refuse('LEGAL_REMEDY_MISSING');
  const legalRemedy = words(input.legalRemedy, 'input.legalRemedy', 10_000);
  const before = await ctx.write(async tx => {
    const made = await madeBefore(tx, ctx.principal, 'decideApplication', input);
    if (made) return null;
    const { staffMemberId } = await provenStaff(tx, ctx.principal, 'staff:decide');
    const application = await lockForStaff(tx, ctx, input.applicationId, 'staff:decide');
    await checkFourEyes(tx, staffMemberId, application);
    await checkDecidable(tx, ctx, application, input);
    return { application, signer: await nameOf(tx, staffMemberId) };
  });
  const notice: Notice = { ...input, reasoning, legalRemedy, decidedAt: now(), signer: before?.signer ?? '' };
  const stored =
    before && !input.noticeDocumentId
      ? await storeMade(ctx.db, await renderLetter(noticeLetter(before.application, notice)))
      : null;
  try {
    return await decide(ctx, input, notice, stored);
  } catch (error) {
    // only a refusal is sure to have written nothing; after a lost connection the sweep decides
    if (stored && error instanceof Refusal) {
      await ctx.db.tx(serviceOf('applications'), tx => eraseLater(tx, stored.storageKey));
    }
    throw error;
  }
}

async function decide(
  ctx: Context,
  input: DecideApplicationInput,
  notice: Notice,
  stored: MadeDocument | null,
): Promise<string> {
  const { id, repeated, accountId, reference } = await ctx.write(async tx => {
    let decided: Application | undefined;
    const made = await once(tx, ctx.principal, 'decideApplication', { ...input }, async () => {
      const staff = await provenStaff(tx, ctx.principal, 'staff:decide');
      const application = await lockForStaff(tx, ctx, input.applicationId, 'staff:decide');
      await checkFourEyes(tx, staff.staffMemberId, application);
      await checkDecidable(tx, ctx, application, input);
      const noticeDocumentId = stored
        ? (await insertMade(tx, { ...stored, ...noticeFile(application) })).id
        : await claimNotice(tx, application, input.noticeDocumentId);
      const decisionId = newId();
      await tx.insert(Decision, {
        id: decisionId,
        applicationId: application.id,
        outcome: input.outcome,
        reasoning: notice.reasoning,
        legalRemedy: notice.legalRemedy,
        noticeDocumentId,
        decidedAt: notice.decidedAt,
        decidedBy: staff.staffMemberId,
        availableAt: null,
      });
      await endOpenRequests(tx, application.id, 'Über den Antrag wurde entschieden.');
      decided = await move(tx, application, 'decideApplication', {
        by: ctx.principal,
        changes: { nextDueOn: null },
        tells: [tell('application.decided', { decisionId, noticeDocumentId, serviceTitle: application.serviceTitle })],
      });
      return application.id;
    });
    return { ...made, accountId: decided?.accountId, reference: decided?.reference };
  });
  if (!repeated && accountId) {
    ctx.accessed({
      accountId,
      applicationId: id,
      subjectType: 'Application',
      subjectId: id,
      action: 'decide',
      purpose: reference ?? 'decideApplication',
    });
  }
  return id;
}

const noticeFile = (application: Application) => ({
  applicationId: application.id,
  filename: `Bescheid-${application.reference}.pdf`,
  mimeType: 'application/pdf',
  purpose: DocumentPurpose.NOTICE,
  shared: true,
});

/** No request may be open; only a refusal is possible while one is, and only once its last day is over (DOMAIN §7). */
async function checkDecidable(
  tx: Tx,
  ctx: Context,
  application: Application,
  input: DecideApplicationInput,
): Promise<void> {
  checkChosen(input.outcome);
  checkVersion(application, input.expectedVersion);
  applicationLifecycle.step(application.state, 'decideApplication', possibleActions(application, ctx.principal));
  if (application.state !== ApplicationState.AWAITING_DOCUMENTS) return checkNoOpenRequest(tx, application.id);
  const unsettled: { state: string; overdue: boolean }[] = await tx.query(
    `SELECT state, ends_on < $2::date AS overdue FROM document_request
     WHERE application_id = $1 AND state IN ('OPEN', 'SUBMITTED')`,
    [application.id, today()],
  );
  const onlyOverdue = unsettled.every(({ state, overdue }) => state === 'OPEN' && overdue);
  if (!onlyOverdue || input.outcome !== DecisionOutcome.REFUSED) {
    throw refuse('DOCUMENT_REQUEST_OPEN', { allowedActions: ['cancelDocumentRequest'] });
  }
}

/** § 42a VwVfG: approval by the passing of time is a consequence of law, no choice. No clock issues it yet, so nobody does. */
function checkChosen(outcome: DecisionOutcome): void {
  if (outcome !== DecisionOutcome.DEEMED_GRANTED) return;
  const text = {
    de: 'Eine Genehmigungsfiktion tritt nur durch Zeitablauf ein.',
    en: 'A deemed approval only comes by the passing of time.',
  };
  throw refuse('ONLY_THE_CLOCK', { problems: [{ path: '/outcome', code: 'ONLY_THE_CLOCK', text }] });
}

/** A PDF that staff have uploaded for this case as its notice; from now on it is meant for the applicant. */
async function claimNotice(tx: Tx, application: Application, id: string | null | undefined): Promise<string> {
  if (!id) throw refuse('TRY_AGAIN'); // decided under this key meanwhile, and rolled back there
  const [document] = await rows(tx, Document, 'SELECT * FROM document WHERE id = $1 FOR UPDATE', [id]);
  const fits =
    document?.applicationId === application.id &&
    document.state === DocumentState.AVAILABLE &&
    document.purpose === DocumentPurpose.NOTICE &&
    document.origin === 'STAFF' &&
    document.mimeType === 'application/pdf';
  if (!fits) throw refuse('BAD_NOTICE');
  await change(tx, Document, document, { sharedAt: now() });
  return document.id;
}

async function nameOf(tx: Tx, staffMemberId: string): Promise<string> {
  const [found]: { display_name: string }[] = await tx.query(
    `SELECT display_name FROM staff_name WHERE staff_member_id = $1`,
    [staffMemberId],
  );
  return found?.display_name ?? 'Sachbearbeitung';
}

/** The notice can be read in the mailbox (§ 9 OZG): the case is NOTIFIED and its legal dates are known. Twice is once. */
export async function noticeAvailable(tx: Tx, message: Events['message.available']): Promise<void> {
  if (message.kind !== 'NOTICE' || !message.noticeDocumentId) return;
  const application = await lockApplication(tx, message.applicationId);
  if (application?.state !== ApplicationState.DECIDED) return;
  const noted: [unknown, number] = await tx.query(
    `UPDATE decision SET available_at = $3 WHERE application_id = $1 AND notice_document_id = $2 AND available_at IS NULL`,
    [application.id, message.noticeDocumentId, message.availableAt],
  );
  if (noted[1] !== 1) return;
  const facts = (await readFacts(tx, [application])).get(application.id)!;
  const deemed = deadlinesOf(facts, lawOf(await readLaw(tx, [application]), application), today()).find(
    ({ kind }) => kind === DeadlineKind.DEEMED_NOTIFICATION,
  );
  if (!deemed) throw new Error('No rule says when a notice counts as notified.');
  await move(tx, application, 'notify', {
    by: null,
    tells: [tell('application.notified', { deemedNotifiedOn: deemed.dueOn! })],
  });
}
