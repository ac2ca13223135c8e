import { newId } from '../../../kernel/ids';
import { ANONYMOUS, person } from '../../../tests/setup/subgraph';
import { ARS, LEIKA_KEY, RETURN_URL, startWorld, type World } from '../testing/payment.world';
import { purposeOf } from './payment.start';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.stop());
beforeEach(() => {
  world.gate.provider = 'open';
  world.gate.reports = 'open';
  world.gate.held.length = 0;
});

describe('starting a payment', () => {
  test('opens it at the provider and leads the payer there', async () => {
    const { klara, applicationId } = await world.draft();
    const { payment, refusal } = await world.start(klara, applicationId);
    expect(refusal).toBeNull();
    expect(payment).toMatchObject({
      version: 2,
      state: 'INITIAL',
      finished: false,
      total: { amountMinor: 2600 },
      redirectUrl: expect.stringMatching(/\/pay\//),
      cashReference: expect.stringMatching(/^[0-9A-Z]{10}$/),
      possibleActions: ['confirmPaymentReturn', 'cancelPayment'],
    });
    const { data } = await world.subgraph.as(klara).query(
      `query ($id: ID!) { payment(id: $id) { purpose items { gross { amountMinor } } authority { id } application { id }
         method receipt { id } refundable { amountMinor } refunds { id } changes { from to heldBack } stateDetail } }`,
      { id: payment.id },
    );
    expect(data.payment).toMatchObject({
      purpose: `Gewerbeanmeldung ${payment.cashReference}`,
      items: [{ gross: { amountMinor: 2600 } }],
      authority: { id: world.authorityId },
      application: { id: applicationId },
      changes: [{ from: null, to: 'INITIAL', heldBack: false }],
      refundable: { amountMinor: 0 },
      refunds: [],
      receipt: null,
    });
    expect(await world.subgraph.published('payment.started')).toContainEqual(
      expect.objectContaining({
        key: applicationId,
        payload: {
          paymentId: payment.id,
          applicationId,
          state: 'INITIAL',
          totalMinor: 2600,
          authorityId: world.authorityId,
        },
      }),
    );
  });

  test('twice with one key is once, also at once; with another input it is refused', async () => {
    const { klara, applicationId } = await world.draft();
    const idempotencyKey = newId();
    const both = await Promise.all([
      world.start(klara, applicationId, { idempotencyKey }),
      world.start(klara, applicationId, { idempotencyKey }),
    ]);
    const third = await world.start(klara, applicationId, { idempotencyKey });
    expect(new Set([...both, third].map(({ payment }) => payment.id)).size).toBe(1);
    expect(third.payment.redirectUrl).toBe(both[0].payment.redirectUrl);
    const other = await world.start(klara, applicationId, { idempotencyKey, method: 'PAYPAL' });
    expect(other.refusal?.code).toBe('IDEMPOTENCY_MISMATCH');
    const [{ count } = { count: 0 }] = await world.subgraph.sql<{ count: number }>(
      'SELECT count(*)::int FROM payment.payment WHERE application_id = $1',
      [applicationId],
    );
    expect(count).toBe(1);
  });

  test('with another key is refused while one is open, and shows that one', async () => {
    const { klara, applicationId } = await world.draft();
    const first = await world.start(klara, applicationId);
    const again = await world.start(klara, applicationId);
    expect(again).toMatchObject({
      payment: { id: first.payment.id, redirectUrl: first.payment.redirectUrl },
      refusal: { code: 'PAYMENT_EXISTS', allowedActions: ['confirmPaymentReturn', 'cancelPayment'] },
    });
  });

  test('refuses another amount than is due, naming the right one', async () => {
    const { klara, applicationId } = await world.draft();
    const { payment, refusal } = await world.start(klara, applicationId, { expectedAmount: { amountMinor: 2500 } });
    expect(payment).toBeNull();
    expect(refusal).toMatchObject({
      code: 'AMOUNT_CHANGED',
      message: 'Zu zahlen sind jetzt 26,00 €.',
      problems: [{ path: '/expectedAmount/amountMinor', message: 'Fällig: 26,00 €' }],
    });
  });

  test('refuses where nothing is due or nobody knows what is', async () => {
    const free = await world.draft({}, { feeOverrideMinor: 0 });
    const nothing = await world.start(free.klara, free.applicationId, { expectedAmount: { amountMinor: 0 } });
    expect(nothing.refusal?.code).toBe('NOTHING_DUE');
    const unknown = await world.draft({}, { leikaKey: '99123456789012' });
    expect((await world.start(unknown.klara, unknown.applicationId)).refusal?.code).toBe('FEE_UNKNOWN');
  });

  test('sends the browser back to registered addresses only', async () => {
    const { klara, applicationId } = await world.draft();
    for (const returnUrl of [`${RETURN_URL}/x`, 'https://evil.example/', 'javascript:alert(1)']) {
      expect((await world.start(klara, applicationId, { returnUrl })).refusal?.code).toBe('RETURN_URL_NOT_REGISTERED');
    }
  });

  test('is for the applicant’s side: others find nothing, staff may only look', async () => {
    const { klara, applicationId } = await world.draft();
    await world.moved(applicationId, klara, 'application.submitted', { serviceTitle: 'x', applicantName: 'y' });
    expect((await world.start(person(), applicationId)).errors).toEqual(['NOT_FOUND']);
    expect((await world.start(klara, newId())).errors).toEqual(['NOT_FOUND']);
    expect((await world.start(ANONYMOUS, applicationId)).errors).toEqual(['UNAUTHENTICATED']);
    expect((await world.start(await world.hire(['staff:read']), applicationId)).errors).toEqual(['FORBIDDEN']);
    expect((await world.start({ ...klara, readOnly: true }, applicationId)).errors).toEqual(['FORBIDDEN']);
    // an agent whose mandate identity has never announced, or has ended
    const agent = person({ actingFor: klara.accountId });
    expect((await world.start(agent, applicationId)).errors).toEqual(['FORBIDDEN']);
    const mandate = {
      mandateId: newId(),
      principalAccountId: klara.accountId,
      agentAccountId: agent.accountId,
      leikaKeys: [],
    };
    const since = { validFrom: '2020-01-01T00:00:00Z' };
    await world.subgraph.publish('identity', 'mandate.changed', klara.accountId, {
      ...mandate,
      ...since,
      validTo: null,
    });
    expect((await world.start(agent, applicationId)).payment.state).toBe('INITIAL');
  });

  test('asks nobody inside a transaction, and loses nothing when the catalogue does not answer', async () => {
    const { klara, applicationId } = await world.draft({}, { ars: '020000000000', feeOverrideMinor: 2600 });
    const idempotencyKey = newId();
    let away = true;
    world.subgraph.answerAsk('price', ({ ars }) => {
      if (away && ars !== ARS) throw new Error('away');
      return {
        serviceAtPlace: {
          service: { leikaKey: LEIKA_KEY, title: 'Gewerbeanmeldung (Führung)' },
          responsibility: { responsibility: { id: newId(), authority: { id: world.authorityId } } },
        },
      };
    });
    expect((await world.start(klara, applicationId, { idempotencyKey })).refusal).toMatchObject({
      code: 'TRY_AGAIN',
      retryable: true,
    });
    away = false;
    expect((await world.start(klara, applicationId, { idempotencyKey })).payment.state).toBe('INITIAL');
  });

  test('takes no money where nobody is responsible, because nothing could be submitted', async () => {
    const { klara, applicationId } = await world.draft({}, { ars: '020000000000', feeOverrideMinor: 2600 });
    world.subgraph.answerAsk('price', ({ ars }) => ({
      serviceAtPlace: {
        service: { leikaKey: LEIKA_KEY, title: 'Gewerbeanmeldung (Führung)' },
        responsibility: { responsibility: ars === ARS ? { id: newId(), authority: { id: world.authorityId } } : null },
      },
    }));
    expect((await world.start(klara, applicationId)).refusal).toMatchObject({ code: 'NO_RESPONSIBILITY' });
    expect(
      await world.subgraph.sql('SELECT 1 FROM payment.payment WHERE application_id = $1', [applicationId]),
    ).toEqual([]);
  });

  test('keeps the intent when the provider does not answer; the same key goes on with the same payment', async () => {
    const { klara, applicationId } = await world.draft();
    const idempotencyKey = newId();
    world.gate.provider = 'shut';
    const first = await world.start(klara, applicationId, { idempotencyKey });
    expect(first).toMatchObject({
      payment: { state: 'INITIAL', redirectUrl: null },
      refusal: { code: 'TRY_AGAIN', retryable: true },
    });
    world.gate.provider = 'open';
    const second = await world.start(klara, applicationId, { idempotencyKey });
    expect(second).toMatchObject({ payment: { id: first.payment.id, redirectUrl: expect.any(String) }, refusal: null });
  });

  test('opens one payment at the provider even when the answer is lost, and the queue repairs it alone', async () => {
    const { klara, applicationId } = await world.draft();
    world.gate.provider = 'lossy';
    const { payment, refusal } = await world.start(klara, applicationId);
    expect(refusal?.code).toBe('TRY_AGAIN');
    const before = world.gate.requests.length;
    expect(world.gate.requests.at(-1)).toBe('POST /payments');
    world.gate.provider = 'open';
    await world.subgraph.sql('UPDATE payment.payment_watch SET next_attempt_at = now() WHERE id = $1', [payment.id]);
    const repaired = await world.until<{ provider_transaction_id: string }>(
      'SELECT provider_transaction_id FROM payment.payment WHERE id = $1 AND provider_transaction_id IS NOT NULL',
      [payment.id],
    );
    expect(world.gate.requests.slice(before)).toContain('POST /payments');
    const { first } = await world.cases(klara, [applicationId]);
    expect(first.payments).toMatchObject([
      { id: payment.id, redirectUrl: expect.stringContaining(repaired.provider_transaction_id) },
    ]);
  });

  test('makes a purpose of at most 27 allowed characters out of any title', () => {
    for (const title of [
      'Gewerbeanmeldung (Führung)',
      'Straßenverkehr – Ausnahme § 46',
      '',
      'Ümläüte ÄÖÜß und noch viel mehr',
    ]) {
      expect(purposeOf(title, '0123456789')).toMatch(/^[A-Za-z0-9 -]{1,27}$/);
    }
    expect(purposeOf('Führungszeugnis', 'ABCDEFGHJK')).toBe('Fuehrungszeugnis ABCDEFGHJK');
  });
});
