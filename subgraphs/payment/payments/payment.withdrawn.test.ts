/** Money of an application that was taken back: it waits for a cashier once, the payer is told, and is never given back twice. */
import { newId } from '../../../kernel/ids';
import type { Person, Principal } from '../../../kernel/principal';
import { startWorld, type World } from '../testing/payment.world';

let world: World;
let cashier: Principal;
beforeAll(async () => {
  world = await startWorld();
  cashier = await world.hire(['payment:read', 'payment:refund', 'payment:reconcile']);
});
afterAll(() => world.stop());
beforeEach(() => {
  world.gate.provider = 'open';
  world.gate.reports = 'held';
  world.gate.held.length = 0;
});

interface Row {
  state: string;
  state_detail: string | null;
  reconciliation: string;
  paid_minor: number | null;
  refunded_minor: number;
  version: number;
}
const rowOf = async (id: string): Promise<Row> =>
  (
    await world.subgraph.sql<Row>(
      `SELECT state, state_detail, reconciliation, paid_minor, refunded_minor, version FROM payment.payment WHERE id = $1`,
      [id],
    )
  )[0]!;
const withdraw = (applicationId: string, klara: Person) =>
  world.moved(applicationId, klara, 'application.withdrawn', { version: 9, state: 'WITHDRAWN' });
const told = async (id: string) =>
  (await world.subgraph.published('payment.reconciliation-needed'))
    .filter(({ payload }) => payload.paymentId === id)
    .map(({ payload }) => payload);
const resolve = async (paymentId: string, resolution: 'ACCEPT' | 'REFUND', expectedVersion: number) => {
  const { data } = await world.subgraph.as(cashier).query(
    `mutation ($input: ResolveReconciliationInput!) { resolveReconciliation(input: $input) {
       payment { refunds { id } } refusal { code } } }`,
    { input: { paymentId, resolution, reason: 'Antrag zurückgenommen', expectedVersion } },
  );
  return data.resolveReconciliation;
};
const refund = async (paymentId: string) => {
  const { data } = await world.subgraph
    .as(cashier)
    .query(
      'mutation ($input: RefundPaymentInput!) { refundPayment(input: $input) { refund { id } refusal { code } } }',
      {
        input: {
          paymentId,
          amount: { amountMinor: 2600 },
          expectedRefundable: { amountMinor: 2600 },
          reason: 'Antrag zurückgenommen',
          idempotencyKey: newId(),
        },
      },
    );
  return data.refundPayment;
};

test('what was paid waits for a cashier when the application is taken back, and the event says what the payer is to hear', async () => {
  const { klara, applicationId, payment } = await world.begun();
  await world.pay(payment.redirectUrl);
  await world.confirm(klara, payment.id);
  await world.moved(applicationId, klara, 'application.submitted', { serviceTitle: 'x', applicantName: 'y' });
  await withdraw(applicationId, klara);
  await withdraw(applicationId, klara); // heard twice
  expect(await rowOf(payment.id)).toMatchObject({ state: 'PAYED', reconciliation: 'NO_CASE' });
  expect(await told(payment.id)).toMatchObject([
    {
      reconciliation: 'NO_CASE',
      payer: {
        accountId: klara.actingFor,
        leikaKey: '99050012104000',
        requiredTrustLevel: 'SUBSTANTIAL',
        cashReference: payment.cashReference,
        amountMinor: 2600,
      },
    },
  ]);
  expect((await world.start(klara, applicationId)).refusal?.code).toBe('INVALID_TRANSITION');
});

