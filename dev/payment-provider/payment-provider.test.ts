/** The simulated payment provider, seen from the merchant and from the payer. */
import { createHmac, randomUUID } from 'node:crypto';
import { Browser } from '../browser';
import { type Listening, listen, web } from '../http';
import { type PaymentProvider, startPaymentProvider } from './payment-provider';

const SECRET = 'secret-of-the-merchant';
const BACK = 'https://portal.example/paid?case=17';

interface Report {
  headers: Headers;
  raw: string;
  body: Record<string, unknown>;
}
let merchant: Listening;
let provider: PaymentProvider;
let reports: Report[] = [];
/** How many reports the merchant refuses before it takes one. */
let refusals = 0;

beforeAll(async () => {
  merchant = await listen(
    'the merchant',
    web(async request => {
      const raw = await request.text();
      if (refusals > 0) {
        refusals -= 1;
        return new Response(null, { status: 503 });
      }
      reports.push({ headers: request.headers, raw, body: JSON.parse(raw) });
      return new Response(null, { status: 204 });
    }),
    { port: 0 },
  );
  provider = await startPaymentProvider({ port: 0, secret: SECRET, reportTo: merchant.url, retryMs: 1 });
});
afterAll(async () => {
  await provider.stop();
  await merchant.stop();
});
beforeEach(() => {
  reports = [];
  refusals = 0;
});

const request = (more: object = {}) => ({
  requestId: randomUUID(),
  requestTimestamp: new Date().toISOString(),
  currency: 'EUR',
  grosAmount: 26.1,
  purpose: 'Gewerbeanmeldung 17',
  description: 'Gebühr für die Gewerbeanmeldung',
  redirectUrl: BACK,
  items: [{ id: '1', quantity: 2, singleNetAmount: 13, totalNetAmount: 26, totalTaxAmount: 0.1, taxRate: 0 }],
  ...more,
});

async function call(path: string, body?: unknown, url = provider.url, secret = SECRET) {
  const response = await fetch(url + path, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
    body: body === undefined ? undefined : JSON.stringify(body),
    redirect: 'manual',
  });
  const text = await response.text();
  const answer = (text ? JSON.parse(text) : {}) as Record<string, string>;
  return { status: response.status, location: response.headers.get('location'), body: answer };
}

async function opened(more: object = {}, url = provider.url) {
  const { status, body } = await call('/payments', request(more), url);
  expect(status).toBe(201);
  return body as { transactionId: string; redirectUrl: string };
}

describe('opening a payment', () => {
  it('answers with a transaction and the page to pay at', async () => {
    const { status, body } = await call('/payments', request());
    expect(status).toBe(201);
    expect(body).toMatchObject({
      transactionId: expect.stringMatching(/^.{1,44}$/),
      transactionReference: expect.stringMatching(/^.{1,36}$/),
      redirectUrl: `${provider.url}/pay/${body.transactionId}`,
      status: 'INITIAL',
      timestamp: expect.any(String),
    });
    expect((await call(`/payments/${body.transactionId}`)).body).toMatchObject({ status: 'INITIAL', grosAmount: 26.1 });
  });

  it('twice with the same request gives the same transaction, with another body PAYMENT_EXISTS', async () => {
    const wanted = request();
    const first = await call('/payments', wanted);
    const again = await call('/payments', { ...wanted, requestTimestamp: '2027-01-01T00:00:00Z' });
    expect(again).toEqual(first);
    const other = await call('/payments', { ...wanted, purpose: 'etwas anderes' });
    expect(other).toMatchObject({ status: 409, body: { code: 'PAYMENT_EXISTS' } });
  });

  it.each([
    ['requestId', 'too long', { requestId: 'x'.repeat(37) }],
    ['requestTimestamp', 'that is no time', { requestTimestamp: 'gestern' }],
    ['currency', 'other than EUR', { currency: 'CHF' }],
    ['grosAmount', 'with three decimals', { grosAmount: 26.105 }],
    ['grosAmount', 'that is text', { grosAmount: '26.10' }],
    ['grosAmount', 'below zero', { grosAmount: -1 }],
    ['purpose', 'too long', { purpose: 'x'.repeat(28) }],
    ['purpose', 'with characters not allowed', { purpose: 'Gebühr & mehr' }],
    ['description', 'too long', { description: 'x'.repeat(251) }],
    ['redirectUrl', 'that is no web address', { redirectUrl: 'javascript:alert(1)' }],
    ['redirectUrl', 'too long', { redirectUrl: `https://portal.example/${'x'.repeat(2082)}` }],
    ['items', 'when there are none', { items: [] }],
    ['items[0].totalNetAmount', 'that is missing', { items: [{ id: '1', quantity: 1 }] }],
  ])('is refused with VALIDATION_ERROR for %s %s', async (field, _, more) => {
    expect(await call('/payments', request(more))).toMatchObject({
      status: 400,
      body: { code: 'VALIDATION_ERROR', field },
    });
  });

  it('is refused with CALCULATION_ERROR when the items do not make the sum', async () => {
    const sum = await call('/payments', request({ grosAmount: 26 }));
    expect(sum).toMatchObject({ status: 400, body: { code: 'CALCULATION_ERROR', field: 'grosAmount' } });
    const items = [{ id: '1', quantity: 3, singleNetAmount: 10, totalNetAmount: 26.1 }];
    const single = await call('/payments', request({ items }));
    expect(single.body).toEqual({ code: 'CALCULATION_ERROR', field: 'items[0].singleNetAmount' });
  });

  it('is for the merchant only', async () => {
    expect((await call('/payments', request(), provider.url, 'wrong')).status).toBe(401);
    const { transactionId } = await opened();
    expect((await call(`/payments/${transactionId}`, undefined, provider.url, 'wrong')).status).toBe(401);
    expect((await call('/payments/none')).status).toBe(404);
  });
});

