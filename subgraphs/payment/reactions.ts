/** What payment does when something happened elsewhere. */
import type { Tx } from '../../kernel/database/database';
import type { Reactions } from '../../kernel/events/reactions';
import type { StoredEvent } from '../../kernel/events/stream';
import { membershipReactions } from '../../kernel/membership';
import { type ApplicationChange, reactTo } from '../../schema/events';
import { privacyReactions } from '../../schema/privacy';
import { beginDraft, endDraft, followCase, freezeFee } from './cases/case.service';
import { endPayments, keepReceipt } from './payments/payment.outcome';
import { privacyWork } from './privacy/privacy.service';

const follow = (tx: Tx, payload: ApplicationChange, event: StoredEvent) => followCase(tx, payload, event);

export const reactions: Reactions = {
  ...membershipReactions,
  ...privacyReactions('payment', privacyWork),
  ...reactTo({
    'application.draft-created': beginDraft,
    async 'application.draft-deleted'(tx, { applicationId }, event) {
      await endPayments(tx, applicationId, 'DRAFT_DELETED');
      await endDraft(tx, applicationId, event);
    },
    async 'application.submitted'(tx, payload, event) {
      await followCase(tx, payload, event);
      await freezeFee(tx, payload.applicationId, event.occurredAt);
    },
    'application.received': follow,
    'application.forwarded': follow,
    'application.decided': follow,
    'application.notified': follow,
    'application.closed': follow,
    async 'application.withdrawn'(tx, payload, event) {
      await followCase(tx, payload, event);
      await endPayments(tx, payload.applicationId, 'WITHDRAWN');
    },
    'application.undeliverable': follow,
    'application.payment-receipt-rendered': (tx, { paymentId, documentId }) => keepReceipt(tx, paymentId, documentId),
  }),
};
