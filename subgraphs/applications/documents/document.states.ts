/** The life of a document. */
import { lifecycle } from '../../../kernel/lifecycle';

export enum DocumentState {
  AWAITING_UPLOAD = 'AWAITING_UPLOAD',
  SCANNING = 'SCANNING',
  AVAILABLE = 'AVAILABLE',
  REJECTED = 'REJECTED',
  DESTROYED = 'DESTROYED',
}

export const documentLifecycle = lifecycle('Document', { de: 'Dokument', en: 'Document' }, 'AWAITING_UPLOAD', {
  AWAITING_UPLOAD: { receiveBytes: 'SCANNING', removeDocument: 'DESTROYED' },
  // bytes that come again, because their sender or we broke down meanwhile, start the check anew
  SCANNING: { receiveBytes: 'SCANNING', accept: 'AVAILABLE', reject: 'REJECTED', removeDocument: 'DESTROYED' },
  AVAILABLE: { removeDocument: 'DESTROYED' },
  REJECTED: { removeDocument: 'DESTROYED' },
  DESTROYED: {},
});
