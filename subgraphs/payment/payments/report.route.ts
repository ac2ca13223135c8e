/** Reports of payment providers: signed, at least once, in any order; each only says where to look. */
import express, { type Express } from 'express';
import { now } from '../../../kernel/clock';
import { type Database, rows, type Tx } from '../../../kernel/database/database';
import { isId } from '../../../kernel/ids';
import { logger } from '../../../kernel/log';
import { serviceOf } from '../../../kernel/principal';
import { PROVIDERS } from '../providers';
import { type PaymentProvider, ProviderRefused, type ProviderReport, ProviderUnavailable } from '../providers/provider';
import { refundReported } from '../refunds/refund.outcome';
import { Payment } from './payment.entity';
import { applyStatus, lockPayment } from './payment.outcome';

const SYSTEM = serviceOf('payment');
const log = logger('payment');

/** 204: taken, or known already. 401: not from the provider. 404: no payment of ours. 503: please report again. */
export function reportRoutes(app: Express, { db }: { db: Database }): void {
  app.post('/reports/:provider', express.raw({ type: () => true, limit: '64kb' }), async (req, res) => {
    const provider = PROVIDERS.find(({ name }) => name === req.params.provider);
    const body = Buffer.isBuffer(req.body) ? req.body : Buffer.alloc(0);
    const report = provider?.readReport(body, req.headers, now());
    if (!provider || !report) {
      res.sendStatus(provider ? 401 : 404);
      return;
    }
    try {
      res.sendStatus(await take(db, provider, report));
    } catch (error) {
      if (!(error instanceof ProviderUnavailable) && !(error instanceof ProviderRefused)) throw error;
      log.warn('a report could not be checked with the provider', { channel: provider.name, error });
      res.sendStatus(503);
    }
  });
}

async function take(db: Database, provider: PaymentProvider, report: ProviderReport): Promise<204 | 404> {
  const payment = await db.tx(SYSTEM, tx => paymentOf(tx, provider, report));
  if (!payment) return 404;
  if (await db.tx(SYSTEM, tx => isKnown(tx, provider, report))) return 204;
  if (report.refundId) {
    return refundReported(db, provider, payment, report.refundId, tx => isNew(tx, provider, report, payment));
  }
  const seen = await provider.status(report.transactionId);
  if (seen.requestId !== null && seen.requestId !== payment.id) return 404;
  await db.tx(SYSTEM, async tx => {
    const locked = await lockPayment(tx, payment.id);
    if (await isNew(tx, provider, report, payment)) await applyStatus(tx, locked, seen, report.eventId);
  });
  return 204;
}

/** By the provider's id, or by ours while the answer to our registration is still missing. */
async function paymentOf(tx: Tx, provider: PaymentProvider, report: ProviderReport): Promise<Payment | undefined> {
  if (!isId(report.requestId)) return undefined;
  const [payment] = await rows(
    tx,
    Payment,
    `SELECT * FROM payment WHERE provider = $1 AND id = $2 AND coalesce(provider_transaction_id, $3) = $3`,
    [provider.name, report.requestId, report.transactionId],
  );
  return payment;
}

async function isKnown(tx: Tx, provider: PaymentProvider, report: ProviderReport): Promise<boolean> {
  const known: unknown[] = await tx.query('SELECT 1 FROM provider_report WHERE provider = $1 AND event_id = $2', [
    provider.name,
    report.eventId,
  ]);
  return known.length > 0;
}

/** Notes the report in the transaction of its effect; false when somebody else has done so. */
async function isNew(tx: Tx, provider: PaymentProvider, report: ProviderReport, payment: Payment): Promise<boolean> {
  const noted: unknown[] = await tx.query(
    `INSERT INTO provider_report (provider, event_id, payment_id, received_at) VALUES ($1, $2, $3, $4)
     ON CONFLICT DO NOTHING RETURNING 1`,
    [provider.name, report.eventId, payment.id, now()],
  );
  return noted.length > 0;
}
