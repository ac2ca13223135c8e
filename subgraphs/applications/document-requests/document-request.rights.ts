/** Who may do what to a document request: who may see its application sees it, and each side has its own steps. */
import type { Principal } from '../../../kernel/principal';
import type { Application } from '../application/application.entity';
import { maySee } from '../application/application.rights';
import { ApplicationState } from '../application/application.states';
import type { DocumentRequest } from './document-request.entity';
import { type DocumentRequestAction, documentRequestLifecycle, STEPS } from './document-request.states';

/** States of a case in which its requests can still be worked on. */
const LIVE: readonly ApplicationState[] = [ApplicationState.IN_REVIEW, ApplicationState.AWAITING_DOCUMENTS];

export function possibleSteps(
  request: DocumentRequest,
  application: Application,
  asker: Principal,
): DocumentRequestAction[] {
  if (!maySee(application, asker) || !LIVE.includes(application.state)) return [];
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
