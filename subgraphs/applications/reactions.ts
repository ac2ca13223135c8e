/** Event of another subgraph → what we do. */
import type { Reactions } from '../../kernel/events/reactions';
import { membershipReactions } from '../../kernel/membership';
import { reactTo } from '../../schema/events';
import { privacyReactions } from '../../schema/privacy';
import { noticeAvailable } from './decisions/decision.service';
import { receiptDue } from './payment-receipts/payment-receipt.service';
import { privacyWork } from './privacy/privacy.service';

/** What this subgraph keeps of others, so that it can guard, show and sort without asking. */
const projections: Reactions = reactTo({
  async 'staff.changed'(tx, payload, event) {
    await membershipReactions['staff.changed']!(tx, event);
    if (!payload.displayName) return;
    await tx.query(
      `INSERT INTO staff_name (staff_member_id, display_name, position) VALUES ($1, $2, $3)
       ON CONFLICT (staff_member_id) DO UPDATE SET display_name = excluded.display_name, position = excluded.position
       WHERE staff_name.position < excluded.position`,
      [payload.staffMemberId, payload.displayName, event.position],
    );
  },
  async 'account.changed'(tx, { accountId, displayName }, { position }) {
    await tx.query(
      `INSERT INTO account_name (account_id, display_name, position) VALUES ($1, $2, $3)
       ON CONFLICT (account_id) DO UPDATE SET display_name = excluded.display_name, position = excluded.position
       WHERE account_name.position < excluded.position`,
      [accountId, displayName, position],
    );
  },
  async 'staff.recognised'(tx, { staffMemberId, accountId, same, certain = true }, { position }) {
    await tx.query(
      `INSERT INTO own_account (staff_member_id, account_id, same, certain, position) VALUES ($1, $2, $3, $4, $5)
       ON CONFLICT (staff_member_id, account_id) DO UPDATE SET same = excluded.same, certain = excluded.certain,
         position = excluded.position
       WHERE own_account.position < excluded.position`,
      [staffMemberId, accountId, same, certain, position],
    );
  },
  async 'organisation.member-changed'(tx, { organisationId, accountId, member }, { position }) {
    await tx.query(
      `INSERT INTO organisation_member (organisation_id, account_id, member, position) VALUES ($1, $2, $3, $4)
       ON CONFLICT (organisation_id, account_id) DO UPDATE SET member = excluded.member, position = excluded.position
       WHERE organisation_member.position < excluded.position`,
      [organisationId, accountId, member, position],
    );
  },
  async 'authority.changed'(tx, { authorityId, parentId }, { position }) {
    await tx.query(
      `INSERT INTO authority_unit (unit_id, parent_id, position) VALUES ($1, $2, $3)
       ON CONFLICT (unit_id) DO UPDATE SET parent_id = excluded.parent_id, position = excluded.position
       WHERE authority_unit.position < excluded.position`,
      [authorityId, parentId, position],
    );
  },
  async 'payment.state-changed'(tx, payload, { position }) {
    await receiptDue(tx, payload);
    const { paymentId, applicationId, state, totalMinor } = payload;
    await tx.query(
      `INSERT INTO payment_state (payment_id, application_id, state, total_minor, position) VALUES ($1, $2, $3, $4, $5)
       ON CONFLICT (payment_id) DO UPDATE SET state = excluded.state, total_minor = excluded.total_minor,
         position = excluded.position
       WHERE payment_state.position < excluded.position`,
      [paymentId, applicationId, state, totalMinor, position],
    );
  },
  /** What is attached to a message is for the other side too, from then on. */
  async 'message.sent'(tx, { applicationId, documentIds = [] }, { occurredAt }) {
    await tx.query(
      `UPDATE document SET shared_at = $3
       WHERE application_id = $1 AND id = ANY($2::uuid[]) AND purpose = 'MESSAGE' AND shared_at IS NULL`,
      [applicationId, documentIds, occurredAt],
    );
  },
  async 'payment.started'(tx, { paymentId, applicationId, state, totalMinor }, { position }) {
    await tx.query(
      `INSERT INTO payment_state (payment_id, application_id, state, total_minor, position) VALUES ($1, $2, $3, $4, $5)
       ON CONFLICT (payment_id) DO NOTHING`,
      [paymentId, applicationId, state, totalMinor, position],
    );
  },
  'message.available': noticeAvailable,
});

export const reactions: Reactions = {
  ...membershipReactions,
  ...projections,
  ...privacyReactions('applications', privacyWork),
};
