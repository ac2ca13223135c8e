/** Who may do what to a document request: who may see its application sees it, and each side has its own steps. */
import type { Principal } from '../../../kernel/principal';
import { deedsOf, rights } from '../../../kernel/rights';
import type { Application } from '../application/application.entity';
import { isApplicantSide, maySee } from '../application/application.rights';
import { ApplicationState } from '../application/application.states';
import type { DocumentRequest } from './document-request.entity';
import { type DocumentRequestAction, documentRequestLifecycle, STEPS } from './document-request.states';

const WHO_IS = { applicant: ['applicant'], 'staff:work': ['authority'], system: [] } as const;

/** States of a case in which its requests can still be worked on. */
const LIVE: readonly ApplicationState[] = [ApplicationState.IN_REVIEW, ApplicationState.AWAITING_DOCUMENTS];

export const documentRequestRights = rights<Application>(
  'DocumentRequest',
  { de: 'Nachforderung', en: 'Document request' },
  {
    with: ['RequestedItem', 'DocumentRequestAnswer'],
    sees: [
      { who: 'applicant', when: 'sees the case', holds: (one, asker) => isApplicantSide(asker) && maySee(one, asker) },
      { who: 'authority', when: 'sees the case', holds: (one, asker) => !isApplicantSide(asker) && maySee(one, asker) },
    ],
    does: {
      ...deedsOf(
        documentRequestLifecycle,
        action => WHO_IS[STEPS[action].whose],
        action => STEPS[action].mutation,
      ),
      requestDocuments: [{ who: 'authority', when: 'of a case IN_REVIEW or AWAITING_DOCUMENTS' }],
    },
  },
);

export function possibleSteps(
  request: DocumentRequest,
  application: Application,
  asker: Principal,
): DocumentRequestAction[] {
  if (!documentRequestRights.maySee(application, asker) || !LIVE.includes(application.state)) return [];
  const side =
    asker.kind === 'person' && !asker.readOnly
      ? 'applicant'
      : asker.kind === 'staff' && asker.scopes.includes('staff:work')
        ? 'staff:work'
        : null;
  return documentRequestLifecycle.actions(request.state).filter(action => STEPS[action].whose === side);
}

/** Names of the mutations the asker may call on it now. */
export const possibleActions = (request: DocumentRequest, application: Application, asker: Principal): string[] => [
  ...new Set(possibleSteps(request, application, asker).map(action => STEPS[action].mutation)),
];
