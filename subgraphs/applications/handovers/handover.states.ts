/** The life of a handover (Übergabe an ein Fachverfahren). */
import { lifecycle } from '../../../kernel/lifecycle';

export enum HandoverState {
  SENDING = 'SENDING',
  SENT = 'SENT',
  ACKNOWLEDGED = 'ACKNOWLEDGED',
  REJECTED = 'REJECTED',
  FAILED = 'FAILED',
}

export const handoverLifecycle = lifecycle('Handover', { de: 'Übergabe', en: 'Handover' }, 'SENDING', {
  // a fast system answers before we have noted that it was sent
  SENDING: { send: 'SENT', exhaust: 'FAILED', acknowledge: 'ACKNOWLEDGED', reject: 'REJECTED' },
  SENT: { acknowledge: 'ACKNOWLEDGED', reject: 'REJECTED' },
  ACKNOWLEDGED: {},
  REJECTED: {},
  FAILED: {},
});
