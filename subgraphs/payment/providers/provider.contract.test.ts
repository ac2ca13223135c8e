import { createHmac, randomUUID } from 'node:crypto';
import { startPaymentProvider } from '../../../dev/payment-provider/payment-provider';
import { setting } from '../../../kernel/config';
import { type Gate, startGate } from '../testing/gate';
import { PROVIDERS, providerNamed } from '.';
import { type PaymentOrder, type PaymentProvider, ProviderRefused, ProviderUnavailable } from './provider';
import { centsOf, eurosOf } from './xbezahldienste';

/** What a contract test needs to know of the other side of a provider. */
interface OtherSide {
  /** What the payer does at the page. */
  pay(redirectUrl: string, outcome: string, minor?: number): Promise<void>;
  gate: Gate;
  sign(body: string, timestamp: string): Record<string, string>;
  stop(): Promise<void>;
}

/** One line for each provider: how its other side is simulated. */
const OTHER_SIDES: Record<string, () => Promise<OtherSide>> = {
  async xbezahldienste() {
    const secret = setting('PAYMENT_PROVIDER_SECRET');
    const provider = await startPaymentProvider({ port: 0, secret });
    const gate = await startGate({ provider: () => provider.url, payment: () => 'http://localhost:9' });
    process.env.PAYMENT_PROVIDER_URL = gate.url;
    gate.reports = 'held';
    return {
      gate,
      async pay(redirectUrl, outcome, minor) {
        const body = JSON.stringify({ outcome, method: 'PAYPAL', ...(minor && { grosAmount: minor / 100 }) });
        await fetch(redirectUrl, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body,
          redirect: 'manual',
        });
      },
      sign: (body, timestamp) => ({
        'x-timestamp': timestamp,
        'x-signature': `sha256=${createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex')}`,
      }),
      async stop() {
        await provider.stop();
        await gate.stop();
      },
    };
  },
};

describe.each(PROVIDERS.map(provider => [provider.name, provider] as const))(
  'the payment provider %s',
  (name, provider) => {
    let other: OtherSide;
    beforeAll(async () => {
      other = await OTHER_SIDES[name]!();
    });
    afterAll(() => other.stop());
    beforeEach(() => {
      other.gate.provider = 'open';
    });

    const order = (more: Partial<PaymentOrder> = {}): PaymentOrder => ({
      requestId: randomUUID(),
      requestedAt: new Date('2026-11-23T10:00:00Z'),
      totalMinor: 3094,
      purpose: 'Gewerbeanmeldung 0123456789',
      description: 'Gewerbeanmeldung (Kassenzeichen 0123456789)',
      returnUrl: 'https://portal.example/paid',
      reportUrl: `${other.gate.url}/reports/${name}`,
      wishedMethod: null,
      items: [
        {
          reference: 'A',
          description: 'a',
          quantity: 2,
          taxRatePercent: '19',
          unitNetMinor: 1300,
          unitTaxMinor: 247,
          netMinor: 2600,
          taxMinor: 494,
        },
      ],
      ...more,
    });

    test('opens a payment once, however often it is asked', async () => {
      const wanted = order();
      const first = await provider.open(wanted);
      expect(await provider.open(wanted)).toEqual(first);
      expect(await provider.status(first.transactionId)).toMatchObject({
        state: 'INITIAL',
        requestId: wanted.requestId,
        amountMinor: 3094,
        method: null,
      });
      await expect(provider.open({ ...wanted, purpose: 'anders' })).rejects.toBeInstanceOf(ProviderRefused);
    });

    test.each(['PAYED', 'FAILED', 'CANCELED'])('tells that a payment was %s', async outcome => {
      const { transactionId, redirectUrl } = await provider.open(order());
      await other.pay(redirectUrl, outcome);
      expect(await provider.status(transactionId)).toMatchObject({
        state: outcome,
        method: outcome === 'PAYED' ? 'PAYPAL' : null,
        changedAt: expect.any(Date),
      });
    });

    test('tells what was really paid, to the cent', async () => {
      const { transactionId, redirectUrl } = await provider.open(order());
      await other.pay(redirectUrl, 'PAYED', 1999);
      expect(await provider.status(transactionId)).toMatchObject({ state: 'PAYED', amountMinor: 1999 });
    });

    test('gives money back once for one id, and no more than was paid', async () => {
      const { transactionId, redirectUrl } = await provider.open(order());
      await other.pay(redirectUrl, 'PAYED');
      const wanted = { transactionId, refundId: randomUUID(), amountMinor: 2000, reason: 'zu viel', iban: null };
      const told = [await provider.refund(wanted), await provider.refund(wanted)];
      expect(told.every(state => ['SUBMITTED', 'SUCCESS'].includes(state))).toBe(true);
      await expect(provider.refund({ ...wanted, refundId: randomUUID() })).rejects.toBeInstanceOf(ProviderRefused);
    });

    test('says that nobody knows when there is no answer, and no when the answer is no', async () => {
      other.gate.provider = 'shut';
      await expect(provider.open(order())).rejects.toBeInstanceOf(ProviderUnavailable);
      await expect(provider.status('x')).rejects.toBeInstanceOf(ProviderUnavailable);
      other.gate.provider = 'open';
      await expect(provider.status('x')).rejects.toBeInstanceOf(ProviderRefused);
      await expect(provider.open(order({ totalMinor: 1 }))).rejects.toBeInstanceOf(ProviderRefused);
    });

    test('reads reports with its own fresh signature only', () => {
      const at = new Date('2026-11-23T10:00:00Z');
      const body = JSON.stringify({ eventId: 'e1', transactionId: 't1', requestId: 'r1', status: 'PAYED' });
      const read = (text: string, headers: Record<string, string>, now = at) =>
        (provider as PaymentProvider).readReport(Buffer.from(text), headers, now);
      const headers = other.sign(body, at.toISOString());
      expect(read(body, headers)).toEqual({ eventId: 'e1', transactionId: 't1', requestId: 'r1', refundId: null });
      expect(read(`${body} `, headers)).toBeNull();
      expect(read(body, {})).toBeNull();
      expect(read(body, { ...headers, 'x-timestamp': new Date(at.getTime() + 1000).toISOString() })).toBeNull();
      expect(read(body, headers, new Date(at.getTime() + 301_000))).toBeNull();
      expect(read('no json', other.sign('no json', at.toISOString()))).toBeNull();
    });
  },
);

describe('money at the edge', () => {
  test('is exact in both directions for every cent', () => {
    for (const minor of [0, 1, 5, 10, 29, 57, 99, 100, 101, 1999, 2600, 113, 1_000_001, 99_999_900]) {
      expect(centsOf(JSON.parse(JSON.stringify(eurosOf(minor))))).toBe(minor);
    }
    expect([centsOf(26.105), centsOf('26.10'), centsOf(-1), centsOf(Number.NaN), centsOf(1e21)]).toEqual([
      null,
      null,
      null,
      null,
      null,
    ]);
  });

  test('has a name for each provider, and none for others', () => {
    expect(() => providerNamed('elsewhere')).toThrow('There is no payment provider named elsewhere.');
    expect(PROVIDERS.map(provider => provider.name)).toEqual(Object.keys(OTHER_SIDES));
  });
});
