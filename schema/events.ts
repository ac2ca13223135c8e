/**
 * The events by which one subgraph learns from another: type → payload. The key of an event is the id its order holds
 * for, named beside each type. Add fields, never rename or remove; consumers ignore what they do not know.
 */
import type { Tx } from '../kernel/database/database';
import { emit, emitAll } from '../kernel/events/outbox';
import type { Reactions } from '../kernel/events/reactions';
import type { StoredEvent } from '../kernel/events/stream';
import type { Text } from '../kernel/language';
import type { TrustLevel } from '../kernel/trust';

/** Dates are ISO 8601 texts, days `YYYY-MM-DD`, amounts whole cents. */
export interface Events {
  // ---- identity ----
  /** Key: staff member. Their authority (never a department) and what they may do; `active: false` for leavers. */
  'staff.changed': {
    staffMemberId: string;
    authorityId: string;
    departmentId: string | null;
    scopes: string[];
    active: boolean;
    /** As shown to applicants; messaging writes a neutral name without it. */
    displayName?: string;
  };
  /**
   * Key: staff member. Whether an account belongs to the same person, who then must not decide about it. Not certain where
   * part is unknown or only alike: then a colleague can say that they are two (ADR 32).
   */
  'staff.recognised': { staffMemberId: string; accountId: string; same: boolean; certain?: false };
  /** Key: organisation. Whether a person belongs to it, in any role; who may write for it is told by `mandate.changed`. */
  'organisation.member-changed': { organisationId: string; accountId: string; member: boolean };
  /** Key: substitution (Vertretung). Revoked: `validTo` is the moment of revocation. */
  'substitution.changed': {
    substitutionId: string;
    absentStaffMemberId: string;
    substituteStaffMemberId: string;
    authorityId: string;
    validFrom: string;
    validTo: string;
  };
  /** Key: the account that is represented. `leikaKeys` empty: all services. Revoked: `validTo` is that moment. */
  'mandate.changed': {
    mandateId: string;
    principalAccountId: string;
    agentAccountId: string;
    leikaKeys: string[];
    validFrom: string;
    validTo: string | null;
  };
  /** Key: account. `displayName` and `email` are those to greet and notify with. */
  'account.changed': { accountId: string; kind: 'PERSON' | 'ORGANISATION'; displayName: string; email: string | null };
  /** Key: session. For whom it acts has changed. */
  'session.changed': { sessionId: string };
  /** Key: session, or whose sessions all have ended. What is not null names it. */
  'session.ended': { sessionId: string | null; accountId: string | null; staffMemberId: string | null };

  /** Key: account. Nobody has signed in for long: unless somebody does, it is erased on that day. */
  'account.idle': { accountId: string; erasedOn: string };
  /** Key: account. Its holder asked for a copy or the deletion of all data; each part answers, see schema/privacy.ts. */
  'privacy.requested': {
    requestId: string;
    /** Counts up when it is asked again, because cases were still running. */
    round: number;
    kind: 'EXPORT' | 'ERASURE';
    accountId: string;
    /** The key that seals a copy for identity alone. */
    sealFor: string;
  };
  /** Key: account. One subgraph's part of it, a copy in pieces. */
  'privacy.answered': {
    requestId: string;
    round: number;
    subgraph: string;
    piece: number;
    pieces: number;
    /** A piece of the sealed copy; null for a deletion. */
    sealed: string | null;
    retained: Retained[];
    /** Deletion: something still runs, so that the account is needed. */
    running: boolean;
    /** Copy: the level that everything in it may be read with. */
    requiredTrustLevel: TrustLevel;
  };

  // ---- catalogue ----
  /** Key: entry. For catalogueChanged. */
  'catalogue.entry-changed': {
    entryId: string;
    entryType: 'ServiceVersion' | 'Responsibility' | 'OnlineServiceVersion';
    kind: 'PUBLISHED' | 'SUPERSEDED' | 'WITHDRAWN';
    leikaKeys: string[];
    ars: string | null;
  };
  /** Key: authority or department. */
  'authority.changed': { authorityId: string; parentId: string | null; name: string; kind: string };

