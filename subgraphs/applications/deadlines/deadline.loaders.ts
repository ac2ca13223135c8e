/** Batched loads of deadlines: worked out anew from the history, so that they are those of this very day. */
import { today } from '../../../kernel/clock';
import { batch } from '../../../kernel/context';
import { say } from '../../../kernel/language';
import type { Application } from '../application/application.entity';
import { isApplicantSide } from '../application/application.rights';
import type { Deadline } from './deadline.entity';
import { lawOf, readFacts, readLaw } from './deadline.facts';
import { type CaseFacts, deadlinesOf } from './reckoning';

/** Before the notice is there, nothing tells an applicant of a decision: not even that the working time was met. */
function asApplicantsSee(facts: CaseFacts): CaseFacts {
  const decided = facts.states.findIndex(({ state }) => state === 'DECIDED');
  const hidden = decided >= 0 && !facts.states.some(({ state }) => state === 'NOTIFIED');
  return hidden ? { ...facts, states: facts.states.slice(0, decided), notification: null } : facts;
}

export const deadlinesOfApplication = batch<Application, Deadline[]>((applications, ctx) =>
  ctx.read(async tx => {
    const law = await readLaw(tx, applications);
    const facts = await readFacts(tx, applications);
    const { language } = ctx;
    return new Map(
      applications.map(application => {
        const found = facts.get(application.id)!;
        const seen = isApplicantSide(ctx.asker) ? asApplicantsSee(found) : found;
        const deadlines = deadlinesOf(seen, lawOf(law, application), today()).map(
          ({ rule, steps, doneOn: _, ...deadline }): Deadline => ({
            ...deadline,
            rule: { ...rule, text: language === 'de' ? rule.textDe : rule.textEn },
            steps: steps.map(({ date, text }) => ({ date, explanation: say(text, language) })),
          }),
        );
        return [application, deadlines];
      }),
    );
  }),
);
