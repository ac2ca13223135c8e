/** A simulated payment provider in the words of XBezahldienste: opens payments, lets the payer decide, reports back. */
import { randomUUID, timingSafeEqual } from 'node:crypto';
import { fieldsOf, html, json, listen, seeOther, web } from '../http';
import { paymentPage, unknownPaymentPage, welcomePage } from './payment-page';
import { METHODS, type Method, OUTCOMES, type Outcome, Payments, type Refund, type Transaction } from './payments';
import { type Reporter, reporter } from './reports';
import { centsOf, eurosOf, readRequest } from './request';

export interface PaymentProviderOptions {
  /** 0 for any free port. */
  readonly port: number;
  /** Default 127.0.0.1. */
  readonly host?: string;
  /** Bearer token of the merchant, and key of the signatures of reports. */
  readonly secret: string;
  /** Where to report payments whose request names no `reportUrl`. */
  readonly reportTo?: string;
  /** True sends every report twice, as real providers do now and then. */
  readonly duplicateReports?: boolean;
  /** Pause before a refused report is repeated, in milliseconds, doubled each time; default 200, ten tries. */
  readonly retryMs?: number;
}

export interface PaymentProvider {
  readonly url: string;
  /** Resolves when every report so far was taken or given up. */
  idle(): Promise<void>;
  stop(): Promise<void>;
}

/** @throws StartError when the port is taken */
export async function startPaymentProvider(options: PaymentProviderOptions): Promise<PaymentProvider> {
  const reports = reporter({ ...options, copies: options.duplicateReports ? 2 : 1 });
  const desk = new Desk(options, reports);
  const server = await listen(
    'the payment provider',
    web((request, url) => desk.answer(request, url)),
    options,
  );
  return {
    url: server.url,
    idle: reports.idle,
    async stop() {
      reports.stop();
      await server.stop();
    },
  };
}

class Desk {
  private readonly payments = new Payments();

  constructor(
    private readonly options: PaymentProviderOptions,
    private readonly reports: Reporter,
  ) {}

  answer(request: Request, url: URL): Response | Promise<Response> {
    const [, area, id, part, partId, ...rest] = url.pathname.split('/');
    const { method } = request;
    if (rest.length > 0) return refuse(404, 'UNSPECIFIED');
    if (!area && method === 'GET') return html(welcomePage());
    if (area === 'pay' && id && !part) {
      const payment = this.payments.find(id);
      if (!payment) return html(unknownPaymentPage(), 404);
      if (method === 'GET') return html(paymentPage(payment));
      if (method === 'POST') return this.pay(payment, request);
    }
    if (area !== 'payments') return refuse(404, 'UNSPECIFIED');
    if (!this.isMerchant(request)) return refuse(401, 'FORBIDDEN');
    if (!id) return method === 'POST' ? this.open(request, url.origin) : refuse(405, 'UNSPECIFIED');
    const payment = this.payments.find(id);
    if (!payment) return refuse(404, 'UNSPECIFIED');
    if (!part) return method === 'GET' ? json(statusOf(payment)) : refuse(405, 'UNSPECIFIED');
    if (part !== 'refunds') return refuse(404, 'UNSPECIFIED');
    if (!partId) return method === 'POST' ? this.refund(payment, request) : refuse(405, 'UNSPECIFIED');
    const refund = payment.refunds.get(partId);
    return refund ? json(refundAnswer(payment, refund)) : refuse(404, 'UNSPECIFIED');
  }

  private isMerchant(request: Request): boolean {
    const given = Buffer.from(request.headers.get('authorization') ?? '');
    const expected = Buffer.from(`Bearer ${this.options.secret}`);
    return given.length === expected.length && timingSafeEqual(given, expected);
  }

