/** Submitting an application (Absenden): everything is checked once more, then one transaction sends it on its way. */
import { isDeepStrictEqual } from 'node:util';
import { ask } from '../../../kernel/ask';
import { now } from '../../../kernel/clock';
import type { Context } from '../../../kernel/context';
import { badInput } from '../../../kernel/errors';
import { madeBefore, once } from '../../../kernel/idempotency';
import { agentOf, type Person } from '../../../kernel/principal';
import { stricterTrust, trustGap, trustSuffices } from '../../../kernel/trust';
import { checkVersion } from '../../../kernel/version';
import type { Application } from '../application/application.entity';
import { move, tell } from '../application/application.move';
import { lockForApplicant, possibleActions } from '../application/application.rights';
import { applicationLifecycle } from '../application/application.states';
import type { AmountDueAnswer, AskedResponsibility, Preflight } from '../asks';
import { startRetention } from '../casework/casework.service';
import { startDelivery } from '../deliveries/delivery.start';
import { endOpenRequests } from '../document-requests/document-request.service';
import { type Proof, proofProblems, proofsIn, unmet } from '../forms/form.proofs';
import { findForm } from '../forms/form.service';
import { refuse } from '../refusals';
import type { SubmitApplicationInput, WithdrawApplicationInput } from './draft.inputs';
import { contentProblems } from './draft.problems';
import { askPreflight, stored } from './draft.service';
import { askProven } from './draft.trust';
import { nextReference } from './submission.reference';

interface Asked {
  readonly preflight: Preflight;
  readonly owed: NonNullable<AmountDueAnswer['application']>;
  /** Facts the form names that the applicant has not proven surely enough. */
  readonly unproven: ReturnType<typeof unmet>;
}

export async function submitApplication(ctx: Context, input: SubmitApplicationInput): Promise<Application> {
  const before = await ctx.write(async tx => {
    const made = await madeBefore(tx, ctx.principal, 'submitApplication', input);
    if (made) return null;
    const application = await lockForApplicant(tx, ctx, input.applicationId);
    checkSubmittable(application, ctx.principal as Person, input.expectedVersion);
    const form = await findForm(tx, application.formId);
    return { application, proofs: proofsIn(form?.schema) };
  });
  const asked = before && (await askAll(ctx, before.application, before.proofs));
  return ctx.write(async tx => {
    const { id } = await once(tx, ctx.principal, 'submitApplication', { ...input }, async () => {
      if (!asked) throw refuse('TRY_AGAIN');
      const application = await lockForApplicant(tx, ctx, input.applicationId);
      const person = ctx.principal as Person;
      checkSubmittable(application, person, input.expectedVersion);
      checkProven(asked.unproven);

      const form = await findForm(tx, application.formId);
      const { answers, documents } = await contentProblems(tx, application, form);
      if (answers.length > 0) {
        throw refuse('VALIDATION_FAILED', { problems: [...answers, ...documents], allowedActions: ['changeDraft'] });
      }
      if (documents.length > 0) {
        throw refuse('DOCUMENTS_MISSING', { problems: documents, allowedActions: ['requestUpload'] });
      }
      const responsibility = responsibilityOf(asked.preflight);
      await checkFee(application, asked, async () => {
        const known: unknown[] = await tx.query(
          `SELECT 1 FROM payment_state WHERE application_id = $1 AND state IN ('INITIAL', 'PAYED')`,
          [application.id],
        );
        return known.length > 0;
      });
      const applicantName = asked.owed.applicant?.displayName;
      if (!applicantName) throw refuse('TRY_AGAIN');

      const submittedAt = now();
      await tx.query(`UPDATE document SET shared_at = $2 WHERE application_id = $1 AND state = 'AVAILABLE'`, [
        application.id,
        submittedAt,
      ]);
      const reference = await nextReference(tx, responsibility.authority.id);
      await move(tx, application, 'submitApplication', {
        by: person,
        changes: {
          reference,
          applicantName,
          agentAccountId: agentOf(person),
          trustLevel: person.trustLevel,
          authorityId: responsibility.authority.id,
          authorityName: responsibility.authority.name,
          authorityArs: responsibility.authority.area?.ars ?? null,
          departmentId: departmentFor(responsibility, application.formData ?? {}),
          responsibilityId: responsibility.id,
          channel: responsibility.channel,
          processingDays: responsibility.processingDays ?? application.processingDays,
          searchText: searchTextOf(reference, applicantName, application.formData ?? {}),
          submittedAt,
          nextDueOn: null,
        },
        tells: [tell('application.submitted', { serviceTitle: application.serviceTitle, applicantName })],
      });
      await startDelivery(tx, application, responsibility.channel, responsibility.channelAddress);
      return application.id;
    });
    return stored(tx, ctx, id);
  });
}

