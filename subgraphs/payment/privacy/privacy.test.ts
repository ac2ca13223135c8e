/** The part of payment in a copy and in the deletion of somebody's data. */
import { asking } from '../../../tests/setup/privacy';
import { startWorld, type World } from '../testing/payment.world';

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

test('a copy holds the payments with their refunds', async () => {
  const { klara, payment } = await world.begun();
  const { copy } = await asking(world.subgraph, 'EXPORT', klara.accountId);
  expect(copy).toMatchObject({
    payments: [{ id: payment.id, state: 'INITIAL', totalMinor: 2600, refunds: [] }],
    olderLeftOut: false,
  });
});

test('the deletion waits for an open payment, keeps vouchers for eight years (§ 147 AO), and forgets the rest', async () => {
  const { klara, payment } = await world.begun();
  const open = await asking(world.subgraph, 'ERASURE', klara.accountId);
  expect(open.first).toMatchObject({ running: true, retained: [{ until: null }] });
  world.gate.reports = 'open';
  await world.pay(payment.redirectUrl);
  await world.confirm(klara, payment.id);
  const paid = await asking(world.subgraph, 'ERASURE', klara.accountId);
  expect(paid.first).toMatchObject({
    running: false,
    retained: [
      {
        description: { de: `Zahlung ${payment.cashReference}` },
        legalBasis: expect.stringContaining('§ 147'),
        until: `${new Date().getFullYear() + 8}-12-31`,
      },
    ],
  });

  const other = await world.begun();
  await world.subgraph
    .as(other.klara)
    .query(`mutation ($input: CancelPaymentInput!) { cancelPayment(input: $input) { refusal { code } } }`, {
      input: { paymentId: other.payment.id, expectedVersion: other.payment.version },
    });
  const late = await asking(world.subgraph, 'ERASURE', other.klara.accountId);
  expect(late.first).toMatchObject({ running: true, retained: [{ until: null }] }); // money may still come
  await world.subgraph.sql('UPDATE payment.payment_watch SET done = true WHERE id = $1', [other.payment.id]);
  const canceled = await asking(world.subgraph, 'ERASURE', other.klara.accountId);
  expect(canceled.first).toMatchObject({ running: false, retained: [] });
  const [row] = await world.subgraph.sql(
    `SELECT state, redirect_url, return_url, provider_transaction_id FROM payment.payment WHERE id = $1`,
    [other.payment.id],
  );
  expect(row).toEqual({ state: 'CANCELED', redirect_url: null, return_url: '', provider_transaction_id: null });
});