test('what was begun is cancelled when the application is taken back, and money that comes afterwards is LATE_SUCCESS', async () => {
  const { klara, applicationId, payment } = await world.begun();
  await world.moved(applicationId, klara, 'application.submitted', { serviceTitle: 'x', applicantName: 'y' });
  await withdraw(applicationId, klara);
  expect(await rowOf(payment.id)).toMatchObject({
    state: 'CANCELED',
    state_detail: 'WITHDRAWN',
    reconciliation: 'NONE',
  });
  const { data } = await world.subgraph
    .as(klara, 'en')
    .query('query ($id: ID!) { payment(id: $id) { stateDetail redirectUrl } }', { id: payment.id });
  expect(data.payment).toEqual({ stateDetail: 'The application was withdrawn.', redirectUrl: null });
  const [canceled] = (await world.subgraph.published('payment.state-changed')).filter(
    event => event.payload.paymentId === payment.id,
  );
  expect(canceled!.payload).toMatchObject({ state: 'CANCELED', because: 'WITHDRAWN', payer: { amountMinor: 2600 } });
  await world.pay(payment.redirectUrl); // the page was open already
  const [report] = world.gate.held.splice(0);
  for (let i = 0; i < 2; i++) expect(await world.gate.deliver(report!)).toBe(204);
  expect(await rowOf(payment.id)).toMatchObject({
    state: 'CANCELED',
    reconciliation: 'LATE_SUCCESS',
    paid_minor: 2600,
  });
  expect(await told(payment.id)).toHaveLength(1);
});

test('the event of money given back says whom to tell', async () => {
  const { klara, applicationId, payment } = await world.begun();
  await world.pay(payment.redirectUrl);
  await world.confirm(klara, payment.id);
  await withdraw(applicationId, klara);
  await resolve(payment.id, 'REFUND', (await rowOf(payment.id)).version);
  await world.until(`SELECT 1 FROM payment.refund WHERE payment_id = $1 AND state = 'SUCCESS'`, [payment.id]);
  const events = (await world.subgraph.published('payment.refund-changed')).filter(
    event => event.payload.paymentId === payment.id,
  );
  expect(events.at(-1)!.payload).toMatchObject({
    refundState: 'SUCCESS',
    amountMinor: 2600,
    payer: { accountId: klara.actingFor, cashReference: payment.cashReference },
  });
});

test('money that could not be given back waits again, also while its application runs, and no wrong news is told of it', async () => {
  for (const held of ['LATE_SUCCESS', 'AMOUNT_MISMATCH']) {
    const { klara, applicationId, payment } = await world.begun();
    await world.moved(applicationId, klara, 'application.submitted', { serviceTitle: 'x', applicantName: 'y' });
    if (held === 'LATE_SUCCESS') {
      await world.subgraph
        .as(klara)
        .query('mutation ($input: CancelPaymentInput!) { cancelPayment(input: $input) { refusal { code } } }', {
          input: { paymentId: payment.id, expectedVersion: payment.version },
        });
    }
    await world.pay(payment.redirectUrl, 'PAYED', held === 'AMOUNT_MISMATCH' ? 20 : undefined);
    for (const report of world.gate.held.splice(0)) await world.gate.deliver(report);
    const before = await rowOf(payment.id);
    expect(before.reconciliation).toBe(held);
    const [{ transaction }] = (await world.subgraph.sql<{ transaction: string }>(
      'SELECT provider_transaction_id AS transaction FROM payment.payment WHERE id = $1',
      [payment.id],
    )) as [{ transaction: string }];
    await fetch(`${world.gate.url}/payments/${transaction}/refunds`, {
      method: 'POST',
      headers: { authorization: `Bearer ${world.secret}`, 'content-type': 'application/json' },
      body: JSON.stringify({ refundId: 'elsewhere', grosAmount: 1 }),
    });
    await resolve(payment.id, 'REFUND', before.version);
    await world.until(`SELECT 1 FROM payment.refund WHERE payment_id = $1 AND state = 'FAILED'`, [payment.id]);
    const after = await rowOf(payment.id);
    expect([after.reconciliation, after.refunded_minor]).toEqual(['NO_CASE', 0]);
    // one for the money that was held back; the second is for the cashiers
    expect((await told(payment.id)).map(event => event.payer !== undefined)).toEqual([true, false]);
    expect((await resolve(payment.id, 'ACCEPT', after.version)).refusal).toBeNull();
    expect(await rowOf(payment.id)).toMatchObject({ state: 'PAYED', reconciliation: 'RESOLVED' });
  }
});

