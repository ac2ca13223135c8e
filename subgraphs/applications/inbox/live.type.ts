/** ApplicationEvent: one change of an application, in the graph. */
import { Directive, Field, ID, ObjectType, registerEnumType } from 'type-graphql';
import { DateTimeScalar } from '../../../kernel/graph/scalars';
import type { ChangeEvent } from '../application/application.move';

export enum ApplicationEventKind {
  SUBMITTED = 'SUBMITTED',
  RECEIVED = 'RECEIVED',
  ASSIGNED = 'ASSIGNED',
  FORWARDED = 'FORWARDED',
  DOCUMENTS_REQUESTED = 'DOCUMENTS_REQUESTED',
  DOCUMENTS_SUBMITTED = 'DOCUMENTS_SUBMITTED',
  DOCUMENTS_REVIEWED = 'DOCUMENTS_REVIEWED',
  DOCUMENT_SCANNED = 'DOCUMENT_SCANNED',
  DEADLINE_CHANGED = 'DEADLINE_CHANGED',
  DEADLINE_AT_RISK = 'DEADLINE_AT_RISK',
  DECIDED = 'DECIDED',
  NOTIFIED = 'NOTIFIED',
  HANDOVER_CHANGED = 'HANDOVER_CHANGED',
  CLOSED = 'CLOSED',
  WITHDRAWN = 'WITHDRAWN',
  UNDELIVERABLE = 'UNDELIVERABLE',
  INTERNAL = 'INTERNAL',
}
registerEnumType(ApplicationEventKind, {
  name: 'ApplicationEventKind',
  description: 'What happened to an application.',
  valuesConfig: {
    SUBMITTED: { description: 'Submitted.' },
    RECEIVED: { description: 'Arrived at the authority.' },
    ASSIGNED: { description: 'Given to somebody or taken.' },
    FORWARDED: { description: 'Passed to another authority or department.' },
    DOCUMENTS_REQUESTED: { description: 'Documents were requested.' },
    DOCUMENTS_SUBMITTED: { description: 'A document request was answered.' },
    DOCUMENTS_REVIEWED: { description: 'A document request was accepted, reopened or taken back.' },
    DOCUMENT_SCANNED: { description: 'A document was checked.' },
    DEADLINE_CHANGED: { description: 'A deadline started, stopped, moved or was met.' },
    DEADLINE_AT_RISK: { description: 'A deadline is near.' },
    DECIDED: { description: 'Decided.' },
    NOTIFIED: { description: 'The notice is available.' },
    HANDOVER_CHANGED: { description: 'Handed over or acknowledged.' },
    CLOSED: { description: 'Closed.' },
    WITHDRAWN: { description: 'Taken back by the applicant.' },
    UNDELIVERABLE: { description: 'Could not be delivered.' },
    INTERNAL: { description: 'A note or follow-up changed; staff only.' },
  },
});

const { ASSIGNED, DEADLINE_AT_RISK, DECIDED, HANDOVER_CHANGED, INTERNAL, UNDELIVERABLE } = ApplicationEventKind;

export const KIND_OF: Readonly<Record<ChangeEvent, ApplicationEventKind>> = {
  'application.submitted': ApplicationEventKind.SUBMITTED,
  'application.received': ApplicationEventKind.RECEIVED,
  'application.assigned': ASSIGNED,
  'application.forwarded': ApplicationEventKind.FORWARDED,
  'application.documents-requested': ApplicationEventKind.DOCUMENTS_REQUESTED,
  'application.documents-submitted': ApplicationEventKind.DOCUMENTS_SUBMITTED,
  'application.documents-reviewed': ApplicationEventKind.DOCUMENTS_REVIEWED,
  'application.document-scanned': ApplicationEventKind.DOCUMENT_SCANNED,
  'application.deadline-changed': ApplicationEventKind.DEADLINE_CHANGED,
  'application.decided': DECIDED,
  'application.notified': ApplicationEventKind.NOTIFIED,
  'application.handover-changed': HANDOVER_CHANGED,
  'application.closed': ApplicationEventKind.CLOSED,
  'application.withdrawn': ApplicationEventKind.WITHDRAWN,
  'application.undeliverable': UNDELIVERABLE,
  'application.internal': INTERNAL,
};

/** What an applicant is never told; a decision exists for him from NOTIFIED on. */
export const HIDDEN_FROM_APPLICANTS: ReadonlySet<ApplicationEventKind> = new Set([
  INTERNAL,
  ASSIGNED,
  DEADLINE_AT_RISK,
  HANDOVER_CHANGED,
  UNDELIVERABLE,
  DECIDED,
]);

@ObjectType('ApplicationEvent', { description: 'One change of an application.' })
export class ApplicationEvent {
  @Directive('@tag(name: "shared")')
  @Field(() => String, { description: 'The signed position to resume from; a position, not a permission.' })
  cursor!: string;

  @Directive('@tag(name: "shared")')
  @Field(() => DateTimeScalar, { description: 'When it happened.' })
  occurredAt!: Date;

  @Directive('@tag(name: "shared")')
  @Field(() => ApplicationEventKind, { description: 'What happened.' })
  kind!: ApplicationEventKind;

  @Directive('@tag(name: "shared")')
  @Field(() => ID, { description: 'The id of the application.' })
  applicationId!: string;

  /** For the field `deadline`. */
  deadlineKind!: string | null;

  /** For the field `delivery`. */
  deliveryId!: string | null;

  /** For the names of applicant and agent: whether it came to a desk. */
  providesNames?: boolean;
}
