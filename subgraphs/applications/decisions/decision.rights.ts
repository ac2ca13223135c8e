/** Who may see a decision: for the authority it exists at once, for the applicant when its notice is available. */
import { rights } from '../../../kernel/rights';
import type { Application } from '../application/application.entity';
import { isApplicantSide, maySeeContent } from '../application/application.rights';
import { ApplicationState } from '../application/application.states';

/** States in which the applicant knows the decision. */
const KNOWN: readonly ApplicationState[] = [
  ApplicationState.NOTIFIED,
  ApplicationState.CLOSED,
  ApplicationState.ARCHIVED,
];

/** Of an application that the asker sees. */
export const decisionRights = rights<Application>(
  'Decision',
  { de: 'Entscheidung, Bescheid', en: 'Decision' },
  {
    sees: [
      {
        who: 'applicant',
        when: 'sees the case, was notified (Bekanntgabe), and signed in at the trust level the service needs',
        holds: (application, asker) =>
          isApplicantSide(asker) && KNOWN.includes(application.state) && maySeeContent(application, asker),
      },
      { who: 'authority', when: 'sees the case', holds: (_, asker) => !isApplicantSide(asker) },
    ],
    does: {
      decideApplication: [
        {
          who: 'decider',
          when: 'in IN_REVIEW; in AWAITING_DOCUMENTS once a request is overdue; never as DEEMED_GRANTED (§ 42a VwVfG), which only the clock may',
        },
      ],
    },
  },
);