test('a payment the payer gave up is no news for them', async () => {
  const { klara, payment } = await world.begun();
  await world.subgraph
    .as(klara)
    .query('mutation ($input: CancelPaymentInput!) { cancelPayment(input: $input) { refusal { code } } }', {
      input: { paymentId: payment.id, expectedVersion: payment.version },
    });
  const [canceled] = (await world.subgraph.published('payment.state-changed')).filter(
    event => event.payload.paymentId === payment.id,
  );
  expect(canceled!.payload).toMatchObject({ state: 'CANCELED', because: null });
});

test('waits again when the provider refuses to give back what was paid for an application that was taken back', async () => {
  const { klara, applicationId, payment } = await world.begun();
  await world.pay(payment.redirectUrl);
  await world.confirm(klara, payment.id);
  await withdraw(applicationId, klara);
  const [{ transaction }] = (await world.subgraph.sql<{ transaction: string }>(
    'SELECT provider_transaction_id AS transaction FROM payment.payment WHERE id = $1',
    [payment.id],
  )) as [{ transaction: string }];
  await fetch(`${world.gate.url}/payments/${transaction}/refunds`, {
    method: 'POST',
    headers: { authorization: `Bearer ${world.secret}`, 'content-type': 'application/json' },
    body: JSON.stringify({ refundId: 'elsewhere', grosAmount: 1 }),
  });
  await resolve(payment.id, 'REFUND', (await rowOf(payment.id)).version);
  await world.until(`SELECT 1 FROM payment.payment WHERE id = $1 AND reconciliation = 'NO_CASE'`, [payment.id]);
});

test('in any order of paying, reports, questions and taking back, the money waits once and is given back once', async () => {
  const seen = new Set<string>();
  for (let i = 0; i < 16; i++) {
    const { klara, applicationId, payment } = await world.begun();
    await world.moved(applicationId, klara, 'application.submitted', { serviceTitle: 'x', applicantName: 'y' });
    await world.pay(payment.redirectUrl);
    const [report] = world.gate.held.splice(0);
    const deeds = [
      () => world.gate.deliver(report!),
      () => world.gate.deliver(report!),
      () => world.confirm(klara, payment.id),
      () => withdraw(applicationId, klara),
      () => world.start(klara, applicationId),
    ];
    // each round begins with another deed, every second one lets the first end before the rest
    const turned = [...deeds.slice(i % deeds.length), ...deeds.slice(0, i % deeds.length)];
    if (i % 2 === 0) await turned.shift()!();
    await Promise.all(turned.map(deed => deed()));
    const row = await rowOf(payment.id);
    seen.add(`${row.state} ${row.reconciliation}`);
    expect(['PAYED NO_CASE', 'CANCELED LATE_SUCCESS']).toContain(`${row.state} ${row.reconciliation}`);
    expect(row.paid_minor).toBe(2600);
    expect(await told(payment.id)).toHaveLength(1);

    const back = await Promise.all([
      resolve(payment.id, 'REFUND', row.version),
      refund(payment.id),
      resolve(payment.id, 'REFUND', row.version),
      withdraw(applicationId, klara),
    ]);
    expect(back.length).toBe(4);
    const refunds = await world.subgraph.sql<{ amount_minor: number }>(
      'SELECT amount_minor FROM payment.refund WHERE payment_id = $1',
      [payment.id],
    );
    expect(refunds).toEqual([{ amount_minor: 2600 }]);
    expect((await rowOf(payment.id)).refunded_minor).toBe(2600);
  }
  expect([...seen].sort()).toEqual(['CANCELED LATE_SUCCESS', 'PAYED NO_CASE']);
}, 60_000);