  // ---- applications; key: application ----
  /** A draft was begun: whose it is and what it may cost, for payment and messaging. */
  'application.draft-created': {
    applicationId: string;
    accountId: string;
    agentAccountId: string | null;
    leikaKey: string;
    ars: string;
    requiredTrustLevel: TrustLevel;
    /** The local fee that replaces the general one, frozen when the draft was begun; null: the general one. */
    feeOverrideMinor: number | null;
  };
  'application.draft-deleted': { applicationId: string };
  'application.submitted': ApplicationChange & {
    /** Frozen at submission, for notices and messages. */
    serviceTitle: string;
    applicantName: string;
  };
  /** Arrived at the authority (Eingang); `first` is false after forwarding, and then no receipt is sent. */
  'application.received': ApplicationChange & { first: boolean; receivedAt: string; serviceTitle: string };
  'application.assigned': ApplicationChange & { assigneeId: string | null };
  /** `fromAuthorityId` loses sight of the case unless it stays the same and only the department changes. */
  'application.forwarded': ApplicationChange & { fromAuthorityId: string; serviceTitle: string };
  'application.documents-requested': ApplicationChange & {
    documentRequestId: string;
    /** Words for the applicant. */
    reason: string;
    items: { requirementCode: string | null; description: string }[];
    /** The day as named. */
    dueOn: string;
    /** Named with reference to § 31 (3) VwVfG; not in older events. */
    fixedDay?: boolean;
    /** The last day to answer; not in older events. */
    endsOn?: string;
    round: number;
    staffMemberId: string;
    serviceTitle: string;
  };
  'application.documents-submitted': ApplicationChange & { documentRequestId: string };
  'application.documents-reviewed': ApplicationChange & {
    documentRequestId: string;
    outcome: 'ACCEPTED' | 'REOPENED' | 'CANCELED';
  };
  'application.document-scanned': ApplicationChange & { documentId: string; state: string };
  'application.deadline-changed': ApplicationChange & { deadlineKind: string };
  /** Decided; the notice is a document that messaging makes available. */
  'application.decided': ApplicationChange & { decisionId: string; noticeDocumentId: string; serviceTitle: string };
  'application.notified': ApplicationChange & { deemedNotifiedOn: string };
  /** `handoverState` is that of the handover, `state` that of the application. */
  'application.handover-changed': ApplicationChange & { handoverId: string; handoverState: string };
  'application.closed': ApplicationChange;
  'application.withdrawn': ApplicationChange;
  'application.undeliverable': ApplicationChange & { deliveryId: string };
  /** A note or follow-up; staff only. */
  'application.internal': ApplicationChange;
  /** The receipt of a payment (Quittung) was rendered. */
  'application.payment-receipt-rendered': { applicationId: string; paymentId: string; documentId: string };

  // ---- messaging; key: application ----
  'message.sent': MessageChange;
  /** It can be read in the mailbox (Bereitstellung); for a NOTICE the legal clock starts here. */
  'message.available': MessageChange & { availableAt: string; noticeDocumentId: string | null };
  'message.read': MessageChange & { readAt: string };
  /** A delivery has failed for good; for staff and operators, never for applicants. */
  'message.undeliverable': MessageChange & { deliveryId: string };

  // ---- payment; key: application ----
  'payment.started': PaymentChange;
  'payment.state-changed': PaymentChange & {
    /** For the receipt (Quittung); set when the state is PAYED. */
    paidAt: string | null;
    cashReference: string | null;
    purpose: string;
    /** What was really received; differs from the total when a cashier accepted another amount. */
    paidMinor?: number | null;
    /** Why we ourselves have cancelled it; null when the payer, the provider or the clock did. */
    because?: 'WITHDRAWN' | 'DRAFT_DELETED' | null;
    payer?: Payer;
  };
  /** Money came that cannot count by itself, or its application is no more; a cashier must decide (Klärung). */
  'payment.reconciliation-needed': PaymentChange & { reconciliation: string; payer?: Payer };
  'payment.refund-changed': PaymentChange & {
    refundId: string;
    refundState: string;
    amountMinor: number;
    payer?: Payer;
  };

