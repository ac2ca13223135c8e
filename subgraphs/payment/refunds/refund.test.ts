import { newId } from '../../../kernel/ids';
import type { Principal } from '../../../kernel/principal';
import { person, staff } from '../../../tests/setup/subgraph';
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
  world.gate.reports = 'open';
});

const PAYMENT = `id version state reconciliation refundable { amountMinor } paidAt possibleActions changes { from to heldBack }
  refunds { id state reason amount { amountMinor } }`;

async function paid(more: { amount?: number; late?: boolean } = {}) {
  const { klara, applicationId } = await world.draft();
  const { payment } = await world.start(klara, applicationId);
  if (more.late) await world.pay(payment.redirectUrl, 'CANCELED');
  await world.pay(payment.redirectUrl, 'PAYED', more.amount);
  return { klara, applicationId, id: payment.id };
}

async function seen(id: string, who = cashier) {
  const { data } = await world.subgraph.as(who).query(`query ($id: ID!) { payment(id: $id) { ${PAYMENT} } }`, { id });
  return data.payment;
}

async function dueOf(klara: Principal, applicationId: string): Promise<number> {
  const { data } = await world.subgraph
    .as(klara)
    .query(
      'query ($r: [_Any!]!) { _entities(representations: $r) { ... on Application { amountDue { amountMinor } } } }',
      {
        r: [{ __typename: 'Application', id: applicationId }],
      },
    );
  return data._entities[0].amountDue.amountMinor;
}

/** The provider gives back a cent by itself, so that it refuses to give back the whole. */
async function giveBackElsewhere(id: string): Promise<void> {
  const [{ provider_transaction_id } = { provider_transaction_id: '' }] = await world.subgraph.sql<{
    provider_transaction_id: string;
  }>('SELECT provider_transaction_id FROM payment.payment WHERE id = $1', [id]);
  await fetch(`${world.gate.url}/payments/${provider_transaction_id}/refunds`, {
    method: 'POST',
    headers: { authorization: `Bearer ${world.secret}`, 'content-type': 'application/json' },
    body: JSON.stringify({ refundId: 'elsewhere', grosAmount: 1 }),
  });
}

async function refund(paymentId: string, amountMinor: number, more: object = {}, who = cashier) {
  const { data, errors } = await world.subgraph.as(who).query(
    `mutation ($input: RefundPaymentInput!) { refundPayment(input: $input) {
       refund { id state amount { amountMinor } reason payment { id version refundable { amountMinor } } } refusal { code message } } }`,
    {
      input: {
        paymentId,
        amount: { amountMinor },
        expectedRefundable: { amountMinor: 2600 },
        reason: 'zu viel gezahlt',
        idempotencyKey: newId(),
        ...more,
      },
    },
  );
  return { ...data?.refundPayment, error: errors?.[0]?.extensions.code };
}

async function resolve(paymentId: string, resolution: 'ACCEPT' | 'REFUND', expectedVersion: number, who = cashier) {
  const { data, errors } = await world.subgraph
    .as(who)
    .query(
      `mutation ($input: ResolveReconciliationInput!) { resolveReconciliation(input: $input) { payment { ${PAYMENT} } refusal { code } } }`,
      { input: { paymentId, resolution, reason: 'geprüft', expectedVersion } },
    );
  return { ...data?.resolveReconciliation, error: errors?.[0]?.extensions.code };
}

const ended = (id: string) =>
  world.until<{ state: string; iban: string | null }>(
    `SELECT state, iban FROM payment.refund WHERE id = $1 AND state <> 'SUBMITTED'`,
    [id],
  );

