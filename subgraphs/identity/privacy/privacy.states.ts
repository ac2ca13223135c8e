/** The lifecycle of a request for a copy or the deletion of one's data. */
import { lifecycle } from '../../../kernel/lifecycle';

export enum PrivacyRequestState {
  REQUESTED = 'REQUESTED',
  RUNNING = 'RUNNING',
  COMPLETED = 'COMPLETED',
  EXPIRED = 'EXPIRED',
}

export const privacyLifecycle = lifecycle(
  'PrivacyRequest',
  { de: 'Auskunft oder Löschung', en: 'Request for a copy or deletion' },
  'REQUESTED',
  {
    REQUESTED: { askParts: 'RUNNING' },
    RUNNING: { askAgain: 'RUNNING', complete: 'COMPLETED' }, // again the next day, while cases still run
    COMPLETED: { expire: 'EXPIRED' }, // copies only
    EXPIRED: {},
  },
);
