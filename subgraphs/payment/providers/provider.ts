/** The contract of a payment provider (Zahlungsdienst). Amounts are whole cents here; an adapter converts at its own edge. */
import type { IncomingHttpHeaders } from 'node:http';

export interface OrderItem {
  readonly reference: string;
  readonly description: string;
  readonly quantity: number;
  readonly taxRatePercent: string;
  readonly unitNetMinor: number;
  readonly unitTaxMinor: number;
  readonly netMinor: number;
  readonly taxMinor: number;
}

export interface PaymentOrder {
  /** Ours, at most 36 characters; the same one never opens two payments at the provider. */
  readonly requestId: string;
  /** When the payment was begun; the same on every repetition. */
  readonly requestedAt: Date;
  readonly totalMinor: number;
  /** At most 27 characters of A–Z, digits, space, underscore and hyphen. */
  readonly purpose: string;
  /** At most 250 characters. */
  readonly description: string;
  /** Where the browser goes afterwards. */
  readonly returnUrl: string;
  /** Where the provider reports what happens. */
  readonly reportUrl: string;
  readonly wishedMethod: string | null;
  readonly items: readonly OrderItem[];
}

export interface OpenedPayment {
  readonly transactionId: string;
  /** The provider's page where the payer pays. */
  readonly redirectUrl: string;
}

/** What a provider says of a payment when it is asked. */
export interface ProviderStatus {
  readonly state: 'INITIAL' | 'PAYED' | 'FAILED' | 'CANCELED';
  /** Our id of the payment, where the provider repeats it. */
  readonly requestId: string | null;
  /** What was paid in cents; meaningful when PAYED. */
  readonly amountMinor: number;
  readonly method: 'GIROPAY' | 'PAYDIRECT' | 'CREDITCARD' | 'PAYPAL' | 'INVOICE' | 'OTHER' | null;
  readonly detail: string | null;
  /** When it came about, as the provider says. */
  readonly changedAt: Date | null;
}

export interface RefundOrder {
  readonly transactionId: string;
  /** Ours; the same one never gives money back twice. */
  readonly refundId: string;
  readonly amountMinor: number;
  readonly reason: string;
  /** Where to pay to when the way back is closed. */
  readonly iban: string | null;
}

export type ProviderRefundState = 'SUBMITTED' | 'SUCCESS' | 'FAILED';

/** A report that came with the provider's own signature. It says where to look; what is true the provider is asked. */
export interface ProviderReport {
  readonly eventId: string;
  readonly transactionId: string;
  readonly requestId: string;
  /** Set when it is about a refund. */
  readonly refundId: string | null;
}

export interface PaymentProvider {
  /** As in the setting PAYMENT_PROVIDER and in the address of its reports. */
  readonly name: string;
  /** Idempotent by `requestId`. @throws ProviderUnavailable, ProviderRefused */
  open(order: PaymentOrder): Promise<OpenedPayment>;
  /** @throws ProviderUnavailable, ProviderRefused when it does not know the transaction */
  status(transactionId: string): Promise<ProviderStatus>;
  /** Idempotent by `refundId`; repeating it tells how far it is. @throws ProviderUnavailable, ProviderRefused */
  refund(order: RefundOrder): Promise<ProviderRefundState>;
  /** @returns null for a report that is forged, malformed or more than five minutes old. */
  readReport(body: Buffer, headers: IncomingHttpHeaders, now: Date): ProviderReport | null;
}

/** Nobody knows what happened: the same call may be repeated. */
export class ProviderUnavailable extends Error {
  constructor(cause?: unknown) {
    super('The payment provider does not answer.', { cause });
    this.name = 'ProviderUnavailable';
  }
}

/** The provider has said no; repeating changes nothing. */
export class ProviderRefused extends Error {
  constructor(
    /** The provider's own code, such as VALIDATION_ERROR. */
    readonly code: string,
  ) {
    super(`The payment provider refuses: ${code}`);
    this.name = 'ProviderRefused';
  }
}