describe('giving money back', () => {
  test('hands it to the provider once for one key, and says how far it is', async () => {
    const { id, klara } = await paid();
    expect(await seen(id)).toMatchObject({ refundable: { amountMinor: 2600 }, possibleActions: ['refundPayment'] });
    const idempotencyKey = newId();
    const [one, two] = await Promise.all([refund(id, 600, { idempotencyKey }), refund(id, 600, { idempotencyKey })]);
    expect(one.refund).toMatchObject({ amount: { amountMinor: 600 }, payment: { refundable: { amountMinor: 2000 } } });
    expect(two.refund.id).toBe(one.refund.id);
    expect((await refund(id, 700, { idempotencyKey })).refusal.code).toBe('IDEMPOTENCY_MISMATCH');
    expect(await ended(one.refund.id)).toEqual({ state: 'SUCCESS', iban: null });
    expect((await seen(id, klara)).refunds).toEqual([
      { id: one.refund.id, state: 'SUCCESS', reason: 'zu viel gezahlt', amount: { amountMinor: 600 } },
    ]);
    const events = (await world.subgraph.published('payment.refund-changed')).filter(
      event => event.payload.paymentId === id,
    );
    expect(events.map(event => event.payload.refundState)).toEqual(['SUBMITTED', 'SUCCESS']);
  });

  test('never gives more than was paid, also when two arrive at once', async () => {
    const { id } = await paid();
    expect((await refund(id, 2601)).refusal).toMatchObject({
      code: 'REFUND_EXCEEDS',
      message: 'Es können höchstens 26,00 € erstattet werden.',
    });
    expect((await refund(id, 0)).refusal.code).toBe('REFUND_EXCEEDS');
    const both = await Promise.all([refund(id, 2000), refund(id, 2000)]);
    expect(both.map(({ refusal }) => refusal?.code ?? null).sort()).toEqual(['REFUND_STALE', null]);
    expect((await refund(id, 601, { expectedRefundable: { amountMinor: 600 } })).refusal.code).toBe('REFUND_EXCEEDS');
    await expect(
      world.subgraph.sql('UPDATE payment.payment SET refunded_minor = 2601 WHERE id = $1', [id]),
    ).rejects.toThrow('payment_gives_back_at_most_what_was_paid');
  });

  test('makes a draft due again, but not a case that was submitted', async () => {
    const draft = await paid();
    await refund(draft.id, 2600);
    expect(await dueOf(draft.klara, draft.applicationId)).toBe(2600);
    const submitted = await paid();
    await world.moved(submitted.applicationId, submitted.klara, 'application.submitted', {
      serviceTitle: 'x',
      applicantName: 'y',
    });
    await refund(submitted.id, 2600);
    expect(await dueOf(submitted.klara, submitted.applicationId)).toBe(0);
    // the draft can be paid again in full
    const again = await world.start(draft.klara, draft.applicationId);
    await world.pay(again.payment.redirectUrl);
    expect((await seen(again.payment.id)).reconciliation).toBe('NONE');
    expect(await dueOf(draft.klara, draft.applicationId)).toBe(0);
  });

  test('is refundable again when the provider refuses', async () => {
    const { id, klara, applicationId } = await paid();
    await giveBackElsewhere(id);
    const { refund: made } = await refund(id, 2600);
    expect(await ended(made.id)).toMatchObject({ state: 'FAILED' });
    expect(await seen(id)).toMatchObject({ refundable: { amountMinor: 2600 } });
    expect(await dueOf(klara, applicationId)).toBe(0);
  });

  test('that fails does not count again what was paid anew', async () => {
    const { id, klara, applicationId } = await paid();
    world.gate.provider = 'shut';
    const { refund: made } = await refund(id, 2600);
    expect(await dueOf(klara, applicationId)).toBe(2600);
    // paid anew, straight into the table, while the provider is away
    await world.subgraph.sql(
      `INSERT INTO payment.payment SELECT (jsonb_populate_record(payment, jsonb_build_object('id', $2::uuid,
         'cash_reference', left($2::text, 10), 'provider_transaction_id', $2::text, 'counted_minor', 2600, 'refunded_minor', 0))).*
       FROM payment.payment WHERE id = $1`,
      [id, newId()],
    );
    await world.subgraph.sql(`UPDATE payment.payment SET provider_transaction_id = $2 WHERE id = $1`, [id, newId()]);
    world.gate.provider = 'open';
    expect(await ended(made.id)).toMatchObject({ state: 'FAILED' }); // the provider knows no such transaction
    expect(await seen(id)).toMatchObject({ refundable: { amountMinor: 2600 } });
    const [{ sum } = { sum: 0 }] = await world.subgraph.sql<{ sum: number }>(
      'SELECT sum(counted_minor)::int AS sum FROM payment.payment WHERE application_id = $1',
      [applicationId],
    );
    expect(sum).toBe(2600);
  });

  test('waits while the provider does not answer', async () => {
    const { id } = await paid();
    world.gate.provider = 'lossy';
    const { refund: made } = await refund(id, 100, { iban: 'DE02 1203 0000 0000 2020 51' });
    await world.until('SELECT 1 FROM payment.refund WHERE id = $1 AND attempts > 0 AND iban IS NOT NULL', [made.id]);
    world.gate.provider = 'open';
    expect(await ended(made.id)).toEqual({ state: 'SUCCESS', iban: null });
  });

  test('is for cashiers of the authority that received it, with the right to', async () => {
    const { id, klara } = await paid();
    expect((await refund(id, 1, {}, await world.hire(['payment:refund'], newId()))).error).toBe('NOT_FOUND');
    expect((await refund(id, 1, {}, await world.hire(['payment:read']))).error).toBe('FORBIDDEN');
    expect((await refund(id, 1, {}, staff({ authorityId: world.authorityId, scopes: ['payment:refund'] }))).error).toBe(
      'FORBIDDEN',
    );
    expect((await refund(id, 1, {}, klara)).error).toBe('FORBIDDEN');
  });

  test('needs a reason and a true IBAN', async () => {
    const { id } = await paid();
    expect((await refund(id, 1, { reason: ' ' })).refusal.code).toBe('VALIDATION_FAILED');
    expect((await refund(id, 1, { iban: 'DE02120300000000202052' })).refusal.code).toBe('BAD_IBAN');
    for (const iban of ['DE00120300000000000036', 'AT7719043002345732012', 'XX46120300000000202051', ' ', '']) {
      expect((await refund(id, 1, { iban })).refusal.code).toBe('BAD_IBAN');
    }
  });
});

