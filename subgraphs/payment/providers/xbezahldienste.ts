/** XBezahldienste 1.0: payments over HTTP with JSON; euros with cents on the wire, whole cents inside. */

import { createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { setting } from '../../../kernel/config';
import { timeLimit } from '../../../kernel/limit';
import { logger } from '../../../kernel/log';
import { outside } from '../../../kernel/request';
import {
  type PaymentOrder,
  type PaymentProvider,
  type ProviderRefundState,
  ProviderRefused,
  type ProviderReport,
  type ProviderStatus,
  ProviderUnavailable,
  type RefundOrder,
} from './provider';

const TIMEOUT_MS = 5_000;
const MOST_BYTES = 64 * 1024;
const WINDOW_MS = 5 * 60_000;
const STATES = ['INITIAL', 'PAYED', 'FAILED', 'CANCELED'] as const;
const METHODS = ['GIROPAY', 'PAYDIRECT', 'CREDITCARD', 'PAYPAL', 'INVOICE', 'OTHER'] as const;
const REFUND_STATES = ['SUBMITTED', 'SUCCESS', 'FAILED'] as const;

type Fields = Record<string, unknown>;

/** @param minor whole cents  @returns the JSON number with at most two decimals */
export const eurosOf = (minor: number): number =>
  Number(`${Math.trunc(minor / 100)}.${String(minor % 100).padStart(2, '0')}`);

/** @returns whole cents, read from the number's digits; null for anything with more than two decimals */
export function centsOf(euros: unknown): number | null {
  const match = typeof euros === 'number' ? /^(\d{1,7})(?:\.(\d{1,2}))?$/.exec(String(euros)) : null;
  return match ? Number(match[1]) * 100 + Number((match[2] ?? '').padEnd(2, '0')) : null;
}

const text = (value: unknown, most = 255): string | null =>
  typeof value === 'string' && value !== '' && value.length <= most ? value : null;
const oneOf = <T extends string>(value: unknown, known: readonly T[]): T | null =>
  known.find(each => each === value) ?? null;
const isWeb = (value: string): boolean => URL.canParse(value) && /^https?:$/.test(new URL(value).protocol);

async function open(order: PaymentOrder) {
  const answer = await call('POST', '/payments', {
    requestId: order.requestId,
    requestTimestamp: order.requestedAt.toISOString(),
    currency: 'EUR',
    grosAmount: eurosOf(order.totalMinor), // spelt so in the standard
    purpose: order.purpose,
    description: order.description,
    redirectUrl: order.returnUrl,
    reportUrl: order.reportUrl,
    items: order.items.map((item, i) => ({
      id: String(i + 1),
      reference: item.reference,
      description: item.description,
      taxRate: Number(item.taxRatePercent),
      quantity: item.quantity,
      totalNetAmount: eurosOf(item.netMinor),
      totalTaxAmount: eurosOf(item.taxMinor),
      singleNetAmount: eurosOf(item.unitNetMinor),
      singleTaxAmount: eurosOf(item.unitTaxMinor),
    })),
  });
  const [transactionId, redirectUrl] = [text(answer.transactionId, 44), text(answer.redirectUrl, 2082)];
  if (!transactionId || !redirectUrl || !isWeb(redirectUrl)) throw new ProviderUnavailable();
  return { transactionId, redirectUrl };
}

async function status(transactionId: string): Promise<ProviderStatus> {
  const answer = await call('GET', `/payments/${encodeURIComponent(transactionId)}`);
  const [state, amountMinor] = [oneOf(answer.status, STATES), centsOf(answer.grosAmount)];
  if (!state || amountMinor === null) throw new ProviderUnavailable();
  const changedAt = new Date(String(answer.transactionTimestamp));
  return {
    state,
    amountMinor,
    requestId: text(answer.requestId, 36),
    method: oneOf(answer.method, METHODS) ?? (text(answer.method) ? 'OTHER' : null),
    detail: text(answer.statusDetail, 99),
    changedAt: Number.isNaN(changedAt.getTime()) ? null : changedAt,
  };
}

/** The standard has no refunds; this is the extension of the providers we know. */
async function refund(order: RefundOrder): Promise<ProviderRefundState> {
  const path = `/payments/${encodeURIComponent(order.transactionId)}/refunds`;
  const { refundId, reason, iban } = order;
  await call('POST', path, { refundId, grosAmount: eurosOf(order.amountMinor), reason, ...(iban && { iban }) });
  const answer = await call('GET', `${path}/${encodeURIComponent(refundId)}`);
  const state = oneOf(answer.status, REFUND_STATES);
  if (!state) throw new ProviderUnavailable();
  return state;
}

function readReport(body: Buffer, headers: IncomingHttpHeaders, now: Date): ProviderReport | null {
  const timestamp = String(headers['x-timestamp'] ?? '');
  const given = Buffer.from(String(headers['x-signature'] ?? ''));
  const signed = createHmac('sha256', setting('PAYMENT_PROVIDER_SECRET')).update(`${timestamp}.`).update(body);
  const expected = Buffer.from(`sha256=${signed.digest('hex')}`);
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) return null;
  // NaN, for no time at all, is not within the window either
  if (!(Math.abs(now.getTime() - Date.parse(timestamp)) <= WINDOW_MS)) return null;
  const fields = jsonOf(body.toString());
  const [eventId, transactionId] = [text(fields?.eventId), text(fields?.transactionId, 44)];
  const requestId = text(fields?.requestId, 36);
  if (!eventId || !transactionId || !requestId) return null;
  return { eventId, transactionId, requestId, refundId: text(fields?.refundId, 36) };
}

const call = (method: 'GET' | 'POST', path: string, body?: Fields): Promise<Fields> =>
  outside(() => send(method, path, body));

async function send(method: 'GET' | 'POST', path: string, body?: Fields): Promise<Fields> {
  let response: Response;
  let answer: Fields | null;
  try {
    response = await fetch(`${setting('PAYMENT_PROVIDER_URL')}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${setting('PAYMENT_PROVIDER_SECRET')}`,
        accept: 'application/json',
        ...(body && { 'content-type': 'application/json' }),
      },
      body: body ? JSON.stringify(body) : null,
      redirect: 'error',
      signal: timeLimit('PAYMENT_PROVIDER_TIMEOUT_MS', TIMEOUT_MS),
    });
    answer = jsonOf(await bounded(response));
  } catch (error) {
    logger('payment').warn('the payment provider did not answer', { error });
    throw new ProviderUnavailable(error);
  }
  if (response.ok && answer) return answer;
  // 401 and 429 are about us at this moment, not about the payment
  if (response.status >= 400 && response.status < 500 && ![401, 403, 408, 429].includes(response.status)) {
    throw new ProviderRefused(text(answer?.code) ?? `HTTP_${response.status}`);
  }
  throw new ProviderUnavailable();
}

/** The body, but never more than a sane answer needs. */
async function bounded(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.length;
    if (size > MOST_BYTES) throw new Error('The answer is too large.');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

function jsonOf(body: string): Fields | null {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : null;
  } catch {
    return null;
  }
}

export const xbezahldienste: PaymentProvider = { name: 'xbezahldienste', open, status, refund, readReport };