function checkSubmittable(application: Application, person: Person, expectedVersion: number): void {
  checkVersion(application, expectedVersion);
  const { requiredTrustLevel } = application;
  applicationLifecycle.step(application.state, 'submitApplication', possibleActions(application, person));
  if (!trustSuffices(person.trustLevel, requiredTrustLevel)) {
    const values = trustGap(person.trustLevel, requiredTrustLevel);
    throw refuse('TRUST_TOO_LOW', { values, allowedActions: ['startSignIn'] });
  }
}

/** Each fact that the form names is compared with the level it was proven at, whatever the session's. */
function checkProven(missing: Asked['unproven']): void {
  const [first] = missing;
  if (!first) return;
  const needed = missing.reduce((strictest, one) => stricterTrust(strictest, one.needed), first.needed);
  const problems = proofProblems(missing);
  throw refuse('TRUST_TOO_LOW', { values: trustGap(first.held, needed), problems, allowedActions: ['startSignIn'] });
}

async function askAll(ctx: Context, application: Application, proofs: readonly Proof[]): Promise<Asked> {
  const [preflight, { application: owed }, facts] = await Promise.all([
    askPreflight(ctx, application.leikaKey, application.ars),
    ask<AmountDueAnswer>('applications', 'amountDue', { id: application.id }, ctx.envelope),
    proofs.length > 0 ? askProven(ctx, application.accountId) : [],
  ]);
  if (!owed) throw refuse('TRY_AGAIN');
  return { preflight, owed, unproven: unmet(proofs, facts) };
}

function responsibilityOf({ responsibility: answer }: Preflight): AskedResponsibility {
  if (answer.responsibility) return answer.responsibility;
  throw refuse(answer.refusal?.code === 'AMBIGUOUS_RESPONSIBILITY' ? 'AMBIGUOUS_RESPONSIBILITY' : 'NO_RESPONSIBILITY');
}

/** Vorkasse: nothing is sent before it is paid. A payment that is known but not yet settled may be so in a moment. */
async function checkFee(application: Application, asked: Asked, isPaymentKnown: () => Promise<boolean>): Promise<void> {
  const prepaid = asked.preflight.fee?.prepaymentRequired ?? application.prepaymentRequired;
  if (!prepaid) return;
  const due = asked.owed.amountDue;
  if (!due) throw refuse('TRY_AGAIN');
  if (due.amountMinor <= 0) return;
  throw refuse('PAYMENT_REQUIRED', { allowedActions: ['startPayment'], retryable: await isPaymentKnown() });
}

/** The department of the first rule that fits the answers; null leaves it to the authority. */
function departmentFor({ departmentRules }: AskedResponsibility, answers: Record<string, unknown>): string | null {
  const fitting = departmentRules.find(
    ({ path, equals }) => path === null || isDeepStrictEqual(at(answers, path), equals),
  );
  return fitting?.department.id ?? null;
}

/** @param pointer a JSON pointer (RFC 6901) */
function at(value: unknown, pointer: string): unknown {
  let reached = value;
  for (const part of pointer.split('/').slice(1)) {
    const member = part.replaceAll('~1', '/').replaceAll('~0', '~');
    if (reached === null || typeof reached !== 'object' || !Object.hasOwn(reached, member)) return undefined;
    reached = (reached as Record<string, unknown>)[member];
  }
  return reached;
}

const SEARCHED_CHARACTERS = 4_000;

function searchTextOf(reference: string, applicantName: string, answers: Record<string, unknown>): string {
  return [reference, applicantName, ...wordsOf(answers)].join(' ').toLowerCase().slice(0, SEARCHED_CHARACTERS);
}

function wordsOf(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value === 'number') return [String(value)];
  return value !== null && typeof value === 'object' ? Object.values(value).flatMap(wordsOf) : [];
}

/** Taking an application back (Rücknahme), possible until it is decided. */
export async function withdrawApplication(ctx: Context, input: WithdrawApplicationInput): Promise<Application> {
  if ((input.reason?.length ?? 0) > 2_000) throw badInput('input.reason');
  return ctx.write(async tx => {
    const application = await lockForApplicant(tx, ctx, input.applicationId);
    checkVersion(application, input.expectedVersion);
    await endOpenRequests(tx, application.id, 'Der Antrag wurde zurückgenommen.');
    await move(tx, application, 'withdrawApplication', {
      by: ctx.principal,
      changes: { nextDueOn: null, withdrawalReason: input.reason?.trim() || null },
      tells: [tell('application.withdrawn', {})],
    });
    await startRetention(tx, application);
    return application;
  });
}
