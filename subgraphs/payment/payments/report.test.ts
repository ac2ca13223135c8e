import { newId } from '../../../kernel/ids';
import type { HeldReport } from '../testing/gate';
import { startWorld, type World } from '../testing/payment.world';
import { paymentLifecycle, verdictOn } from './payment.states';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.stop());
beforeEach(() => {
  world.gate.provider = 'open';
  world.gate.reports = 'held';
  world.gate.held.length = 0;
});

async function begun() {
  const { klara, applicationId } = await world.draft();
  const { payment } = await world.start(klara, applicationId);
  const [row] = await world.subgraph.sql<{ provider_transaction_id: string }>(
    'SELECT provider_transaction_id FROM payment.payment WHERE id = $1',
    [payment.id],
  );
  const report = {
    eventId: newId(),
    transactionId: row!.provider_transaction_id,
    requestId: payment.id,
    status: 'PAYED',
  };
  return { klara, applicationId, payment, report };
}

const stored = async (id: string) => {
  const [row] = await world.subgraph.sql<{
    state: string;
    reconciliation: string;
    paid_minor: number | null;
    counted_minor: number;
    changes: { to: string; heldBack: boolean }[];
    reports: number;
  }>(
    `SELECT state, reconciliation, paid_minor, counted_minor,
       (SELECT jsonb_agg(jsonb_build_object('to', to_state, 'heldBack', held_back) ORDER BY id) FROM payment.payment_change WHERE payment_id = payment.id) AS changes,
       (SELECT count(*)::int FROM payment.provider_report WHERE payment_id = payment.id) AS reports
     FROM payment.payment WHERE id = $1`,
    [id],
  );
  return row!;
};

describe('a report', () => {
  test('that is not signed by the provider, altered, or old, is refused', async () => {
    const { report, payment } = await begun();
    await world.pay(payment.redirectUrl);
    const minutes = (n: number) => new Date(Date.now() + n * 60_000).toISOString();
    expect(await world.report(report, { secret: 'another secret' })).toBe(401);
    expect(await world.report(report, { body: JSON.stringify({ ...report, status: 'FAILED' }) })).toBe(401);
    expect(await world.report(report, { timestamp: minutes(-6) })).toBe(401);
    expect(await world.report(report, { timestamp: minutes(6) })).toBe(401);
    expect(await world.report(report, { timestamp: 'gestern' })).toBe(401);
    expect(await world.report([])).toBe(401);
    expect(await world.gate.deliver({ path: '/reports/xbezahldienste', headers: {}, body: '{}' })).toBe(401);
    expect(await world.gate.deliver({ path: '/reports/elsewhere', headers: {}, body: '{}' })).toBe(404);
    expect(await stored(payment.id)).toMatchObject({ state: 'INITIAL', reports: 0 });
    expect(await world.report(report, { timestamp: minutes(-4) })).toBe(204);
    expect(await stored(payment.id)).toMatchObject({ state: 'PAYED', reports: 1 });
  });

  test('proves nothing by itself: what counts is what the provider says when it is asked', async () => {
    const { report, payment } = await begun();
    expect(await world.report(report)).toBe(204);
    expect(await stored(payment.id)).toMatchObject({ state: 'INITIAL', paid_minor: null });
  });

  test('about a payment of others or of nobody is not ours', async () => {
    const { report } = await begun();
    const other = await begun();
    for (const wrong of [{ requestId: newId() }, { requestId: 'x' }, { transactionId: other.report.transactionId }]) {
      expect(await world.report({ ...report, ...wrong })).toBe(404);
    }
  });

  test('finds the payment even when our own registration never got its answer', async () => {
    const { klara, applicationId } = await world.draft();
    world.gate.provider = 'lossy';
    const { payment } = await world.start(klara, applicationId);
    world.gate.provider = 'open';
    // learn where the payer would pay, then forget that the provider ever answered
    await world.subgraph.sql('UPDATE payment.payment_watch SET next_attempt_at = now() WHERE id = $1', [payment.id]);
    await world.until('SELECT 1 FROM payment.payment WHERE id = $1 AND redirect_url IS NOT NULL', [payment.id]);
    const [row] = await world.subgraph.sql<{ redirect_url: string }>(
      'SELECT redirect_url FROM payment.payment WHERE id = $1',
      [payment.id],
    );
    await world.subgraph.sql('UPDATE payment.payment SET provider_transaction_id = NULL WHERE id = $1', [payment.id]);
    await world.pay(row!.redirect_url);
    expect(await world.gate.deliver(world.gate.held[0]!)).toBe(204);
    expect(await stored(payment.id)).toMatchObject({ state: 'PAYED' });
  });
});

/** All orders of a list. */
const orders = <T>(list: readonly T[]): T[][] =>
  list.length <= 1
    ? [[...list]]
    : list.flatMap((one, i) => orders([...list.slice(0, i), ...list.slice(i + 1)]).map(rest => [one, ...rest]));

