/** What messaging does when something happens elsewhere: keep what it knows of cases and names, and write messages. */
import type { Tx } from '../../kernel/database/database';
import type { Reactions } from '../../kernel/events/reactions';
import { derivedId } from '../../kernel/ids';
import type { Language } from '../../kernel/language';
import { membershipReactions } from '../../kernel/membership';
import { stricterTrust, TrustLevel } from '../../kernel/trust';
import { type ApplicationChange, type Events, type EventType, reactTo } from '../../schema/events';
import { privacyReactions } from '../../schema/privacy';
import { type ApplicationCase, isOpenForMessages, type SubmittedCase } from './cases/case.entity';
import { caseOfMoney, forgetDraft, keepCase, keepDraft } from './cases/case.service';
import {
  closedWords,
  documentRequestWords,
  moneyBackWords,
  moneyWaitsWords,
  noticeWords,
  paymentCanceledWords,
  receiptWords,
  systemName,
  type Words,
  withdrawnWords,
} from './messages/letters';
import { MessageKind, SenderKind } from './messages/message.entity';
import { type NewMessage, post, staffSender } from './messages/message.service';
import { announceErasure } from './notifications/idle-notice.queue';
import { preferencesOf } from './notifications/notification.loaders';
import { privacyWork } from './privacy/privacy.service';

/** Events of an application that only move on what we know of it. */
type MovingEvent = {
  [T in EventType]: Events[T] extends ApplicationChange ? T : never;
}[EventType];
const MOVING = [
  'application.submitted',
  'application.assigned',
  'application.forwarded',
  'application.documents-submitted',
  'application.documents-reviewed',
  'application.document-scanned',
  'application.deadline-changed',
  'application.notified',
  'application.handover-changed',
  'application.undeliverable',
  'application.internal',
] as const satisfies readonly MovingEvent[];

const keepOnly = async (tx: Tx, change: ApplicationChange): Promise<void> => void (await keepCase(tx, change));

/**
 * Writes an automatic message about a case.
 * @param id follows from the event, so that twice is once  @param write gets the account's language
 */
async function tell(
  tx: Tx,
  about: ApplicationCase,
  kind: MessageKind,
  id: string,
  write: (language: Language) => Words,
  given: Partial<NewMessage> = {},
): Promise<void> {
  if (isOpenForMessages(about)) await tellAlways(tx, about, kind, id, write, given);
}

/** The same, whatever has become of the case. */
async function tellAlways(
  tx: Tx,
  about: SubmittedCase,
  kind: MessageKind,
  id: string,
  write: (language: Language) => Words,
  given: Partial<NewMessage> = {},
): Promise<void> {
  const { language } = await preferencesOf(tx, about.accountId);
  await post(tx, about, {
    id,
    kind,
    senderKind: SenderKind.SYSTEM,
    senderName: systemName(language),
    staffMemberId: null,
    documentIds: [],
    requiredTrustLevel: about.requiredTrustLevel ?? TrustLevel.HIGH,
    ...write(language),
    ...given,
  });
}

const ofApplications = reactTo({
  ...(Object.fromEntries(MOVING.map(type => [type, keepOnly])) as { [T in (typeof MOVING)[number]]: typeof keepOnly }),

  'application.draft-created': keepDraft,
  'application.draft-deleted': (tx, { applicationId }) => forgetDraft(tx, applicationId),

  // one receipt, at the first arrival; forwarding sends none
  async 'application.received'(tx, event) {
    const about = await keepCase(tx, event);
    if (!event.first) return;
    await tell(tx, about, MessageKind.RECEIPT, derivedId('receipt', event.applicationId), language =>
      receiptWords(about, new Date(event.receivedAt), language),
    );
  },

  async 'application.documents-requested'(tx, event) {
    const about = await keepCase(tx, event);
    const id = derivedId('document-request', event.documentRequestId, String(event.round));
    const sender = await staffSender(tx, event.staffMemberId);
    await tell(
      tx,
      about,
      MessageKind.DOCUMENT_REQUEST,
      id,
      language => documentRequestWords(about, event, language),
      sender,
    );
  },

  async 'application.decided'(tx, event) {
    const about = await keepCase(tx, event);
    const id = derivedId('notice', event.decisionId);
    await tell(tx, about, MessageKind.NOTICE, id, language => noticeWords(about, language), {
      documentIds: [event.noticeDocumentId],
      // a decision is never easier to read than its case
      requiredTrustLevel: stricterTrust(event.requiredTrustLevel, about.requiredTrustLevel),
    });
  },

  async 'application.withdrawn'(tx, event) {
    const about = await keepCase(tx, event);
    const id = derivedId('withdrawn', event.applicationId);
    await tell(tx, about, MessageKind.STATUS, id, language => withdrawnWords(about, language));
  },

  async 'application.closed'(tx, event) {
    const about = await keepCase(tx, event);
    const id = derivedId('closed', event.applicationId);
    await tell(tx, about, MessageKind.STATUS, id, language => closedWords(about, language));
  },
});

/** The payer hears of money that waits for a cashier or was given back, and of a payment that we have cancelled; each once. */
const ofPayment = reactTo({
  async 'payment.reconciliation-needed'(tx, { applicationId, paymentId, reconciliation, payer }) {
    if (!payer) return;
    const about = await caseOfMoney(tx, applicationId, payer);
    const id = derivedId('money-waits', paymentId, reconciliation);
    await tellAlways(tx, about, MessageKind.STATUS, id, language =>
      moneyWaitsWords(about, payer, reconciliation, language),
    );
  },
  async 'payment.state-changed'(tx, { applicationId, paymentId, because, payer }) {
    if (!payer || !because) return;
    const about = await caseOfMoney(tx, applicationId, payer);
    const id = derivedId('payment-cancelled', paymentId);
    await tellAlways(tx, about, MessageKind.STATUS, id, language =>
      paymentCanceledWords(about, payer, because, language),
    );
  },
  async 'payment.refund-changed'(tx, { applicationId, refundId, refundState, amountMinor, payer }) {
    if (!payer || refundState !== 'SUCCESS') return;
    const about = await caseOfMoney(tx, applicationId, payer);
    const id = derivedId('money-back', refundId);
    await tellAlways(tx, about, MessageKind.STATUS, id, language =>
      moneyBackWords(about, { ...payer, amountMinor }, language),
    );
  },
});

const ofIdentity = reactTo({
  async 'account.changed'(tx, { accountId, displayName, email }) {
    await tx.query(
      `INSERT INTO account (account_id, display_name, email) VALUES ($1, $2, $3)
       ON CONFLICT (account_id) DO UPDATE SET display_name = excluded.display_name, email = excluded.email`,
      [accountId, displayName, email],
    );
  },
  'account.idle': announceErasure,
  async 'staff.changed'(tx, { staffMemberId, displayName }, event) {
    await membershipReactions['staff.changed']!(tx, event);
    if (!displayName) return;
    await tx.query(
      `INSERT INTO staff_name (staff_member_id, display_name) VALUES ($1, $2)
       ON CONFLICT (staff_member_id) DO UPDATE SET display_name = excluded.display_name`,
      [staffMemberId, displayName],
    );
  },
});

export const reactions: Reactions = {
  ...membershipReactions,
  ...ofApplications,
  ...ofPayment,
  ...ofIdentity,
  ...privacyReactions('messaging', privacyWork),
};
