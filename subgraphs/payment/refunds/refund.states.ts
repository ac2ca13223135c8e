/** The lifecycle of a refund. */
import { lifecycle } from '../../../kernel/lifecycle';

export const refundLifecycle = lifecycle('Refund', { de: 'Erstattung', en: 'Refund' }, 'SUBMITTED', {
  SUBMITTED: { succeed: 'SUCCESS', fail: 'FAILED' },
  SUCCESS: {},
  FAILED: {},
});