describe('reports in any order, repeated at will', () => {
  test('end in one state, with one change and each report handled once', async () => {
    for (const order of orders([0, 1, 2])) {
      const { payment, report } = await begun();
      await world.pay(payment.redirectUrl);
      const events = [0, 1, 2].map(i => ({
        ...report,
        eventId: `${payment.id}-${i}`,
        status: ['INITIAL', 'FAILED', 'PAYED'][i],
      }));
      const sent = [...order, ...order].map(i => events[i]!);
      expect(await Promise.all(sent.map(event => world.report(event)))).toEqual(sent.map(() => 204));
      expect(await stored(payment.id)).toMatchObject({
        state: 'PAYED',
        reconciliation: 'NONE',
        counted_minor: 2600,
        changes: [
          { to: 'INITIAL', heldBack: false },
          { to: 'PAYED', heldBack: false },
        ],
        reports: 3,
      });
    }
  });

  test('after a failure that was seen, late success is held back whatever comes again', async () => {
    for (const order of orders([0, 1, 2])) {
      const { payment, klara, applicationId } = await begun();
      world.gate.held.length = 0;
      await world.pay(payment.redirectUrl, 'FAILED');
      expect(await world.gate.deliver(world.gate.held[0]!)).toBe(204);
      await world.pay(payment.redirectUrl, 'PAYED');
      const [failed, paid] = world.gate.held as [HeldReport, HeldReport];
      for (const i of order) expect(await world.gate.deliver([failed, paid, paid][i]!)).toBe(204);
      expect(await stored(payment.id)).toMatchObject({
        state: 'FAILED',
        reconciliation: 'LATE_SUCCESS',
        paid_minor: 2600,
        counted_minor: 0,
        changes: [
          { to: 'INITIAL', heldBack: false },
          { to: 'FAILED', heldBack: false },
          { to: 'PAYED', heldBack: true },
        ],
      });
      // the payer is not asked for the money again while that is not decided
      expect((await world.start(klara, applicationId)).refusal).toMatchObject({ code: 'PAYMENT_IN_RECONCILIATION' });
    }
  });

  test('another amount is held back', async () => {
    const { payment, klara } = await begun();
    await world.pay(payment.redirectUrl, 'PAYED', 20);
    expect((await world.confirm(klara, payment.id)).payment).toMatchObject({
      state: 'INITIAL',
      finished: true,
      reconciliation: 'AMOUNT_MISMATCH',
      redirectUrl: null,
      possibleActions: [],
    });
    expect(await stored(payment.id)).toMatchObject({ paid_minor: 2000, counted_minor: 0 });
    const needed = await world.subgraph.published('payment.reconciliation-needed');
    expect(needed.at(-1)?.payload).toMatchObject({ paymentId: payment.id, reconciliation: 'AMOUNT_MISMATCH' });
  });

  test('a second success for the same application is held back', async () => {
    const { payment, klara, applicationId } = await begun();
    // the fee was settled in another way meanwhile: one more payment, paid, straight into the table
    await world.subgraph.sql(
      `INSERT INTO payment.payment SELECT (jsonb_populate_record(payment, jsonb_build_object('id', $2::uuid, 'state', 'PAYED',
         'cash_reference', left($2::text, 10), 'provider_transaction_id', $2::text, 'paid_at', now(), 'paid_minor', 2600,
         'counted_minor', 2600))).* FROM payment.payment WHERE id = $1`,
      [payment.id, newId()],
    );
    await world.pay(payment.redirectUrl);
    expect((await world.confirm(klara, payment.id)).payment).toMatchObject({
      state: 'INITIAL',
      reconciliation: 'DUPLICATE',
      finished: true,
    });
    // the database holds it too
    await expect(
      world.subgraph.sql(
        `UPDATE payment.payment SET state = 'PAYED', reconciliation = 'NONE', counted_minor = 2600 WHERE id = $1`,
        [payment.id],
      ),
    ).rejects.toThrow('payment_one_payed');
    expect((await world.start(klara, applicationId)).refusal).not.toBeNull();
  });
});

describe('what the provider’s word means', () => {
  const states = paymentLifecycle.states;

  test('never turns an ended payment back and never drops money, whatever the state', () => {
    for (const state of states) {
      for (const seen of states) {
        for (const amountMinor of [100, 99]) {
          for (const due of [100, 0]) {
            const verdict = verdictOn(
              { state, reconciliation: 'NONE', totalMinor: 100 },
              { state: seen, amountMinor },
              due,
            );
            if (seen === 'PAYED' && state !== 'PAYED') expect(verdict.kind).not.toBe('nothing');
            if (state !== 'INITIAL') expect(verdict.kind).not.toBe('move');
            if (verdict.kind === 'move' && verdict.action === 'succeed') expect([amountMinor, due]).toEqual([100, 100]);
          }
        }
      }
    }
  });

  test('is nothing for what is held back or decided', () => {
    for (const reconciliation of ['LATE_SUCCESS', 'AMOUNT_MISMATCH', 'DUPLICATE', 'NO_CASE', 'RESOLVED'] as const) {
      const payment = { state: 'FAILED' as const, reconciliation, totalMinor: 100 };
      expect(verdictOn(payment, { state: 'PAYED', amountMinor: 100 }, 100).kind).toBe('nothing');
    }
  });
});