  // ---- every subgraph ----
  /** Key: account. Staff or a machine read personal data; identity appends it to the account's access log. */
  'data.accessed': {
    accountId: string;
    applicationId: string | null;
    subjectType: string;
    subjectId: string;
    action: string;
    purpose: string;
    staffMemberId: string | null;
    authorityId: string | null;
    machine: string | null;
  };
}

/** What every later event of an application says, so that each consumer's projection of parties is whole. */
export interface ApplicationChange {
  applicationId: string;
  version: number;
  state: string;
  publicStatus: string;
  accountId: string;
  agentAccountId: string | null;
  leikaKey: string;
  /** The authority in charge, never a department. */
  authorityId: string;
  departmentId: string | null;
  /** The file reference (Aktenzeichen). */
  reference: string;
  requiredTrustLevel: TrustLevel;
  /** What filters of an inbox ask for, before and after: a case that leaves a filtered inbox is told of once more. */
  inbox?: { before: InboxFacts; after: InboxFacts };
}

export interface InboxFacts {
  state: string;
  assigneeId: string | null;
  departmentId: string | null;
  /** `YYYY-MM-DD`, as is receivedOn. */
  nextDueOn: string | null;
  receivedOn: string | null;
}

/** What may not be deleted yet, and the law that says so. */
export interface Retained {
  readonly description: Text;
  readonly legalBasis: string;
  /** `YYYY-MM-DD`, the last day; null: not known yet. */
  readonly until: string | null;
}

export interface MessageChange {
  messageId: string;
  threadId: string;
  applicationId: string;
  /** Whose case it is, and the authority in charge at that moment. */
  accountId: string;
  authorityId: string;
  kind: 'RECEIPT' | 'DOCUMENT_REQUEST' | 'NOTICE' | 'STATUS' | 'CONVERSATION';
  senderKind: 'APPLICANT' | 'STAFF' | 'SYSTEM';
  /** What is attached; with it, both sides may see it. */
  documentIds?: string[];
}

export interface PaymentChange {
  paymentId: string;
  applicationId: string;
  state: 'INITIAL' | 'PAYED' | 'FAILED' | 'CANCELED';
  totalMinor: number;
  authorityId: string;
}

/** Whom to tell of a payment, and which one it is; not in older events. */
export interface Payer {
  accountId: string;
  leikaKey: string;
  /** That of the application; null: not known. */
  requiredTrustLevel: TrustLevel | null;
  cashReference: string;
  /** What was received, else what was to be paid. */
  amountMinor: number;
}

export type EventType = keyof Events;

/** Writes an event in the transaction that causes it; see {@link emit}. */
export function publish<T extends EventType>(tx: Tx, type: T, key: string, payload: Events[T]): Promise<void> {
  return emit(tx, type, key, payload);
}

/** Like {@link publish}, for several events of one type in one statement. */
export function publishAll<T extends EventType>(
  tx: Tx,
  type: T,
  events: readonly { readonly key: string; readonly payload: Events[T] }[],
): Promise<void> {
  return emitAll(tx, type, events);
}

/** Reactions with typed payloads, for `reactions.ts` of a subgraph. */
export function reactTo(
  reactions: { [T in EventType]?: (tx: Tx, payload: Events[T], event: StoredEvent) => Promise<void> },
): Reactions {
  return Object.fromEntries(
    Object.entries(reactions).map(([type, react]) => [
      type,
      (tx: Tx, event: StoredEvent) =>
        (react as (tx: Tx, payload: unknown, event: StoredEvent) => Promise<void>)(tx, event.payload, event),
    ]),
  );
}
