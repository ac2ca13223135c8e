/**
 * The life of an application: what is possible in which state, and who may do it. Actions are named after mutations,
 * or after what a clock or a channel reports. An action that leads to its own state only counts the version up.
 */
import { lifecycle } from '../../../kernel/lifecycle';

export enum ApplicationState {
  DRAFT = 'DRAFT',
  SUBMITTED = 'SUBMITTED',
  RECEIVED = 'RECEIVED',
  IN_REVIEW = 'IN_REVIEW',
  AWAITING_DOCUMENTS = 'AWAITING_DOCUMENTS',
  DECIDED = 'DECIDED',
  NOTIFIED = 'NOTIFIED',
  CLOSED = 'CLOSED',
  WITHDRAWN = 'WITHDRAWN',
  UNDELIVERABLE = 'UNDELIVERABLE',
  ARCHIVED = 'ARCHIVED',
  DESTROYED = 'DESTROYED',
}

export enum PublicStatus {
  INITIATED = 'INITIATED',
  SUBMITTED = 'SUBMITTED',
  RECEIVED = 'RECEIVED',
  PROCESSING = 'PROCESSING',
  ACTION_REQUIRED = 'ACTION_REQUIRED',
  COMPLETED = 'COMPLETED',
}

export const applicationLifecycle = lifecycle('Application', { de: 'Antrag', en: 'Application' }, 'DRAFT', {
  DRAFT: {
    changeDraft: 'DRAFT',
    requestUpload: 'DRAFT',
    submitApplication: 'SUBMITTED',
    deleteDraft: 'DESTROYED',
    expireDraft: 'DESTROYED', // 30 days after the last edit, § 8a OZG
  },
  SUBMITTED: {
    receive: 'RECEIVED',
    exhaustDelivery: 'UNDELIVERABLE',
    withdrawApplication: 'WITHDRAWN',
  },
  UNDELIVERABLE: {
    retryDelivery: 'SUBMITTED',
    abandonDelivery: 'UNDELIVERABLE',
    forwardApplication: 'SUBMITTED',
    withdrawApplication: 'WITHDRAWN',
    addNote: 'UNDELIVERABLE',
    addFollowUp: 'UNDELIVERABLE',
  },
  RECEIVED: {
    claimApplication: 'IN_REVIEW',
    assignApplication: 'IN_REVIEW',
    forwardApplication: 'SUBMITTED',
    requestUpload: 'RECEIVED',
    deadlineChanged: 'RECEIVED',
    addNote: 'RECEIVED',
    addFollowUp: 'RECEIVED',
    withdrawApplication: 'WITHDRAWN',
  },
  IN_REVIEW: {
    claimApplication: 'IN_REVIEW',
    assignApplication: 'IN_REVIEW',
    forwardApplication: 'SUBMITTED',
    requestUpload: 'IN_REVIEW',
    requestDocuments: 'AWAITING_DOCUMENTS',
    reviewDocumentRequest: 'AWAITING_DOCUMENTS', // rejected; an accepted answer only counts the version
    confirmCompleteness: 'IN_REVIEW',
    extendDeadline: 'IN_REVIEW',
    deadlineChanged: 'IN_REVIEW',
    startHandover: 'IN_REVIEW',
    handoverChanged: 'IN_REVIEW',
    confirmFourEyes: 'IN_REVIEW',
    decideApplication: 'DECIDED',
    addNote: 'IN_REVIEW',
    addFollowUp: 'IN_REVIEW',
    withdrawApplication: 'WITHDRAWN',
  },
  AWAITING_DOCUMENTS: {
    claimApplication: 'AWAITING_DOCUMENTS',
    assignApplication: 'AWAITING_DOCUMENTS',
    requestUpload: 'AWAITING_DOCUMENTS',
    requestDocuments: 'AWAITING_DOCUMENTS',
    answerDocumentRequest: 'IN_REVIEW', // the last open one; an earlier one only counts the version
    reviewDocumentRequest: 'AWAITING_DOCUMENTS',
    cancelDocumentRequest: 'IN_REVIEW', // the last open one
    documentRequestOverdue: 'AWAITING_DOCUMENTS',
    extendDeadline: 'AWAITING_DOCUMENTS',
    deadlineChanged: 'AWAITING_DOCUMENTS',
    handoverChanged: 'AWAITING_DOCUMENTS',
    confirmFourEyes: 'AWAITING_DOCUMENTS',
    decideApplication: 'DECIDED', // refused for want of cooperation, once a request is overdue
    addNote: 'AWAITING_DOCUMENTS',
    addFollowUp: 'AWAITING_DOCUMENTS',
    withdrawApplication: 'WITHDRAWN',
  },
  DECIDED: {
    notify: 'NOTIFIED',
    claimApplication: 'DECIDED',
    assignApplication: 'DECIDED',
    requestUpload: 'DECIDED',
    deadlineChanged: 'DECIDED',
    startHandover: 'DECIDED',
    handoverChanged: 'DECIDED',
    addNote: 'DECIDED',
    addFollowUp: 'DECIDED',
  },
  NOTIFIED: {
    closeApplication: 'CLOSED',
    claimApplication: 'NOTIFIED',
    assignApplication: 'NOTIFIED',
    requestUpload: 'NOTIFIED',
    deadlineChanged: 'NOTIFIED',
    startHandover: 'NOTIFIED',
    handoverChanged: 'NOTIFIED',
    addNote: 'NOTIFIED',
    addFollowUp: 'NOTIFIED',
  },
  CLOSED: { handoverChanged: 'CLOSED', archive: 'ARCHIVED', destroy: 'DESTROYED' },
  WITHDRAWN: { handoverChanged: 'WITHDRAWN', archive: 'ARCHIVED', destroy: 'DESTROYED' },
  ARCHIVED: {},
  DESTROYED: {},
});