  /** `POST /payments` */
  private async open(request: Request, origin: string): Promise<Response> {
    const body = await fieldsOf(request);
    const read = readRequest(body);
    if ('code' in read) return json(read, 400);
    const payment = this.payments.open(read, body ?? {});
    if (payment === 'PAYMENT_EXISTS') return json({ code: payment, field: 'requestId' }, 409);
    const answer = { transactionId: payment.id, transactionReference: payment.reference, status: payment.status };
    return json({ ...answer, redirectUrl: `${origin}/pay/${payment.id}`, timestamp: payment.changedAt }, 201);
  }

  /** `POST /pay/:id` with `outcome`, and in JSON also `method` and a `grosAmount` that differs from what was asked for. */
  private async pay(payment: Transaction, request: Request): Promise<Response> {
    const { outcome, method = 'CREDITCARD', grosAmount } = (await fieldsOf(request)) ?? {};
    if (!OUTCOMES.includes(outcome as Outcome)) return json({ code: 'VALIDATION_ERROR', field: 'outcome' }, 400);
    if (!METHODS.includes(method as Method)) return json({ code: 'VALIDATION_ERROR', field: 'method' }, 400);
    const paid = grosAmount === undefined ? payment.request.amountMinor : centsOf(grosAmount);
    if (paid === null) return json({ code: 'VALIDATION_ERROR', field: 'grosAmount' }, 400);
    const changed = this.payments.settle(payment, outcome as Outcome, method as Method, paid);
    if (changed === null) return json({ code: 'PAYMENT_EXISTS', field: 'outcome' }, 409);
    if (changed) this.report(payment, { type: 'PAYMENT' });
    return seeOther(payment.request.redirectUrl);
  }

  /** `POST /payments/:id/refunds`: submitted at once, done a moment later. */
  private async refund(payment: Transaction, request: Request): Promise<Response> {
    const { refundId, grosAmount, reason = '' } = (await fieldsOf(request)) ?? {};
    if (typeof refundId !== 'string' || !/^[\w-]{1,36}$/.test(refundId)) return invalid('refundId');
    const amountMinor = centsOf(grosAmount);
    if (amountMinor === null) return invalid('grosAmount');
    if (typeof reason !== 'string' || reason.length > 250) return invalid('reason');
    const outcome = this.payments.refund(payment, refundId, amountMinor, reason);
    if (typeof outcome === 'string') return json({ code: outcome, field: 'refundId' }, 409);
    const answer = json(refundAnswer(payment, outcome.refund), outcome.fresh ? 201 : 200);
    if (outcome.fresh) setImmediate(() => this.complete(payment, outcome.refund));
    return answer;
  }

  private complete(payment: Transaction, refund: Refund): void {
    refund.status = 'SUCCESS';
    refund.changedAt = new Date();
    this.report(payment, {
      type: 'REFUND',
      ...refundAnswer(payment, refund),
      status: payment.status,
      refundStatus: refund.status,
    });
  }

  private report(payment: Transaction, more: object): void {
    const url = payment.request.reportUrl ?? this.options.reportTo;
    if (!url) return;
    this.reports.send(url, { eventId: randomUUID(), ...statusOf(payment), timestamp: payment.changedAt, ...more });
  }
}

const statusOf = (payment: Transaction) => ({
  transactionId: payment.id,
  transactionReference: payment.reference,
  requestId: payment.request.requestId,
  status: payment.status,
  statusDetail: payment.statusDetail,
  method: payment.method,
  grosAmount: eurosOf(payment.amountMinor),
  currency: 'EUR',
  transactionTimestamp: payment.changedAt,
});

const refundAnswer = (payment: Transaction, refund: Refund) => ({
  refundId: refund.id,
  transactionId: payment.id,
  status: refund.status,
  grosAmount: eurosOf(refund.amountMinor),
  timestamp: refund.changedAt,
});

const refuse = (status: number, code: string): Response => json({ code }, status);
const invalid = (field: string): Response => json({ code: 'VALIDATION_ERROR', field }, 400);