describe('reconciliation', () => {
  const QUEUE = `query ($authorityId: ID, $first: Int) { reconciliationQueue(authorityId: $authorityId, first: $first) {
    totalCount nodes { ${PAYMENT} authority { id } } } }`;
  const queue = async (who: Principal, variables: Record<string, unknown> = {}) => {
    const { data, errors, statements } = await world.subgraph.as(who).query(QUEUE, variables);
    return { ...data?.reconciliationQueue, error: errors?.[0]?.extensions.code, statements };
  };

  test('waits in the queue of the receiving authority, and nowhere else', async () => {
    const { id } = await paid({ amount: 20 });
    await paid({ late: true });
    const { nodes, totalCount } = await queue(cashier);
    expect(nodes.map((node: { id: string }) => node.id)).toContain(id);
    expect(totalCount).toBe(nodes.length);
    expect(nodes.find((node: { id: string }) => node.id === id)).toMatchObject({
      reconciliation: 'AMOUNT_MISMATCH',
      possibleActions: ['resolveReconciliation', 'refundPayment'],
      refundable: { amountMinor: 2000 },
    });
    expect(await queue(staff({ scopes: ['payment:reconcile'] }))).toMatchObject({ totalCount: 0, nodes: [] });
    expect((await queue(cashier, { authorityId: newId() })).error).toBe('NOT_FOUND');
    expect((await queue(staff({ authorityId: world.authorityId, scopes: ['payment:read'] }))).error).toBe('FORBIDDEN');
    for (let i = 0; i < 3; i++) await paid({ amount: 10 });
    await queue(cashier, { first: 5 }); // the first reading of an hour is noted, in statements of its own
    expect((await queue(cashier, { first: 5 })).statements).toBe((await queue(cashier, { first: 2 })).statements);
  });

  test('may accept late money, which then counts', async () => {
    const { id, klara, applicationId } = await paid({ late: true });
    expect(await dueOf(klara, applicationId)).toBe(2600);
    const { version } = await seen(id);
    const [one, two] = await Promise.all([resolve(id, 'ACCEPT', version), resolve(id, 'ACCEPT', version)]);
    expect([one, two].map(({ refusal }) => refusal?.code ?? null).sort()).toEqual(['VERSION_CONFLICT', null]);
    expect(await seen(id)).toMatchObject({
      state: 'PAYED',
      reconciliation: 'RESOLVED',
      changes: [
        { from: null, to: 'INITIAL', heldBack: false },
        { from: 'INITIAL', to: 'CANCELED', heldBack: false },
        { from: 'CANCELED', to: 'PAYED', heldBack: true },
        { from: 'CANCELED', to: 'PAYED', heldBack: false },
      ],
    });
    expect(await dueOf(klara, applicationId)).toBe(0);
    expect((await resolve(id, 'REFUND', version + 1)).refusal.code).toBe('INVALID_TRANSITION');
    const events = (await world.subgraph.published('payment.state-changed')).filter(
      event => event.payload.paymentId === id,
    );
    expect(events.at(-1)?.payload).toMatchObject({ state: 'PAYED', paidAt: expect.any(String) });
  });

  test('that accepts too little leaves the rest to be paid', async () => {
    const { id, klara, applicationId } = await paid({ amount: 20 });
    await resolve(id, 'ACCEPT', (await seen(id)).version);
    expect(await dueOf(klara, applicationId)).toBe(600);
    const rest = await world.start(klara, applicationId, { expectedAmount: { amountMinor: 600 } });
    expect(rest).toMatchObject({ payment: { total: { amountMinor: 600 } }, refusal: null });
    await world.pay(rest.payment.redirectUrl);
    expect(await seen(rest.payment.id)).toMatchObject({ state: 'PAYED', reconciliation: 'NONE' });
    expect(await dueOf(klara, applicationId)).toBe(0);
  });

  test('may give the money back, which never counted', async () => {
    const { id, klara, applicationId } = await paid({ amount: 20 });
    const { payment } = await resolve(id, 'REFUND', (await seen(id)).version);
    expect(payment).toMatchObject({
      state: 'FAILED',
      reconciliation: 'RESOLVED',
      refundable: { amountMinor: 0 },
      refunds: [{ amount: { amountMinor: 2000 }, reason: 'geprüft' }],
    });
    expect(await ended(payment.refunds[0].id)).toMatchObject({ state: 'SUCCESS' });
    expect(await dueOf(klara, applicationId)).toBe(2600);
    expect((await world.start(klara, applicationId)).refusal).toBeNull();
  });

  test('waits for money whose draft was deleted, be it paid before or after; nobody can begin to pay for it', async () => {
    const deleted = (applicationId: string) =>
      world.subgraph.publish('applications', 'application.draft-deleted', applicationId, { applicationId });
    const before = await paid({});
    await deleted(before.applicationId);
    await deleted(before.applicationId); // heard twice
    const after = await world.begun();
    await deleted(after.applicationId);
    const { data } = await world.subgraph
      .as(after.klara, 'en')
      .query('query ($id: ID!) { payment(id: $id) { state stateDetail redirectUrl } }', { id: after.payment.id });
    expect(data.payment).toEqual({ state: 'CANCELED', stateDetail: 'The draft was deleted.', redirectUrl: null });
    world.gate.reports = 'open';
    await world.pay(after.payment.redirectUrl); // the page was open already
    expect((await world.start(after.klara, after.applicationId)).refusal?.code).toBe('INVALID_TRANSITION');

    const { nodes } = await queue(cashier, { first: 100 });
    for (const [id, reconciliation] of [
      [before.id, 'NO_CASE'],
      [after.payment.id, 'LATE_SUCCESS'],
    ] as const) {
      const waiting = nodes.find((node: { id: string }) => node.id === id);
      expect(waiting).toMatchObject({ reconciliation, refundable: { amountMinor: 2600 } });
      const { payment } = await resolve(id, 'REFUND', waiting.version);
      expect(await ended(payment.refunds[0].id)).toMatchObject({ state: 'SUCCESS' });
      await deleted(before.applicationId);
      expect(await seen(id)).toMatchObject({ reconciliation: 'RESOLVED', refundable: { amountMinor: 0 } });
    }
  });

  test('may keep the money of a deleted draft, and money that was accepted for it is decided about anew', async () => {
    const { id, applicationId } = await paid({ late: true });
    await resolve(id, 'ACCEPT', (await seen(id)).version);
    await world.subgraph.publish('applications', 'application.draft-deleted', applicationId, { applicationId });
    const { version, ...orphan } = await seen(id);
    expect(orphan).toMatchObject({ state: 'PAYED', reconciliation: 'NO_CASE' });
    const { payment, refusal } = await resolve(id, 'ACCEPT', version);
    expect(refusal).toBeNull();
    expect(payment).toMatchObject({ state: 'PAYED', reconciliation: 'RESOLVED', refunds: [] });
  });

  test('waits again when the provider refuses to give back what was paid for a deleted draft', async () => {
    const { id, applicationId } = await paid();
    await giveBackElsewhere(id);
    await world.subgraph.publish('applications', 'application.draft-deleted', applicationId, { applicationId });
    const { payment } = await resolve(id, 'REFUND', (await seen(id)).version);
    expect(await ended(payment.refunds[0].id)).toMatchObject({ state: 'FAILED' });
    expect(await seen(id)).toMatchObject({ reconciliation: 'NO_CASE', refundable: { amountMinor: 2600 } });
  });

  test('is decided by cashiers of the authority only', async () => {
    const { id, klara } = await paid({ amount: 20 });
    const { version } = await seen(id);
    expect((await resolve(id, 'ACCEPT', version, await world.hire(['payment:reconcile'], newId()))).error).toBe(
      'NOT_FOUND',
    );
    expect((await resolve(id, 'ACCEPT', version, await world.hire(['payment:refund']))).error).toBe('FORBIDDEN');
    expect((await resolve(id, 'ACCEPT', version, klara)).error).toBe('FORBIDDEN');
    expect((await resolve(id, 'ACCEPT', version, person())).error).toBe('FORBIDDEN');
  });

  test('is told live to the authority’s cashiers', async () => {
    const watch =
      'subscription ($authorityId: ID) { reconciliationQueueChanged(authorityId: $authorityId) { kind payment { id reconciliation } } }';
    const feed = world.subgraph.as(cashier).subscribe(watch);
    const pending = feed.next();
    const ids: string[] = [];
    let told: unknown = null;
    void pending.then(answer => {
      told = answer;
    });
    while (!told) {
      ids.push((await paid({ amount: 20 })).id);
      await Promise.race([pending, new Promise(resolve => setTimeout(resolve, 100))]);
    }
    const { data } = await pending;
    expect(data.reconciliationQueueChanged).toMatchObject({
      kind: 'RECONCILIATION_NEEDED',
      payment: { reconciliation: 'AMOUNT_MISMATCH' },
    });
    expect(ids).toContain(data.reconciliationQueueChanged.payment.id);
    feed.close();
    const foreign = world.subgraph.as(cashier).subscribe(watch, { authorityId: newId() });
    const refused = (await foreign.next().catch(error => error)) as { errors: { extensions: { code: string } }[] };
    expect(JSON.stringify(refused)).toContain('NOT_FOUND');
    foreign.close();
  });
});
