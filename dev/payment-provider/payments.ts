/** The books of the simulated payment provider: transactions and refunds, in memory. */
import { createHash, randomUUID } from 'node:crypto';
import type { Fields, PaymentRequest } from './request';

export const OUTCOMES = ['PAYED', 'FAILED', 'CANCELED'] as const;
export type Outcome = (typeof OUTCOMES)[number];
export const METHODS = ['GIROPAY', 'PAYDIRECT', 'CREDITCARD', 'PAYPAL', 'OTHER'] as const;
export type Method = (typeof METHODS)[number];

export interface Transaction {
  readonly id: string;
  /** The provider's own number (Vorgangsnummer), not the authority's Kassenzeichen. */
  readonly reference: string;
  readonly request: PaymentRequest;
  readonly fingerprint: string;
  readonly refunds: Map<string, Refund>;
  status: 'INITIAL' | Outcome;
  statusDetail: string;
  method: Method | null;
  /** What really arrived; differs from what was asked for when the payer's bank sent another amount. */
  amountMinor: number;
  changedAt: Date;
}

export interface Refund {
  readonly id: string;
  readonly amountMinor: number;
  readonly reason: string;
  status: 'SUBMITTED' | 'SUCCESS';
  changedAt: Date;
}

const DETAILS: Record<Outcome, string> = {
  PAYED: 'Die Zahlung ist eingegangen.',
  FAILED: 'Die Zahlung wurde abgelehnt.',
  CANCELED: 'Die Zahlung wurde abgebrochen.',
};

export class Payments {
  private readonly byId = new Map<string, Transaction>();
  private readonly byRequest = new Map<string, Transaction>();
  private count = 0;

  find = (id: string): Transaction | undefined => this.byId.get(id);

  /** @returns the transaction of that requestId if the body is the same, `PAYMENT_EXISTS` if it is another */
  open(request: PaymentRequest, body: Fields): Transaction | 'PAYMENT_EXISTS' {
    // A repetition says again what it wants, at another time.
    const fingerprint = fingerprintOf({ ...body, requestTimestamp: undefined });
    const known = this.byRequest.get(request.requestId);
    if (known) return known.fingerprint === fingerprint ? known : 'PAYMENT_EXISTS';
    this.count += 1;
    const opened: Transaction = {
      id: randomUUID(),
      reference: `VG-${new Date().getFullYear()}-${String(this.count).padStart(6, '0')}`,
      request,
      fingerprint,
      refunds: new Map(),
      status: 'INITIAL',
      statusDetail: '',
      method: null,
      amountMinor: request.amountMinor,
      changedAt: new Date(),
    };
    this.byId.set(opened.id, opened);
    this.byRequest.set(request.requestId, opened);
    return opened;
  }

  /**
   * A success may follow a failure (the bank was late); nothing follows a success.
   * @returns false when nothing changed because it was so already, null when it cannot become so
   */
  settle(
    payment: Transaction,
    outcome: Outcome,
    method: Method,
    amountMinor = payment.request.amountMinor,
  ): boolean | null {
    if (payment.status === outcome) return false;
    if (payment.status === 'PAYED' || (payment.status !== 'INITIAL' && outcome !== 'PAYED')) return null;
    payment.status = outcome;
    payment.statusDetail = DETAILS[outcome];
    payment.changedAt = new Date();
    if (outcome === 'PAYED') {
      payment.method = method;
      payment.amountMinor = amountMinor;
    }
    return true;
  }

  /** @returns the refund and whether it is new; `REFUND_EXISTS` when that id asked for something else before */
  refund(payment: Transaction, id: string, amountMinor: number, reason: string) {
    const known = payment.refunds.get(id);
    if (known) {
      const same = known.amountMinor === amountMinor && known.reason === reason;
      return same ? { refund: known, fresh: false } : 'REFUND_EXISTS';
    }
    if (payment.status !== 'PAYED') return 'NOT_PAYED';
    const refunded = [...payment.refunds.values()].reduce((sum, each) => sum + each.amountMinor, 0);
    if (refunded + amountMinor > payment.amountMinor) return 'REFUND_EXCEEDS';
    const refund: Refund = { id, amountMinor, reason, status: 'SUBMITTED', changedAt: new Date() };
    payment.refunds.set(id, refund);
    return { refund, fresh: true };
  }
}

const fingerprintOf = (body: Fields): string =>
  createHash('sha256')
    .update(JSON.stringify(sorted(body)))
    .digest('hex');

/** The order of an object's members says nothing. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, member]) => [name, sorted(member)]),
  );
}
