/** How surely the applicant must be known: the session's level, and the facts that the form wants proven, each with its own. */
import { ask } from '../../../kernel/ask';
import { batch, type Context } from '../../../kernel/context';
import { type Principal, serviceOf } from '../../../kernel/principal';
import { type ProblemData, Refusal } from '../../../kernel/refusal';
import { trustGap, trustSuffices } from '../../../kernel/trust';
import type { Application } from '../application/application.entity';
import type { ProvenAnswer } from '../asks';
import type { Form } from '../forms/form.entity';
import { type Proven, proofProblems, proofsIn, unmet } from '../forms/form.proofs';
import { refuse } from '../refusals';

/** Shorter than the gateway waits for us: the draft is shown whether identity answers or not. */
const SHOWN_TIMEOUT_MS = 500;

/** @throws Refusal TRY_AGAIN, also when the facts are not ours to see */
export async function askProven(ctx: Context, accountId: string, timeoutMs?: number): Promise<readonly Proven[]> {
  const asked = { ...ctx.envelope, principal: serviceOf('applications') };
  const { account } = await ask<ProvenAnswer>('applications', 'proven', { accountId }, asked, timeoutMs);
  if (!account?.attributes) throw refuse('TRY_AGAIN');
  return account.attributes;
}

/** Null where identity does not answer. */
const provenOf = batch<string, readonly Proven[] | null>(async (accountIds, ctx) => {
  const facts = accountIds.map(async id => {
    try {
      return [id, await askProven(ctx, id, SHOWN_TIMEOUT_MS)] as const;
    } catch (error) {
      if (error instanceof Refusal) return [id, null] as const;
      throw error;
    }
  });
  return new Map(await Promise.all(facts));
});

/** What a stronger sign-in would mend. Nobody is asked where the form names no facts. */
export async function trustProblems(ctx: Context, application: Application, form: Form | null): Promise<ProblemData[]> {
  const problems = sessionProblems(application, ctx.asker);
  const proofs = proofsIn(form?.schema);
  if (proofs.length === 0) return problems;
  const facts = await provenOf(ctx).load(application.accountId);
  return [...problems, ...(facts ? proofProblems(unmet(proofs, facts)) : [UNKNOWN])];
}

/** Whether the facts suffice could not be learnt; the submission would say the same. */
const UNKNOWN: ProblemData = { path: '', code: 'TRY_AGAIN', text: refuse('TRY_AGAIN').text };

function sessionProblems({ requiredTrustLevel }: Application, asker: Principal): ProblemData[] {
  if (asker.kind !== 'person' || trustSuffices(asker.trustLevel, requiredTrustLevel)) return [];
  const refusal = refuse('TRUST_TOO_LOW', { values: trustGap(asker.trustLevel, requiredTrustLevel) });
  const [de, en] = [refusal.in('de').message, refusal.in('en').message];
  return [{ path: '', code: refusal.code, text: { de, en } }];
}
