/** What payment holds of an account: a copy of it, and what of it may be erased. */
import type { Tx } from '../../../kernel/database/database';
import type { Retained } from '../../../schema/events';
import type { Copy, Kept, PrivacyWork } from '../../../schema/privacy';

/** A copy holds the newest; that some are left out is said in it. */
const MOST_PAYMENTS = 1_000;

async function copy(tx: Tx, accountId: string): Promise<Copy> {
  const found: object[] = await tx.query(
    `SELECT payment.id, application_id AS "applicationId", state, total_minor AS "totalMinor", paid_minor AS "paidMinor",
       purpose, description, cash_reference AS "cashReference", method, started_at AS "startedAt", paid_at AS "paidAt",
       (SELECT coalesce(json_agg(json_build_object('amountMinor', amount_minor, 'state', refund.state, 'reason', reason,
          'requestedAt', requested_at) ORDER BY requested_at), '[]') FROM refund WHERE payment_id = payment.id) AS refunds
     FROM payment WHERE account_id = $1 ORDER BY payment.id DESC LIMIT ${MOST_PAYMENTS + 1}`,
    [accountId],
  );
  return { data: { payments: found.slice(0, MOST_PAYMENTS), olderLeftOut: found.length > MOST_PAYMENTS } };
}

/** Vouchers are kept for eight years from the end of the year (§ 147 Abs. 1 Nr. 4, Abs. 3 AO as of 2025). */
const VOUCHER_YEARS = 8;

/** Money may still come: the payer may be at the provider's page, and a report may have been lost. */
const WATCHED = 'EXISTS (SELECT FROM payment_watch WHERE payment_watch.id = payment.id AND NOT done)';

interface Row {
  readonly cash_reference: string;
  readonly year: number | null;
  /** Not finished, still watched, or a refund of it is not. */
  readonly open: boolean;
}

async function erase(tx: Tx, accountId: string): Promise<Kept> {
  // where no money came, nothing has to stay of the way to the provider
  await tx.query(
    `UPDATE payment SET redirect_url = NULL, state_detail = NULL, provider_transaction_id = NULL, return_url = ''
     WHERE account_id = $1 AND state IN ('FAILED', 'CANCELED') AND paid_minor IS NULL AND NOT ${WATCHED}`,
    [accountId],
  );
  const left: Row[] = await tx.query(
    `SELECT cash_reference, extract(year FROM paid_at AT TIME ZONE 'Europe/Berlin')::int AS year,
       state = 'INITIAL' OR ${WATCHED} OR EXISTS (SELECT FROM refund WHERE payment_id = payment.id AND refund.state = 'SUBMITTED') AS open
     FROM payment WHERE account_id = $1 AND (paid_minor IS NOT NULL OR state = 'INITIAL' OR ${WATCHED}) ORDER BY id`,
    [accountId],
  );
  return { retained: left.map(keptPayment), running: left.some(({ open }) => open) };
}

const keptPayment = ({ cash_reference: reference, year }: Row): Retained => ({
  description: { de: `Zahlung ${reference}`, en: `Payment ${reference}` },
  legalBasis: '§ 147 Abs. 1 Nr. 4, Abs. 3 AO; Art. 17 Abs. 3 Buchst. b DSGVO',
  until: year === null ? null : `${year + VOUCHER_YEARS}-12-31`,
});

export const privacyWork: PrivacyWork = { copy, erase };
