import { newId } from '../../../kernel/ids';
import type { Principal } from '../../../kernel/principal';
import { person } from '../../../tests/setup/subgraph';
import { PARTS, startWorld, type World } from '../testing/payment.world';

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

const cancel = async (who: Principal, paymentId: string, expectedVersion: number) => {
  const { data, errors } = await world.subgraph
    .as(who)
    .query(
      `mutation ($input: CancelPaymentInput!) { cancelPayment(input: $input) { payment { ${PARTS} stateDetail } refusal { code } } }`,
      { input: { paymentId, expectedVersion } },
    );
  return { ...data?.cancelPayment, error: errors?.[0]?.extensions.code };
};

const changesOf = async (who: Principal, id: string) => {
  const { data } = await world.subgraph
    .as(who)
    .query('query ($id: ID!) { payment(id: $id) { changes { from to heldBack providerEventId } } }', { id });
  return data.payment.changes as {
    from: string | null;
    to: string;
    heldBack: boolean;
    providerEventId: string | null;
  }[];
};

describe('how a payment ends', () => {
  test('is what the provider says when it is asked, however often', async () => {
    const { klara, applicationId, payment } = await world.begun();
    expect((await world.confirm(klara, payment.id)).payment.state).toBe('INITIAL');
    await world.pay(payment.redirectUrl);
    const both = await Promise.all([world.confirm(klara, payment.id), world.confirm(klara, payment.id)]);
    for (const { payment: paid } of both) {
      expect(paid).toMatchObject({
        state: 'PAYED',
        finished: true,
        redirectUrl: null,
        version: 3,
        possibleActions: [],
      });
      expect(paid.paidAt).not.toBeNull();
    }
    expect((await world.cases(klara, [applicationId])).first).toMatchObject({
      amountDue: { amountMinor: 0 },
      payments: [{ state: 'PAYED' }],
    });
    const events = (await world.subgraph.published('payment.state-changed')).filter(
      event => event.key === applicationId,
    );
    expect(events).toHaveLength(1);
    expect(events[0]?.payload).toMatchObject({
      paymentId: payment.id,
      state: 'PAYED',
      totalMinor: 2600,
      paidMinor: 2600,
      paidAt: both[0].payment.paidAt,
      cashReference: payment.cashReference,
      purpose: `Gewerbeanmeldung ${payment.cashReference}`,
    });
    expect((await world.start(klara, applicationId)).refusal?.code).toBe('NOTHING_DUE');
  });

  test('comes by the provider’s report; the report after one’s own question is named in the same change', async () => {
    const { klara, payment } = await world.begun();
    await world.pay(payment.redirectUrl);
    await world.confirm(klara, payment.id);
    const [report] = world.gate.held.splice(0);
    expect(await world.gate.deliver(report!)).toBe(204);
    expect(await world.gate.deliver(report!)).toBe(204);
    const { eventId } = JSON.parse(report!.body);
    expect(await changesOf(klara, payment.id)).toEqual([
      { from: null, to: 'INITIAL', heldBack: false, providerEventId: null },
      { from: 'INITIAL', to: 'PAYED', heldBack: false, providerEventId: eventId },
    ]);
  });

  test.each(['FAILED', 'CANCELED'] as const)('may be %s, and another payment may begin', async outcome => {
    const { klara, applicationId } = await world.draft();
    const { payment } = await world.start(klara, applicationId);
    await world.pay(payment.redirectUrl, outcome);
    const { first } = await world.cases(klara, [applicationId]);
    expect(first).toMatchObject({
      amountDue: { amountMinor: 2600 },
      payments: [{ state: outcome, finished: true, redirectUrl: null }],
    });
    const next = await world.start(klara, applicationId);
    expect(next.payment.id).not.toBe(payment.id);
    expect((await world.cases(klara, [applicationId])).first.payments?.map(one => one.id)).toEqual([
      next.payment.id,
      payment.id,
    ]);
  });

  test('cannot be told while the provider does not answer', async () => {
    const { klara, payment } = await world.begun();
    await world.pay(payment.redirectUrl);
    world.gate.provider = 'shut';
    expect(await world.confirm(klara, payment.id)).toMatchObject({
      payment: { state: 'INITIAL' },
      refusal: { code: 'TRY_AGAIN', retryable: true },
    });
    const [report] = world.gate.held.splice(0);
    expect(await world.gate.deliver(report!)).toBe(503);
    world.gate.provider = 'open';
    expect(await world.gate.deliver(report!)).toBe(204);
    expect((await world.confirm(klara, payment.id)).payment.state).toBe('PAYED');
  });

  test('is confirmed by the applicant’s side only', async () => {
    const { klara, applicationId, payment } = await world.begun();
    expect((await world.confirm(person(), payment.id)).errors).toEqual(['NOT_FOUND']);
    expect((await world.confirm(klara, newId())).errors).toEqual(['NOT_FOUND']);
    await world.moved(applicationId, klara, 'application.submitted', { serviceTitle: 'x', applicantName: 'y' });
    expect((await world.confirm(await world.hire(['staff:read']), payment.id)).errors).toEqual(['FORBIDDEN']);
  });

  test('is failure when nobody pays in time, after the provider was asked once more', async () => {
    const { klara, payment } = await world.begun();
    const late = await world.begun();
    await world.pay(late.payment.redirectUrl);
    for (const { id } of [payment, late.payment]) {
      await world.subgraph.sql(`UPDATE payment.payment SET expires_at = now() - interval '1 second' WHERE id = $1`, [
        id,
      ]);
      await world.subgraph.sql('UPDATE payment.payment_watch SET next_attempt_at = now() WHERE id = $1', [id]);
    }
    const ended = `SELECT state FROM payment.payment WHERE id = $1 AND state <> 'INITIAL'`;
    expect(await world.until(ended, [payment.id])).toEqual({ state: 'FAILED' });
    expect(await world.until(ended, [late.payment.id])).toEqual({ state: 'PAYED' });
    const { data } = await world.subgraph
      .as(klara, 'en')
      .query('query ($id: ID!) { payment(id: $id) { stateDetail } }', { id: payment.id });
    expect(data.payment.stateDetail).toBe('The time to pay is over.');
    // and it is looked after once more, because a report may be lost
    await world.pay(payment.redirectUrl);
    await world.subgraph.sql('UPDATE payment.payment_watch SET next_attempt_at = now() WHERE id = $1', [payment.id]);
    const held = `SELECT reconciliation FROM payment.payment WHERE id = $1 AND reconciliation <> 'NONE'`;
    expect(await world.until(held, [payment.id])).toEqual({ reconciliation: 'LATE_SUCCESS' });
  });
});

