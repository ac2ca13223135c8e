/** Checks a payment request as XBezahldienste 1.0 describes it; amounts are euros with cents there and whole cents here. */

/** Why a request is refused; codes are those of the standard. */
export interface Fault {
  readonly code: 'VALIDATION_ERROR' | 'CALCULATION_ERROR';
  readonly field: string;
}

export interface PaymentRequest {
  readonly requestId: string;
  readonly amountMinor: number;
  readonly purpose: string;
  readonly description: string;
  readonly redirectUrl: string;
  /** Ours, not the standard's: where to report; the standard only lets one ask. */
  readonly reportUrl: string | undefined;
}

export type Fields = Record<string, unknown>;

export const MOST_EUROS = 999_999;
const MOST_ITEMS = 99;

/** @returns whole cents; null for anything but a positive amount with at most two decimals */
export function centsOf(value: unknown, least = 1): number | null {
  if (typeof value !== 'number' || !Number.isFinite(value) || value > MOST_EUROS) return null;
  const cents = Math.round(value * 100);
  return cents >= least && Math.abs(value * 100 - cents) < 1e-6 ? cents : null;
}

export const eurosOf = (cents: number): number => cents / 100;

const isText = (value: unknown, most: number): value is string =>
  typeof value === 'string' && value.length >= 1 && value.length <= most;
const isOptionalText = (value: unknown, most: number): boolean => value === undefined || isText(value, most);
const isUrl = (value: unknown): value is string =>
  isText(value, 2082) && URL.canParse(value) && /^https?:$/.test(new URL(value).protocol);
const invalid = (field: string): Fault => ({ code: 'VALIDATION_ERROR', field });

export function readRequest(body: Fields | null): PaymentRequest | Fault {
  if (!body) return invalid('');
  const { requestId, requestTimestamp, currency, grosAmount, purpose, description, redirectUrl, reportUrl, items } =
    body;
  if (!isText(requestId, 36)) return invalid('requestId');
  if (!isText(requestTimestamp, 40) || Number.isNaN(Date.parse(requestTimestamp))) return invalid('requestTimestamp');
  if (currency !== 'EUR') return invalid('currency');
  const amountMinor = centsOf(grosAmount);
  if (amountMinor === null) return invalid('grosAmount');
  if (!isText(purpose, 27) || !/^[\w\d\s-]+$/.test(purpose)) return invalid('purpose');
  if (!isOptionalText(description, 250)) return invalid('description');
  if (!isUrl(redirectUrl)) return invalid('redirectUrl');
  if (reportUrl !== undefined && !isUrl(reportUrl)) return invalid('reportUrl');
  const fault = checkItems(items, amountMinor);
  if (fault) return fault;
  return { requestId, amountMinor, purpose, description: String(description ?? ''), redirectUrl, reportUrl };
}

function checkItems(items: unknown, amountMinor: number): Fault | null {
  if (!Array.isArray(items) || items.length < 1 || items.length > MOST_ITEMS) return invalid('items');
  let sum = 0;
  for (const [i, item] of (items as unknown[]).entries()) {
    const field = (name: string) => `items[${i}].${name}`;
    if (typeof item !== 'object' || item === null) return invalid(`items[${i}]`);
    const { id, reference, description, quantity = 1, ...amounts } = item as Fields;
    if (!isText(id, 36)) return invalid(field('id'));
    if (!isOptionalText(reference, 36)) return invalid(field('reference'));
    if (!isOptionalText(description, 250)) return invalid(field('description'));
    if (typeof quantity !== 'number' || !Number.isInteger(quantity) || quantity < 1) return invalid(field('quantity'));
    const net = centsOf(amounts.totalNetAmount, 0);
    if (net === null) return invalid(field('totalNetAmount'));
    const tax = centsOf(amounts.totalTaxAmount ?? 0, 0);
    if (tax === null) return invalid(field('totalTaxAmount'));
    for (const [single, total] of [
      ['singleNetAmount', net],
      ['singleTaxAmount', tax],
    ] as const) {
      if (amounts[single] === undefined) continue;
      const cents = centsOf(amounts[single], 0);
      if (cents === null) return invalid(field(single));
      if (cents * quantity !== total) return { code: 'CALCULATION_ERROR', field: field(single) };
    }
    sum += net + tax;
  }
  return sum === amountMinor ? null : { code: 'CALCULATION_ERROR', field: 'grosAmount' };
}