describe('paying', () => {
  it('leads back to the merchant and is reported with a signature', async () => {
    const { transactionId, redirectUrl } = await opened();
    const browser = new Browser();
    const page = await browser.open(redirectUrl);
    expect(page.html).toContain('26,10');
    expect(page.html).toContain('Vorgangsnummer');
    expect(page.html).not.toContain('Kassenzeichen');
    const after = await browser.submit(page.forms[0]!, { outcome: 'PAYED' });
    expect(after.url).toBe(BACK);
    await provider.idle();

    expect(reports).toHaveLength(1);
    const [{ headers, raw, body }] = reports as [Report];
    expect(body).toMatchObject({
      eventId: expect.any(String),
      transactionId,
      status: 'PAYED',
      method: 'CREDITCARD',
      grosAmount: 26.1,
    });
    const timestamp = headers.get('x-timestamp');
    const expected = createHmac('sha256', SECRET).update(`${timestamp}.${raw}`).digest('hex');
    expect(headers.get('x-signature')).toBe(`sha256=${expected}`);
    expect((await call(`/payments/${transactionId}`)).body).toMatchObject({ status: 'PAYED', method: 'CREDITCARD' });
    expect((await browser.open(redirectUrl)).forms).toEqual([]); // nothing left to decide
  });

  it.each(['FAILED', 'CANCELED'] as const)('may end %s, and a success may follow late', async outcome => {
    const { transactionId } = await opened();
    expect((await call(`/pay/${transactionId}`, { outcome })).location).toBe(BACK);
    expect((await call(`/payments/${transactionId}`)).body).toMatchObject({ status: outcome, method: null });
    await call(`/pay/${transactionId}`, { outcome: 'PAYED', method: 'PAYPAL' });
    await provider.idle();
    expect(reports.map(report => report.body.status).sort()).toEqual([outcome, 'PAYED'].sort());
  });

  it('is final: a second success reports nothing, a cancellation is refused', async () => {
    const { transactionId } = await opened();
    await call(`/pay/${transactionId}`, { outcome: 'PAYED' });
    expect((await call(`/pay/${transactionId}`, { outcome: 'PAYED' })).status).toBe(303);
    expect((await call(`/pay/${transactionId}`, { outcome: 'CANCELED' })).status).toBe(409);
    await provider.idle();
    expect(reports).toHaveLength(1);
  });

  it('can bring another amount than was asked for', async () => {
    const { transactionId } = await opened();
    await call(`/pay/${transactionId}`, { outcome: 'PAYED', grosAmount: 20 });
    await provider.idle();
    expect(reports[0]?.body).toMatchObject({ status: 'PAYED', grosAmount: 20 });
  });

  it('is reported again with the same event until the merchant takes it', async () => {
    refusals = 3;
    const { transactionId } = await opened();
    await call(`/pay/${transactionId}`, { outcome: 'PAYED' });
    await provider.idle();
    expect(refusals).toBe(0);
    expect(reports.map(report => report.body.transactionId)).toEqual([transactionId]);
  });

  it('is reported to where the request says, twice where duplicates are switched on', async () => {
    const twice = await startPaymentProvider({ port: 0, secret: SECRET, duplicateReports: true });
    const { transactionId } = await opened({ reportUrl: `${merchant.url}/reports` }, twice.url);
    await call(`/pay/${transactionId}`, { outcome: 'PAYED' }, twice.url);
    await twice.idle();
    await twice.stop();
    expect(reports).toHaveLength(2);
    expect(reports[0]?.body.eventId).toBe(reports[1]?.body.eventId);
  });
});

describe('refunding', () => {
  async function paid() {
    const { transactionId } = await opened();
    await call(`/pay/${transactionId}`, { outcome: 'PAYED' });
    return `/payments/${transactionId}/refunds`;
  }

  it('is submitted, succeeds, and is reported', async () => {
    const refunds = await paid();
    const { status, body } = await call(refunds, { refundId: 'r1', grosAmount: 6.1, reason: 'zu viel' });
    expect(status).toBe(201);
    expect(body).toMatchObject({ refundId: 'r1', status: 'SUBMITTED', grosAmount: 6.1 });
    expect((await call(`${refunds}/r1`)).body).toMatchObject({ status: 'SUCCESS' });
    await provider.idle();
    expect(reports.at(-1)?.body).toMatchObject({
      type: 'REFUND',
      refundId: 'r1',
      refundStatus: 'SUCCESS',
      status: 'PAYED',
    });
  });

  it('twice with the same id is once, and never more than was paid', async () => {
    const refunds = await paid();
    await call(refunds, { refundId: 'r1', grosAmount: 20, reason: '' });
    expect((await call(refunds, { refundId: 'r1', grosAmount: 20, reason: '' })).status).toBe(200);
    expect((await call(refunds, { refundId: 'r1', grosAmount: 5, reason: '' })).body.code).toBe('REFUND_EXISTS');
    expect((await call(refunds, { refundId: 'r2', grosAmount: 6.11, reason: '' })).body.code).toBe('REFUND_EXCEEDS');
    expect((await call(refunds, { refundId: 'r2', grosAmount: 6.1, reason: '' })).status).toBe(201);
  });

  it('is refused before anything was paid', async () => {
    const { transactionId } = await opened();
    const answer = await call(`/payments/${transactionId}/refunds`, { refundId: 'r1', grosAmount: 1 });
    expect(answer).toMatchObject({ status: 409, body: { code: 'NOT_PAYED' } });
  });
});