describe('giving a payment up', () => {
  test('ends it and lets another begin', async () => {
    const { klara, applicationId, payment } = await world.begun();
    const given = await cancel(klara, payment.id, payment.version);
    expect(given).toMatchObject({
      payment: {
        state: 'CANCELED',
        finished: true,
        version: payment.version + 1,
        stateDetail: 'Die Zahlung wurde abgebrochen.',
      },
      refusal: null,
    });
    expect((await cancel(klara, payment.id, payment.version)).refusal.code).toBe('VERSION_CONFLICT');
    expect((await cancel(klara, payment.id, payment.version + 1)).refusal.code).toBe('INVALID_TRANSITION');
    expect((await world.start(klara, applicationId)).payment.state).toBe('INITIAL');
  });

  test('comes too late for what is paid already', async () => {
    const { klara, payment } = await world.begun();
    await world.pay(payment.redirectUrl);
    expect(await cancel(klara, payment.id, payment.version)).toMatchObject({
      payment: { state: 'PAYED' },
      refusal: { code: 'VERSION_CONFLICT' },
    });
  });

  test('is for the applicant’s side', async () => {
    const { payment } = await world.begun();
    expect((await cancel(person(), payment.id, payment.version)).error).toBe('NOT_FOUND');
  });

  test('waits for the provider’s word', async () => {
    const { klara, payment } = await world.begun();
    world.gate.provider = 'shut';
    expect(await cancel(klara, payment.id, payment.version)).toMatchObject({
      payment: { state: 'INITIAL' },
      refusal: { code: 'TRY_AGAIN' },
    });
  });
});

describe('the receipt', () => {
  test('is shown once applications has rendered it', async () => {
    const { klara, applicationId, payment } = await world.begun();
    await world.pay(payment.redirectUrl);
    await world.confirm(klara, payment.id);
    const documentId = newId();
    for (let i = 0; i < 2; i++) {
      await world.subgraph.publish('applications', 'application.payment-receipt-rendered', applicationId, {
        applicationId,
        paymentId: payment.id,
        documentId,
      });
    }
    const { data } = await world.subgraph
      .as(klara)
      .query('query ($id: ID!) { payment(id: $id) { version receipt { id } } }', { id: payment.id });
    expect(data.payment).toEqual({ version: 4, receipt: { id: documentId } });
  });
});
