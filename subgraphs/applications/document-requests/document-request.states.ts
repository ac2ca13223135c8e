/** The life of a document request (Nachforderung), and who may take which step. */
import { lifecycle } from '../../../kernel/lifecycle';

export enum DocumentRequestState {
  OPEN = 'OPEN',
  SUBMITTED = 'SUBMITTED',
  ACCEPTED = 'ACCEPTED',
  OVERDUE = 'OVERDUE',
  CANCELED = 'CANCELED',
}

/** OVERDUE follows from the day and is never stored; a late answer is still taken until the decision. */
export const documentRequestLifecycle = lifecycle(
  'DocumentRequest',
  { de: 'Nachforderung', en: 'Document request' },
  'OPEN',
  {
    OPEN: { endOfDueDay: 'OVERDUE', requestUpload: 'OPEN', answer: 'SUBMITTED', cancel: 'CANCELED' },
    OVERDUE: { requestUpload: 'OVERDUE', answer: 'SUBMITTED', cancel: 'CANCELED' },
    SUBMITTED: { accept: 'ACCEPTED', reject: 'OPEN' },
    ACCEPTED: {},
    CANCELED: {},
  },
);

export type DocumentRequestAction = Parameters<typeof documentRequestLifecycle.next>[1];

type Side = 'applicant' | 'staff:work' | 'system';

/** Each action with the mutation that takes it, and whose it is. */
export const STEPS: Readonly<Record<DocumentRequestAction, { mutation: string; whose: Side }>> = {
  endOfDueDay: { mutation: '', whose: 'system' },
  requestUpload: { mutation: 'requestUpload', whose: 'applicant' },
  answer: { mutation: 'answerDocumentRequest', whose: 'applicant' },
  accept: { mutation: 'reviewDocumentRequest', whose: 'staff:work' },
  reject: { mutation: 'reviewDocumentRequest', whose: 'staff:work' },
  cancel: { mutation: 'cancelDocumentRequest', whose: 'staff:work' },
};

/** States in which the applicant has something to do. */
export const WAITING: readonly DocumentRequestState[] = [DocumentRequestState.OPEN, DocumentRequestState.OVERDUE];