/** What may happen to an application; the first step is to be begun. */
export type ApplicationAction = Parameters<typeof applicationLifecycle.next>[1];
export type HistoryAction = ApplicationAction | 'createDraft';

export type Actor =
  | 'applicant'
  | 'staff:work'
  | 'staff:decide'
  | 'ops:deliveries'
  /** A clock, a channel, another subgraph, a line-of-business system: never in possibleActions. */
  | 'system';

/** Who may do it: the applicant's side, staff of the authority in charge with that scope, an operator, or nobody. */
export const whoMay: Readonly<Record<ApplicationAction, readonly Actor[]>> = {
  changeDraft: ['applicant'],
  deleteDraft: ['applicant'],
  expireDraft: ['system'],
  requestUpload: ['applicant', 'staff:work'],
  submitApplication: ['applicant'],
  withdrawApplication: ['applicant'],
  receive: ['system'],
  exhaustDelivery: ['system'],
  retryDelivery: ['ops:deliveries'],
  abandonDelivery: ['ops:deliveries'],
  claimApplication: ['staff:work'],
  assignApplication: ['staff:work'],
  forwardApplication: ['staff:work'],
  requestDocuments: ['staff:work'],
  answerDocumentRequest: ['system'], // on the DocumentRequest
  reviewDocumentRequest: ['system'], // on the DocumentRequest
  cancelDocumentRequest: ['system'], // on the DocumentRequest
  documentRequestOverdue: ['system'],
  confirmCompleteness: ['staff:work'],
  extendDeadline: ['staff:decide'],
  deadlineChanged: ['system'],
  startHandover: ['staff:work'],
  handoverChanged: ['system'],
  confirmFourEyes: ['staff:decide'],
  decideApplication: ['staff:decide'],
  notify: ['system'],
  closeApplication: ['staff:work'],
  addNote: ['staff:work'],
  addFollowUp: ['staff:work'],
  archive: ['system'],
  destroy: ['system'],
};

const PUBLIC: Readonly<Record<ApplicationState, PublicStatus>> = {
  DRAFT: PublicStatus.INITIATED,
  SUBMITTED: PublicStatus.SUBMITTED,
  UNDELIVERABLE: PublicStatus.SUBMITTED,
  RECEIVED: PublicStatus.RECEIVED,
  IN_REVIEW: PublicStatus.PROCESSING,
  AWAITING_DOCUMENTS: PublicStatus.ACTION_REQUIRED,
  DECIDED: PublicStatus.PROCESSING, // the notice is not yet available: a decision does not show
  NOTIFIED: PublicStatus.COMPLETED,
  CLOSED: PublicStatus.COMPLETED,
  WITHDRAWN: PublicStatus.COMPLETED,
  ARCHIVED: PublicStatus.COMPLETED,
  DESTROYED: PublicStatus.COMPLETED,
};

/** What the applicant sees of a state. */
export const publicStatusOf = (state: ApplicationState): PublicStatus => PUBLIC[state];
